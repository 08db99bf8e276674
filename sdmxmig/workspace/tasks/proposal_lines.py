"""Lines of a proposal and their states."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.convert import Conversion
from sdmxmig.conversion.mapping.grid import collapse_blanks
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.suggestion.answers import OUT, Answers, build_answered_question
from sdmxmig.conversion.suggestion.cell_values import QUOTED
from sdmxmig.conversion.suggestion.optional_attributes import WANTED, ask_about_unstated
from sdmxmig.conversion.suggestion.preview import build_example, find_places
from sdmxmig.conversion.suggestion.questions import AND, DECIDED, EVERYWHERE, SUMS, TITLE, Question
from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.suggestion.title_values import STATUS
from sdmxmig.conversion.suggestion.year_statements import NOTE, format_label, parse_label_codes
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.frames import join_attributes
from sdmxmig.sdmx.model.data import Attributes, Block, Dataset, Flow
from sdmxmig.sdmx.model.findings import Rule
from sdmxmig.sdmx.model.sources import COLUMN_KINDS, ROW_KINDS, Kind
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.proposals import TriedProposal

UNSURE, UNMAPPED, UNREAD, CERTAIN, ANSWERED = "unsure", "unmapped", "unread", "certain", "answered"
STATES = (UNSURE, UNMAPPED, UNREAD, ANSWERED, CERTAIN)
HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a proposal; `state` is one of `STATES`, `answer` is the user's answer or empty."""

    question: Question
    _: KW_ONLY
    state: str
    answer: str = ""

    @property
    def about(self) -> tuple[str, str, str]:
        return self.question.sheet, self.question.part, self.question.label

    @property
    def is_supported(self) -> bool:
        return self.state == UNSURE and self.question.has_proposal

    @property
    def id(self) -> str:
        return hashlib.sha256("\0".join(self.about).encode()).hexdigest()[:HASH_DIGITS]


@dataclass(frozen=True, slots=True)
class CellReading:
    codes: tuple[tuple[str, tuple[str, ...]], ...]
    _: KW_ONLY
    count: int
    sentences: tuple[str, ...]


def list_lines(tried: TriedProposal, answers: Answers) -> tuple[Line, ...]:
    questions = [question for question in tried.questions if not is_decided(question)]
    lines = [Line(question, state=determine_state(question)) for question in questions]
    lines += [build_answered_line(about, answers) for about in sorted(answers.decisions)]
    return tuple(sorted(lines, key=lambda line: STATES.index(line.state) if line.state in (ANSWERED, CERTAIN) else 0))


def is_decided(question: Question) -> bool:
    return not question.is_open and question.chosen.reason == DECIDED


def determine_state(question: Question) -> str:
    if not question.is_open:
        return CERTAIN
    kind = question.part.partition(" ")[0]
    if kind in OUT or (kind in ("sheet", "line") and not question.chosen.code):
        return UNREAD
    return UNSURE if question.chosen.code else UNMAPPED


def build_answered_line(about: tuple[str, str, str], answers: Answers) -> Line:
    return Line(build_answered_question(about, answers), state=ANSWERED, answer=answers.decisions[about])


