"""Campaign: results of `map` for damaged or retitled tables, and of last year's mapping.

Tables, kinds of change and the truth of every figure were written without knowledge of the code
(`benchmarks/retitled_tables`). Every figure is followed from its cell to its key. Without a mapping, a case is
``right`` (every figure has its key, without new questions), ``asked`` (wrong or missing content is asked), ``needless``
(a meaningless change is asked), or a silent fault. With last year's mapping it is ``right``, ``refused``, ``named`` (by
a new finding), or silent.

python -m benchmarks.campaigns --only "retitled tables"
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property

from benchmarks.retitled_tables.make_tables import Case, Figure, cases
from sdmxmig.catalogue import Catalogue, load
from sdmxmig.catalogue.areas import read_areas
from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.recognition import Recogniser, read_recogniser
from sdmxmig.conversion.recognition.mentions import find_mentions, split_words
from sdmxmig.conversion.recognition.words import read_vocabulary
from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, EVERYWHERE, LEAVE_OUT
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import format_cell
from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.frames import join_attributes
from sdmxmig.sdmx.model.data import Flow, TableMapping
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.proposals import TriedProposal, propose

GOOD = ("right", "asked", "refused", "named")
ORIGINS = ("C_BIRTH", "C_CITIZEN", "C_RESIDENCE")
"""Countries of which a line may give one or another."""
WHOLE = ("title", "sheet", "totals", "keys", "rows")
"""Questions about a table as a whole."""
PSEUDO = ("MEASURE", "EXTRA")
"""Names in the truth that are no components: the table as a whole must be asked about."""
DEFAULTS = {"OBS_STATUS": "A", "UNIT_MULT": "0"}
"""What an attribute is that nobody sends."""
ANSWERED = {"title": AS_IT_IS, "totals": AS_IT_IS, "keys": AS_IT_IS, "rests": LEAVE_OUT}
"""What is answered about whole tables, and about what remains of regions."""
VALUE, ANY = "OBS_VALUE", "*"
UNITS = frozenset({"UNIT_MULT", "UNIT_MEASURE", VALUE})
FIRST_DAY = "on which day do the years begin"
"""What is asked of one year, for all of them."""
COVERED = {
    "UNIT": UNITS,
    "UNIT_MULT": UNITS,
    "UNIT_MEASURE": UNITS,
    "OBS_STATUS": frozenset({"OBS_STATUS", "REV_STAGE"}),
}
"""What a question about a phrase of the title covers; one about any other phrase may concern everything."""
Cell = tuple[str, str]
Observed = Mapping[Cell, Mapping[str, str]]
"""What is read, by sheet and cell: the components and the value."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a proposal: on components of all figures, on labels, and on the whole table.

    `lines` means that the component of a line of labels is asked.
    """

    components: frozenset[str]
    labels: frozenset[str]
    _: KW_ONLY
    whole: frozenset[tuple[str, str]]
    lines: bool = False


class Judge:
    """Proposes mappings for the tables of the campaign and compares results with the truth."""

    def __init__(self, catalogue: Catalogue | None = None, words: Recogniser | None = None) -> None:
        self.catalogue = catalogue or load()
        self.words = words or read_recogniser(read_areas(self.catalogue.item_scheme("SDMX:CL_AREA(2.0)")))
        self.bases: dict[str, Base] = {}

    def base(self, case: Case) -> Base:
        """Return the proposal and reading of the table before the change."""
        if case.base not in self.bases:
            self.bases[case.base] = Base(self, case)
        return self.bases[case.base]

    def proposed(self, case: Case, content: bytes) -> TriedProposal:
        tables = read(case.file_name, content)
        return propose(tables, case.dataflow, self.catalogue, self.words, area=case.area)

    def from_nothing(self, case: Case) -> str:
        """Return the outcome of a case with only dataflow and country known."""
        base = self.base(case)
        try:
            tried = self.proposed(case, case.content)
        except SdmxmigError:
            return "asked" if case.kind.harm else "needless: refused"
        asked, before = asked_by(tried.open), asked_by(base.tried.open)
        if not tried.proposal.mapping.blocks:
            return "asked" if case.kind.harm else "needless: no proposal"
        tables = read(case.file_name, case.content)
        result = convert(tables, tried.proposal.mapping, self.flow(case), self.catalogue.rules)
        now, then = (
            Counter(one for each in every.open for one in list_subjects(each)) for every in (tried, base.tried)
        )
        news = sorted((now - then).elements())
        still = excused_by(asked.whole & before.whole)
        excused = excused_by(asked.whole - before.whole) | frozenset(one for one in base.unknown if {one, ANY} & still)
        wrong = next(silent(case.truth, observed(result), asked, excused), "")
        if wrong:
            return wrong
        if not case.kind.harm and news:
            return f"needless: {news[0]}"
        return "asked" if news else "right"

    def by_last_year(self, case: Case) -> str:
        """Return the outcome of a case with the mapping of the table before the change."""
        base = self.base(case)
        if base.wrong:
            return "without"
        try:
            result = convert(read(case.file_name, case.content), base.mapping, self.flow(case), self.catalogue.rules)
        except SdmxmigError:
            return "refused"
        if self.said(result) - base.said:
            return "named"
        nobody = Asked(frozenset(), frozenset(), whole=frozenset())
        return next(silent(case.truth, observed(result), nobody), "right")

    def flow(self, case: Case) -> Flow:
        return self.catalogue.flow(case.dataflow)

    def said(self, result: Conversion) -> set[tuple[str, str, str]]:
        """Return the findings of conversion and validation, without places."""
        listed = [
            *result.findings.items,
            *validate(result.dataset, self.catalogue, unused_cells=result.unused_cells).items,
        ]
        return {(finding.rule, finding.component, finding.observed) for finding in listed}


class Base:
    """A table before any change: its proposal, and its mapping with the open lines answered by the truth."""

    def __init__(self, judge: Judge, case: Case) -> None:
        self.judge, self.case = judge, case
        self.tried = judge.proposed(case, case.base_content)

    @cached_property
    def mapping(self) -> TableMapping:
        """The mapping that a person who knows the table would save."""
        tables = read(self.case.file_name, self.case.base_content)
        said = dict(answers(self.tried.questions, self.case.base_truth, tables))
        tried = propose(
            tables, self.case.dataflow, self.judge.catalogue, self.judge.words, area=self.case.area, decisions=said
        )
        return load_mapping("base.toml", write(tried.proposal.mapping).encode(), self.judge.catalogue.flows)

    @cached_property
    def unknown(self) -> frozenset[str]:
        """The components that are wrong as the table is proposed and that no question but one about it all covers.

        Where that question stays, it covers them in a changed table too.
        """
        tables, asked = read(self.case.file_name, self.case.base_content), asked_by(self.tried.open)
        result = convert(tables, self.tried.proposal.mapping, self.judge.flow(self.case), self.judge.catalogue.rules)
        read_ = observed(result)
        return frozenset(
            component
            for figure in self.case.base_truth
            for component, _ in wrong_of(figure, got_of(figure, read_), asked)
        )

    @cached_property
    def converted(self) -> Conversion:
        """Convert the table by its mapping."""
        tables = read(self.case.file_name, self.case.base_content)
        return convert(tables, self.mapping, self.judge.flow(self.case), self.judge.catalogue.rules)

    @cached_property
    def said(self) -> set[tuple[str, str, str]]:
        """Return the findings before any change."""
        return self.judge.said(self.converted)

    @cached_property
    def wrong(self) -> str:
        """Describe differences of the mapping from the truth; empty if none."""
        nobody = Asked(frozenset(), frozenset(), whole=frozenset())
        try:
            return next(silent(self.case.base_truth, observed(self.converted), nobody), "")
        except SdmxmigError as error:
            return str(error)


def list_subjects(question: Question) -> Iterator[tuple[str, str]]:
    """Yield the subjects of a question; for titles the wording of the doubts, so that titles may differ."""
    if question.part != "title":
        yield question.part, question.label
    for doubt in doubts_in(question) if question.part == "title" else ():
        yield question.part, doubt.rpartition("”")[2]


def doubts_in(question: Question) -> list[str]:
    """Return the single doubts of a question about titles and notes."""
    return re.split(r"(?<=\?) ", question.chosen.reason)


def answers(
    questions: Iterable[Question], truth: Sequence[Figure], tables: Sequence[Table]
) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield the answers of a person who knows the truth and also corrects certain values.

    A question about one sheet gets the truth of that sheet.
    """
    for question in questions:
        kind, _, name = question.part.partition(" ")
        place = question.sheet if not question.sheets else EVERYWHERE
        of_it = on_sheet(question, truth)
        if not question.is_open and kind != "fixed":
            continue
        if kind in ANSWERED:
            yield (place, question.part, question.label), ANSWERED[kind]
        elif kind == "fixed":
            codes = {figure.components.get(name, "") for figure in of_it if figure.use == "must"} - {"", "?"}
            first = first_code(codes.pop()) if len(codes) == 1 else ""
            if first or question.chosen.code:
                yield (place, question.part, question.label), first or question.chosen.code
        elif kind in ("codes", "regions"):
            meant = name if name not in ORIGINS or varies(truth, name) else origin_told(truth, name)
            codes = {
                figure.components.get(meant, "") for figure in of_it if beside(figure, tables) & labels_of(question)
            }
            said = as_in_m49(codes) if kind == "regions" else first_code(codes.pop()) if len(codes) == 1 else ""
            if said:
                yield (place, question.part, question.label), said
        elif kind == "line":
            found = [each for each in (question.chosen, *question.others) if each.code and varies(of_it, each.code)]
            if found:
                yield (place, question.part, question.label), found[0].code


