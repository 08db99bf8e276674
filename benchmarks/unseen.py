"""Judge: results of `map` for unseen tables, by the number of required answers.

A folder has tables with truths (`benchmarks.unseen_truths` lists the kinds). Every table is proposed like ``map FILE
--area CODE``, with the dataflow if the truth states one, and converted; each spot check is compared with the truth. A
table is ``right`` (only unknowable facts are asked), right after ``N answers`` (open lines, and the dataflow if `map`
asks), ``asked`` (remaining faults were asked about), ``refused`` with a reason, or ``silent``: a spot check is wrong or
absent without question or finding. A table of no dataflow is right if asked about or refused.

Answers are taken from the spot checks; others are counted but not given.

python -m benchmarks.unseen FOLDER [NAME…]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.retitled import (
    ANY,
    DEFAULTS,
    ORIGINS,
    VALUE,
    Observed,
    answers,
    asked_by,
    beside,
    doubts_in,
    got_of,
    labels_of,
    observed,
    origin_told,
    same_number,
    varies,
)
from benchmarks.retitled_tables.make_tables import Figure
from benchmarks.unseen_truths import Unseen, tables_in
from sdmxmig.catalogue import Catalogue, load
from sdmxmig.catalogue.areas import read_areas
from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.recognition import Recogniser, read_recogniser
from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.suggestion.answers import check_decision
from sdmxmig.conversion.suggestion.questions import EVERYWHERE, build_only_label
from sdmxmig.conversion.suggestion.table_subjects import ask_about_table_subject
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.proposals import TriedProposal, propose

LAID_OUT = Path(__file__).with_name("laid_out")
"""Thirty workbooks laid out after the habits of offices."""
FEW = 5
"""How many answers are few."""
ROUNDS = 4
"""How often answers may raise further questions."""
DIRECTIONS = {"DF_IMM": "I", "DF_IMM_TOPIC": "I", "DF_EMI": "E", "DF_EMI_TOPIC": "E"}
"""The dataflows of one direction."""
OWN = {"CTZ_STATUS": ("NC", "C_CITIZEN"), "BIRTH_STATUS": ("NB", "C_BIRTH")}
"""The status that the reporting country says beside it, and where that stands."""
TOTAL = "_T"
MISSING = ("", "NaN", "#N/A")
"""Values that are no number."""
OBLIGATORY = frozenset({"RES_RULE", "DUR_BASIS", "REF_DATE"})
"""What hardly any table says, and what is therefore asked about each."""
UNITS = frozenset({"UNIT_MULT", "UNIT_MEASURE"})
TIMES = frozenset({"TIME_PERIOD", "FREQ"})
A_NOTE, STAYS_OUT = "a note says", "is left out"
MEASURES = frozenset(
    {"DIRECTION", "ADM_ITEM", "PROT_ITEM", "PROT_STATUS", "DECISION_STAGE", "DECISION_ACTION", "TMP_ITEM", "MOB_TYPE"}
    | {"CTZ_ITEM", "CTZ_MODE", "UNIT_MEASURE"}
)
"""What a question about the measure covers."""
ABOUT = {
    "in what unit": UNITS,
    "does this apply to all figures": frozenset({"OBS_STATUS", "REV_STAGE"}),
    "which area do these figures cover": frozenset({"REF_AREA"}),
    "is this what the dataset counts": MEASURES,
    "cumulative since the beginning": TIMES | UNITS,
    "on which day do the years begin": TIMES,
    "which country counted them": frozenset({"REF_AREA"}),
    "few of these words are known": frozenset({ANY}),
    "text is not recognised": MEASURES | UNITS | {"OBS_STATUS"},
}
"""What a question about a phrase of a title, or about the first of the years, covers, by its words.

