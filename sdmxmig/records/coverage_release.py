"""Rounding of coverage estimates for release, by group.

To prevent disclosure by subtraction, counts are additive multiples of the base, interval ends are rounded outwards, and
rates use released counts.

Groups are estimated separately and added. Groups with too little information are combined and get no figures of their
own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, combinations
from typing import TypeVar

from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.lazily import np
from sdmxmig.records.counting import Row
from sdmxmig.records.coverage_rules import CoverageRules
from sdmxmig.records.group_estimates import Group, GroupEstimate, Method, WrongRecords, estimate_group
from sdmxmig.statistics.demography.capture import CONFIDENCE, Estimate, Share, build_estimate, sum_estimates
from sdmxmig.statistics.demography.disaggregation import round_to_integers
from sdmxmig.statistics.demography.distributions import compute_normal_quantile
from sdmxmig.statistics.demography.signs_of_life import OverCoverage, sum_over_coverages

WITHOUT_GROUPS = "all persons as one group"
EFFECTS_TEXT = "“Before” is the count of the register. “After” is the estimate, with its 95% interval."
CAVEATS = (
    "The interval covers chance only. This table varies the assumptions that lists cannot test:",
    "if a figure lies outside the interval, the estimate depends on the assumption.",
)
EXIT_TEXTS = (
    "Persons still in the register, by the year after their last sign of life.",
    "Most exits of unknown year are recent: the silence is too short to date them.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Estimated groups and their total.

    `refused` gives reasons for missing estimates; `others` are alternative totals.
    """

    groups: tuple[GroupEstimate, ...]
    together: GroupEstimate | None
    refused: Mapping[tuple[str, ...], str]
    total: Estimate
    others: dict[str, float]

    @property
    def parts(self) -> tuple[GroupEstimate, ...]:
        return (*self.groups, *([self.together] if self.together else []))

    @property
    def over(self) -> OverCoverage | None:
        overs = [part.group.over for part in self.parts if part.group.over]
        return sum_over_coverages(overs) if overs and len(overs) == len(self.parts) else None

    @property
    def doubts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(doubt for part in self.parts for doubt in part.doubts))


def estimate_population(groups: Sequence[Group], method: Method) -> Population:
    """Estimate groups and their total.

    Combines groups until they can be estimated, and at least two to prevent disclosure by subtraction. Raises
    `SdmxmigError` if even the total cannot be estimated.
    """
    present = [group for group in groups if group.seen]
    if not present:
        raise SdmxmigError("The lists contain no persons.", hint="Use lists that contain persons.")
    whole: list[GroupEstimate] = []
    pool: list[Group] = []
    why: dict[tuple[str, ...], str] = {}
    for group in sorted(present, key=lambda group: group.codes):
        try:
            whole.append(estimate_group(group, method))
        except SdmxmigError as error:
            pool.append(group)
            why[group.codes] = error.message
    whole.sort(key=lambda part: part.group.seen)
    together = None
    while pool and together is None:
        if len(pool) > 1:
            together = try_estimate_group(merge_groups(pool), method)
        if together is None:
            if not whole:
                raise SdmxmigError(
                    f"There is no estimate: {next(iter(why.values()))}",
                    hint="Check the lists, how they are linked, and the signs of life.",
                )
            pool.append(whole.pop(0).group)
    parts = [*sorted(whole, key=lambda part: part.group.codes), *([together] if together else [])]
    if len(parts) > 1:
        links = list_method_variants(method)
        parts = [
            replace(part, shifts=(*part.shifts, *(compute_shift(part, moved) for moved in links))) for part in parts
        ]
    return Population(
        groups=tuple(parts[: len(whole)]),
        together=parts[-1] if together else None,
        refused={codes: why.get(codes, "") for codes in sorted(group.codes for group in pool)},
        total=sum_group_estimates(parts),
        others=recompute_without_parts(parts, present, method),
    )


def try_estimate_group(group: Group, method: Method) -> GroupEstimate | None:
    try:
        return estimate_group(group, method)
    except SdmxmigError:
        return None


def sum_group_estimates(parts: Sequence[GroupEstimate]) -> Estimate:
    """Add the populations of groups; errors in signs and links are common to all groups."""
    estimates = [part.estimate for part in parts]
    if len(estimates) == 1:
        return estimates[0]
    total = sum_estimates(estimates)
    shifts = list(zip(*(part.shifts for part in parts), strict=True))
    variance = total.variance + sum(sum(moved) ** 2 - sum(shift**2 for shift in moved) for moved in shifts)
    if variance <= total.variance:
        return total
    return build_estimate(total.value, variance, unseen=total.unseen, chance=total.chance)


