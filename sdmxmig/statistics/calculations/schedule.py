"""When the actions of a roadmap take place: by their dates if the country gives them, else one after another."""

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
    """The first and the last month of an action, counted from the start of the roadmap, which is 1.

    `horizon` is the class of its length, `is_given` says that the country dates it. `early` are the actions it needs
    that have not ended when it begins: only dates of the country can have that.
    """

    first: int
    last: int
    _: KW_ONLY
    horizon: str
    is_given: bool
    early: tuple[str, ...] = ()


def scheduled(
    ordered: Sequence[PlannedAction], predecessors: Mapping[str, Sequence[str]], plan: RoadmapPlan, start: int
) -> dict[str, Dates]:
    """The months of each action; `start` is month 1, counted from the year 0, and `ordered` has none before its needs.

    Each quarter, as many actions begin as the pace of the plan allows, the most urgent first, and none before all that
    it needs has ended. What the country dates has its dates; what that needs begins as soon as it can.
    """
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
    """All that comes before each action, by what comes right before it."""
    needs = {name: set(before) for name, before in predecessors.items()}
    for _ in range(len(needs).bit_length()):  # each round doubles the length of the chains
        needs = {name: before.union(*(needs[earlier] for earlier in before)) for name, before in needs.items()}
    return needs


def is_dated(planned: PlannedAction) -> bool:
    """Whether the country gives the first or the last month of an action."""
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
    """The class of length of an action."""
    if planned.first is not None and planned.last is not None:
        return of_length(planned.last - planned.first + 1, plan)
    return of_length(months(planned, plan), plan)


def of_length(number: int, plan: RoadmapPlan) -> Horizon:
    """The class of so many months."""
    return next(length for length in plan.horizons if length.up_to is None or number <= length.up_to)