One about a group of people covers none but its own line.
"""
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
LEAVING_OUT = ("sheet", "line", "rows", "unread", "regions", "rests")
"""Questions that tell that rows, columns or sheets are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A fault of a figure: cell, component and reading."""

    cell: str
    component: str
    what: str

    def __str__(self) -> str:
        return f"{self.cell} {self.component} {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a table: number of answers, and faults of its figures."""

    kind: str
    answers: int = 0
    wrong: tuple[Wrong, ...] = ()
    note: str = ""

    @property
    def group(self) -> str:
        if self.kind != "right" or not self.answers:
            return self.kind
        return f"right with {FEW} answers or fewer" if self.answers <= FEW else "right with more answers"


class Judge:
    """Proposes mappings for tables and compares the results with the truth."""

    def __init__(self, catalogue: Catalogue | None = None, words: Recogniser | None = None) -> None:
        self.catalogue = catalogue or load()
        self.words = words or read_recogniser(read_areas(self.catalogue.item_scheme("SDMX:CL_AREA(2.0)")))

    def outcome(self, case: Unseen) -> Outcome:
        """Return the outcome of a table."""
        try:
            tables = read(case.file_name, case.content)
            flow, named = self.flow(case, tables)
            if not flow:
                return Outcome(kind="right, no dataflow", note="asks which dataflow")
            return self.judged(case, tables, flow, named)
        except SdmxmigError as error:
            return Outcome(kind="refused" if case.flows else "right, no dataflow", note=str(error))

    def flow(self, case: Unseen, tables: Sequence[Table]) -> tuple[str, int]:
        if case.is_told:
            return case.flows[0], 0
        question = ask_about_table_subject(tables, self.catalogue.flows, self.words, self.catalogue.counted)
        if question.flow:
            return question.flow, 0
        return (case.flows[0] if case.flows else ""), 1

    def judged(self, case: Unseen, tables: Sequence[Table], flow: str, named: int) -> Outcome:
        """Return the outcome of a table for a dataflow, as proposed and after all answers."""
        tried = propose(tables, flow, self.catalogue, self.words, area=case.area)
        if not tried.proposal.mapping.blocks and not any(one.part != "sheet" for one in tried.open):
            reason = "; ".join(
                f"{question.label}: {question.chosen.reason}"
                for question in tried.questions
                if question.part == "sheet"
            )
            return Outcome(kind="refused" if flow in case.flows else "right, no dataflow", note=reason)
        wrong = self.silent(case, tables, tried, tried.open)
        if not wrong and flow not in case.flows:
            return Outcome(kind="asked" if case.flows else "right, no dataflow", note=f"asks about {flow}")
        asked, last = self.answered(case, tables, tried)
        wrong = wrong or self.silent(case, tables, last, asked)
        if wrong:
            return Outcome(kind="silent", wrong=wrong, note=flow)
        told = {answered_once(one) for one in asked if not is_obligatory(one, case, tables)}
        left = tuple(one for one in self.silent(case, tables, last, ()) if not is_undecided(one, case.truth))
        edits = {(one.component, one.what) for one in left}
        kind = "asked" if any(component == VALUE for component, _ in edits) else "right"
        return Outcome(kind=kind, answers=named + len(told) + len(edits), wrong=left, note=flow)

    def answered(
        self, case: Unseen, tables: Sequence[Table], tried: TriedProposal
    ) -> tuple[list[Question], TriedProposal]:
        """The questions that a person must answer, and the proposal with the answers."""
        said: dict[tuple[str, str, str], str] = {}
        asked: dict[tuple[str, str, str], Question] = {}
        truth = [certain(one) for one in case.truth if one.use == "must"]
        for _ in range(ROUNDS):
            news = [line for line in tried.open if (line.sheet, line.part, line.label) not in asked]
            if not news:
                break
            asked |= {(one.sheet, one.part, one.label): one for one in news}
            said |= dict(answers(tried.open, truth, tables)) | dict(lines_told(tried.open, truth, tables))
            said = {about: code for about, code in once(said).items() if self.is_answer(about, code, tried)}
            flow = tried.proposal.mapping.flow
            tried = propose(tables, flow, self.catalogue, self.words, area=case.area, decisions=said)
        return list(asked.values()), tried

    def is_answer(self, about: tuple[str, str, str], code: str, tried: TriedProposal) -> bool:
        """Check whether an answer would be accepted: codes of a truth may be missing in our lists."""
        try:
            check_decision(about[1], code, self.catalogue.flow(tried.proposal.mapping.flow), Place("the truth"))
        except SdmxmigError:
            return False
        return True

    def silent(
        self, case: Unseen, tables: Sequence[Table], tried: TriedProposal, questions: Sequence[Question]
    ) -> tuple[Wrong, ...]:
        """Return faults of spot checks without question or finding."""
        mapping = tried.proposal.mapping
        if not mapping.blocks:
            return () if questions else (Wrong(cell="all", component=VALUE, what="is left out"),)
        result = convert(tables, mapping, self.catalogue.flow(mapping.flow), self.catalogue.rules)
        named = self.named(result) if questions else frozenset()
        return tuple(wrong_figures(case, tables, result=result, questions=questions, named=named))

    def named(self, result: Conversion) -> frozenset[tuple[str, str, str]]:
        """Return the cells, and single components, that findings name."""
        listed = [
            *result.findings.items,
            *validate(result.dataset, self.catalogue, unused_cells=result.unused_cells).items,
        ]
        return frozenset(
            (place.sheet, place.cell, fault.component)
            for fault in listed
            for place in (fault.place, *fault.others)
            if place
        )


