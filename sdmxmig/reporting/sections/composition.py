"""Composition section: migrants and moves by birth, citizenship and sex, and children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, product

from sdmxmig.catalogue.ages import parse_age_code
from sdmxmig.reporting.charts.bars import StatusGroup, draw_groups
from sdmxmig.reporting.sections.blocks import (
    CitedSentence,
    ReportCell,
    ReportColumn,
    ReportFigure,
    ReportTable,
    build_figure,
    build_row,
)
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.quantities import (
    INFERRED,
    PEOPLE_OF_FLOW,
    THOUSAND,
    describe_quantity,
    describe_residence,
    find_precision,
    format_whole,
    name_flow_unit,
    state_count_year,
    write_share,
)
from sdmxmig.reporting.sections.series import (
    PROVISIONAL_NAMES,
    build_citation_line,
    build_labels,
    describe_missing_years,
    find_series,
    format_breakdown_year,
    index_by_period,
    is_recent,
    list_source_keys,
    list_years,
    name_break,
    state_not_final,
)
from sdmxmig.reporting.sections.wording import Wording, capitalise, lower_first_letter
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.calculations.indicator_values import MIN_LARGE_SHARE
from sdmxmig.statistics.model.assessment import Assessment, Point, Series
from sdmxmig.statistics.model.availability import Bounds, Breakdown

STATUS_DIMENSIONS = ("BIRTH_STATUS", "CTZ_STATUS")
STOCK_FLOWS = ("DF_POP", "DF_POP_TOPIC")
"""Yearly populations, and counts by further topics such as censuses."""
FOUR_GROUPS = (("NB", "NC"), ("FB", "NC"), ("NB", "FC"), ("FB", "FC"))
GROUP_SUMS = (
    *((("NB", code), ("FB", code), ("_T", code)) for code in ("NC", "FC", "_T")),
    *(((code, "NC"), (code, "FC"), (code, "_T")) for code in ("NB", "FB", "_T")),
)
GROUP_NAMES: Mapping[tuple[str, ...], str] = {
    ("NB", "NC"): "Native-born citizens",
    ("FB", "NC"): "Foreign-born citizens",
    ("NB", "FC"): "Native-born foreign citizens",
    ("FB", "FC"): "Foreign-born foreign citizens",
    ("FB", "_T"): "Foreign-born",
    ("NB", "_T"): "Native-born",
    ("_T", "FC"): "Foreign citizens",
    ("_T", "NC"): "Citizens of {country}",
    ("_T", "_T"): "All",
}
MIGRANTS = (("FB", "_T"), ("_T", "FC"))
FLOW_NAMES = {"DF_IMM": "Immigration", "DF_EMI": "Emigration"}
MOVE_FLOWS = tuple(FLOW_NAMES)
TITLES_BY_GROUP = {
    "Immigration and emigration by citizenship": (("_T", "NC"), ("_T", "FC")),
    "Immigration and emigration by birth": (("NB", "_T"), ("FB", "_T")),
}
ESTIMATED = "E"
MIN_YEARS = 3
MIGRANTS_IN_WORDS = {
    "Foreign-born": "{number} residents were born abroad, {year}",
    "Foreign citizens": "{number} residents were foreign citizens, {year}",
}
CENSUS_IN_WORDS = {
    "Foreign-born": "The census of {year} counted {number} persons born abroad",
    "Foreign citizens": "The census of {year} counted {number} foreign citizens",
}
EVERYBODY_AND_MIGRANTS = (("_T", "_T"), *MIGRANTS)
UNKNOWN_GROUPS = {
    "country of birth": (("_U", "_T"), ("NB", "_T"), ("FB", "_T")),
    "citizenship": (("_T", "_U"), ("_T", "NC"), ("_T", "FC")),
}
ADULT_AGE = 18
"""Under this age a person is a child (Convention on the Rights of the Child, article 1)."""
MAX_USUAL_CHILDREN = Decimal("0.35")


def draw_population_groups(assessment: Assessment, wording: Wording) -> ReportFigure | None:
    counts = [breakdown for flow in STOCK_FLOWS for breakdown in select_breakdowns(assessment, flow, STATUS_DIMENSIONS)]
    complete = [count for count in map(find_four_groups, counts) if count is not None]
    if not complete:
        return None
    newest_groups = max(complete, key=lambda groups: groups.count.period)
    latest, values = newest_groups.count, [newest_groups.values[codes] for codes in FOUR_GROUPS]
    total = latest.whole or sum(values, Decimal(0))
    abroad = sum((value for codes, value in zip(FOUR_GROUPS, values, strict=True) if codes[0] == "FB"), Decimal(0))
    title = wording.say(
        "In {year}, {share} of the residents were born abroad; {citizens} of these are citizens of the country"
        if is_recent(latest.period, assessment)
        else "Residents by birth and citizenship, {year}",
        year=state_count_year(latest, wording),
        share=wording.write_percent(abroad / total),
        citizens=wording.write_percent(values[1] / abroad if abroad else abroad),
    )
    bars = tuple(
        StatusGroup(
            "_".join(codes),
            wording.say(GROUP_NAMES[codes]),
            value=value,
            written=write_with_share(value, total, wording),
        )
        for codes, value in zip(FOUR_GROUPS, values, strict=True)
    )
    description = wording.say(
        "Bar chart from zero: {groups}.", groups=wording.series([f"{bar.name} {bar.written}" for bar in bars])
    )
    labels = build_labels("figure-groups", title, description=description, words={}, wording=wording)
    source, keys = build_citation_line([latest.source], assessment, wording)
    return build_figure(
        labels,
        draw_groups(bars, labels),
        data=collect_groups_data(complete, wording),
        source=source,
        cited=keys,
        notes=(
            *describe_derivation_of_groups(complete, wording),
            *warn_about_unknown_status([latest], wording),
            *describe_residence((latest.flow,), assessment, wording),
        ),
    )


@dataclass(frozen=True, slots=True)
class FourGroups:
    """The four groups of a count; `is_derived` means that some follow from published totals."""

    count: Breakdown
    values: Mapping[tuple[str, ...], Decimal]
    is_derived: bool


def find_four_groups(count: Breakdown) -> FourGroups | None:
    """Return the four groups, as published or derived from totals; None if unknown or incomplete."""
    values = dict(count.figures)
    if any("_U" in codes for codes in values):
        values = {codes: value for codes, value in values.items() if codes in FOUR_GROUPS}
    elif count.whole is not None:
        values |= {("_T", "_T"): count.whole}
        for _ in FOUR_GROUPS:
            for first, second, both in GROUP_SUMS:
                if first in values and second in values:
                    values.setdefault(both, values[first] + values[second])
                for part, other in ((first, second), (second, first)):
                    if both in values and other in values:
                        values.setdefault(part, values[both] - values[other])
    if any(values.get(codes, Decimal(-1)) < 0 for codes in FOUR_GROUPS):
        return None
    return FourGroups(count, values, is_derived=any(count.value(*codes) is None for codes in FOUR_GROUPS))


def describe_derivation_of_groups(complete: Sequence[FourGroups], wording: Wording) -> tuple[str, ...]:
    years = [groups.count.period for groups in complete if groups.is_derived]
    message = "Groups that are not published follow from published totals ({years})."
    return (wording.say(message, years=list_years(years, wording)),) if years else ()


def warn_about_unknown_status(counts: Sequence[Breakdown], wording: Wording) -> tuple[str, ...]:
    """Warn about counts with many unknown statuses, published or derived from the total."""
    phrases = []
    for count in counts:
        for kind, codes in UNKNOWN_GROUPS.items():
            share = compute_unknown_share(count, codes)
            if share is not None and share > MIN_LARGE_SHARE / 100:
                phrases.append(
                    wording.pair(
                        wording.say(kind), f"{wording.write_percent(share)} ({format_breakdown_year(count, wording)})"
                    )
                )
    if not phrases:
        return ()
    return (
        wording.say(
            "Share of residents with unknown characteristics: {phrases}. The shares of migrants are of all residents. "
            "They are too low by an unknown amount and cannot be compared with other years or countries.",
            phrases=wording.join_with_semicolons(phrases),
        ),
    )


def compute_unknown_share(count: Breakdown, codes: Sequence[tuple[str, str]]) -> Decimal | None:
    if not count.whole:
        return None
    unknown, *known = (count.value(*pair) for pair in codes)
    if unknown is None:
        present = [value for value in known if value is not None]
        if len(present) < len(known):
            return None
        unknown = count.whole - sum(present, Decimal(0))
    return unknown / count.whole


def write_with_share(number: Decimal, total: Decimal, wording: Wording) -> str:
    return f"{wording.number(number)} ({wording.write_percent(number / total)})"


def collect_groups_data(complete: Sequence[FourGroups], wording: Wording) -> ReportTable:
    ordered = sorted(complete, key=lambda groups: groups.count.period)
    rows = (
        (
            format_breakdown_year(groups.count, wording),
            *(wording.number(groups.values[codes]) for codes in FOUR_GROUPS),
        )
        for groups in ordered
    )
    caption = wording.say("Data for this figure: residents by birth and citizenship, persons")
    return build_table(
        "data-groups",
        caption,
        ("Year", *(ReportColumn(wording.say(GROUP_NAMES[codes]), is_number=True) for codes in FOUR_GROUPS)),
        rows,
        wording,
    )


def tabulate_migrants(assessment: Assessment, wording: Wording) -> list[ReportTable]:
    """Tabulate each group of migrants by year."""
    counts = [breakdown for flow in STOCK_FLOWS for breakdown in select_breakdowns(assessment, flow, STATUS_DIMENSIONS)]
    counts.sort(key=lambda breakdown: (breakdown.period, STOCK_FLOWS.index(breakdown.flow)))
    counted = {codes: [count for count in counts if count.known(*codes) is not None] for codes in MIGRANTS}
    return [
        tabulate_migrant_counts(codes, of_group, assessment, wording) for codes, of_group in counted.items() if of_group
    ]


def tabulate_migrant_counts(
    codes: tuple[str, str], counts: Sequence[Breakdown], assessment: Assessment, wording: Wording
) -> ReportTable:
    name = wording.say(GROUP_NAMES[codes])
    wholes = [count.whole for count in counts]
    of = build_group_key(codes)
    cells_by_head = {
        ReportColumn(wording.say("Year")): [find_migrant_year(count, codes, assessment, wording) for count in counts],
        ReportColumn(name, is_number=True): [
            ReportCell(
                describe_quantity(count.known(*codes), wording),
                note=describe_share_of_women(assessment, wording, flow=count.flow, period=count.period, of=of),
            )
            for count in counts
        ],
        ReportColumn(wording.say("Total population"), is_number=True): [
            ReportCell(format_whole(known, whole, wording))
            if (known := count.known(*codes)) is not None and whole is not None
            else wording.absent()
            for count, whole in zip(counts, wholes, strict=True)
        ],
        ReportColumn(wording.say("Share"), is_number=True): [
            ReportCell(write_share(known, whole, wording))
            if (known := count.known(*codes)) is not None and whole
            else wording.absent()
            for count, whole in zip(counts, wholes, strict=True)
        ],
        (remarks := ReportColumn(wording.say("Remarks"))): [
            ReportCell(capitalise(wording.of(count.comment(*codes)))) for count in counts
        ],
    }
    shown = {head: cells for head, cells in cells_by_head.items() if any(not c.is_absent and c.text for c in cells)}
    yearly = (count.period for count in counts if count.kind != "census")
    notes = (
        *describe_missing_years(yearly, wording, others=[count.period for count in counts]),
        *warn_about_editions(counts, wording),
        *warn_about_unknown_status(counts, wording),
        *describe_residence(tuple(dict.fromkeys(count.flow for count in counts)), assessment, wording),
    )
    return ReportTable(
        f"table-migrants-{''.join(codes).replace('_T', '').lower()}",
        wording.say("{group}, persons", group=name),
        columns=tuple(shown),
        rows=tuple(map(build_row, zip(*shown.values(), strict=True))),
        notes=notes,
        stacked=remarks in shown,
    )


def find_migrant_year(count: Breakdown, codes: tuple[str, str], assessment: Assessment, wording: Wording) -> ReportCell:
    statuses = (*count.statuses, ESTIMATED) if count.kind == "estimate" else count.statuses
    broken = name_break(index_counts(assessment, count.flow, codes), count.period, wording)
    remarks = (name_source_type(count, wording), broken, state_not_final(statuses, wording, count.kind))
    return ReportCell(count.period, note=wording.qualified(remarks), sources=list_source_keys(count.source, assessment))


def warn_about_editions(counts: Sequence[Breakdown], wording: Wording) -> tuple[str, ...]:
    """Warn if one table has estimates from several publications."""
    if len({count.source for count in counts if ESTIMATED in count.statuses and count.source}) < 2:
        return ()
    return (wording.say("An edition may revise earlier years: do not compare editions."),)


@dataclass(frozen=True, slots=True)
class MigrantCount:
    count: Breakdown
    codes: tuple[str, ...]

    @property
    def name(self) -> str:
        return GROUP_NAMES[self.codes]

    @property
    def known(self) -> Decimal | Bounds | None:
        return self.count.known(*self.codes)

    @property
    def is_exact(self) -> bool:
        return isinstance(self.known, Decimal)

    @property
    def comment(self) -> Text:
        return self.count.comment(*self.codes)


def find_newest_migrants(
    assessment: Assessment,
    *,
    groups: Sequence[tuple[str, str]] = MIGRANTS,
    flows: Sequence[str] = STOCK_FLOWS,
) -> MigrantCount | None:
    counts = [breakdown for flow in flows for breakdown in select_breakdowns(assessment, flow, STATUS_DIMENSIONS)]
    having = [MigrantCount(count, codes) for codes in groups for count in counts if count.known(*codes) is not None]
    return max(having, key=lambda migrants: (migrants.count.period, migrants.is_exact), default=None)


def find_longest_series(assessment: Assessment) -> tuple[str, Series] | None:
    """Return the longest series of a migrant group from one source, with the group; None below three years."""
    found = []
    for flow, codes in product(STOCK_FLOWS, MIGRANTS):
        counts = index_counts(assessment, flow, codes)
        points = tuple(counts[period] for period in sorted(counts) if counts[period].value is not None)
        citations = {point.sources for point in points}
        if len(citations) > 1:
            continue
        sources = "; ".join(next(iter(citations), ()))
        found.append((GROUP_NAMES[codes], Series(flow, Text(), unit="PS", points=points, source=sources)))
    longest = max(found, key=lambda pair: len(pair[1].points), default=None)
    return longest if longest and len(longest[1].points) >= MIN_YEARS else None


def index_counts(assessment: Assessment, flow: str, codes: tuple[str, ...]) -> dict[str, Point]:
    return {
        count.period: Point(
            count.period,
            count.value(*codes),
            status=next((status for status in ("B", *PROVISIONAL_NAMES) if status in count.statuses), ""),
            kind=count.kind,
            bounds=known if isinstance(known, Bounds) else None,
            sources=tuple(filter(None, [count.source])),
        )
        for count in select_breakdowns(assessment, flow, STATUS_DIMENSIONS)
        if (known := count.known(*codes)) is not None
    }


def name_source_type(count: Breakdown, wording: Wording) -> str:
    return "" if count.flow == STOCK_FLOWS[0] else wording.of(count.source_type)


def select_breakdowns(
    assessment: Assessment, flow: str, by: tuple[str, ...], of: tuple[tuple[str, str], ...] = ()
) -> list[Breakdown]:
    """Return the breakdowns of single years."""
    return [one for one in list_all_breakdowns(assessment, flow, by, of) if one.period.isdecimal()]


def list_all_breakdowns(
    assessment: Assessment, flow: str, by: tuple[str, ...], of: tuple[tuple[str, str], ...] = ()
) -> list[Breakdown]:
    return [one for one in assessment.breakdowns if (one.flow, one.by, one.of) == (flow, by, of)]


def build_group_key(codes: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, code) for name, code in zip(STATUS_DIMENSIONS, codes, strict=True) if code != "_T")


def parse_group_key(of: Sequence[tuple[str, str]]) -> tuple[str, str]:
    codes: Mapping[str, str] = dict(of)
    return codes.get(STATUS_DIMENSIONS[0], "_T"), codes.get(STATUS_DIMENSIONS[1], "_T")


def tabulate_moves(assessment: Assessment, wording: Wording) -> list[ReportTable]:
    counts = [count for flow in MOVE_FLOWS for count in select_breakdowns(assessment, flow, STATUS_DIMENSIONS)]
    return [
        table
        for caption, groups in TITLES_BY_GROUP.items()
        if (table := build_moves_table(caption, groups, counts, assessment, wording))
    ]


def build_moves_table(
    caption: str,
    groups: Sequence[tuple[str, str]],
    counts: Sequence[Breakdown],
    assessment: Assessment,
    wording: Wording,
) -> ReportTable | None:
    """Tabulate groups by year; a single group is named in the caption and shown as shares."""
    found = {
        (flow, codes): {
            count.period: count for count in counts if count.flow == flow and has_group_or_remark(count, codes)
        }
        for flow, codes in product(MOVE_FLOWS, groups)
    }
    years = sorted({year for column in found.values() for year in column})
    # One value among many years is not a series.
    found = {key: column for key, column in found.items() if len(column) > (1 if len(years) > MIN_YEARS else 0)}
    if not found:
        return None
    country = wording.of(assessment.country) or assessment.area
    named = {codes: lower_first_letter(wording.say(GROUP_NAMES[codes], country=country)) for _, codes in found}
    alone = next(iter(named.values())) if len(named) == 1 else ""
    heads = (
        wording.say(FLOW_NAMES[flow]) if alone else wording.pair(wording.say(FLOW_NAMES[flow]), named[codes])
        for flow, codes in found
    )
    rows = []
    for year in years:
        of_year = [count for count in counts if count.period == year]
        by_sex = [
            count for count in assessment.breakdowns if count.flow in MOVE_FLOWS and count.by == ("SEX",) and count.of
        ]
        of_year += [count for count in by_sex if count.period == year]
        keys = dict.fromkeys(key for count in of_year for key in list_source_keys(count.source, assessment))
        cells = (
            build_moves_cell(column[year], codes, wording, has_share=bool(alone))
            if year in column
            else wording.absent()
            for (_, codes), column in found.items()
        )
        rows.append(build_row((ReportCell(year, sources=tuple(keys)), *cells)))
    title = wording.pair(wording.say("Immigration and emigration"), alone) if alone else wording.say(caption)
    return ReportTable(
        f"table-moves-{''.join(groups[0]).replace('_T', '').lower()}",
        wording.qualified((title, lower_first_letter(name_flow_unit(assessment, wording)))),
        columns=(ReportColumn(wording.say("Year")), *(ReportColumn(head, is_number=True) for head in heads)),
        rows=tuple(rows),
        notes=(
            *([wording.say("In brackets: share of all immigration or emigration.")] if alone else ()),
            *describe_missing_years(years, wording),
        ),
    )


def has_group_or_remark(count: Breakdown, codes: tuple[str, str]) -> bool:
    """Check whether a count has a group, or a remark that replaces its number, such as a share."""
    return count.value(*codes) is not None or bool(count.comment(*codes))


def build_moves_cell(count: Breakdown, codes: tuple[str, str], wording: Wording, *, has_share: bool) -> ReportCell:
    value = count.value(*codes)
    if value is None:
        remark = wording.of(count.comment(*codes))
        return ReportCell(remark) if remark else wording.absent()
    number = write_with_share(value, count.whole, wording) if has_share and count.whole else wording.number(value)
    return ReportCell(number, note=state_not_final(count.statuses, wording, count.kind))


def state_net_by_citizenship(assessment: Assessment, wording: Wording) -> list[CitedSentence]:
    """State net migration of citizens and of foreign citizens in the last year with both and in the year before."""
    coming, going = (index_counts(assessment, flow, ("_T", "NC")) for flow in MOVE_FLOWS)
    net = index_by_period(find_series(assessment, "net"))
    sentences: list[CitedSentence] = []
    last = max((year for year in coming.keys() & going.keys() if is_recent(year, assessment)), default="1")
    for year in (last, str(int(last) - 1)):
        points = [point for one in (coming, going, net) if (point := one.get(year))]
        known = [point.value for point in points if point.value is not None]
        if len(known) < len((coming, going, net)):
            break
        inflow, outflow, whole = known
        unit, own = max(map(find_precision, (inflow, outflow))), inflow - outflow
        if unit > 1 and INFERRED in {point.status for point in points}:  # the errors of rounded shares add up
            unit = THOUSAND
        nets = [wording.write_signed(round(value / unit) * unit) for value in (own, whole - own)]
        message = "In {year}, net migration of citizens of {country} was {own}, that of foreign citizens {others}."
        is_doubtful = year in list_doubtful_years(assessment, *MOVE_FLOWS)
        doubt = wording.say("in doubt") if is_doubtful else ""
        state = wording.qualified((state_not_final([point.status for point in points], wording), doubt))
        citizens, others = (wording.say("about {n}", n=n) for n in nets) if unit > 1 else nets
        sentence = wording.say(
            "In {year}, the figures were {own} and {others}." if sentences else message,
            year=wording.year(year, state),
            country=wording.of(assessment.country) or assessment.area,
            own=citizens,
            others=others,
        )
        cited = "; ".join(source for point in points for source in point.sources)
        sentences.append(CitedSentence(sentence, list_source_keys(cited, assessment)))
    return sentences


def describe_share_of_women(
    assessment: Assessment, wording: Wording, *, flow: str, period: str, of: tuple[tuple[str, str], ...]
) -> str:
    counts = (count for count in select_breakdowns(assessment, flow, ("SEX",), of) if count.period == period)
    share = next((compute_share(count, "F") for count in counts), None)
    return "" if share is None else wording.pair(lower_first_letter(wording.say("Women")), wording.write_percent(share))


def prefer_all_migrants(breakdowns: Sequence[Breakdown]) -> Sequence[Breakdown]:
    """Return breakdowns of all migrants if there are any, ignoring stocks of all residents."""
    moving = [breakdown for breakdown in breakdowns if breakdown.of or breakdown.flow not in STOCK_FLOWS]
    return [breakdown for breakdown in moving if parse_group_key(breakdown.of) in EVERYBODY_AND_MIGRANTS] or moving


def compute_share(breakdown: Breakdown, code: str) -> Decimal | None:
    value = breakdown.value(code)
    total = breakdown.whole or sum((value for _, value in breakdown.figures), Decimal(0))
    if value is None or not total or (breakdown.whole is None and len(breakdown.figures) < 2):
        return None
    return value / total


def warn_about_unusual_children(assessment: Assessment, wording: Wording) -> list[str]:
    """State unusually high numbers of children, for the office to confirm."""
    return [write_sentence(young, assessment, wording) for young in list_child_counts(assessment) if young.is_unusual]


@dataclass(frozen=True, slots=True)
class Children:
    count: Breakdown
    age: str
    value: Decimal

    @property
    def is_unusual(self) -> bool:
        whole = self.count.whole
        return bool(whole) and self.count.flow not in STOCK_FLOWS and self.value / (whole or 1) > MAX_USUAL_CHILDREN


def list_child_counts(assessment: Assessment) -> Iterator[Children]:
    by_age = [
        breakdown
        for breakdown in assessment.breakdowns
        if breakdown.by == ("AGE",) and breakdown.period == find_newest_period(assessment, breakdown)
    ]
    flows = dict.fromkeys(breakdown.flow for breakdown in by_age)
    of_flows = [[breakdown for breakdown in by_age if breakdown.flow == flow] for flow in flows]
    for breakdown in chain.from_iterable(map(prefer_all_migrants, of_flows)):
        young = [
            (span[1], codes[0]) for codes, _ in breakdown.figures if (span := parse_age_code(codes[0])) and not span[0]
        ]
        code = max(((end, code) for end, code in young if end <= ADULT_AGE), default=(0, ""))[1]
        value = breakdown.value(code) if code else None
        if value is not None:
            yield Children(breakdown, code, value)


def list_doubtful_years(assessment: Assessment, *flows: str) -> set[str]:
    """Return years with unusually many children among migrants, which the office is asked to confirm."""
    return {
        young.count.period for young in list_child_counts(assessment) if young.is_unusual and young.count.flow in flows
    }


def write_sentence(young: Children, assessment: Assessment, wording: Wording) -> str:
    count, country = young.count, wording.of(assessment.country) or assessment.area
    return wording.say(
        "{whom} in {year} ({whose}), {age}: {number}.",
        whom=wording.say(PEOPLE_OF_FLOW[count.flow]),
        year=format_breakdown_year(count, wording),
        whose=lower_first_letter(wording.say(GROUP_NAMES[parse_group_key(count.of)], country=country)),
        age=lower_first_letter(wording.of(count.names[f"AGE.{young.age}"])),
        number=write_with_share(young.value, count.whole, wording) if count.whole else wording.number(young.value),
    )


def find_newest_period(assessment: Assessment, breakdown: Breakdown) -> str:
    return max(
        candidate.period for candidate in select_breakdowns(assessment, breakdown.flow, breakdown.by, breakdown.of)
    )
