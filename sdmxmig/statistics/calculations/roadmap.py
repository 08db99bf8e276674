"""Roadmap of scheduled actions that close gaps: the country's own (module R) and standard actions.

Priority is the feasibility points of closed core indicators divided by cost; prerequisites inherit priority; actions
start after prerequisites.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf
from typing import Any

from sdmxmig.catalogue.benchmarking import UNKNOWN, Answer, Horizon, Profile, Proposal, RoadmapPlan
from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.periods import Period, find_period, parse, shift
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import NO_ACTION, Action, Assessment, Gap, NoAction, Priority, Roadmap
from sdmxmig.statistics.model.indicator_results import IndicatorResult

CORE_TIER = "core"
NAME, GAPS, UNLOCKED, TYPE, RESPONSIBLE, PARTNERS = "R01", "R02", "R04", "R05", "R06", "R07"
START, END, HORIZON, COST, AFTER, RISK = "R08", "R09", "R10", "R11", "R12", "R13"


@dataclass(frozen=True, slots=True)
class RoadmapBasis:
    actions: Mapping[str, PlannedAction]
    closing: Mapping[str, tuple[str, ...]]
    done: Collection[str]
    silent: Collection[str]
    additional: frozenset[str]


def build_roadmap(plan: RoadmapPlan, assessment: Assessment, profile: Profile) -> Roadmap:
    """Build the roadmap; month 1 is the first after the assessment."""
    year = parse(assessment.year)
    if not plan.proposals or year is None:
        return Roadmap()
    indicators = {result.indicator.id: result for result in assessment.indicators}
    items = [*(score.item.id for score in assessment.scores), *describe_differences(plan, assessment)]
    actions = plan_actions(
        replace(plan, proposals=adapt_proposals(plan.proposals, indicators)), profile, items, indicators
    )
    gaps = {subject for gap in assessment.gaps for subject in list_open_gaps(gap)}
    decisions = list_refused_actions(actions, gaps)
    basis = build_basis(
        actions,
        choose_actions(actions, gaps.difference(*(no_action.leaves for no_action in decisions))),
        gaps,
        assessment,
    )
    predecessors = keep_direct_predecessors({name: list_prerequisites(name, basis) for name in basis.closing})
    worth = {name: rate_priority(name, basis, indicators, plan) for name in basis.closing}
    day = parse(dict(assessment.provenance).get("prepared", "")[:10]) or year
    start = Period(
        "M", max(find_period(shift(year, 1).first_day, "M").number, find_period(day.first_day, "M").number + 1)
    )
    ordered = sort_actions([planned for planned in actions if planned.id in basis.closing], predecessors, worth)
    dates = schedule_actions(ordered, predecessors, plan, start.number)
    ordered.sort(key=lambda planned: dates[planned.id].first)
    return Roadmap(
        str(start),
        tuple(
            build_action(planned.id, basis, predecessors[planned.id], worth[planned.id], dates[planned.id])
            for planned in ordered
        ),
        decisions=decisions,
        idle=tuple(
            (planned.id, planned.proposal.name)
            for planned in actions
            if planned.decided and gaps.isdisjoint(planned.subjects)
        ),
    )


def list_open_gaps(gap: Gap) -> tuple[str, ...]:
    return tuple(reason.subject for reason in gap.reasons if reason.shown) or gap.subjects


def describe_differences(plan: RoadmapPlan, assessment: Assessment) -> Iterator[str]:
    items = {score.item.id for score in assessment.scores}
    return (name for proposal in plan.proposals for name in proposal.closes if name not in items)


def build_basis(
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
    additional = frozenset(r.indicator.id for r in assessment.indicators if r.indicator.tier != CORE_TIER)
    return RoadmapBasis(
        {planned.id: planned for planned in actions}, closing, done=done, silent=silent, additional=additional
    )


def adapt_proposals(proposals: Sequence[Proposal], indicators: Mapping[str, IndicatorResult]) -> tuple[Proposal, ...]:
    """Adapt actions to existing indicators; missing topics are a gap that actions close by adding them."""
    detail_indicators = {name for proposal in proposals for name in proposal.details}
    detailed = {name for name in detail_indicators if name in indicators and indicators[name].is_produced}
    lacking = {name: {topic for topic, shown in indicators[name].topics if not shown} for name in detailed}

    def unlocked(proposal: Proposal) -> tuple[str, ...]:
        not_detailed = (name for name in proposal.unlocks if name not in detailed)
        added = (name for name in proposal.details if name in detailed)
        # If the data show no topic of an indicator, any may be lacking.
        fitting = (name for name in added if not lacking[name] or not lacking[name].isdisjoint(proposal.topics))
        return (*not_detailed, *fitting)

    return tuple(replace(proposal, unlocks=unlocked(proposal)) for proposal in proposals)


def list_refused_actions(actions: Sequence[PlannedAction], gaps: Collection[str]) -> tuple[NoAction, ...]:
    refused = (
        (planned, tuple(name for name in planned.subjects if name in gaps)) for planned in actions if planned.is_refused
    )
    return tuple(
        NoAction(id=planned.id, reason=planned.proposal.name, leaves=leaves, sources=planned.sources)
        for planned, leaves in refused
        if leaves
    )


def choose_actions(actions: Sequence[PlannedAction], gaps: Collection[str]) -> dict[str, tuple[str, ...]]:
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


def list_prerequisites(name: str, basis: RoadmapBasis) -> tuple[str, ...]:
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


def keep_direct_predecessors(predecessors: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    before = index_predecessors(predecessors)
    return {
        name: tuple(
            action_id
            for action_id in needed
            if not any(action_id in before[other_id] for other_id in needed if other_id != action_id)
        )
        for name, needed in predecessors.items()
    }


def rate_priority(
    name: str, basis: RoadmapBasis, indicators: Mapping[str, IndicatorResult], plan: RoadmapPlan
) -> Priority:
    """Compute the priority of an action.

    Feasibility is declared, else computed, else by duration. Unknown cost counts as highest.
    """
    planned = basis.actions[name]
    length = build_horizon(planned, plan)
    points = []
    for opened in (indicators[opened] for opened in planned.proposal.unlocks if opened in basis.closing[name]):
        if opened.indicator.tier == CORE_TIER:
            feasible = opened.feasibility
            code = "" if opened.is_produced else feasible.declared or feasible.computed
            feasibility_points = plan.feasibility.get(code, Decimal(0)) if code else length.points
            points.append((opened.indicator.id, code or length.id, feasibility_points))
    cost = plan.costs.get(planned.proposal.cost, max(plan.costs.values()))
    return Priority(
        tuple(points), cost, value=sum((feasibility_points for _, _, feasibility_points in points), Decimal(0)) / cost
    )


def sort_actions(
    actions: Sequence[PlannedAction], predecessors: Mapping[str, Collection[str]], worth: Mapping[str, Priority]
) -> list[PlannedAction]:
    """Order actions by priority and prerequisites, then phase; raise `DeclarationError` for circular ones."""
    urgency = {
        planned.id: (inf if planned.rank is None else float(planned.rank), -worth[planned.id].value)
        for planned in actions
    }
    for planned in reversed(order_freely(actions, predecessors)):
        urgency |= {name: min(urgency[name], urgency[planned.id]) for name in predecessors[planned.id]}
    waiting = sorted(actions, key=lambda planned: (urgency[planned.id], planned.proposal.phase))
    ordered: list[PlannedAction] = []
    while waiting:
        placed = {planned.id for planned in ordered}
        next_action = next(planned for planned in waiting if placed.issuperset(predecessors[planned.id]))
        waiting.remove(next_action)
        ordered.append(next_action)
    return ordered


def order_freely(actions: Sequence[PlannedAction], predecessors: Mapping[str, Collection[str]]) -> list[PlannedAction]:
    ordered: dict[str, PlannedAction] = {}
    while startable := [
        planned for planned in actions if planned.id not in ordered and ordered.keys() >= set(predecessors[planned.id])
    ]:
        ordered |= {planned.id: planned for planned in startable}
    if stuck := [planned for planned in actions if planned.id not in ordered]:
        names = ", ".join(planned.id for planned in stuck)
        hint = "Take one of them out of the dependencies (R12) of another."
        raise DeclarationError(f"These actions of the roadmap depend on each other: {names}.", hint=hint)
    return list(ordered.values())


def list_unanswered_prerequisites(name: str, basis: RoadmapBasis) -> tuple[str, ...]:
    needed = (
        basis.actions[action_id].proposal
        for action_id in basis.actions[name].proposal.after
        if action_id not in basis.closing
    )
    return tuple(item for proposal in needed for item in proposal.closes if item in basis.silent)


def build_action(
    name: str, basis: RoadmapBasis, predecessors: tuple[str, ...], worth: Priority, dates: Dates
) -> Action:
    planned, closes = basis.actions[name], basis.closing[name]
    proposal = planned.proposal
    return Action(
        id=proposal.id,
        name=proposal.name,
        type=proposal.type,
        phase=proposal.phase,
        horizon=dates.horizon,
        cost=proposal.cost if COST in planned.decided else "",
        closes=closes,
        unlocks=tuple(name for name in proposal.unlocks if name in closes),
        is_whole=NAME in planned.decided or basis.additional.union(closes).issuperset(planned.subjects),
        after=predecessors,
        first=dates.first,
        last=dates.last,
        priority=worth,
        unknown=list_unanswered_prerequisites(name, basis),
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


MONTHS_PER_QUARTER = 3
"""The months in which a limited number of proposed actions begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The months of an action, counted from 1; `early` lists prerequisites that end too late."""

    first: int
    last: int
    horizon: str
    is_given: bool
    early: tuple[str, ...] = ()


def schedule_actions(
    ordered: Sequence[PlannedAction], predecessors: Mapping[str, Sequence[str]], plan: RoadmapPlan, start: int
) -> dict[str, Dates]:
    """Schedule actions by pace, priority and prerequisites; given dates are kept."""
    needs = index_predecessors(predecessors)
    awaited = set[str]().union(*(needs[planned.id] for planned in ordered if is_dated(planned)))
    begun_by_quarter: Counter[int] = Counter()
    dates: dict[str, Dates] = {}

    def begin(planned: PlannedAction) -> int:
        ends = [dates[name].last for name in needs[planned.id]]
        if planned.first is not None:
            return planned.first - start + 1
        if planned.last is not None:
            last = planned.last - start + 1
            return max(
                [last - find_months(planned, plan) + 1, min(last, 1), *(end + 1 for end in ends if max(ends) < last)]
            )
        month = max([1, *(end + 1 for end in ends)])
        while planned.id not in awaited and begun_by_quarter[(month - 1) // MONTHS_PER_QUARTER] >= plan.pace:
            month += MONTHS_PER_QUARTER - (month - 1) % MONTHS_PER_QUARTER
        return month

    while len(dates) < len(ordered):
        startable = [each for each in ordered if each.id not in dates and dates.keys() >= needs[each.id]]
        first, planned = min(((begin(each), each) for each in startable), key=lambda entry: entry[0])
        last = first + find_months(planned, plan) - 1 if planned.last is None else planned.last - start + 1
        early = tuple(each.id for each in ordered if each.id in needs[planned.id] and dates[each.id].last >= first)
        horizon = find_horizon(last - first + 1, plan).id
        dates[planned.id] = Dates(first=first, last=last, horizon=horizon, is_given=is_dated(planned), early=early)
        if planned.id not in awaited and not is_dated(planned):
            begun_by_quarter[(first - 1) // MONTHS_PER_QUARTER] += 1
    return dates


def index_predecessors(predecessors: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    needs = {name: set(before) for name, before in predecessors.items()}
    for _ in range(len(needs).bit_length()):  # each round doubles the length of the chains
        needs = {name: before.union(*(needs[earlier] for earlier in before)) for name, before in needs.items()}
    return needs


def is_dated(planned: PlannedAction) -> bool:
    return planned.first is not None or planned.last is not None


def find_months(planned: PlannedAction, plan: RoadmapPlan) -> int:
    """Return the proposed months of an action, limited to the country's duration class."""
    proposed = planned.proposal.months
    if not planned.horizon:
        return proposed
    least = 1
    for length in plan.horizons:
        if length.id == planned.horizon:
            return max(least, proposed if length.up_to is None else min(proposed, length.up_to))
        least = (length.up_to or 0) + 1
    return proposed