def compute_shift(part: GroupEstimate, moved: Method) -> float:
    other = try_estimate_group(part.group, moved)
    return other.estimate.value - part.estimate.value if other else 0.0


def combine_wrong_records(groups: Sequence[WrongRecords]) -> WrongRecords:
    moved, chance = (
        list(zip(*(getattr(wrong, name) for wrong in groups), strict=True)) for name in ("moved", "chance")
    )
    return WrongRecords(
        number=np.sum([wrong.number for wrong in groups], axis=0),
        moved=tuple(np.sum(reaches, axis=0) for reaches in moved),
        chance=tuple(np.sign(np.sum(reaches, axis=0)) * np.sqrt(np.square(reaches).sum(axis=0)) for reaches in chance),
    )


def list_method_variants(method: Method) -> list[Method]:
    moved: list[Method] = []
    for number, links in method.links.items():
        moved += [
            replace(method, links={**method.links, number: replace(links, **{name: lower_by_standard_error(share)})})
            for name, share in (("precision", links.precision), ("recall", links.recall))
            if share.variance
        ]
    return moved


def lower_by_standard_error(share: Share) -> Share:
    return Share(max(share.value - math.sqrt(share.variance), 0.0))


def recompute_without_parts(
    parts: Sequence[GroupEstimate], groups: Sequence[Group], method: Method
) -> dict[str, float]:
    labels = dict.fromkeys(label for part in parts for label in part.others)
    totals = {label: sum(part.others.get(label, part.estimate.value) for part in parts) for label in labels}
    if len(parts) > 1:
        joined = try_estimate_group(merge_groups(groups), method)
        if joined:
            totals[WITHOUT_GROUPS] = joined.estimate.value
    return totals


def merge_groups(groups: Sequence[Group]) -> Group:
    overs = [group.over for group in groups if group.over]
    wrong = [group.wrong for group in groups if group.wrong]
    return Group(
        ("together",) * len(groups[0].codes),
        np.sum([group.counts for group in groups], axis=0),
        over=sum_over_coverages(overs) if len(overs) == len(groups) else None,
        wrong=combine_wrong_records(wrong) if len(wrong) == len(groups) else None,
    )


