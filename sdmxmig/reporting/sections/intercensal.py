"""Growth of citizens and foreign citizens between two censuses, compared with their flows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sdmxmig.reporting.sections.blocks import ReportColumn, ReportTable
from sdmxmig.reporting.sections.columns import build_table
from sdmxmig.reporting.sections.composition import GROUP_NAMES, STATUS_DIMENSIONS, STOCK_FLOWS, list_all_breakdowns
from sdmxmig.reporting.sections.quantities import describe_quantity
from sdmxmig.reporting.sections.series import find_series, find_value, state_not_final
from sdmxmig.reporting.sections.wording import Wording, lower_first_letter
from sdmxmig.statistics.model.assessment import Assessment
from sdmxmig.statistics.model.availability import Bounds, Breakdown, Effect

OWN, FOREIGN = ("_T", "NC"), ("_T", "FC")
SPAN = re.compile(r"\d{4}-01-01/P(?P<years>\d+)Y")
UNEXPLAINED = {
    True: "the census of {last} counted more persons than follow from the census of {first} and from births, deaths "
    "and flows of {first}–{end}: {groups}",
    False: "the census of {last} counted fewer persons than follow from the census of {first} and from births, deaths "
    "and flows of {first}–{end}: {groups}",
}
"""By whether the census counted more."""
MIN_CAUSE, MAX_REST = Decimal("0.9"), Decimal("0.1")
"""Shares of a difference: the minimum of the group that causes it, and the maximum of the other group."""


@dataclass(frozen=True, slots=True)
class GroupGrowth:
    """Growth of a group by two censuses, with equal ends if it is exact, by births less deaths, and by its flows."""

    codes: tuple[str, str]
    counted: Bounds
    natural: Decimal
    net: Decimal

    @property
    def unexplained(self) -> Bounds:
        expected, lower, upper = self.natural + self.net, self.counted.lower, self.counted.upper
        return Bounds(None if lower is None else lower - expected, None if upper is None else upper - expected)

    def round_unexplained(self) -> Decimal:
        """Return the unexplained growth in two digits: flows are of whole years, censuses of days in a year.

        Between two bounds it is the middle; beside one it is that bound.
        """
        ends = [end for end in (self.unexplained.lower, self.unexplained.upper) if end is not None]
        middle = sum(ends, Decimal(0)) / len(ends)
        return middle.quantize(Decimal(1).scaleb(middle.adjusted() - 1)) if middle else middle

    def measure_shares(self, difference: Decimal) -> list[Decimal | None]:
        """Return the minimum and maximum share of a difference that lies with the group; None if it is unknown."""
        ends = (self.unexplained.lower, self.unexplained.upper)
        shares = [None if end is None else end / difference for end in ends]
        return shares if difference > 0 else shares[::-1]


@dataclass(frozen=True, slots=True)
class LocatedDifference:
    """A difference between a census and the yearly population, in one group."""

    years: range
    cause: GroupGrowth
    rest: GroupGrowth
    last: Breakdown
    sources: tuple[str, ...]


def locate_difference(effect: Effect, assessment: Assessment) -> LocatedDifference | None:
    """Return the group whose flows disagree with the censuses; None if figures or bounds do not settle it.

    Births less deaths are those of all residents, and count for citizens. `years` run from one census to the other.
    """
    counts = [count for flow in STOCK_FLOWS for count in list_all_breakdowns(assessment, flow, STATUS_DIMENSIONS)]
    counts = [count for count in counts if count.kind == "census" and count.known(*OWN) and count.known(*FOREIGN)]
    last = next((count for count in counts if count.period == effect.period), None)
    first = max((count for count in counts if count.period < effect.period), key=lambda one: one.period, default=None)
    if last is None or first is None:
        return None
    years = range(int(first.period), int(last.period))
    every, births, deaths = (add_years(role, years, assessment) for role in ("net", "births", "deaths"))
    coming, going = (find_sum(flow, years, assessment) for flow in ("DF_IMM", "DF_EMI"))
    if every is None or births is None or deaths is None or coming is None or going is None:
        return None
    net, difference = coming[0] - going[0], effect.first.value - effect.second.value
    own = GroupGrowth(OWN, measure_growth(first, last, OWN), births - deaths, net)
    foreign = GroupGrowth(FOREIGN, measure_growth(first, last, FOREIGN), Decimal(0), every - net)
    for cause, rest in ((own, foreign), (foreign, own)):
        least, most = cause.measure_shares(difference)[0], rest.measure_shares(difference)[1]
        if least is not None and least >= MIN_CAUSE and most is not None and most <= MAX_REST:
            return LocatedDifference(years, cause, rest, last, (first.source, last.source, *coming[1], *going[1]))
    return None


def add_years(role: str, years: range, assessment: Assessment) -> Decimal | None:
    values = [find_value(find_series(assessment, role), str(year)) for year in years]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None


def find_sum(flow: str, years: range, assessment: Assessment) -> tuple[Decimal, Sequence[str]] | None:
    """Return the moves of citizens in these years, as published together or year by year, and their sources."""
    counts = list_all_breakdowns(assessment, flow, STATUS_DIMENSIONS)
    known = {list_years_of(count): (value, count.source) for count in counts if (value := count.value(*OWN))}
    parts = [known.get(years)] if years in known else [known.get(range(year, year + 1)) for year in years]
    found = [part for part in parts if part is not None]
    total = sum((value for value, _ in found), Decimal(0))
    return (total, [source for _, source in found]) if len(found) == len(parts) else None


def list_years_of(count: Breakdown) -> range:
    span, first = SPAN.fullmatch(count.period), int(count.period[:4])
    return range(first, first + (int(span["years"]) if span else 1))


def measure_growth(first: Breakdown, last: Breakdown, codes: tuple[str, str]) -> Bounds:
    (least_before, most_before), (least, most) = (find_ends(count, codes) for count in (first, last))
    lower = None if least is None or most_before is None else least - most_before
    return Bounds(lower, None if most is None or least_before is None else most - least_before)


def find_ends(count: Breakdown, codes: tuple[str, str]) -> tuple[Decimal | None, Decimal | None]:
    """Return the least and the most persons of a group; some or all may be among those of unknown citizenship."""
    known, figures = count.known(*codes), (count.value(*OWN), count.value(*FOREIGN))
    if isinstance(known, Bounds) or known is None:
        return (known.lower, known.upper) if known else (None, None)
    total = count.value("_T", "_T") if count.whole is None else count.whole
    unknown = 0 if total is None or None in figures else total - sum(figure for figure in figures if figure is not None)
    return known, known + max(unknown, 0)


def name_group(group: GroupGrowth, assessment: Assessment, wording: Wording) -> str:
    return wording.say(GROUP_NAMES[group.codes], country=wording.of(assessment.country) or assessment.area)


def describe_difference(located: LocatedDifference, assessment: Assessment, wording: Wording) -> str:
    """State how much growth of the group between the censuses its flows, births and deaths do not explain.

    The rest is too small to be stated: the flows of the years of both censuses may change its sign.
    """
    name, unexplained = (
        lower_first_letter(name_group(located.cause, assessment, wording)),
        located.cause.round_unexplained(),
    )
    group = f"{name} {wording.say('about {n}', n=wording.write_signed(unexplained))}"
    first, end = located.years[0], located.years[-1]
    sentence = wording.say(UNEXPLAINED[unexplained > 0], first=first, last=end + 1, end=end, groups=group)
    state = state_not_final(located.last.statuses, wording, located.last.kind)
    return wording.say("{first} ({second})", first=sentence, second=state) if state else sentence


def tabulate_differences(effects: Iterable[Effect], assessment: Assessment, wording: Wording) -> ReportTable | None:
    """Compare the growth of citizens and foreigners by censuses and by flows, if this locates a difference."""
    located = next(filter(None, (locate_difference(effect, assessment) for effect in effects)), None)
    if located is None:
        return None
    first, last = located.years[0], located.years[-1]
    by_census = wording.say("Growth by the censuses of {first} and {last}", first=first, last=last + 1)
    state = state_not_final(located.last.statuses, wording, located.last.kind)
    rows = (
        (
            name_group(group, assessment, wording),
            describe_growth(group.counted, wording),
            *(wording.write_signed(value) for value in (group.natural, group.net)),
            describe_growth(group.unexplained, wording),
        )
        for group in (located.cause, located.rest)
    )
    limits = wording.say(
        "All births and deaths count for citizens, changes of citizenship are left out, and persons of unknown "
        "citizenship may belong to either group. “Not explained” is approximate: the flows are of whole years, without "
        "the year of the last census."
    )
    parts = ("Births minus deaths, {first}–{last}", "Net migration, {first}–{last}", "Not explained")
    numbers = (ReportColumn(wording.say(part, first=first, last=last), is_number=True) for part in parts)
    heads: list[str | ReportColumn] = ["Group", ReportColumn(by_census, is_number=True, unit=state), *numbers]
    caption = wording.say("Difference between census and yearly population, by citizenship, persons")
    return build_table("table-difference", caption, heads, rows, wording, notes=(limits,))


def describe_growth(growth: Bounds, wording: Wording) -> str:
    return describe_quantity(growth.lower if growth.lower == growth.upper else growth, wording, signed=True)