def answered_once(question: Question) -> tuple[str, str, str]:
    """Return what a person answers once: a label of countries, for any kind of origin of its line."""
    kind, _, name = question.part.partition(" ")
    return (question.sheet, kind if name in ORIGINS and kind != "fixed" else question.part, question.label)


def is_obligatory(question: Question, case: Unseen, tables: Sequence[Table]) -> bool:
    """Check whether a question is about unknowable facts of all figures, or of its label."""
    kind, _, name = question.part.partition(" ")
    if name in OBLIGATORY:
        return True
    if kind in ("codes", "regions", "rests") and name in ORIGINS and not varies(case.truth, name):
        name = origin_told(case.truth, name)  # the labels are those of another kind of origin
    unknown = [figure for figure in case.truth if "?" in figure.components.get(name, "").split("|")]
    if kind == "codes":
        near = [figure for figure in case.truth if question.label in beside(figure, tables)]
        return any(figure in unknown for figure in near) or (not near and lacks_known_codes(case, name))
    if kind in ("regions", "rests"):
        return any(labels_of(question) & beside(figure, tables) for figure in unknown)
    return kind == "fixed" and len(unknown) == sum(figure.use == "must" for figure in case.truth)


def is_undecided(wrong: Wrong, truth: Sequence[Figure]) -> bool:
    """Check whether a figure is left out that the truth calls undecidable."""
    here = (one for one in truth if f"{one.sheet}!{one.cell}" == wrong.cell)
    unknown = any(code.startswith("?|") for figure in here for code in figure.components.values())
    return unknown and (wrong.component, wrong.what) == (VALUE, STAYS_OUT)


def lacks_known_codes(case: Unseen, name: str) -> bool:
    """Check whether no code but the total of a component can be known, as for regions of the country."""
    return {figure.components.get(name, TOTAL) for figure in case.truth} == {TOTAL, "?"}


