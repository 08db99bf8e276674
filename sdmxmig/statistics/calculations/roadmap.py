"""Roadmap from gaps to scheduled actions.

Priority is the feasibility points of closed core indicators divided by cost; prerequisites inherit priority; actions
start after prerequisites.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from math import inf

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.periods import of_day, parse, shift
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.assessment import Assessment
from sdmxmig.sdmx.model.gaps import Gap
from sdmxmig.sdmx.model.indicator_results import IndicatorResult
from sdmxmig.sdmx.model.profile import UNKNOWN, Profile
from sdmxmig.sdmx.model.roadmap import Action, NoAction, Priority, Proposal, Roadmap, RoadmapPlan
from sdmxmig.statistics.calculations.own_actions import COST, PARTNERS, PlannedAction, planned_actions
from sdmxmig.statistics.calculations.schedule import Dates, all_before, horizon_of, scheduled

CORE = "core"


@dataclass(frozen=True, slots=True)
class RoadmapBasis:
    """The basis of a roadmap: actions, gaps, answers."""

    actions: Mapping[str, PlannedAction]
    closing: Mapping[str, tuple[str, ...]]
    _: KW_ONLY
    done: Collection[str]
    settled: Collection[str]
    silent: Collection[str]


def roadmap(plan: RoadmapPlan, assessment: Assessment, profile: Profile) -> Roadmap:
    """Build the roadmap; month 1 is the first after the assessment year.

    Raises `DeclarationError` for unreadable answers and circular prerequisites.
    """
    year = parse(assessment.year)
    if not plan.proposals or year is None:
        return Roadmap()
    indicators = {result.indicator.id: result for result in assessment.indicators}
    items = [*(score.item.id for score in assessment.scores), *differences_of(plan, assessment)]
    actions = planned_actions(replace(plan, proposals=fitted(plan.proposals, indicators)), profile, items, indicators)
    gaps = {subject for gap in assessment.gaps for subject in to_be_closed(gap)}
    decisions = decided_against(actions, gaps)
    basis = basis_of(
        actions, chosen_from(actions, gaps.difference(*(no_action.leaves for no_action in decisions))), gaps, assessment
    )
    predecessors = direct({name: needed_before(name, basis) for name in basis.closing})
    worth = {name: priority(name, basis, indicators, plan) for name in basis.closing}
    start = of_day(shift(year, 1).first_day, "M")
    ordered = in_order([planned for planned in actions if planned.id in basis.closing], predecessors, worth)
    dates = scheduled(ordered, predecessors, plan, start.number)
    ordered.sort(key=lambda planned: dates[planned.id].first)
    return Roadmap(
        str(start),
        tuple(
            action(planned.id, basis, predecessors[planned.id], (worth[planned.id], dates[planned.id]))
            for planned in ordered
        ),
        decisions=decisions,
        idle=tuple(
            (planned.id, planned.proposal.name)
            for planned in actions
            if planned.decided and gaps.isdisjoint(planned.subjects)
        ),
    )


def to_be_closed(gap: Gap) -> tuple[str, ...]:
    return tuple(reason.subject for reason in gap.reasons if reason.shown) or gap.subjects


def differences_of(plan: RoadmapPlan, assessment: Assessment) -> Iterator[str]:
    items = {score.item.id for score in assessment.scores}
    return (name for proposal in plan.proposals for name in proposal.closes if name not in items)


def basis_of(
    actions: Sequence[PlannedAction],
    closing: Mapping[str, tuple[str, ...]],
    gaps: Collection[str],
    assessment: Assessment,
) -> RoadmapBasis:
    silent = {
        score.item.id
        for score in assessment.scores
        if score.is_contradicted or assessment.scale(score.item.scale).silence(score.answer) == UNKNOWN
    }
    items_in_place = {score.item.id for score in assessment.scores} - silent - set(gaps)
    done = {
        planned.id
        for planned in actions
        if planned.proposal.closes and items_in_place.issuperset(planned.proposal.closes)
    }
    return RoadmapBasis(
        {planned.id: planned for planned in actions}, closing, done=done, settled=items_in_place, silent=silent
    )


def fitted(proposals: Sequence[Proposal], indicators: Mapping[str, IndicatorResult]) -> tuple[Proposal, ...]:
    """The actions as they fit what is produced: where an indicator lacks topics, those that add them close its gap."""
    detail_indicators = {name for proposal in proposals for name in proposal.details}
    detailed = {name for name in detail_indicators if name in indicators and indicators[name].is_produced}
    lacking = {name: {topic for topic, shown in indicators[name].topics if not shown} for name in detailed}

    def unlocked(proposal: Proposal) -> tuple[str, ...]:
        not_detailed = (name for name in proposal.unlocks if name not in detailed)
        added = (name for name in proposal.details if name in detailed)
        # An indicator of whose topics nothing can be seen in the data may lack any of them.
        fitting = (name for name in added if not lacking[name] or not lacking[name].isdisjoint(proposal.topics))
        return (*not_detailed, *fitting)

    return tuple(replace(proposal, unlocks=unlocked(proposal)) for proposal in proposals)


def decided_against(actions: Sequence[PlannedAction], gaps: Collection[str]) -> tuple[NoAction, ...]:
    refused = (
        (planned, tuple(name for name in planned.subjects if name in gaps)) for planned in actions if planned.is_refused
    )
    return tuple(
        NoAction(planned.id, planned.proposal.name, leaves=leaves, sources=planned.sources)
        for planned, leaves in refused
        if leaves
    )


def chosen_from(actions: Sequence[PlannedAction], gaps: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The actions that close a gap, each with the gaps that it closes."""
    closing: dict[str, tuple[str, ...]] = {}
    covered: set[str] = set()
    for planned in sorted(actions, key=lambda planned: not planned.decided):
        closes = tuple(dict.fromkeys(name for name in planned.subjects if name in gaps))
        if not planned.decided:
            closes = tuple(name for name in closes if name not in covered)
        if closes and not planned.is_refused:
            closing[planned.id] = closes
            covered.update(closes if planned.decided else ())
    return closing


