"""Questions about a proposal, decisions, competing tables, and the basis of a draft."""

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
ADD_UP = "add up"
"""The decision to add up the figures of several labels."""
ABOVE = "title above"
"""The decision that the rows below a title belong to the title above it."""
SUMS = "sums"
"""Questions about labels with one code."""
AREA = "fixed REF_AREA"
AREA_PARTS = (AREA, "codes REF_AREA")
ONLY = "only "
ATTRIBUTES_OF_LINES = ("OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE", "RES_RULE")
"""Attributes that a line of labels can give."""
TITLE, AND, HIDDEN, SHEET = "title", "; ", "hidden", "sheet"
EVERYWHERE = "*"
"""All sheets, in a question or decision common to several."""
EVEN_CONFIDENCE = 0.5
"""Confidence in a proposal that the table also contradicts."""
Decisions = Mapping[tuple[str, str, str], str]
Labels = Mapping[str, frozenset[str]]
"""The labels of each component that a table gives."""


def decided(decisions: Decisions, sheet: str, part: str, label: str = "") -> str:
    """Return the decision about a line, of its sheet or of all sheets; empty if absent.

    >>> decided({("*", "fixed SEX", ""): " F "}, "Table 1", "fixed SEX")
    'F'
    """
    decision = decisions.get((sheet, part, label), "").strip()
    decision = decision or decisions.get((EVERYWHERE, part, label), "").strip()
    if part.startswith("line "):
        return decision or find_line_decisions(decisions, sheet).get(part.removeprefix("line "), "")
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


def find_line_decisions(decisions: Decisions, sheet: str) -> Mapping[str, str]:
    """Return the decisions about lines of a sheet by source, for any kind of question.

    >>> dict(find_line_decisions({("*", "line column 1", "Land: A, B"): "SEX"}, "Table 1"))
    {'column 1': 'SEX'}
    """
    return {
        part.removeprefix("line "): decision
        for (where, part, _), decision in decisions.items()
        if where in (sheet, EVERYWHERE) and part.startswith("line ")
    }


def build_only_label(label: str) -> str:
    """Build the decision to read only the figures of one label of a line.

    >>> build_only_label("Residents")
    'only Residents'
    """
    return f"{ONLY}{label}"


@dataclass(frozen=True, slots=True)
class Question:
    """A question: subject, proposal, confidence and candidates.

    `sheet` and `part` locate it: ``fixed SEX``, ``codes C_BIRTH``, ``line column 1``, ``regions C_BIRTH``, ``rests
    C_BIRTH``, ``values`` or ``sheet``. An empty code must be answered. The sheet `EVERYWHERE` means all `sheets`.
    `place` is the cell with the contradiction that is asked about.
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
        """Check whether one code is likelier than all others, or the office's other tables have it."""
        return bool(self.chosen.code) and (self.chosen.confidence > EVEN_CONFIDENCE or self.chosen.is_usual)

    @property
    def component(self) -> str:
        kind, _, name = self.part.partition(" ")
        return (
            name if kind in ("fixed", "codes", "regions", "rests", SUMS) else self.chosen.code if kind == "line" else ""
        )


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


def split_remainder_codes(answer: str, count: int) -> list[str]:
    """Split an answer for several labels; a single code applies to all, a wrong number of codes to none.

    >>> split_remainder_codes("leave out", 2), split_remainder_codes("_O; 150", 2), split_remainder_codes("_O; 150", 3)
    (['leave out', 'leave out'], ['_O', '150'], ['', '', ''])
    """
    codes = [code.strip() for code in answer.split(";")]
    return codes if len(codes) == count else [*(codes if len(codes) == 1 else [""])] * count


def find_answer_to_sums(decisions: Decisions, sheet: str, component: str, text: str) -> str:
    """Return the code of a label that the answer selects among labels with one code; empty if they are added up.

    >>> answers = {("*", "sums C_BIRTH", "Congo; Zaire"): "only Congo"}
    >>> find_answer_to_sums(answers, "S", "C_BIRTH", "Congo"), find_answer_to_sums(answers, "S", "C_BIRTH", "Zaire")
    ('', 'leave out')
    """
    for (where, part, listed), answer in decisions.items():
        labels = listed.split(AND)
        if where in (sheet, EVERYWHERE) and part == f"{SUMS} {component}" and text in labels and answer != ADD_UP:
            if answer.startswith(ONLY):
                return "" if answer == build_only_label(text) else LEAVE_OUT
            return split_remainder_codes(answer, len(labels))[labels.index(text)]
    return ""


def build_decided_question(sheet: str, part: str, label: str, code: str, *, phrase: str = "") -> Question:
    return Question(sheet, part, label=label, chosen=Candidate(code, 1.0, reason=DECIDED, phrase=phrase))


def apply_decisions(questions: Sequence[Question], decisions: Decisions) -> tuple[Question, ...]:
    return tuple(
        build_decided_question(question.sheet, question.part, question.label, decision, phrase=question.chosen.phrase)
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
        listed if is_apart else [_join_questions(listed)]
        for listed, is_apart in zip(groups.values(), apart, strict=True)
    ]
    return tuple(question for listed in gathered_groups for question in listed)


def offer_keeping_or_leaving(kept: str, *others: Candidate) -> tuple[Candidate, ...]:
    """Offer to use the figures of a table, with `kept` as the reason, or to leave the table out."""
    return (Candidate(AS_IT_IS, 0.5, reason=kept), *others, Candidate(LEAVE_OUT, 0.5, reason="leave this table out"))


def keep_first_of_each_code(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    first_by_code: dict[str, Candidate] = {}
    for candidate in candidates:
        first_by_code.setdefault(candidate.code, candidate)
    return tuple(first_by_code.values())


def build_hidden_question(sheet: str, chosen: Candidate, sheets: tuple[str, ...] = ()) -> Question:
    used, left = Candidate(AS_IT_IS, 0.5, reason="yes: use them"), Candidate(LEAVE_OUT, 0.5, reason="leave them out")
    return Question(sheet, HIDDEN, label="", chosen=chosen, others=(used, left), sheets=sheets)


def _open(listed: Sequence[Question]) -> bool:
    return any(question.is_open for question in listed)


def _join_questions(listed: Sequence[Question]) -> Question:
    sheets = tuple(dict.fromkeys(question.sheet for question in listed))
    if len(sheets) == 1:
        return listed[0]
    unsure = min(listed, key=lambda question: question.chosen.confidence)
    return replace(unsure, sheet=EVERYWHERE, sheets=sheets)


@dataclass(frozen=True, slots=True)
class Basis:
    """A region with its context; `area` is empty if unknown; `beside_moves` means that another table names moves.

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