def build_horizon(planned: PlannedAction, plan: RoadmapPlan) -> Horizon:
    if planned.first is not None and planned.last is not None:
        return find_horizon(planned.last - planned.first + 1, plan)
    return find_horizon(find_months(planned, plan), plan)


def find_horizon(number: int, plan: RoadmapPlan) -> Horizon:
    return next(length for length in plan.horizons if length.up_to is None or number <= length.up_to)


OUTPUT, VERIFICATION, PRIORITY, PHASE = "R14", "R15", "R16", "R17"
WORD_FIELDS = {NAME: "name", RESPONSIBLE: "responsible", RISK: "risk", OUTPUT: "output", VERIFICATION: "verification"}
CODE_FIELDS = {TYPE: "type", COST: "cost", PHASE: "phase"}
QUESTIONS = (*WORD_FIELDS, *CODE_FIELDS, GAPS, UNLOCKED, PARTNERS, START, END, HORIZON, AFTER, PRIORITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """A planned action; months count from year 0; `rank` is the country's order."""

    proposal: Proposal
    partners: Text
    first: int | None = None
    last: int | None = None
    horizon: str = ""
    rank: int | None = None
    decided: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_own: bool = False

    @property
    def id(self) -> str:
        return self.proposal.id

    @property
    def is_refused(self) -> bool:
        return self.proposal.type == NO_ACTION

    @property
    def subjects(self) -> tuple[str, ...]:
        return (*self.proposal.closes, *self.proposal.unlocks)


def plan_actions(
    plan: RoadmapPlan, profile: Profile, items: Collection[str], indicators: Collection[str]
) -> list[PlannedAction]:
    """Return standard and own actions with answers; raise `DeclarationError` for unknown references and dates."""
    answers = {
        subject: entries for subject, entries in profile.about.items() if not entries.keys().isdisjoint(QUESTIONS)
    }
    standard = {proposal.id: proposal for proposal in plan.proposals}
    months = next((horizon.up_to for horizon in plan.horizons if horizon.up_to), 1)
    own_proposals = [build_blank_proposal(subject, months) for subject in answers if subject not in standard]
    known_ids = {GAPS: {*items, *indicators}, UNLOCKED: {*indicators}, AFTER: {*standard, *answers}}
    return [
        *(apply_answers(proposal, answers.get(proposal.id, {}), known_ids) for proposal in plan.proposals),
        *(replace(apply_answers(proposal, answers[proposal.id], known_ids), is_own=True) for proposal in own_proposals),
    ]


def build_blank_proposal(subject: str, months: int) -> Proposal:
    return Proposal(
        subject, Text.of(en=subject), type="", phase="", cost="", months=months, closes=(), status="national"
    )


def apply_answers(
    proposal: Proposal, answers: Mapping[str, Answer], known_ids: Mapping[str, Collection[str]]
) -> PlannedAction:
    relevant = {
        item: answer for item, answer in answers.items() if item in QUESTIONS and (answer.answer or answer.practice)
    }
    changed: dict[str, Any] = {
        field: relevant[item].practice for item, field in WORD_FIELDS.items() if item in relevant
    }
    changed |= {field: relevant[item].answer for item, field in CODE_FIELDS.items() if item in relevant}
    if AFTER in relevant:
        changed["after"] = read_ids(relevant[AFTER], known_ids[AFTER])
    for item in (GAPS, UNLOCKED):
        # A gap closed by a standard action stays closed by it; leaving it open is a separate decision.
        also_closed = read_ids(relevant[item], known_ids[item]) if item in relevant else ()
        proposal = add_closed_subjects(proposal, also_closed, known_ids[UNLOCKED])
    dates = {item: read_months(relevant[item]) for item in (START, END) if item in relevant}
    first, last = dates.get(START, (None, None))[0], dates.get(END, (None, None))[1]
    if first is not None and last is not None and last < first:
        raise DeclarationError(f"The action {proposal.id} ends before it begins.", relevant[END].place)
    return PlannedAction(
        proposal=replace(proposal, **changed),
        partners=relevant[PARTNERS].practice if PARTNERS in relevant else join_texts(proposal.partners),
        first=first,
        last=last,
        horizon=relevant[HORIZON].answer if HORIZON in relevant else "",
        rank=parse_rank(relevant[PRIORITY]) if PRIORITY in relevant else None,
        decided=tuple(relevant),
        sources=tuple(dict.fromkeys(source for answer in relevant.values() for source in answer.sources)),
    )


def add_closed_subjects(proposal: Proposal, subjects: Collection[str], indicators: Collection[str]) -> Proposal:
    items = [name for name in subjects if name not in indicators]
    unlocked = [name for name in subjects if name in indicators]
    return replace(
        proposal,
        closes=tuple(dict.fromkeys((*proposal.closes, *items))),
        unlocks=tuple(dict.fromkeys((*proposal.unlocks, *unlocked))),
    )


def read_ids(answer: Answer, known_ids: Collection[str]) -> tuple[str, ...]:
    ids = tuple(str(answer.practice).replace(",", " ").replace(";", " ").split())
    for name in ids:
        if name not in known_ids:
            hint = f"{did_you_mean(name, known_ids)} List ids with blanks between them, such as A05 H06."
            raise DeclarationError(f"There is no “{name}” ({answer.subject}, {answer.item}).", answer.place, hint)
    return tuple(dict.fromkeys(ids))


def read_months(answer: Answer) -> tuple[int, int]:
    period = parse(str(answer.practice).strip())
    if period is None:
        message = f"“{answer.practice}” is not a period ({answer.subject}, {answer.item})."
        raise DeclarationError(message, answer.place, "Write a month or a year, such as 2026-03 or 2026.")
    last_day = shift(period, 1).first_day - dt.timedelta(days=1)
    return find_period(period.first_day, "M").number, find_period(last_day, "M").number


def parse_rank(answer: Answer) -> int:
    text = str(answer.practice).strip()
    if not text.isdecimal():
        message = f"“{text}” is not a place in the order ({answer.subject}, {answer.item})."
        raise DeclarationError(message, answer.place, "Write a whole number; 1 is the most urgent action.")
    return int(text)


def join_texts(names: Collection[Text]) -> Text:
    spoken = [language for language, _ in next(iter(names), Text()) if all(name.has(language) for name in names)]
    return Text.of({language: "; ".join(name.in_language(language) for name in names) for language in spoken})
