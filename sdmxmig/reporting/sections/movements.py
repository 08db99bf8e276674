"""Bar charts and Sankey diagrams by country; each figure names its concept, and nationals are separate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from sdmxmig.reporting.charts.bars import StatusGroup, draw_groups
from sdmxmig.reporting.charts.streams import Stream
from sdmxmig.reporting.charts.streams import draw as draw_streams
from sdmxmig.reporting.sections.blocks import ReportCell, ReportFigure, ReportTable, build_figure, build_row
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.composition import STATUS_DIMENSIONS, STOCK_FLOWS, select_breakdowns
from sdmxmig.reporting.sections.quantities import (
    describe_residence,
    find_newest,
    list_different_rules,
    state_count_year,
)
from sdmxmig.reporting.sections.series import build_citation_line, build_labels, describe_year, find_series, is_recent
from sdmxmig.reporting.sections.wording import Wording, capitalise, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import Breakdown

CAPTIONS = {
    ("DF_POP", "C_BIRTH"): "Residents by country of birth, {year}",
    ("DF_POP", "C_CITIZEN"): "Residents by country of citizenship, {year}",
    ("DF_POP_TOPIC", "C_BIRTH"): "Foreign-born by country of birth, {year}",
    ("DF_IMM", "C_RESIDENCE"): "Immigration by country of previous residence, {year}",
    ("DF_IMM", "C_BIRTH"): "Immigration by country of birth, {year}",
    ("DF_IMM", "C_CITIZEN"): "Immigration by country of citizenship, {year}",
    ("DF_EMI", "C_RESIDENCE"): "Emigration by country of next residence, {year}",
    ("DF_EMI", "C_BIRTH"): "Emigration by country of birth, {year}",
    ("DF_EMI", "C_CITIZEN"): "Emigration by country of citizenship, {year}",
    ("DF_POP_TOPIC", "C_CITIZEN"): "Residents by country of citizenship, {year}",
}
OWN_GROUPS = {"C_CITIZEN": "own citizens", "C_BIRTH": "born in the country"}
MIGRANTS_BY = {"C_CITIZEN": ("_T", "FC"), "C_BIRTH": ("FB", "_T")}
TWO_WAY_DIMENSIONS = ("C_RESIDENCE", "C_BIRTH", "C_CITIZEN")
MAX_STREAMS = 10
"""Maximum number of streams on a side; the smallest countries share the last one."""
UNNAMED_COUNTRIES = ("_O", "_U", "_X", "_Z", "STLS", "UNDET")
MIN_BARS, MAX_BARS, MAX_NAMED_COUNTRIES = 2, 8, 2


def draw_country_bars(
    assessment: Assessment, wording: Wording, name: str = "figure-countries", *, has_rule: bool = True
) -> ReportFigure | None:
    """Draw the largest countries of the chosen statistics; None if there are too few countries."""
    breakdown = choose_bar_statistics(assessment)
    if breakdown is None:
        return None
    home = assessment.area
    bars = [
        StatusGroup(code, name_country(breakdown, code, home, wording), value=value, written=wording.number(value))
        for code, value in list_foreign_countries(breakdown, home)[:MAX_BARS]
    ]
    caption = wording.say(CAPTIONS[breakdown.flow, breakdown.by[0]], year=state_count_year(breakdown, wording))
    whole = find_migrants(breakdown, assessment) or breakdown.whole
    largest = f"{bars[0].name} {wording.write_percent(bars[0].value / whole)}" if whole else ""
    title = wording.pair(caption, largest) if largest else caption
    description = wording.say(
        "Bar chart with one bar for each country, from zero: {countries}.",
        countries=wording.join_with_semicolons(wording.pair(bar.name, bar.written) for bar in bars),
    )
    source, keys = build_citation_line(
        [breakdown.source, *(other.source for other in list_newer_figures(breakdown, assessment))], assessment, wording
    )
    labels = build_labels(name, title, description=description, words={}, wording=wording)
    return build_figure(
        labels,
        draw_groups(bars, labels),
        data=tabulate_countries(caption, breakdown=breakdown, home=home, wording=wording),
        source=source,
        cited=keys,
        notes=(
            *describe_coverage(breakdown, sum((bar.value for bar in bars), Decimal(0)), assessment, wording),
            *describe_newer_figures({"": breakdown}, assessment, wording),
            *(describe_residence((breakdown.flow,), assessment, wording) if has_rule else ()),
        ),
    )


def choose_bar_statistics(assessment: Assessment) -> Breakdown | None:
    """Return the first statistics by country, in the order of `CAPTIONS`, not shown in the Sankey diagram."""
    streams = combine_directions(assessment) or ()
    candidates = (find_latest_breakdown(assessment, flow, dimension) for flow, dimension in CAPTIONS)
    return next(
        (
            breakdown
            for breakdown in candidates
            if breakdown
            and breakdown not in streams
            and len(list_foreign_countries(breakdown, assessment.area)) >= MIN_BARS
        ),
        None,
    )


def list_foreign_countries(breakdown: Breakdown, home: str) -> list[tuple[str, Decimal]]:
    return [
        (code, value)
        for (code,), value in sort_by_size(breakdown, home)
        if code not in UNNAMED_COUNTRIES and code != home and value > 0
    ]


def build_heading(assessment: Assessment, wording: Wording) -> str:
    shown = (choose_bar_statistics(assessment), *(combine_directions(assessment) or ())[:1])
    kinds = dict.fromkeys(breakdown.by[0] for breakdown in shown if breakdown)
    return capitalise(wording.series([lower_first_letter(wording.say_code("country", kind)) for kind in kinds]))


def find_latest_breakdown(assessment: Assessment, flow: str, dimension: str) -> Breakdown | None:
    breakdowns = [
        breakdown
        for breakdown in assessment.breakdowns
        if (breakdown.flow, breakdown.by) == (flow, (dimension,)) and is_recent(breakdown.period, assessment)
    ]
    fullest = max((len(breakdown.figures) for breakdown in breakdowns), default=0)
    full = [breakdown for breakdown in breakdowns if 2 * len(breakdown.figures) >= fullest]
    return max(full, key=lambda breakdown: breakdown.period, default=None)


def describe_coverage(
    breakdown: Breakdown, drawn: Decimal, assessment: Assessment, wording: Wording
) -> tuple[str, ...]:
    """State the share of the published total shown in the bars, and the country's own citizens, who have no bar.

    For bars of residents, the total is that of migrants, if known.
    """
    migrants, home = find_migrants(breakdown, assessment), assessment.area
    whole, own = migrants or breakdown.whole, None if migrants else breakdown.value(home)
    if not whole:
        return ()
    rest = whole - drawn - (own or 0)
    sentences = [
        wording.say(
            "The bars show {share} of all {whole} residents."
            if is_of_residents(breakdown) and not migrants
            else "The bars show {share} of the published total of {whole}.",
            share=wording.write_percent(drawn / whole),
            whole=wording.number(whole),
        )
    ]
    if own is None and rest > 0:
        sentences.append(wording.say("All others: {rest}.", rest=wording.number(rest)))
    elif own is not None:
        sentences.append(
            wording.say(
                "Not shown: {group}, {number} ({share}); all others, {rest} ({rest_share})."
                if rest > 0
                else "Not shown: {group}, {number} ({share}).",
                group=name_country(breakdown, home, home, wording),
                number=wording.number(own),
                share=wording.write_percent(own / whole),
                rest=wording.number(rest),
                rest_share=wording.write_percent(rest / whole),
            )
        )
    return tuple(sentences)


def find_migrants(breakdown: Breakdown, assessment: Assessment) -> Decimal | None:
    """Return the number of foreign-born or foreign citizens in a count of residents; None if unknown."""
    if not is_of_residents(breakdown):
        return None
    counts = select_breakdowns(assessment, breakdown.flow, STATUS_DIMENSIONS)
    values = [count.value(*MIGRANTS_BY[breakdown.by[0]]) for count in counts if count.period == breakdown.period]
    return next(filter(None, values), None)


def is_of_residents(breakdown: Breakdown) -> bool:
    return breakdown.flow in STOCK_FLOWS and not breakdown.of


def name_country(breakdown: Breakdown, code: str, home: str, wording: Wording) -> str:
    own = OWN_GROUPS.get(breakdown.by[0])
    if code == home and own:
        return wording.say(own)
    name = breakdown.names.get(f"{breakdown.by[0]}.{code}")
    return wording.of(name) if name else code


def describe_newer_figures(drawn: Mapping[str, Breakdown], assessment: Assessment, wording: Wording) -> Iterator[str]:
    flows = [find_newest(find_series(assessment, role)) for role in ("immigration", "emigration")]
    for heading, breakdown in drawn.items():
        if any(point and point.period[:4] > breakdown.period[:4] for point in flows):
            for other in list_newer_figures(breakdown, assessment):
                named = [
                    f"{name_country(other, code, assessment.area, wording)}\u00a0{wording.number(value)}"
                    for code, value in list_foreign_countries(other, assessment.area)[:MAX_NAMED_COUNTRIES]
                ]
                head = wording.join_with_commas((heading, state_count_year(other, wording)))
                yield wording.say("{sentence}.", sentence=wording.pair(head, wording.join_with_semicolons(named)))


def list_newer_figures(breakdown: Breakdown, assessment: Assessment) -> list[Breakdown]:
    """Return newer figures by country that are not drawn because they have too few countries."""
    alike = select_breakdowns(assessment, breakdown.flow, breakdown.by, breakdown.of)
    newer = [
        other for other in alike if other.period > breakdown.period and list_foreign_countries(other, assessment.area)
    ]
    return sorted(newer, key=lambda other: other.period)[-1:]


def tabulate_countries(caption: str, *, breakdown: Breakdown, home: str, wording: Wording) -> ReportTable:
    rows = [
        build_row((capitalise(name_country(breakdown, code, home, wording)), wording.number(value)))
        for (code,), value in sort_by_size(breakdown, home)
    ]
    if breakdown.whole is not None:
        name = wording.say("Total population" if is_of_residents(breakdown) else "Published total")
        rows.append(build_row((name, wording.number(breakdown.whole)), "total"))
    heads = ("Country", "Persons")
    return build_table(
        "data-countries", wording.say("Data for this figure: {what}", what=caption), heads, rows, wording, numbers=(1,)
    )


def build_streams(assessment: Assessment, wording: Wording) -> ReportFigure | None:
    pair = combine_directions(assessment)
    if pair is None:
        return None
    coming, going = pair
    home = assessment.area
    origins, destinations = build_side(coming, home, wording), build_side(going, home, wording)
    country = wording.of(assessment.country) or home
    title = title_streams(coming, going, home, wording)
    description = wording.say(
        "Flow diagram. The width of a stream shows its number of persons. Into {country}: {origins}. Out "
        "of {country}: {destinations}.",
        country=country,
        origins=wording.series([f"{stream.name} {stream.written}" for stream in origins]),
        destinations=wording.series([f"{stream.name} {stream.written}" for stream in destinations]),
    )
    words = {"origins": wording.say("Immigration"), "destinations": wording.say("Emigration")}
    labels = build_labels("figure-streams", title, description=description, words=words, wording=wording)
    source, keys = build_citation_line(
        [held.source for each in pair for held in (each, *list_newer_figures(each, assessment))],
        assessment,
        wording,
    )
    flows = (coming.flow, going.flow)
    notes = (
        *describe_newer_figures({words["origins"]: coming, words["destinations"]: going}, assessment, wording),
        *describe_residence(flows, assessment, wording),
        *list_different_rules(flows, assessment, wording),
    )
    figure_data = collect_streams_data(coming, going, home, wording)
    return build_figure(
        labels,
        draw_streams(country, origins, destinations, labels),
        data=figure_data,
        source=source,
        cited=keys,
        notes=notes,
    )


def title_streams(coming: Breakdown, going: Breakdown, home: str, wording: Wording) -> str:
    first, last = (next((code for code, _ in list_foreign_countries(side, home)), "") for side in (coming, going))
    if not first or not last:
        captions = (
            wording.say(CAPTIONS[side.flow, side.by[0]], year=state_count_year(side, wording))
            for side in (coming, going)
        )
        return capitalise(wording.join_with_semicolons(captions))
    return wording.say(
        "{what}, {year}: {origin} is the largest foreign country shown in both directions"
        if first == last
        else "{what}, {year}: the largest foreign countries shown are {origin} for immigration, "
        "{destination} for emigration",
        what=wording.say_code("country", coming.by[0]),
        year=describe_year(coming.period, (*coming.statuses, *going.statuses), wording),
        origin=name_country(coming, first, home, wording),
        destination=name_country(going, last, home, wording),
    )


def combine_directions(assessment: Assessment) -> tuple[Breakdown, Breakdown] | None:
    """Combine flows by country, in the latest period with at least half of the maximum number of countries."""
    for dimension in TWO_WAY_DIMENSIONS:
        by_flow_and_period = {
            (breakdown.flow, breakdown.period): breakdown
            for breakdown in assessment.breakdowns
            if breakdown.by == (dimension,) and is_recent(breakdown.period, assessment)
        }
        pairs = [
            (breakdown, by_flow_and_period["DF_EMI", period])
            for (flow, period), breakdown in by_flow_and_period.items()
            if flow == "DF_IMM" and ("DF_EMI", period) in by_flow_and_period
        ]
        pairs = [pair for pair in pairs if any(len(list_foreign_countries(side, assessment.area)) > 1 for side in pair)]
        sizes = [min(len(side.figures) for side in pair) for pair in pairs]
        full = [pair for pair, size in zip(pairs, sizes, strict=True) if 2 * size >= max(sizes)]
        if full:
            return max(full, key=lambda pair: pair[0].period)
    return None


def build_side(breakdown: Breakdown, home: str, wording: Wording) -> tuple[Stream, ...]:
    countries = list_foreign_countries(breakdown, home)
    own = [(home, value)] if (value := breakdown.value(home)) else []
    room = MAX_STREAMS - len(own)
    largest = (countries if len(countries) < room else countries[: room - 1]) + own
    others = compute_remainder(breakdown, largest)
    streams = [
        Stream(name_country(breakdown, code, home, wording), float(value), written=wording.number(value))
        for code, value in largest
    ]
    if others:
        streams.append(Stream(wording.say("all others"), float(others), written=wording.number(others)))
    return tuple(streams)


def compute_remainder(breakdown: Breakdown, largest: Iterable[tuple[str, Decimal]]) -> Decimal:
    total = (
        breakdown.whole if breakdown.whole is not None else sum((value for _, value in breakdown.figures), Decimal(0))
    )
    return max(total - sum((value for _, value in largest), Decimal(0)), Decimal(0))


def collect_streams_data(coming: Breakdown, going: Breakdown, home: str, wording: Wording) -> ReportTable:
    listed = [code for breakdown in (coming, going) for (code,), _ in sort_by_size(breakdown, home)]
    codes = sorted(dict.fromkeys(listed), key=lambda code: (code in UNNAMED_COUNTRIES, code == home))
    rows = []
    for code in codes:
        named_in = coming if code != home and coming.value(code) is not None else going
        name = capitalise(name_country(named_in, code, home, wording))
        rows.append(build_row((name, *build_number_cells(code, (coming, going), wording))))
    wholes = [
        ReportCell(wording.number(breakdown.whole)) if breakdown.whole is not None else wording.absent()
        for breakdown in (coming, going)
    ]
    rows.append(build_row((wording.say("Published total"), *wholes), "total"))
    heads = ("Country", "Immigration", "Emigration")
    caption = wording.say("Data for this figure: immigration and emigration in {year}", year=coming.period)
    return build_table("data-streams", caption, heads, rows, wording, numbers=(1, 2))


def sort_by_size(breakdown: Breakdown, home: str) -> list[tuple[tuple[str, ...], Decimal]]:
    return sorted(
        breakdown.figures,
        key=lambda figure: (figure[0][0] in UNNAMED_COUNTRIES, figure[0][0] == home, -figure[1], figure[0]),
    )


def build_number_cells(code: str, pair: Sequence[Breakdown], wording: Wording) -> list[ReportCell]:
    values = [breakdown.value(code) for breakdown in pair]
    return [wording.absent() if value is None else ReportCell(wording.number(value)) for value in values]