def count_states(lines: Iterable[Line]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for line in lines:
        counts[line.state] += 1
    return counts


def find_region(tried: TriedProposal, table: Table, row: int, column: int) -> Region | None:
    of_sheet = [region for region in tried.proposal.regions if region.table.sheet == table.sheet]
    around = [region for region in of_sheet if region.has(row, column)]
    return next(iter([*around, *of_sheet]), None)


def find_concerning(
    lines: Sequence[Line], tried: TriedProposal, table: Table, *, row: int, column: int, components: Iterable[str]
) -> list[Line]:
    """Find the lines about a cell by its text, its row or column of labels, or its component."""
    region = find_region(tried, table, row, column)
    names = {table.sheet, EVERYWHERE, *([region.name] if region else [])}
    place = Place(table.file, table.sheet, cell=format_cell(row, column))
    texts, places = list_texts(region, table, row, column), list_places(region, row, column)
    concerned = frozenset(components)
    kept = []
    for line in lines:
        question = line.question
        if not names.intersection({question.sheet, *question.sheets}):
            continue
        if question.sheets and question.sheet == EVERYWHERE and not names.intersection(question.sheets):
            continue
        if concerns_cell(question, place, texts=texts, places=places, components=concerned):
            kept.append(line)
    return kept


def list_texts(region: Region | None, table: Table, row: int, column: int) -> tuple[str, ...]:
    texts = [collapse_blanks(table.text(row, column))]
    if region is not None and region.has(row, column) and row >= region.first and column in region.values:
        texts += [region.header(above, column) for above in range(region.top, region.first)]
        texts += [collapse_blanks(table.text(row, beside)) for beside in region.labels]
    return tuple(filter(None, texts))


def list_places(region: Region | None, row: int, column: int) -> tuple[str, ...]:
    if region is None or not region.has(row, column):
        return ()
    if row < region.first and column in region.values:
        return (f"header {row - region.top + 1}",)
    if column in region.labels:
        head = collapse_blanks(region.head(column))
        return (f"column {abs(column - region.side) + 1}", *([f"column {head}"] if head else []))
    return ()


def concerns_cell(
    question: Question, place: Place, *, texts: Sequence[str], places: Sequence[str], components: Collection[str]
) -> bool:
    kind, _, name = question.part.partition(" ")
    text = texts[0] if texts else ""
    if kind == "line":
        return any(piece == at or piece.startswith(f"{at} ") for piece in name.split(" + ") for at in places)
    if kind in ("codes", "rows", "unread"):
        return collapse_blanks(question.label) in texts
    if kind in ("regions", "rests", SUMS):
        return name in components
    if kind == "title":
        return has_phrase(text, parse_phrases(question.label))
    if kind == "values":
        sign = QUOTED.search(question.label)
        return bool(sign and sign[1] and sign[1] in text)
    return question.place == place


def has_phrase(text: str, phrases: Iterable[frozenset[str]]) -> bool:
    """Check whether a text has all words of one of these phrases, in any place.

    >>> has_phrase("Excluding the occupied territories of Abkhazia", parse_phrases("occupied Abkhazia; divorces"))
    True
    """
    words = set(plain(text).split())
    return any(words >= phrase for phrase in phrases)


def parse_phrases(label: str) -> list[frozenset[str]]:
    phrases = (frozenset(plain(phrase).split()) for phrase in label.split(AND))
    return [phrase for phrase in phrases if phrase]


def find_asked_cells(lines: Iterable[Line], texts: Mapping[tuple[int, int], str]) -> frozenset[tuple[int, int]]:
    labels: set[str] = set()
    phrases: list[frozenset[str]] = []
    for line in lines:
        if line.state not in (ANSWERED, CERTAIN) and line.question.label:
            if line.question.part == TITLE:
                phrases += parse_phrases(line.question.label)
            else:
                labels.add(collapse_blanks(line.question.label))
    return frozenset(
        cell for cell, text in texts.items() if text and (collapse_blanks(text) in labels or has_phrase(text, phrases))
    )


def list_possible_answers(
    tried: TriedProposal, table: Table, *, row: int, column: int, codes: Mapping[str, Sequence[str]]
) -> list[Line]:
    region = find_region(tried, table, row, column)
    text = collapse_blanks(table.text(row, column))
    if region is None or not text:
        return []
    lines = [
        Line(
            build_certain_question(region.name, f"codes {component}", text, code=listed[0] if len(listed) == 1 else ""),
            state=CERTAIN,
        )
        for component, listed in codes.items()
    ]
    if not lines:
        places = list_places(region, row, column)[:1]
        lines = [
            Line(build_certain_question(region.name, f"line {place}", "", code=""), state=UNREAD) for place in places
        ]
    return lines


def build_certain_question(sheet: str, part: str, label: str, *, code: str) -> Question:
    return Question(sheet, part, label=label, chosen=Candidate(code, 1.0, reason="as it is read"))


def describe_reading(
    conversion: Conversion, table: Table, *, row: int, column: int, language: str, most: int
) -> CellReading:
    dataset = conversion.dataset
    measure = dataset.flow.structure.measure.id
    here = dataset.origins.filter(
        (pl.col("sheet").cast(pl.String).fill_null("") == table.sheet)
        & (pl.col("row") == row)
        & (pl.col("column") == column)
    )
    numbers = here["observation"].unique().sort().to_list()
    if not numbers:
        return CellReading((), count=0, sentences=())
    components = sorted(set(here["component"].cast(pl.String).to_list()) - {measure})
    frame = join_attributes(dataset)
    rows = frame[numbers]
    codes = tuple(
        (
            component,
            tuple(sorted({str(code) for code in rows[component].cast(pl.String).to_list() if code is not None})),
        )
        for component in components
        if component in rows.columns
    )
    place = Place(table.file, table.sheet, cell=format_cell(row, column)) if measure in set(here["component"]) else None
    sentences = tuple(
        build_example(observation, dataset.flow, place, language).sentence
        for observation in rows.head(most).iter_rows(named=True)
    )
    return CellReading(codes, count=len(numbers), sentences=sentences)


def list_observations(
    conversion: Conversion, open_questions: Sequence[Question], *, first: int, most: int, language: str
) -> Iterator[tuple[str, Place]]:
    dataset = conversion.dataset
    rows = join_attributes(dataset).slice(first, most)
    numbers = range(first, first + rows.height)
    places = find_places(dataset, numbers)
    for number, row in zip(numbers, rows.iter_rows(named=True), strict=True):
        place = places.get(number)
        sentence = build_example(row, dataset.flow, place, language, open_questions, with_cell=False).sentence
        yield sentence, place or Place("")


UNSAID_STATE = "unsaid"
FIGURE, ROW, COLUMN, TABLE = "figure", "row", "column", "table"
COMMENT = "COMMENT_OBS"


@dataclass(frozen=True, slots=True)
class Scope:
    kind: str
    where: Attributes
    _: KW_ONLY
    table: str

    @property
    def label(self) -> str:
        return format_label(self.where) if self.where else EVERYWHERE

    def about(self, attribute: str) -> tuple[str, str, str]:
        part = NOTE if self.where else "fixed"
        return self.table, f"{part} {attribute}", format_label(self.where)


def list_unstated_lines(tried: TriedProposal, answers: Answers, flow: Flow, rules: Mapping[str, Rule]) -> list[Line]:
    """Return the attributes that no table states, except those answered for each table."""
    questions = ask_about_unstated(tried.proposal, tried.questions, flow, rules)
    tables = {region.name for region in tried.proposal.regions}
    return [
        Line(
            question,
            state=UNSAID_STATE,
            answer=answers.decisions.get((question.sheet, question.part, question.label), ""),
        )
        for question in questions
        if not tables or any((table, question.part, question.label) not in answers.decisions for table in tables)
    ]


def needs_answer(line: Line) -> bool:
    return line.question.chosen.reason == WANTED


def list_scopes(tried: TriedProposal, table: Table, row: int, column: int) -> tuple[Scope, ...]:
    region = find_region(tried, table, row, column)
    if tried.conversion is None or region is None or not region.has(row, column):
        return ()
    dataset = tried.conversion.dataset
    measure = dataset.flow.structure.measure.id
    block = tried.proposal.mapping.blocks[tried.proposal.regions.index(region)]
    origins = dataset.origins.filter(
        (pl.col("sheet").cast(pl.String).fill_null("") == table.sheet)
        & (pl.col("row") == row)
        & (pl.col("column") == column)
    )
    figures = dataset.observations[origins["observation"].unique().sort()]
    traced = set(origins["component"].cast(pl.String))
    if measure in traced:
        kinds = {FIGURE: None, ROW: ROW_KINDS, COLUMN: COLUMN_KINDS}
    else:
        sides = {ROW: ROW_KINDS, COLUMN: COLUMN_KINDS}
        kinds = {side: of_side for side, of_side in sides.items() if traced & set(read_from(block, of_side, dataset))}
    pairs = ((kind, find_shared_codes(figures, read_from(block, of_kind, dataset))) for kind, of_kind in kinds.items())
    by_codes: dict[Attributes, str] = {}
    for kind, where in pairs:
        if where:
            by_codes.setdefault(where, kind)
    if by_codes and not any(
        component_map.component in list_figure_attributes(dataset.flow) for component_map in block.components
    ):
        by_codes[()] = TABLE  # otherwise some cells state it by figure, and they count
    return tuple(Scope(kind, where, table=region.name) for where, kind in by_codes.items())


def read_from(block: Block, kinds: Sequence[Kind] | None, dataset: Dataset) -> list[str]:
    return [
        component_map.component
        for component_map in block.components
        if component_map.component in dataset.flow.structure.key
        and (kinds is None or all(part.kind in kinds for part in component_map.source.parts))
    ]


def find_shared_codes(figures: pl.DataFrame, dimensions: Iterable[str]) -> Attributes:
    columns = ((name, figures[name].cast(pl.String).unique()) for name in dimensions)
    return tuple((name, codes[0]) for name, codes in columns if len(codes) == 1 and codes[0] is not None)


def find_notes(scopes: Sequence[Scope], answers: Answers) -> list[Line]:
    return [
        build_answered_line(about, answers)
        for about in sorted(answers.decisions)
        if any(is_note_on(about, scope) for scope in scopes)
    ]


def is_note_on(about: tuple[str, str, str], scope: Scope) -> bool:
    table, part, label = about
    kind, _, name = part.partition(" ")
    if not scope.where:
        return about == scope.about(name)
    return kind == NOTE and table == scope.table and set(parse_label_codes(label)) <= set(scope.where)


def list_figure_attributes(flow: Flow) -> list[str]:
    names = [attribute.id for attribute in flow.structure.attributes("observation") if not attribute.is_array]
    return sorted(names, key=lambda name: (name != STATUS, name != COMMENT))