Codes = tuple[str, ...]
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Release:
    by: tuple[str, ...]
    day: date
    rules: CoverageRules

    @property
    def base(self) -> int:
        return self.rules.base


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundedInterval:
    """A count and the ends of its interval, all multiples of the base."""

    value: int
    low: int
    high: int

    @property
    def error(self) -> float:
        return (self.high - self.low) / 2 / compute_normal_quantile((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedGroup:
    """A released group; `absent` is None without signs of life."""

    part: GroupEstimate
    registered: int
    absent: RoundedInterval | None
    population: RoundedInterval

    @property
    def coverage(self) -> float | None:
        rightly = self.registered - (self.absent.value if self.absent else 0)
        return min(max(rightly, 0) / self.population.value, 1.0) if self.population.value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedCoverage:
    parts: tuple[ReleasedGroup, ...]
    registered: int
    absent: RoundedInterval | None
    population: RoundedInterval


def round_population(population: Population, base: int) -> ReleasedCoverage:
    parts = population.parts
    counts = round_together([part.estimate.value for part in parts], base)
    registered = round_together([float(part.group.registered) for part in parts], base)
    overs = [part.group.over for part in parts]
    absent = round_together([over.absent if over else 0.0 for over in overs], base)
    groups = []
    for number, part in enumerate(parts):
        over, estimate = overs[number], part.estimate
        gone = None
        if over is not None:
            gone = round_interval(absent[number], over.interval, base)
        groups.append(
            ReleasedGroup(
                part=part,
                registered=registered[number],
                absent=gone,
                population=round_interval(counts[number], (estimate.low, estimate.high), base),
            )
        )
    total = population.total
    return ReleasedCoverage(
        parts=tuple(groups),
        registered=sum(registered),
        absent=round_interval(sum(absent), population.over.interval, base) if population.over else None,
        population=round_interval(sum(counts), (total.low, total.high), base),
    )


def round_together(values: Sequence[float], base: int) -> list[int]:
    """Round counts to multiples of a base whose sum is the multiple nearest to their sum.

    >>> round_together([149.6, 149.6, 3.0], 5)
    [150, 150, 0]
    """
    array = np.maximum(np.array(values, dtype=np.float64), 0.0) / base
    total = math.floor(float(array.sum()) + 0.5)
    return [base * int(number) for number in round_to_integers(array, total)]


def round_interval(value: int, interval: tuple[float, float], base: int) -> RoundedInterval:
    """Round a count, and the ends of its interval outwards, to multiples of the base.

    >>> round_interval(100, (91.2, 104.4), 5)
    RoundedInterval(value=100, low=90, high=105)
    """
    low, high = (base * math.floor(interval[0] / base + 1e-9), base * math.ceil(interval[1] / base - 1e-9))
    return RoundedInterval(value=value, low=max(min(low, value), 0), high=max(high, value))


def build_cube(
    by: Sequence[str], parts: Mapping[Codes, Part], lacking: Iterable[Codes], rest: Sequence[Part] = ()
) -> Iterator[tuple[dict[str, str], list[Part]]]:
    missing = list(lacking)
    for kept in list_subsets(range(len(by))):
        sums: dict[Codes, list[Part]] = {}
        for codes, part in parts.items():
            sums.setdefault(tuple(codes[place] for place in kept), []).append(part)
        if not kept:
            sums.setdefault((), []).extend(rest)
        without = {tuple(codes[place] for place in kept) for codes in missing} if kept else set()
        for codes, members in sorted(sums.items(), key=lambda entry: entry[0]):
            if codes not in without:
                yield dict(zip((by[i] for i in kept), codes, strict=True)), members


def list_subsets(places: Sequence[int]) -> Iterable[tuple[int, ...]]:
    return chain.from_iterable(combinations(places, size) for size in range(len(places) + 1))


def round_sum(parts: Sequence[ReleasedGroup], base: int) -> RoundedInterval:
    if len(parts) == 1:
        return parts[0].population
    estimate = sum_group_estimates([group.part for group in parts])
    return round_interval(sum(part.population.value for part in parts), (estimate.low, estimate.high), base)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageTables:
    groups: list[Row]
    effects: list[Row]
    sensitivity: list[Row]
    exits: list[Row]


def write_report(
    population: Population, figures: ReleasedCoverage, release: Release, notes: Sequence[str], tables: CoverageTables
) -> str:
    limits = release.rules.limits
    hard = (
        f"Hard to count is a group with over-coverage above {limits.over_coverage:g}, coverage below "
        f"{limits.coverage:g} or half an interval above {limits.precision:g} of its estimate "
        f"({limits.status}): {write_count(sum(bool(row['hard_to_count']) for row in tables.groups), 'group')}."
    )
    lines = [
        f"# Coverage at the beginning of {release.day}",
        "",
        *(f"- {note}." for note in notes),
        "",
        *format_section("Effect on the stock", [describe_stock(figures)], []),
        *format_section("Effects of corrections", [EFFECTS_TEXT], tables.effects),
        *format_section(
            "Groups", [f"Counts are multiples of {release.base}; rates are those of these counts."], tables.groups
        ),
        hard,
        "",
        *format_section("Estimates under other assumptions", [*CAVEATS, *list_doubts(population)], tables.sensitivity),
    ]
    if tables.exits:
        lines += format_section("Exits of persons who are still in the register", EXIT_TEXTS, tables.exits)
    return "\n".join(lines).rstrip("\n") + "\n"


def describe_stock(figures: ReleasedCoverage) -> str:
    ends = figures.population
    return (
        f"Before: {figures.registered:,} persons in the register. After: {ends.value:,} persons, 95% interval "
        f"{ends.low:,} to {ends.high:,}."
    )


def list_doubts(population: Population) -> list[str]:
    return [f"Doubtful: {doubt}." for doubt in population.doubts]


def format_section(title: str, words: Sequence[str], rows: Sequence[Row]) -> list[str]:
    return [f"## {title}", "", *words, "", *([*write_table_lines(rows), ""] if rows else [])]


def write_table_lines(rows: Sequence[Mapping[str, str]]) -> list[str]:
    names = list(rows[0])
    cells = [[row[name].replace("|", "\\|") for name in names] for row in rows]
    return [f"| {' | '.join(line)} |" for line in (names, ["---"] * len(names), *cells)]
