"""A country's own actions (module R) merged with standard ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.periods import of_day, parse, shift
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.profile import Answer, Profile
from sdmxmig.sdmx.model.roadmap import NO_ACTION, Proposal, RoadmapPlan

NAME, GAPS, UNLOCKED, TYPE, RESPONSIBLE, PARTNERS = "R01", "R02", "R04", "R05", "R06", "R07"
START, END, HORIZON, COST, AFTER, RISK = "R08", "R09", "R10", "R11", "R12", "R13"
OUTPUT, VERIFICATION, PRIORITY, PHASE = "R14", "R15", "R16", "R17"
WORDS = {NAME: "name", RESPONSIBLE: "responsible", RISK: "risk", OUTPUT: "output", VERIFICATION: "verification"}
CODES = {TYPE: "type", COST: "cost", PHASE: "phase"}
QUESTIONS = (*WORDS, *CODES, GAPS, UNLOCKED, PARTNERS, START, END, HORIZON, AFTER, PRIORITY)


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """A planned action; months count from year 0; `rank` is the country's order."""

    proposal: Proposal
    partners: Text
    _: KW_ONLY
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


def planned_actions(
    plan: RoadmapPlan, profile: Profile, items: Collection[str], indicators: Collection[str]
) -> list[PlannedAction]:
    """Return standard and own actions with answers.

    Raises `DeclarationError` for unknown references and invalid dates.
    """
    answers = {
        subject: entries for subject, entries in profile.about.items() if not entries.keys().isdisjoint(QUESTIONS)
    }
    standard = {proposal.id: proposal for proposal in plan.proposals}
    months = next((horizon.up_to for horizon in plan.horizons if horizon.up_to), 1)
    own_proposals = [blank(subject, months) for subject in answers if subject not in standard]
    known_ids = {GAPS: {*items, *indicators}, UNLOCKED: {*indicators}, AFTER: {*standard, *answers}}
    return [
        *(with_answers(proposal, answers.get(proposal.id, {}), known_ids) for proposal in plan.proposals),
        *(replace(with_answers(proposal, answers[proposal.id], known_ids), is_own=True) for proposal in own_proposals),
    ]


def blank(subject: str, months: int) -> Proposal:
    return Proposal(
        subject, Text.of(en=subject), type="", phase="", cost="", months=months, closes=(), status="national"
    )


def with_answers(
    proposal: Proposal, answers: Mapping[str, Answer], known_ids: Mapping[str, Collection[str]]
) -> PlannedAction:
    relevant = {
        item: answer for item, answer in answers.items() if item in QUESTIONS and (answer.answer or answer.practice)
    }
    changed: dict[str, Any] = {field: relevant[item].practice for item, field in WORDS.items() if item in relevant}
    changed |= {field: relevant[item].answer for item, field in CODES.items() if item in relevant}
    if AFTER in relevant:
        changed["after"] = named(relevant[AFTER], known_ids[AFTER])
    for item in (GAPS, UNLOCKED):
        # What a standard action closes stays closed by it: to leave a gap open is a decision of its own.
        also_closed = named(relevant[item], known_ids[item]) if item in relevant else ()
        proposal = closing_also(proposal, also_closed, known_ids[UNLOCKED])
    dates = {item: months_of(relevant[item]) for item in (START, END) if item in relevant}
    first, last = dates.get(START, (None, None))[0], dates.get(END, (None, None))[1]
    if first is not None and last is not None and last < first:
        raise DeclarationError(f"The action {proposal.id} ends before it begins.", relevant[END].place)
    return PlannedAction(
        replace(proposal, **changed),
        relevant[PARTNERS].practice if PARTNERS in relevant else together(proposal.partners),
        first=first,
        last=last,
        horizon=relevant[HORIZON].answer if HORIZON in relevant else "",
        rank=rank_of(relevant[PRIORITY]) if PRIORITY in relevant else None,
        decided=tuple(relevant),
        sources=tuple(dict.fromkeys(source for answer in relevant.values() for source in answer.sources)),
    )


def closing_also(proposal: Proposal, subjects: Collection[str], indicators: Collection[str]) -> Proposal:
    items = [name for name in subjects if name not in indicators]
    unlocked = [name for name in subjects if name in indicators]
    return replace(
        proposal,
        closes=tuple(dict.fromkeys((*proposal.closes, *items))),
        unlocks=tuple(dict.fromkeys((*proposal.unlocks, *unlocked))),
    )


def named(answer: Answer, known_ids: Collection[str]) -> tuple[str, ...]:
    ids = tuple(str(answer.practice).replace(",", " ").replace(";", " ").split())
    for name in ids:
        if name not in known_ids:
            hint = f"{did_you_mean(name, known_ids)} List ids with blanks between them, such as A05 H06."
            raise DeclarationError(f"There is no “{name}” ({answer.subject}, {answer.item}).", answer.place, hint)
    return tuple(dict.fromkeys(ids))


def months_of(answer: Answer) -> tuple[int, int]:
    period = parse(str(answer.practice).strip())
    if period is None:
        message = f"“{answer.practice}” is not a period ({answer.subject}, {answer.item})."
        raise DeclarationError(message, answer.place, "Write a month or a year, such as 2026-03 or 2026.")
    last_day = shift(period, 1).first_day - dt.timedelta(days=1)
    return of_day(period.first_day, "M").number, of_day(last_day, "M").number


def rank_of(answer: Answer) -> int:
    text = str(answer.practice).strip()
    if not text.isdecimal():
        message = f"“{text}” is not a place in the order ({answer.subject}, {answer.item})."
        raise DeclarationError(message, answer.place, "Write a whole number; 1 is the most urgent action.")
    return int(text)


def together(names: Collection[Text]) -> Text:
    spoken = [language for language, _ in next(iter(names), Text()) if all(name.has(language) for name in names)]
    return Text.of({language: "; ".join(name.in_language(language) for name in names) for language in spoken})
