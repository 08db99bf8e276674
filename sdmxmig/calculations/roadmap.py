"""The roadmap of a country: from its gaps to actions, in an order that can be followed, with months.

An action is in the roadmap because it closes a gap. Its priority is the sum of the points of feasibility of the core
indicators whose gap it closes, divided by the points of its cost class. An action that others need is as urgent as the
most urgent of them, and stands before them. It begins when those before it have ended, and not before its phase.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from math import inf

from sdmxmig.calculations.own_actions import Planned, planned
from sdmxmig.calculations.schedule import Dates, horizon_of, scheduled
from sdmxmig.errors import DeclarationError
from sdmxmig.model.assessment import Assessment
from sdmxmig.model.indicator_results import IndicatorResult
from sdmxmig.model.profile import UNKNOWN, Profile
from sdmxmig.model.roadmap import Action, NoAction, Priority, Proposal, Roadmap, RoadmapPlan
from sdmxmig.periods import of_day, parse, shift

CORE = "core"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when actions are put in order: all actions, the gaps that the chosen ones close, and the items.

    `closing` are the chosen actions, each with its gaps; `done` are actions all of whose items are in place, `silent`
    items that have no answer.
    """

    every: Mapping[str, Planned]
    closing: Mapping[str, tuple[str, ...]]
    _: KW_ONLY
    done: Collection[str]
    silent: Collection[str]


def roadmap(plan: RoadmapPlan, found: Assessment, profile: Profile) -> Roadmap:
    """The actions that close the gaps of an assessment, and the decisions not to close some of them.

    Month 1 is the first after the year of the assessment. Raises `DeclarationError` where the profile says of an action
    what cannot be read, or where actions wait for each other.
    """
    year = parse(found.year)
    if not plan.proposals or year is None:
        return Roadmap()
    items, indicators = (
        [score.item.id for score in found.scores],
        {result.indicator.id: result for result in found.indicators},
    )
    every = planned(replace(plan, proposals=fitted(plan.proposals, indicators)), profile, items, indicators)
    gaps = {gap.subject for gap in found.gaps}
    decisions = decided_against(every, gaps)
    known = known_of(
        every, chosen_from(every, gaps.difference(*(no_action.leaves for no_action in decisions))), gaps, found
    )
    after = direct({name: before(name, known) for name in known.closing})
    worth = {name: priority(name, known, indicators, plan) for name in known.closing}
    start = of_day(shift(year, 1).first_day, "M")
    ordered = in_order([one for one in every if one.id in known.closing], after, worth)
    dates = scheduled(ordered, after, plan, start.number)
    return Roadmap(
        str(start),
        tuple(action(one.id, known, after[one.id], (worth[one.id], dates[one.id])) for one in ordered),
        decisions=decisions,
        idle=tuple((one.id, one.proposal.name) for one in every if one.decided and gaps.isdisjoint(one.subjects)),
    )


def known_of(
    every: Sequence[Planned], closing: Mapping[str, tuple[str, ...]], gaps: Collection[str], found: Assessment
) -> Known:
    """What is known of all actions and items."""
    silent = {score.item.id for score in found.scores if found.scale(score.item.scale).silence(score.answer) == UNKNOWN}
    there = {score.item.id for score in found.scores} - silent - set(gaps)
    done = {one.id for one in every if one.proposal.closes and there.issuperset(one.proposal.closes)}
    return Known({one.id: one for one in every}, closing, done=done, silent=silent)


def fitted(proposals: Sequence[Proposal], indicators: Mapping[str, IndicatorResult]) -> tuple[Proposal, ...]:
    """The actions as they fit what is produced: where an indicator lacks topics, those that add them close its gap."""
    named = {name for proposal in proposals for name in proposal.details}
    detailed = {name for name in named if name in indicators and indicators[name].is_produced}

    def unlocked(proposal: Proposal) -> tuple[str, ...]:
        made = (name for name in proposal.unlocks if name not in detailed)
        return (*made, *(name for name in proposal.details if name in detailed))

    return tuple(replace(proposal, unlocks=unlocked(proposal)) for proposal in proposals)


def decided_against(every: Sequence[Planned], gaps: Collection[str]) -> tuple[NoAction, ...]:
    """The decisions of the country to leave gaps open, each with those that it leaves."""
    refused = ((one, tuple(name for name in one.subjects if name in gaps)) for one in every if one.is_refused)
    return tuple(
        NoAction(one.id, one.proposal.name, leaves=leaves, sources=one.sources) for one, leaves in refused if leaves
    )


