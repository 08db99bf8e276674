"""Composition section: foreign-born, citizens, sex, children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, product

from sdmxmig.catalogue.ages import interval
from sdmxmig.reporting.charts.groups import StatusGroup
from sdmxmig.reporting.charts.groups import draw as draw_groups
from sdmxmig.reporting.sections.blocks import ReportCell, ReportColumn, ReportFigure, ReportTable, figure_of, row
from sdmxmig.reporting.sections.quantities import WHOM, quantity, residence, year_of_count
from sdmxmig.reporting.sections.series import NOT_FINAL, cited, dated, keys_in, labels_of, not_final
from sdmxmig.reporting.sections.wording import Wording, lowered
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment, Point, Series
from sdmxmig.sdmx.model.breakdowns import Breakdown
from sdmxmig.statistics.calculations.indicator_values import MUCH

STATUS = ("BIRTH_STATUS", "CTZ_STATUS")
STOCKS = ("DF_POP", "DF_POP_TOPIC")
"""Yearly populations, and counts by further topics such as censuses."""
FOUR = (("NB", "NC"), ("FB", "NC"), ("NB", "FC"), ("FB", "FC"))
GROUPS = {
    ("NB", "NC"): "Native-born citizens",
    ("FB", "NC"): "Foreign-born citizens",
    ("NB", "FC"): "Native-born foreign citizens",
    ("FB", "FC"): "Foreign-born foreign citizens",
    ("FB", "_T"): "Foreign-born",
    ("NB", "_T"): "Native-born",
    ("_T", "FC"): "Foreign citizens",
    ("_T", "NC"): "Citizens",
    ("_T", "_T"): "All",
}
MIGRANTS = (("FB", "_T"), ("_T", "FC"))
MIN_YEARS = 3
"""So many counts make a series over time."""
MIGRANTS_IN_WORDS = {
    "Foreign-born": "{number} residents were born abroad, {year}",
    "Foreign citizens": "{number} residents were foreign citizens, {year}",
}
EVERYBODY_AND_MIGRANTS = (("_T", "_T"), *MIGRANTS)
UNKNOWN_IN = {
    "country of birth": (("_U", "_T"), ("NB", "_T"), ("FB", "_T")),
    "citizenship": (("_T", "_U"), ("_T", "NC"), ("_T", "FC")),
}
CHILD = 18
"""Under this age a person is a child (Convention on the Rights of the Child, article 1)."""
MAX_USUAL_CHILDREN = Decimal("0.35")


def groups(assessment: Assessment, wording: Wording) -> ReportFigure | None:
    """Draw the four groups of the latest year with all of them; None if absent."""
    complete = [
        breakdown
        for breakdown in of_flow(assessment, "DF_POP", STATUS)
        if all(breakdown.value(*codes) is not None for codes in FOUR)
    ]
    if not complete:
        return None
    latest = max(complete, key=lambda breakdown: breakdown.period)
    values = [latest.value(*codes) or Decimal(0) for codes in FOUR]
    total = latest.whole or sum(values, Decimal(0))
    abroad = sum((value for codes, value in zip(FOUR, values, strict=True) if codes[0] == "FB"), Decimal(0))
    title = wording.say(
        "In {year}, {share} of the residents were born abroad; {citizens} of these are citizens of the country",
        year=year_of_count(latest, wording),
        share=wording.percent(abroad / total),
        citizens=wording.percent(values[1] / abroad if abroad else abroad),
    )
    bars = tuple(
        StatusGroup("_".join(codes), wording.say(GROUPS[codes]), value=value, written=sized(value, total, wording))
        for codes, value in zip(FOUR, values, strict=True)
    )
    description = wording.say(
        "Bar chart from zero: {groups}.", groups=wording.series([f"{bar.name} {bar.written}" for bar in bars])
    )
    labels = labels_of("figure-groups", title, description=description, words={}, wording=wording)
    source, keys = cited([latest.source], assessment, wording)
    return figure_of(
        labels,
        draw_groups,
        bars,
        data=groups_data(complete, wording),
        source=source,
        cited=keys,
        notes=(*much_unknown([latest], wording), *residence(("DF_POP",), assessment, wording)),
    )


def much_unknown(counts: Sequence[Breakdown], wording: Wording) -> tuple[str, ...]:
    """Warn about counts with many unknown statuses; one sentence.

    Published unknowns, else the remainder of the total.
    """
    phrases = []
    for count in counts:
        for kind, codes in UNKNOWN_IN.items():
            share = unknown_share(count, codes)
            if share is not None and share > MUCH / 100:
                phrases.append(wording.pair(wording.say(kind), f"{wording.percent(share)} ({dated(count, wording)})"))
    if not phrases:
        return ()
    return (
        wording.say(
            "Share of residents with unknown characteristics: {phrases}. The shares of migrants are of all residents. "
            "They are too low by an unknown amount and cannot be compared with other years or countries.",
            phrases=wording.semicolons(phrases),
        ),
    )


def unknown_share(count: Breakdown, codes: Sequence[tuple[str, str]]) -> Decimal | None:
    if not count.whole:
        return None
    unknown, *known = (count.value(*pair) for pair in codes)
    if unknown is None:
        present = [value for value in known if value is not None]
        if len(present) < len(known):
            return None
        unknown = count.whole - sum(present, Decimal(0))
    return unknown / count.whole


def sized(number: Decimal, total: Decimal, wording: Wording) -> str:
    return f"{wording.number(number)} ({wording.percent(number / total)})"


def groups_data(complete: Sequence[Breakdown], wording: Wording) -> ReportTable:
    ordered = sorted(complete, key=lambda breakdown: breakdown.period)
    columns = (
        ReportColumn(wording.say("Year")),
        *(ReportColumn(wording.say(GROUPS[codes]), is_number=True) for codes in FOUR),
    )
    rows = tuple(
        row((dated(breakdown, wording), *(wording.number(breakdown.value(*codes) or Decimal(0)) for codes in FOUR)))
        for breakdown in ordered
    )
    caption = wording.say("Data of this figure: residents by birth and citizenship, persons")
    return ReportTable("data-groups", caption, columns=columns, rows=rows)


def migrants(assessment: Assessment, wording: Wording) -> ReportTable | None:
    """Count foreign-born or foreign residents by year and source; None if unknown."""
    counts = [breakdown for flow in STOCKS for breakdown in of_flow(assessment, flow, STATUS)]
    kinds = [codes for codes in MIGRANTS if any(breakdown.known(*codes) for breakdown in counts)]
    known_counts = [breakdown for breakdown in counts if any(breakdown.known(*codes) for codes in kinds)]
    if not known_counts:
        return None
    columns = [ReportColumn(wording.say("Year")), ReportColumn(wording.say("All residents"), is_number=True)]
    for codes in kinds:
        columns.append(ReportColumn(wording.say(GROUPS[codes]), is_number=True))
        columns.append(ReportColumn(wording.say("Share"), is_number=True))
    ordered = sorted(known_counts, key=lambda breakdown: (breakdown.period, STOCKS.index(breakdown.flow)))
    rows = [row(migrants_of(breakdown, kinds, assessment, wording)) for breakdown in ordered]
    caption = wording.say("Foreign-born and foreign citizens among residents, persons")
    notes = (*much_unknown(ordered, wording), *residence(STOCKS, assessment, wording))
    return ReportTable("table-migrants", caption, columns=tuple(columns), rows=tuple(rows), notes=notes)


def newest_migrants(
    assessment: Assessment, *, groups: Sequence[tuple[str, str]] = MIGRANTS
) -> tuple[Breakdown, tuple[str, str]] | None:
    """Return the latest count of one of these groups of migrants with its codes; None if unknown.

    Prefers exact, foreign-born, annual figures.
    """
    counts = [breakdown for flow in STOCKS for breakdown in of_flow(assessment, flow, STATUS)]
    having = [(count, codes) for codes in groups for count in counts if count.known(*codes) is not None]
    return max(having, key=lambda pair: (pair[0].period, pair[0].value(*pair[1]) is not None), default=None)


@dataclass(frozen=True, slots=True)
class MigrantSeries:
    """Counts of a group of migrants over the years, with its name."""

    group: str
    series: Series


def migrants_over_time(assessment: Assessment) -> MigrantSeries | None:
    """Return the longest migrant series of one source; None under three years.

    Different sources are not comparable.
    """
    found = []
    for flow, codes in product(STOCKS, MIGRANTS):
        counts = {count.period: count for count in of_flow(assessment, flow, STATUS) if count.value(*codes) is not None}
        points = tuple(
            Point(period, count.value(*codes), status=_weightiest(count.statuses), kind=count.kind)
            for period, count in sorted(counts.items())
        )
        if len({count.source for count in counts.values()}) > 1:
            continue
        sources = "; ".join(dict.fromkeys(count.source for count in counts.values() if count.source))
        found.append(MigrantSeries(GROUPS[codes], Series(flow, Text(), unit="PS", points=points, source=sources)))
    longest = max(found, key=lambda migrants: len(migrants.series.points), default=None)
    return longest if longest and len(longest.series.points) >= MIN_YEARS else None


def _weightiest(statuses: Sequence[str]) -> str:
    return next((status for status in ("B", *NOT_FINAL) if status in statuses), "")


def source_of(count: Breakdown, wording: Wording) -> str:
    return "" if count.flow == STOCKS[0] else wording.of(count.source_type)


def migrants_of(
    breakdown: Breakdown, kinds: Sequence[tuple[str, str]], assessment: Assessment, wording: Wording
) -> list[ReportCell]:
    """Return the cells of a count: year and sources, residents, and each kind of migrants with its share."""
    total_cell = wording.absent() if breakdown.whole is None else ReportCell(wording.number(breakdown.whole))
    cells = [
        ReportCell(
            breakdown.period,
            note=wording.commas(filter(None, (source_of(breakdown, wording), not_final(breakdown.statuses, wording)))),
            sources=keys_in(breakdown.source, assessment),
        ),
        total_cell,
    ]
    for codes in kinds:
        value, known = breakdown.value(*codes), breakdown.known(*codes)
        cells.append(
            wording.absent()
            if known is None
            else ReportCell(quantity(known, wording), note=wording.of(breakdown.comment(*codes)))
        )
        is_share = value is not None and breakdown.whole
        cells.append(
            ReportCell(wording.percent((value or Decimal(0)) / (breakdown.whole or 1)))
            if is_share
            else wording.absent()
        )
    return cells


def of_flow(
    assessment: Assessment, flow: str, by: tuple[str, ...], of: tuple[tuple[str, str], ...] = ()
) -> list[Breakdown]:
    return [
        breakdown
        for breakdown in assessment.breakdowns
        if (breakdown.flow, breakdown.by, breakdown.of) == (flow, by, of)
    ]


def status_of(of: Sequence[tuple[str, str]]) -> tuple[str, str]:
    codes: Mapping[str, str] = dict(of)
    return codes.get(STATUS[0], "_T"), codes.get(STATUS[1], "_T")


def women(assessment: Assessment, wording: Wording) -> list[str]:
    sentences = []
    for flow, name in WHOM.items():
        latest = {
            breakdown.of: breakdown
            for breakdown in assessment.breakdowns
            if (breakdown.flow, breakdown.by) == (flow, ("SEX",))
        }
        shares = [
            (breakdown, share)
            for breakdown in most_asked_for(list(latest.values()))
            if (share := share_of(breakdown, "F")) is not None
        ]
        phrases = [
            wording.say(
                "{who} {share} ({year})",
                who=lowered(wording.say(GROUPS[status_of(breakdown.of)])),
                share=wording.percent(share),
                year=dated(breakdown, wording),
            )
            for breakdown, share in shares
        ]
        if phrases:
            sentences.append(
                wording.say(
                    "Women among {whom}: {shares}.", whom=lowered(wording.say(name)), shares=wording.commas(phrases)
                )
            )
    return sentences


def most_asked_for(breakdowns: Sequence[Breakdown]) -> Sequence[Breakdown]:
    return [breakdown for breakdown in breakdowns if status_of(breakdown.of) in EVERYBODY_AND_MIGRANTS] or breakdowns


def share_of(breakdown: Breakdown, code: str) -> Decimal | None:
    value = breakdown.value(code)
    total = breakdown.whole or sum((value for _, value in breakdown.figures), Decimal(0))
    if value is None or not total or (breakdown.whole is None and len(breakdown.figures) < 2):
        return None
    return value / total


def children(assessment: Assessment, wording: Wording) -> list[str]:
    """State the number of children among residents and migrants, one sentence per population."""
    sentences = []
    by_age = [
        breakdown
        for breakdown in assessment.breakdowns
        if breakdown.by == ("AGE",) and breakdown.period == newest(assessment, breakdown)
    ]
    flows = dict.fromkeys(breakdown.flow for breakdown in by_age)
    of_flows = [[breakdown for breakdown in by_age if breakdown.flow == flow] for flow in flows]
    for breakdown in chain.from_iterable(map(most_asked_for, of_flows)):
        young = [(span[1], codes[0]) for codes, _ in breakdown.figures if (span := interval(codes[0])) and not span[0]]
        code = max(((end, code) for end, code in young if end <= CHILD), default=(0, ""))[1]
        value = breakdown.value(code) if code else None
        if value is not None:
            whose = wording.say(GROUPS[status_of(breakdown.of)])
            sentences.append(
                wording.say(
                    "{whom} in {year} ({whose}), {age}: {number}.",
                    whom=wording.say(WHOM[breakdown.flow]),
                    year=dated(breakdown, wording),
                    whose=lowered(whose),
                    age=lowered(wording.of(breakdown.names[f"AGE.{code}"])),
                    number=sized(value, breakdown.whole, wording) if breakdown.whole else wording.number(value),
                )
            )
            if (
                breakdown.flow in ("DF_IMM", "DF_EMI")
                and breakdown.whole
                and value / breakdown.whole > MAX_USUAL_CHILDREN
            ):
                sentences.append(wording.say("This share is unusually high: confirm it with the office before use."))
    return sentences


def newest(assessment: Assessment, breakdown: Breakdown) -> str:
    return max(candidate.period for candidate in of_flow(assessment, breakdown.flow, breakdown.by, breakdown.of))