def lines_told(
    questions: Sequence[Question], truth: Sequence[Figure], tables: Sequence[Table]
) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield answers about lines of labels: the component that varies with the labels only.

    If all figures are under one label, only these.
    """
    for question in questions:
        listed = question.label.partition(": ")[2].split(", ")
        texts = {text.strip(" …") for text in listed} - {""}
        if question.part.startswith("line ") and not question.chosen.code and len(texts) > 1:
            beside_each = [(texts & beside(figure, tables), figure) for figure in truth]
            codes = [(text, figure.components) for found, figure in beside_each for text in found]
            names = {name for _, told in codes for name in told} - {VALUE, "FREQ"}
            fitting = [name for name in sorted(names) if len(told_by(name, codes)) == len({t for t, _ in codes}) > 1]
            near = {each.code for each in question.others}
            fitting = [*(name for name in fitting if name in near), *(name for name in fitting if name not in near)]
            alone = set.intersection(*(found for found, _ in beside_each)) if beside_each else set()
            if fitting or len(alone) == 1:
                said = fitting[0] if fitting else build_only_label(alone.pop())
                yield (EVERYWHERE if question.sheets else question.sheet, question.part, question.label), said


def once(said: Mapping[tuple[str, str, str], str]) -> dict[tuple[str, str, str], str]:
    """The answers, without that of a second line which would give the same component."""
    lines = {about: code for about, code in said.items() if about[1].startswith("line ")}
    first = {(about[0], code): about for about, code in reversed(lines.items())}
    return {about: code for about, code in said.items() if about not in lines or first[about[0], code] == about}


def told_by(component: str, codes: Sequence[tuple[str, Mapping[str, str]]]) -> set[str]:
    """The codes that texts give, if each text gives one."""
    found: dict[str, set[str]] = {}
    for text, told in codes:
        found.setdefault(text, set()).add(told.get(component, ""))
    known = all(len(one) == 1 and not one & {"", "?"} for one in found.values())
    return set().union(*found.values()) if known else set()


def certain(figure: Figure) -> Figure:
    """Return a figure as a person would state it: of codes that may also be asked, the code."""
    told = {name: code.removesuffix("|?") for name, code in figure.components.items()}
    return Figure(figure.sheet, figure.cell, value=figure.value, use=figure.use, components=told)


def wrong_figures(
    case: Unseen,
    tables: Sequence[Table],
    result: Conversion,
    questions: Sequence[Question],
    named: frozenset[tuple[str, str, str]],
) -> Iterator[Wrong]:
    """Yield faults of spot checks without question or `named` finding: cell, then fault."""
    read_, covered = observed(result), covered_by(questions)
    for figure in case.truth:
        got = got_of(figure, read_) or same_elsewhere(figure, read_, covered)
        if belongs(figure, result.dataset.flow.id) or got is not None:
            near = beside(figure, tables)
            own = {question.part.partition(" ")[2] for question in questions if labels_of(question) & near} | named_at(
                figure, named
            )
            for component, what in wrong_of(figure, got, tables=tables, questions=questions, unknown=case.unknown):
                if not {ANY, component} & (covered | own):
                    yield Wrong(cell=f"{figure.sheet}!{figure.cell}", component=component, what=what)


def same_elsewhere(figure: Figure, read_: Observed, covered: frozenset[str]) -> Mapping[str, str] | None:
    """Return the same observation read from another cell, since equal ones are kept once.

    `covered` components, which are asked about, may differ.
    """
    for got in read_.values() if figure.use == "must" and figure.value else ():
        told = {name: code for name, code in figure.components.items() if name in got and name not in (VALUE, *covered)}
        if is_value(figure, got[VALUE]) and all(admits(code, got[name]) for name, code in told.items()):
            return got
    return None


def named_at(figure: Figure, named: frozenset[tuple[str, str, str]]) -> set[str]:
    """Return the components of a figure named by findings: all at its own cell, one at its head."""
    row, column = figure.cell.lstrip(LETTERS), figure.cell.rstrip(DIGITS)
    listed = [one for one in named if one[0] in (figure.sheet, "")]
    heads = {
        what for _, cell, what in listed if what and (cell.lstrip(LETTERS) == row or cell.rstrip(DIGITS) == column)
    }
    whole = {ANY} if any(cell == figure.cell for _, cell, _ in listed) else set()
    return heads | ({"FREQ"} if "TIME_PERIOD" in heads else set()) | whole


def covered_by(questions: Sequence[Question]) -> frozenset[str]:
    """Return components with questions; all if a phrase is not understood."""
    covered = set(asked_by(questions).components)
    for question in questions:
        kind, reason = question.part.partition(" ")[0], question.chosen.reason
        if kind == "keys":
            covered.add(ANY)
        elif kind == "totals":
            covered.add(VALUE)
        elif kind == "values" and reason.startswith(A_NOTE):
            covered |= TIMES
        elif kind in ("title", "codes"):
            for doubt in doubts_in(question):
                covered |= next((about for phrase, about in ABOUT.items() if phrase in doubt), frozenset())
    return frozenset(covered)


def belongs(figure: Figure, flow: str) -> bool:
    return DIRECTIONS.get(flow, "") in ("", figure.components.get("DIRECTION", DIRECTIONS.get(flow, "")))


def wrong_of(
    figure: Figure,
    got: Mapping[str, str] | None,
    tables: Sequence[Table],
    questions: Sequence[Question],
    unknown: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Yield faults of a figure by component, or ``OBS_VALUE`` for the whole figure."""
    if got is None:
        if figure.use == "must" and figure.value and not may_be_left(figure, tables, questions, unknown):
            yield VALUE, STAYS_OUT
        return
    number = got[VALUE] if got[VALUE] not in MISSING else ""
    if figure.use == "never":
        if number:
            yield VALUE, f"is read as {number}, though it is something else"
        return
    if not is_value(figure, number):
        yield VALUE, f"is read as {number or 'missing'}"
    for name, code in figure.components.items():
        value = got.get(name) or DEFAULTS.get(name, "")
        if name != VALUE and (name in got or name in DEFAULTS) and not admits(code, value):
            if value == TOTAL and has_same_meaning(name, code, got):
                continue
            yield name, f"is {value or 'empty'} instead of {code}"