def chosen_from(every: Sequence[Planned], left: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The actions that close a gap, each with the gaps that it closes.

    What the country names comes first: a proposal is needed only for a gap that no action of the country closes.
    """
    closing: dict[str, tuple[str, ...]] = {}
    covered: set[str] = set()
    for one in sorted(every, key=lambda one: not one.decided):
        closes = tuple(dict.fromkeys(name for name in one.subjects if name in left))
        if not one.decided:
            closes = tuple(name for name in closes if name not in covered)
        if closes and not one.is_refused:
            closing[one.id] = closes
            covered.update(closes if one.decided else ())
    return closing


def before(name: str, known: Known) -> tuple[str, ...]:
    """The actions of the roadmap that come before one.

    What it needs and is no action here hands on its own needs, unless it is done. Where an action of the country's own
    closes the same gap, it needs that.
    """

    def needs(name: str, seen: frozenset[str]) -> Iterator[str]:
        for needed in known.every[name].proposal.after:
            if needed in known.closing:
                yield needed
            elif needed not in known.done and needed not in seen:
                subjects = set(known.every[needed].subjects)
                for own, closes in known.closing.items():
                    if known.every[own].is_own and not subjects.isdisjoint(closes):
                        yield own
                yield from needs(needed, seen | {needed})

    return tuple(one for one in dict.fromkeys(needs(name, frozenset({name}))) if one != name)


def direct(after: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What comes right before each action: without what comes before another one of them anyway."""

    def earlier(name: str, seen: frozenset[str]) -> set[str]:
        further = [one for one in after[name] if one not in seen]
        return set(further).union(*(earlier(one, seen | {name}) for one in further))

    return {
        name: tuple(one for one in needed if all(one not in earlier(other, frozenset({one})) for other in needed))
        for name, needed in after.items()
    }


def priority(name: str, known: Known, indicators: Mapping[str, IndicatorResult], plan: RoadmapPlan) -> Priority:
    """How urgent an action is, with all that goes into it.

    The feasibility of an indicator is that which the office declares, else the one computed from its sources, else that
    of the length of the action, as it is for topics of an indicator that is produced. An action whose cost is not known
    counts as one of the dearest class.
    """
    one = known.every[name]
    length = horizon_of(one, plan)
    points = []
    for opened in (indicators[opened] for opened in one.proposal.unlocks if opened in known.closing[name]):
        if opened.indicator.tier == CORE:
            feasible = opened.feasibility
            code = "" if opened.is_produced else feasible.declared or feasible.computed
            given = plan.feasibility.get(code, Decimal(0)) if code else length.points
            points.append((opened.indicator.id, code or length.id, given))
    cost = plan.costs.get(one.proposal.cost, max(plan.costs.values()))
    return Priority(tuple(points), cost, value=sum((given for _, _, given in points), Decimal(0)) / cost)


def in_order(
    chosen: Sequence[Planned], after: Mapping[str, Collection[str]], worth: Mapping[str, Priority]
) -> list[Planned]:
    """The most urgent action first, but none before what it needs; of equal ones that of the earlier phase first.

    Raises `DeclarationError` where actions wait for each other.
    """
    urgency = {one.id: (inf if one.rank is None else float(one.rank), -worth[one.id].value) for one in chosen}
    for one in reversed(any_order(chosen, after)):
        urgency |= {name: min(urgency[name], urgency[one.id]) for name in after[one.id]}
    waiting = sorted(chosen, key=lambda one: (urgency[one.id], one.proposal.phase))
    found: list[Planned] = []
    while waiting:
        done = {one.id for one in found}
        ready = next(one for one in waiting if done.issuperset(after[one.id]))
        waiting.remove(ready)
        found.append(ready)
    return found


def any_order(chosen: Sequence[Planned], after: Mapping[str, Collection[str]]) -> list[Planned]:
    """The actions so that none stands before what it needs; `DeclarationError` if there is no such order."""
    found: dict[str, Planned] = {}
    while ready := [one for one in chosen if one.id not in found and found.keys() >= set(after[one.id])]:
        found |= {one.id: one for one in ready}
    if stuck := [one for one in chosen if one.id not in found]:
        names = ", ".join(one.id for one in stuck)
        hint = "Take one of them out of the dependencies (R12) of another."
        raise DeclarationError(f"These actions of the roadmap wait for each other: {names}.", hint=hint)
    return list(found.values())


def resting(name: str, known: Known) -> tuple[str, ...]:
    """The items without an answer on which an action rests: it can only go ahead if they turn out to be there."""
    needed = (known.every[other].proposal for other in known.every[name].proposal.after if other not in known.closing)
    return tuple(item for other in needed for item in other.closes if item in known.silent)


def action(name: str, known: Known, after: tuple[str, ...], placed: tuple[Priority, Dates]) -> Action:
    """An action of the roadmap, with its priority and its dates."""
    one, closes, (worth, dates) = known.every[name], known.closing[name], placed
    declared = one.proposal
    return Action(
        declared.id,
        declared.name,
        type=declared.type,
        phase=declared.phase,
        horizon=dates.horizon,
        cost=declared.cost,
        closes=closes,
        unlocks=tuple(name for name in declared.unlocks if name in closes),
        after=after,
        first=dates.first,
        last=dates.last,
        priority=worth,
        unknown=resting(name, known),
        responsible=declared.responsible,
        partners=one.partners,
        output=declared.output,
        verification=declared.verification,
        risk=declared.risk,
        dated=dates.given,
        decided=one.decided,
        sources=one.sources,
        status=declared.status,
    )
