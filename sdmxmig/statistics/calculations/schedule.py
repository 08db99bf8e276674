"""When the actions of a roadmap take place: by their dates if the country gives them, else one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.sdmx.model.roadmap import Horizon, RoadmapPlan
from sdmxmig.statistics.calculations.own_actions import PlannedAction


@dataclass(frozen=True, slots=True)
class Dates:
    """The first and the last month of an action, counted from the start of the roadmap, which is 1.

    `horizon` is the class of its length, `is_given` says that the country dates it.
    """

    first: int
    last: int
    _: KW_ONLY
    horizon: str
    is_given: bool


def scheduled(
    ordered: Sequence[PlannedAction], predecessors: Mapping[str, Sequence[str]], plan: RoadmapPlan, start: int
) -> dict[str, Dates]:
    """The months of each action; `start` is month 1, counted from the year 0, and `ordered` has none before its needs.

    An action begins when those before it have ended, but not before its phase: the phases begin one after another, by
    the pace of the plan. What the country dates has its dates, also where that is before what it needs.
    """
    phases = sorted({planned.proposal.phase for planned in ordered if planned.proposal.phase})
    phase_starts = {phase: 1 + plan.pace * number for number, phase in enumerate(phases)}
    dates_by_action: dict[str, Dates] = {}
    for planned in ordered:
        length = months(planned, plan)
        needed = [dates_by_action[name].last + 1 for name in predecessors[planned.id]]
        first = max([phase_starts.get(planned.proposal.phase, 1), *needed])
        if planned.first is not None:
            first = planned.first - start + 1
        elif planned.last is not None:
            first = planned.last - start + 2 - length
        last = first + length - 1 if planned.last is None else planned.last - start + 1
        dates_by_action[planned.id] = Dates(
            first,
            last,
            horizon=of_length(last - first + 1, plan).id,
            is_given=planned.first is not None or planned.last is not None,
        )
    return dates_by_action


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
