"""Questions about a proposal, decisions, competing tables, and the basis of a draft."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.conversion.mapping.block_keys import find_only_codes
from sdmxmig.conversion.recognition import APPLIED, Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.suggestion.lines import FlowKnowledge
from sdmxmig.conversion.suggestion.periods import YEAR
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.primitives.lazily import rapidfuzz
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import Block, Flow

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
TITLE, AND, HIDDEN = "title", "; ", "hidden"
EVERYWHERE = "*"
"""All sheets, in a question or decision common to several."""
EVEN_CONFIDENCE = 0.5
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


COUNTED = ("PS", "NUMBER", "CASE", "EVENT", "DOC", "STAY", "HH", "PS_DAY")
TIME = "TIME_PERIOD"
SHEET = "sheet"
"""The name of a sheet as a source."""
CLEAR_CONFIDENCE = 1.0
Labels = Mapping[str, frozenset[str]]
"""The labels of each component that a table gives."""


@dataclass(frozen=True, slots=True, eq=False)
class CompetingTable:
    block: Block
    region: Region
    _: KW_ONLY
    labels: Labels
    doubts: frozenset[tuple[str, str]]


def resolve_competing_tables(
    tables: Sequence[CompetingTable], flow: Flow
) -> tuple[tuple[int, ...], tuple[Question, ...]]:
    """Choose among competing blocks and ask about the others.

    Titles closest to the dataflow win; on one sheet the choice is asked. Sheets of shares are left out.
    """
    about = plain(" ".join(str(text) for text in (flow.dataflow.name, flow.dataflow.description) if text))
    likeness = [rapidfuzz.fuzz.token_set_ratio(about, plain(" ".join(table.region.titles[:6]))) for table in tables]
    is_own = flow.dataflow.ref.is_draft  # an office's own dataflow may contain money or shares
    counted = [at for at, table in enumerate(tables) if is_own or counts_units(table.block)]
    chosen: list[int] = []
    doubtful: set[int] = set()
    for at in counted:
        clashing = next(
            (
                number
                for number, position in enumerate(chosen)
                if has_same_observations(tables[position], tables[at], flow)
            ),
            None,
        )
        if clashing is None:
            chosen.append(at)
            continue
        if is_same_sheet(tables[chosen[clashing]], tables[at]):
            doubtful |= {chosen[clashing], at}
        if likeness[at] > likeness[chosen[clashing]] + CLEAR_CONFIDENCE:
            chosen[clashing] = at
    questions = [
        ask(
            table.region.name,
            "sheet",
            explain_choice(table, is_kept=at in chosen),
            label=table.region.titles[-1] if table.region.is_part and table.region.titles else "",
            others=list_named_dimensions(table, flow),
        )
        for at, table in enumerate(tables)
        if at not in chosen or at in doubtful
    ]
    return tuple(sorted(chosen)), tuple(questions)


def has_same_observations(first: CompetingTable, second: CompetingTable, flow: Flow) -> bool:
    """Check whether two blocks give the same observations; titles may distinguish those of one sheet."""
    if is_same_sheet(first, second):
        is_alike = signature(first.block) == signature(second.block)
        return is_alike and all(texts & second.labels[name] for name, texts in first.labels.items())
    if any(component_map.source.kind == SHEET for component_map in first.block.components):
        return False
    key = flow.structure.key
    is_alike = signature(first.block, key) == signature(second.block, key) and first.doubts == second.doubts
    return is_alike and all(
        codes & list_given_codes(second)[name] for name, codes in list_given_codes(first).items() if name in key
    )


def list_given_codes(table: CompetingTable) -> Labels:
    """Return the known codes of each component; for periods, the years."""
    codes = {component_map.component: dict(component_map.codes) for component_map in table.block.components}
    given = {}
    for name, texts in table.labels.items():
        years = frozenset(year for text in texts for year in YEAR.findall(text)) if name == TIME else frozenset[str]()
        given[name] = years or frozenset(codes.get(name, {}).get(text, text) for text in texts)
    return given


def list_named_dimensions(table: CompetingTable, flow: Flow) -> tuple[Candidate, ...]:
    if table.region.is_part or not counts_units(table.block):
        return ()
    components = {component_map.component for component_map in table.block.components} | set(find_only_codes(flow))
    free = [name for name in flow.structure.key if name not in components and name not in ("FREQ", "REF_AREA")]
    return tuple(Candidate(name, 0.1, reason="given by the sheet names?") for name in free)


def signature(block: Block, among: Container[str] | None = None) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    read = frozenset(component_map.component for component_map in block.components)
    fixed = frozenset(block.fixed)
    if among is None:
        return read, fixed
    return frozenset(name for name in read if name in among), frozenset(pair for pair in fixed if pair[0] in among)


def is_same_sheet(first: CompetingTable, second: CompetingTable) -> bool:
    return first.region.table.sheet == second.region.table.sheet


def counts_units(block: Block) -> bool:
    return dict(block.fixed).get("UNIT_MEASURE", COUNTED[0]) in COUNTED


def explain_choice(table: CompetingTable, *, is_kept: bool) -> str:
    if is_kept:
        return "another table in the sheet has the same labels, and the difference is not stated"
    if not counts_units(table.block):
        return "not proposed: it contains shares or rates; a mapping reads the counts behind them"
    return (
        f"not proposed: another {'table' if table.region.is_part else 'sheet'} appears to contain the same observations"
    )
