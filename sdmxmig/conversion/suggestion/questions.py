"""Questions about a proposal, decisions, and the facts on which the draft of a block rests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.conversion.recognition import APPLIED, Candidate
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.primitives.places import Place

AS_IT_IS = "as it is"
"""The decision to ignore a title."""
DECIDED = "decided by a person"
LEAVE_OUT = "leave out"
"""The decision to leave out a table, or rows or columns with a label."""
OTHER_AREA = "other area"
"""The decision that the figures cover another area or a part of the country, which is then asked."""
STATE_IT = "state it"
"""The decision to keep the figures and to state their limit in a comment on them."""
AREA = "fixed REF_AREA"
ONLY = "only "
ATTRIBUTES_OF_LINES = ("OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE", "RES_RULE")
"""Attributes that a line of labels can give."""
TITLE, AND, HIDDEN = "title", "; ", "hidden"
EVERYWHERE = "*"
"""All sheets, in a question or decision common to several."""
EVEN = 0.5
"""Confidence in a proposal that the table also contradicts."""
Decisions = Mapping[tuple[str, str, str], str]


def decided(decisions: Decisions, sheet: str, part: str, label: str = "") -> str:
    """Return the decision about a line, of its sheet or of all sheets; empty if absent.

    >>> decided({("*", "fixed SEX", ""): " F "}, "Table 1", "fixed SEX")
    'F'
    """
    decision = decisions.get((sheet, part, label), "").strip()
    decision = decision or decisions.get((EVERYWHERE, part, label), "").strip()
    if part.startswith("line "):
        return decision or lines_decided(decisions, sheet).get(part.removeprefix("line "), "")
    return decision or (_find_phrase_decision(decisions, sheet, label) if part == TITLE else "")


def _find_phrase_decision(decisions: Decisions, sheet: str, label: str) -> str:
    of_phrases = {
        phrase: decision.strip()
        for (where, part, listed), decision in decisions.items()
        if part == TITLE and where in (sheet, EVERYWHERE)
        for phrase in listed.split(AND)
    }
    answers = [of_phrases.get(phrase, "") for phrase in label.split(AND)]
    if not all(answers):
        return ""
    return LEAVE_OUT if LEAVE_OUT in answers else answers[0]


def lines_decided(decisions: Decisions, sheet: str) -> Mapping[str, str]:
    """Return the decisions about lines of a sheet by source, under any question name.

    >>> dict(lines_decided({("*", "line column 1", "Land: A, B"): "SEX"}, "Table 1"))
    {'column 1': 'SEX'}
    """
    return {
        part.removeprefix("line "): decision
        for (where, part, _), decision in decisions.items()
        if where in (sheet, EVERYWHERE) and part.startswith("line ")
    }


def only_label(label: str) -> str:
    """Build the decision to read only the figures of one label of a line.

    >>> only_label("Residents")
    'only Residents'
    """
    return f"{ONLY}{label}"


@dataclass(frozen=True, slots=True)
class Question:
    """A question: subject, proposal, confidence and candidates.

    `sheet` and `part` locate it: ``fixed SEX``, ``codes C_BIRTH``, ``line column 1``, ``regions C_BIRTH``, ``rests
    C_BIRTH``, ``values`` or ``sheet``. An empty code must be answered. `EVERYWHERE` stands for `sheets`. `place` is the
    cell with the contradiction that is asked about.
    """

    sheet: str
    part: str
    _: KW_ONLY
    label: str
    chosen: Candidate
    others: tuple[Candidate, ...] = ()
    sheets: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def is_open(self) -> bool:
        return self.chosen.confidence < APPLIED or not self.chosen.code

    @property
    def has_proposal(self) -> bool:
        """Whether one code is likelier than all others, or the office's other tables have it."""
        return bool(self.chosen.code) and (self.chosen.confidence > EVEN or self.chosen.is_usual)

    @property
    def component(self) -> str:
        kind, _, name = self.part.partition(" ")
        return name if kind in ("fixed", "codes", "regions", "rests") else self.chosen.code if kind == "line" else ""


def ask(
    sheet: str,
    part: str,
    reason: str,
    *,
    label: str = "",
    others: tuple[Candidate, ...] = (),
    place: Place | None = None,
) -> Question:
    chosen = Candidate("", 0.0, reason=reason)
    return Question(sheet, part, label=label, chosen=chosen, others=others, place=place)