def on_sheet(question: Question, truth: Sequence[Figure]) -> Sequence[Figure]:
    """Return the figures of a question's sheets, or all figures if these have none."""
    names = question.sheets or (question.sheet,)
    found = [one for one in truth if any(one.sheet == name or name.startswith(f"{one.sheet} ") for name in names)]
    return found or truth


def first_code(told: str) -> str:
    """Return the first code that the truth admits; empty if unknown.

    >>> first_code("?|_U|_O"), first_code("R12|?"), first_code("?")
    ('', 'R12', '')
    """
    return told.split("|", maxsplit=1)[0].strip("?")


def origin_told(truth: Sequence[Figure], name: str) -> str:
    return next((origin for origin in ORIGINS if varies(truth, origin)), name)


def as_in_m49(codes: Iterable[str]) -> str:
    """Answer about regions: M49 if the truth has the code of one."""
    return AS_IT_IS if any(map(str.isdecimal, codes)) else LEAVE_OUT


def labels_of(question: Question) -> set[str]:
    return set(question.label.split("; ")) if question.part.startswith(("regions", "rests")) else {question.label}


def varies(truth: Sequence[Figure], component: str) -> bool:
    return len({figure.components.get(component, "") for figure in truth if figure.use == "must"}) > 1


def beside(figure: Figure, tables: Sequence[Table]) -> set[str]:
    table = next((table for table in tables if table.sheet == figure.sheet), tables[0])
    found = {}
    for row, cells in table.rows.items():
        for column, text in cells.items():
            found[format_cell(row, column)] = (row, column, " ".join(text.split()))
    here = found.get(figure.cell)
    return {text for row, column, text in found.values() if here and (row == here[0] or column == here[1])}


