"""When the actions of a roadmap take place: by their dates if the country gives them, else one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.calculations.own_actions import Planned
from sdmxmig.model.roadmap import Horizon, RoadmapPlan


@dataclass(frozen=True, slots=True)
class Dates:
    """The first and the last month of an action, counted from the start of the roadmap, which is 1.

    `horizon` is the class of its length, `given` says that the country dates it.
    """

    first: int
    last: int
    _: KW_ONLY
    horizon: str
    given: bool


def scheduled(
    ordered: Sequence[Planned], after: Mapping[str, Sequence[str]], plan: RoadmapPlan, start: int
) -> dict[str, Dates]:
    """The months of each action; `start` is month 1, counted from the year 0, and `ordered` has none before its needs.

    An action begins when those before it have ended, but not before its phase: the phases begin one after another, by
    the pace of the plan. What the country dates has its dates, also where that is before what it needs.
    """
    phases = sorted({one.proposal.phase for one in ordered if one.proposal.phase})
    begins = {phase: 1 + plan.pace * number for number, phase in enumerate(phases)}
    found: dict[str, Dates] = {}
    for one in ordered:
        length = months(one, plan)
        needed = [found[name].last + 1 for name in after[one.id]]
        first = max([begins.get(one.proposal.phase, 1), *needed])
        if one.first is not None:
            first = one.first - start + 1
        elif one.last is not None:
            first = one.last - start + 2 - length
        last = first + length - 1 if one.last is None else one.last - start + 1
        found[one.id] = Dates(
            first,
            last,
            horizon=of_length(last - first + 1, plan).id,
            given=one.first is not None or one.last is not None,
        )
    return found


def months(one: Planned, plan: RoadmapPlan) -> int:
    """How many months an action takes: as proposed, but within the class of length that the country gives."""
    proposed = one.proposal.months
    if not one.horizon:
        return proposed
    least = 1
    for length in plan.horizons:
        if length.id == one.horizon:
            return max(least, proposed if length.up_to is None else min(proposed, length.up_to))
        least = (length.up_to or 0) + 1
    return proposed


def horizon_of(one: Planned, plan: RoadmapPlan) -> Horizon:
    """The class of length of an action."""
    if one.first is not None and one.last is not None:
        return of_length(one.last - one.first + 1, plan)
    return of_length(months(one, plan), plan)


def of_length(number: int, plan: RoadmapPlan) -> Horizon:
    """The class of so many months."""
    return next(length for length in plan.horizons if length.up_to is None or number <= length.up_to)