ALL_PROPOSALS = ask(
    EVERYWHERE,
    "all proposals",
    "accept the proposed answers of all rows that have no answer?",
    others=(Candidate(AS_IT_IS, 0.5, reason="yes"),),
)
"""The question whose answer accepts all proposals of a list."""


def codes_of_rests(answer: str, count: int) -> list[str]:
    """Split the answer for several labels, one for all or one for each: “_O; leave out”; empty if it is for others.

    >>> codes_of_rests("leave out", 2), codes_of_rests("_O; 150", 2), codes_of_rests("_O; 150", 3)
    (['leave out', 'leave out'], ['_O', '150'], ['', '', ''])
    """
    codes = [code.strip() for code in answer.split(";")]
    return codes if len(codes) == count else [*(codes if len(codes) == 1 else [""])] * count


def build_decided_question(sheet: str, part: str, label: str, code: str) -> Question:
    return Question(sheet, part, label=label, chosen=Candidate(code, 1.0, reason=DECIDED))


def apply_decisions(questions: Sequence[Question], decisions: Decisions) -> tuple[Question, ...]:
    return tuple(
        build_decided_question(question.sheet, question.part, question.label, decision)
        if (decision := decided(decisions, question.sheet, question.part, question.label))
        else question
        for question in questions
    )


def gather_questions(questions: Sequence[Question]) -> tuple[Question, ...]:
    groups: dict[tuple[str, str, str, frozenset[str]], list[Question]] = {}
    for question in questions:
        about = (
            question.part,
            question.label,
            question.chosen.code,
            frozenset(candidate.code for candidate in question.others),
        )
        groups.setdefault(about, []).append(question)
    open_parts = [listed[0].part for listed in groups.values() if listed[0].part.startswith("fixed ") and _open(listed)]
    several = {part for part in open_parts if open_parts.count(part) > 1}
    apart = [_open(listed) and listed[0].part in several for listed in groups.values()]
    gathered_groups = [
        listed if is_apart else [_as_one(listed)] for listed, is_apart in zip(groups.values(), apart, strict=True)
    ]
    return tuple(question for listed in gathered_groups for question in listed)


def kept_or_left(kept: str, *others: Candidate) -> tuple[Candidate, ...]:
    """Offer to use the figures of a table, with `kept` as the reason, or to leave the table out."""
    return (Candidate(AS_IT_IS, 0.5, reason=kept), *others, Candidate(LEAVE_OUT, 0.5, reason="leave this table out"))


def each_code_once(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    first_by_code: dict[str, Candidate] = {}
    for candidate in candidates:
        first_by_code.setdefault(candidate.code, candidate)
    return tuple(first_by_code.values())


def hidden_question(sheet: str, chosen: Candidate, sheets: tuple[str, ...] = ()) -> Question:
    """Ask whether the figures of hidden rows and columns are used."""
    used, left = Candidate(AS_IT_IS, 0.5, reason="yes: use them"), Candidate(LEAVE_OUT, 0.5, reason="leave them out")
    return Question(sheet, HIDDEN, label="", chosen=chosen, others=(used, left), sheets=sheets)


def _open(listed: Sequence[Question]) -> bool:
    return any(question.is_open for question in listed)


def _as_one(listed: Sequence[Question]) -> Question:
    sheets = tuple(dict.fromkeys(question.sheet for question in listed))
    if len(sheets) == 1:
        return listed[0]
    unsure = min(listed, key=lambda question: question.chosen.confidence)
    return replace(unsure, sheet=EVERYWHERE, sheets=sheets)


@dataclass(frozen=True, slots=True)
class Basis:
    """A region and what is known about it; `area` is empty if unknown; `beside_moves`: another table names moves.

    `elsewhere` are texts of sheets without figures, and legends below other tables: they explain signs and state rules.
    """

    region: Region
    known: FlowKnowledge
    _: KW_ONLY
    area: str
    decisions: Decisions
    beside_moves: bool
    elsewhere: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.region.notes, *self.elsewhere)

    @property
    def sheet(self) -> str:
        return self.region.name