def asked_by(questions: Sequence[Question]) -> Asked:
    """Summarise the open questions."""
    components, labels, whole = set(), set(), set()
    for question in questions:
        kind, _, name = question.part.partition(" ")
        if kind in WHOLE:
            whole |= {
                (kind, phrase) for phrase in (question.label.split("; ") if kind == "title" else [question.label])
            }
        elif kind == "fixed":
            components.add(name)
            components |= {"TIME_PERIOD", "FREQ"} if name in ("TIME_PERIOD", "FREQ") else set()
        elif kind == "values":
            components |= {"OBS_STATUS", "OBS_VALUE"}
        elif kind == "line":
            components |= {each.code for each in (question.chosen, *question.others)}
            labels.add(question.label)
        elif kind == "codes":
            labels.add(question.label)
            components |= {name} if FIRST_DAY in question.chosen.reason else set()
        elif kind == "regions":
            labels |= labels_of(question)
    lines = any(question.part.startswith("line ") for question in questions)
    return Asked(frozenset(components), frozenset(labels), whole=frozenset(whole), lines=lines)


def observed(result: Conversion) -> Observed:
    """Return the observations of a conversion by source cell."""
    dataset = result.dataset
    structure = dataset.flow.structure
    measure = structure.measure.id
    frame = join_attributes(dataset)
    names = [
        one for one in (*structure.key, measure, "OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE") if one in frame.columns
    ]
    rows = list(frame.select(list(dict.fromkeys(names))).iter_rows(named=True))
    found: dict[Cell, dict[str, str]] = {}
    for number, component, _, sheet, row, column in dataset.origins.iter_rows():
        if component == measure:
            found[sheet or "", format_cell(row, column)] = {name: code or "" for name, code in rows[number].items()}
    return found


