"""Scheduling of actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.roadmap import Horizon, RoadmapPlan
from sdmxmig.statistics.calculations.own_actions import PlannedAction

QUARTER = 3
"""The months in which a limited number of proposed actions begins."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The months of an action from 1; `early` are unfinished prerequisites."""

    first: int
    last: int
    _: KW_ONLY
    horizon: str
    is_given: bool
    early: tuple[str, ...] = ()


def scheduled(
    ordered: Sequence[PlannedAction], predecessors: Mapping[str, Sequence[str]], plan: RoadmapPlan, start: int
) -> dict[str, Dates]:
    """Schedule actions by pace, priority and prerequisites; given dates stay."""
    needs = all_before(predecessors)
    awaited = set[str]().union(*(needs[planned.id] for planned in ordered if is_dated(planned)))
    begun_by_quarter: Counter[int] = Counter()
    dates: dict[str, Dates] = {}

    def begin(planned: PlannedAction) -> int:
        ends = [dates[name].last for name in needs[planned.id]]
        if planned.first is not None:
            return planned.first - start + 1
        if planned.last is not None:
            last = planned.last - start + 1
            return max([last - months(planned, plan) + 1, *(end + 1 for end in ends if max(ends) < last)])
        month = max([1, *(end + 1 for end in ends)])
        while planned.id not in awaited and begun_by_quarter[(month - 1) // QUARTER] >= plan.pace:
            month += QUARTER - (month - 1) % QUARTER
        return month

    while len(dates) < len(ordered):
        startable = [each for each in ordered if each.id not in dates and dates.keys() >= needs[each.id]]
        first, planned = min(((begin(each), each) for each in startable), key=lambda entry: entry[0])
        last = first + months(planned, plan) - 1 if planned.last is None else planned.last - start + 1
        early = tuple(each.id for each in ordered if each.id in needs[planned.id] and dates[each.id].last >= first)
        horizon = of_length(last - first + 1, plan).id
        dates[planned.id] = Dates(first, last, horizon=horizon, is_given=is_dated(planned), early=early)
        if planned.id not in awaited and not is_dated(planned):
            begun_by_quarter[(first - 1) // QUARTER] += 1
    return dates


def all_before(predecessors: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    needs = {name: set(before) for name, before in predecessors.items()}
    for _ in range(len(needs).bit_length()):  # each round doubles the length of the chains
        needs = {name: before.union(*(needs[earlier] for earlier in before)) for name, before in needs.items()}
    return needs


def is_dated(planned: PlannedAction) -> bool:
    return planned.first is not None or planned.last is not None


def months(planned: PlannedAction, plan: RoadmapPlan) -> int:
    """How many months an action takes: as proposed, but within the class of length that the country gives."""
    proposed = planned.proposal.months
    if not planned.horizon:
        return proposed
    least = 1
    for length in plan.horizons:
        if length.id == planned.horizon:
            return max(least, proposed if length.up_to is None else min(proposed, length.up_to))
        least = (length.up_to or 0) + 1
    return proposed


def horizon_of(planned: PlannedAction, plan: RoadmapPlan) -> Horizon:
    if planned.first is not None and planned.last is not None:
        return of_length(planned.last - planned.first + 1, plan)
    return of_length(months(planned, plan), plan)


def of_length(number: int, plan: RoadmapPlan) -> Horizon:
    return next(length for length in plan.horizons if length.up_to is None or number <= length.up_to)