def has_same_meaning(status: str, code: str, got: Mapping[str, str]) -> bool:
    """Whether the country beside a total means the same: citizens of the reporting country are its citizens."""
    own, country = OWN.get(status, ("", ""))
    return own in code.split("|") and got.get(country, "") == got["REF_AREA"]


def is_value(figure: Figure, number: str) -> bool:
    others = [one for one in figure.components.get(VALUE, "").split("|") if one not in ("", "?")]
    return any(same_number(number, one) for one in (figure.value, *others))


def admits(code: str, value: str) -> bool:
    """Check a code against the truth; content that must be asked may be empty."""
    allowed = code.split("|")
    return value in allowed or (not value and "?" in allowed)


def may_be_left(
    figure: Figure, tables: Sequence[Table], questions: Sequence[Question], unknown: Collection[str]
) -> bool:
    """Check whether a figure may be left out: something about it, its row or column must be asked.

    After all answers (no questions), only facts unknown for this figure allow it.
    """
    told = {name: code for name, code in figure.components.items() if name not in unknown}
    if any(code == "?" or (questions and "?" in code.split("|")) for code in told.values()):
        return True
    near = beside(figure, tables)
    return any(
        question.label in near
        or (question.part.partition(" ")[0] in LEAVING_OUT and (not question.label or is_about(question, near)))
        for question in questions
    )


def is_about(question: Question, near: Collection[str]) -> bool:
    """Whether a question names a text beside a figure, or a part of one."""
    _, _, listed = question.label.partition(": ")
    parts = {one.strip(" …") for one in listed.split(",")} - {""}
    return any(text in question.label or parts & set(text.split(",")) for text in near)


def main(folder: Path, wanted: Sequence[str]) -> int:
    """Judge the tables of a folder, and print what became of each."""
    judge, counts = Judge(), Counter[str]()
    for case in tables_in(folder):
        if wanted and not any(case.name.startswith(one) for one in wanted):
            continue
        outcome = judge.outcome(case)
        counts[outcome.group] += 1
        sys.stdout.write(f"{case.name:<44} {outcome.group} ({outcome.answers}) {outcome.note[:160]}\n")
        sys.stdout.writelines(f"    {one}\n" for one in outcome.wrong)
        sys.stdout.flush()
    sys.stdout.write(f"{dict(counts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else LAID_OUT, sys.argv[2:]))