def needed_before(name: str, basis: RoadmapBasis) -> tuple[str, ...]:
    """The actions of the roadmap that come before one."""

    def needs(name: str, visited: frozenset[str]) -> Iterator[str]:
        for needed in basis.actions[name].proposal.after:
            if needed in basis.closing:
                yield needed
            elif needed not in basis.done and needed not in visited:
                subjects = set(basis.actions[needed].subjects)
                for action_id, closes in basis.closing.items():
                    if basis.actions[action_id].is_own and not subjects.isdisjoint(closes):
                        yield action_id
                yield from needs(needed, visited | {needed})

    return tuple(action_id for action_id in dict.fromkeys(needs(name, frozenset({name}))) if action_id != name)


def direct(predecessors: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    before = all_before(predecessors)
    return {
        name: tuple(
            action_id
            for action_id in needed
            if not any(action_id in before[other_id] for other_id in needed if other_id != action_id)
        )
        for name, needed in predecessors.items()
    }


def priority(name: str, basis: RoadmapBasis, indicators: Mapping[str, IndicatorResult], plan: RoadmapPlan) -> Priority:
    """Compute the priority of an action.

    Feasibility: declared, else computed, else by length. Unknown cost counts as highest.
    """
    planned = basis.actions[name]
    length = horizon_of(planned, plan)
    points = []
    for opened in (indicators[opened] for opened in planned.proposal.unlocks if opened in basis.closing[name]):
        if opened.indicator.tier == CORE:
            feasible = opened.feasibility
            code = "" if opened.is_produced else feasible.declared or feasible.computed
            feasibility_points = plan.feasibility.get(code, Decimal(0)) if code else length.points
            points.append((opened.indicator.id, code or length.id, feasibility_points))
    cost = plan.costs.get(planned.proposal.cost, max(plan.costs.values()))
    return Priority(
        tuple(points), cost, value=sum((feasibility_points for _, _, feasibility_points in points), Decimal(0)) / cost
    )


def in_order(
    actions: Sequence[PlannedAction], predecessors: Mapping[str, Collection[str]], worth: Mapping[str, Priority]
) -> list[PlannedAction]:
    """Order actions by priority and prerequisites; ties by phase.

    Raises `DeclarationError` for circles.
    """
    urgency = {
        planned.id: (inf if planned.rank is None else float(planned.rank), -worth[planned.id].value)
        for planned in actions
    }
    for planned in reversed(any_order(actions, predecessors)):
        urgency |= {name: min(urgency[name], urgency[planned.id]) for name in predecessors[planned.id]}
    waiting = sorted(actions, key=lambda planned: (urgency[planned.id], planned.proposal.phase))
    ordered: list[PlannedAction] = []
    while waiting:
        placed = {planned.id for planned in ordered}
        next_action = next(planned for planned in waiting if placed.issuperset(predecessors[planned.id]))
        waiting.remove(next_action)
        ordered.append(next_action)
    return ordered


def any_order(actions: Sequence[PlannedAction], predecessors: Mapping[str, Collection[str]]) -> list[PlannedAction]:
    ordered: dict[str, PlannedAction] = {}
    while startable := [
        planned for planned in actions if planned.id not in ordered and ordered.keys() >= set(predecessors[planned.id])
    ]:
        ordered |= {planned.id: planned for planned in startable}
    if stuck := [planned for planned in actions if planned.id not in ordered]:
        names = ", ".join(planned.id for planned in stuck)
        hint = "Take one of them out of the dependencies (R12) of another."
        raise DeclarationError(f"These actions of the roadmap wait for each other: {names}.", hint=hint)
    return list(ordered.values())


def resting(name: str, basis: RoadmapBasis) -> tuple[str, ...]:
    needed = (
        basis.actions[action_id].proposal
        for action_id in basis.actions[name].proposal.after
        if action_id not in basis.closing
    )
    return tuple(item for proposal in needed for item in proposal.closes if item in basis.silent)


def action(name: str, basis: RoadmapBasis, predecessors: tuple[str, ...], placed: tuple[Priority, Dates]) -> Action:
    """An action of the roadmap, with its priority and dates; cost and partners where the country names them."""
    planned, closes, (worth, dates) = basis.actions[name], basis.closing[name], placed
    proposal = planned.proposal
    return Action(
        proposal.id,
        proposal.name,
        type=proposal.type,
        phase=proposal.phase,
        horizon=dates.horizon,
        cost=proposal.cost if COST in planned.decided else "",
        closes=closes,
        unlocks=tuple(name for name in proposal.unlocks if name in closes),
        settled=tuple(name for name in proposal.closes if name in basis.settled),
        after=predecessors,
        first=dates.first,
        last=dates.last,
        priority=worth,
        unknown=resting(name, basis),
        responsible=proposal.responsible,
        partners=planned.partners if PARTNERS in planned.decided else Text(),
        output=proposal.output,
        verification=proposal.verification,
        risk=proposal.risk,
        dated=dates.is_given,
        early=dates.early,
        decided=planned.decided,
        sources=planned.sources,
        status=proposal.status,
    )