def silent(
    truth: Sequence[Figure], read_: Observed, asked: Asked, excused: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield faults that are not asked about; `excused` components are covered by questions on the whole table."""
    for figure in truth:
        for component, what in wrong_of(figure, got_of(figure, read_), asked):
            if component not in excused and ANY not in excused:
                yield f"silent: {figure.sheet}!{figure.cell} {figure.value} {what}"


def got_of(figure: Figure, read_: Observed) -> Mapping[str, str] | None:
    """Return the reading of a figure's cell."""
    return read_.get((figure.sheet, figure.cell)) or read_.get(("", figure.cell))


def wrong_of(figure: Figure, got: Mapping[str, str] | None, asked: Asked) -> Iterator[tuple[str, str]]:
    """Yield unasked faults of a figure by component, or ``OBS_VALUE`` for the whole figure."""
    if got is None:
        if figure.use == "must" and not asked.labels:
            yield VALUE, "is left out"
        return
    pseudo = {name for name in PSEUDO if figure.components.get(name) == "?"}
    if figure.use == "never" or pseudo - ({"EXTRA"} if asked.lines else set()):
        yield VALUE, "is read, though it is something else"
        return
    if figure.value and not same_number(got[VALUE], figure.value) and VALUE not in asked.components:
        yield VALUE, f"is read as {got[VALUE]}"
    any_of = [name for name, code in figure.components.items() if code == "?a"]
    if any_of and not asked.components & set(any_of):
        yield any_of[0], f": nobody asks about {' or '.join(any_of)}"
    for name, code in figure.components.items():
        known = name in got or name in DEFAULTS
        value = got.get(name) or DEFAULTS.get(name, "")
        is_asked = name in asked.components or value in asked.labels  # a label that is asked about stays as it is
        if known and code not in ("", "?a") and not is_asked and value not in code.split("|"):
            yield name, f": {name} is {value} instead of {code}"


vocabulary = cache(read_vocabulary)


def excused_by(news: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The components that questions about the whole table cover: those of a unit or status only these."""
    covered: set[str] = set()
    for kind, label in news:
        concepts = (
            {mention.concept for mention in find_mentions(split_words(label), vocabulary())[0]}
            if kind == "title"
            else set()
        )
        telling = concepts - {"PLAIN", "ROLE", "BY", "WORDING", "ARTICLE", "JOINING", "MONTH", "AGEPART"}
        narrow = [COVERED[one] for one in telling if one in COVERED]
        covered |= set().union(*narrow) if narrow and len(narrow) == len(telling) else {ANY}
    return frozenset(covered)


def same_number(one: str, other: str) -> bool:
    try:
        return Decimal(one or "") == Decimal(other or "")
    except InvalidOperation:
        return one == other


@dataclass(frozen=True, slots=True)
class Trial:
    case: Case
    situation: str

    @property
    def id(self) -> str:
        return f"{self.case.id} {self.case.kind.id} {self.situation}"


class Campaign:
    def __init__(self, judge: Judge | None = None) -> None:
        self.judge = judge or Judge()

    def trials(self) -> Iterator[Trial]:
        for case in cases():
            yield Trial(case, "from nothing")
            yield Trial(case, "by last year's mapping")

    def outcome(self, trial: Trial) -> str:
        """Return the outcome of a trial."""
        if trial.situation == "from nothing":
            return self.judge.from_nothing(trial.case)
        return self.judge.by_last_year(trial.case)
