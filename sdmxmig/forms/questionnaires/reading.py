"""Reading of questionnaires by hidden keys, without a mapping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sdmxmig.catalogue import Catalogue
from sdmxmig.forms.cells import FilledCell, read_cells
from sdmxmig.forms.questionnaires import keys
from sdmxmig.forms.questionnaires.answer_sheets import LAST_COLUMNS, CodeNames, read_number
from sdmxmig.forms.questionnaires.answer_sheets import read_number as parse_number
from sdmxmig.forms.questionnaires.control import ControlSheet, SentTable, read_control
from sdmxmig.forms.questionnaires.filling import NO_VALUE, STATUS_ATTRIBUTE
from sdmxmig.forms.questionnaires.plan import AREA, FREQUENCY
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.marked_workbook import is_listing
from sdmxmig.sdmx.frames import Origin, build_origins, build_text_frame
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset, Flow
from sdmxmig.sdmx.model.findings import FindingCollector, Findings, Rule
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Cell, Table

MAX_NAMED = 5


@dataclass(slots=True, kw_only=True)
class FigureEntry:
    """A figure with its components and cells; an answer of None is missing."""

    values: dict[str, str]
    cells: dict[str, Cell]
    table: Table
    answers: dict[str, str | None] = field(default_factory=dict)
    is_in_grid: bool = True


def format_lines(cell_keys: Sequence[keys.CellKey]) -> str:
    texts = [", ".join(f"{name} = {code}" for name, code in key.pairs) or key.kind for key in cell_keys[:MAX_NAMED]]
    return "; ".join(texts) + (" …" if len(cell_keys) > MAX_NAMED else "")


class GridReading:
    def __init__(self, table: Table, sent: SentTable, flow: Flow, collector: FindingCollector) -> None:
        self.table, self.sent, self.flow, self.collector = table, sent, flow, collector
        self.names = CodeNames(flow)
        self.cells = read_cells(table)
        self.measure = flow.structure.measure.id
        down = {
            row: key
            for (row, column), filled in self.cells.items()
            if column == 1 and (key := keys.parsed(filled.text))
        }
        across = {
            col: key for (row, col), filled in self.cells.items() if row == 1 and (key := keys.parsed(filled.text))
        }
        self.down, self.across = down, across
        self.labels = {column: key.name for column, key in across.items() if key.kind == keys.LABEL}
        self.headers = {row: key.name for row, key in down.items() if key.kind == keys.HEADER}
        self.attributes = {row: key.name for row, key in down.items() if key.kind == keys.ATTRIBUTE}
        body = {row: key for row, key in down.items() if key.kind == keys.ROW}
        heads = {column: key for column, key in across.items() if key.kind in (keys.VALUE, keys.STATUS)}
        self.rows = self.readable(body, sent.rows, by_row=True)
        self.columns = self.readable(heads, sent.columns, by_row=False)

    def text(self, row: int, column: int) -> str:
        filled = self.cells.get((row, column))
        return filled.text.strip() if filled else ""

    def readable(
        self, keyed: Mapping[int, keys.CellKey], sent: Sequence[keys.CellKey], *, by_row: bool
    ) -> dict[int, keys.CellKey]:
        """Return readable rows or columns: those requested, unique, and consistent with their headers."""
        counts, sent_keys = Counter(keyed.values()), set(sent)
        lacking = [key for key in sent if not counts[key]]
        wrong = {number: key for number, key in keyed.items() if counts[key] > 1 or key not in sent_keys}
        if lacking or wrong:
            places = [self.place(number, by_row=by_row) for number in wrong] or [
                Place(self.table.file, self.table.sheet)
            ]
            affected_keys = list(dict.fromkeys([*wrong.values(), *lacking]))
            self.collector.add(
                RuleId.ROWS_OR_COLUMNS_GONE,
                places,
                table=self.sent.id,
                count=str(len(affected_keys)),
                said=format_lines(affected_keys),
            )
        return {
            number: key
            for number, key in keyed.items()
            if number not in wrong and self.agrees(number, key, by_row=by_row)
        }

    def place(self, number: int, *, by_row: bool) -> Place:
        if by_row:
            return self.table.place(number, min(self.labels, default=2))
        return self.table.place(min(self.headers, default=1), number)

    def agrees(self, number: int, key: keys.CellKey, *, by_row: bool) -> bool:
        codes = dict(key.pairs) if by_row else {**dict(key.pairs), "": key.kind}
        is_consistent = True
        for position, name in (self.labels if by_row else self.headers).items():
            at = (number, position) if by_row else (position, number)
            header = self.text(*at)
            if name not in codes or not header:
                continue
            agreement = self.names.agrees(name, header, codes[name]) if name else self.is_of_kind(header, key.kind)
            if agreement is not True:
                parameters = {"said": header, "expected": self.expected(name, codes[name])}
                self.collector.add(
                    RuleId.HEADER_RENAMED if agreement is None else RuleId.HEADER_CONTRADICTS_KEY,
                    [self.table.place(*at)],
                    name,
                    **parameters,
                )
            is_consistent = is_consistent and agreement is not False
        return is_consistent

    def is_of_kind(self, header: str, kind: str) -> bool | None:
        words = self.sent.words
        return True if header == words.get(kind) else False if header in words.values() else None

    def expected(self, name: str, code: str) -> str:
        if not name:
            return self.sent.words.get(code, code)
        codelist = self.flow.codelist(name)
        return f"{code} ({codelist[code].name})" if codelist is not None and code in codelist else code

    def read(self) -> Iterator[FigureEntry]:
        statuses = {key.pairs: column for column, key in self.columns.items() if key.kind == keys.STATUS}
        values = {column: key for column, key in self.columns.items() if key.kind == keys.VALUE}
        column_answers = {column: dict(self.select_column(column)) for column in values}
        empty = 0
        without: list[Place] = []
        for row in sorted(self.rows):
            for column in sorted(values):
                filled, status = self.cells.get((row, column)), self.text(row, statuses.get(values[column].pairs, 0))
                if filled and filled.formula and not filled.text:
                    without.append(self.table.place(row, column))
                elif filled and filled.kind == "error":
                    self.collector.add(
                        RuleId.ERROR_CELL, [self.table.place(row, column)], self.measure, value=filled.text
                    )
                elif (filled and filled.text.strip()) or status:
                    entry = self.entry((row, column), filled, column_answers[column])
                    if entry and status:
                        self.answer(entry, STATUS_ATTRIBUTE, (row, statuses[values[column].pairs]))
                    if entry:
                        yield entry
                else:
                    empty += 1
        if empty:  # report the sheet, not thousands of cells
            parameters = {"count": str(empty), "asked": str(len(self.rows) * len(values)), "table": self.sent.id}
            self.collector.add(
                RuleId.FIGURES_NOT_GIVEN, [Place(self.table.file, self.table.sheet)], self.measure, **parameters
            )
        self.collector.add(RuleId.FORMULA_WITHOUT_RESULT, without, self.measure, count=str(len(without)))
        report_unasked_content(self.table, self.cells, self.is_asked, self.collector)

    def entry(self, at: Cell, filled: FilledCell | None, column_answers: Mapping[str, Cell]) -> FigureEntry | None:
        """Return a figure with its key and column answers; None if ambiguous."""
        row, column = at
        values = {**self.sent.fixed, **dict(self.rows[row].pairs), **dict(self.columns[column].pairs)}
        cells = {name: (row, place) for place, name in self.labels.items() if name in dict(self.rows[row].pairs)}
        cells |= {name: (place, column) for place, name in self.headers.items() if name}
        entry = FigureEntry(values=values, cells={**cells, self.measure: at}, table=self.table)
        if filled and filled.text.strip():
            written = read_number(filled)
            if written is None:
                self.collector.add(
                    RuleId.AMBIGUOUS_NUMBER, [self.table.place(*at)], self.measure, said=filled.text.strip()
                )
                return None
            entry.values[self.measure] = written
        for name, cell in column_answers.items():
            self.answer(entry, name, cell)
        return entry

    def select_column(self, column: int) -> Iterator[tuple[str, Cell]]:
        for row, name in self.attributes.items():
            if self.text(row, column):
                yield name, (row, column)

    def answer(self, entry: FigureEntry, name: str, cell: Cell) -> None:
        text = self.text(*cell)
        entry.answers[name] = None if text == NO_VALUE else self.names.code(name, text)
        if text != NO_VALUE:
            entry.cells[name] = cell

    def is_asked(self, cell: Cell, filled: FilledCell) -> bool:
        row, column = cell
        if 1 in cell or (row < min(self.headers, default=1) and filled.kind != "number"):
            return True
        if row in self.headers or column in self.labels:
            return row in self.down and column in self.across
        down, across = self.down.get(row), self.across.get(column)
        if down is None or across is None:
            return False
        if down.kind == keys.ATTRIBUTE:
            return across.kind == keys.VALUE
        return across.kind in (keys.VALUE, keys.STATUS) or (across.kind == keys.CHECK and filled.kind != "number")


OWN_COMMENT = re.compile(r"(?:[^:\n]{1,60}:\s*)?MIG-\d-\d{3} – ")


def report_unasked_content(
    table: Table,
    cells: Mapping[Cell, FilledCell],
    is_asked: Callable[[Cell, FilledCell], bool],
    collector: FindingCollector,
) -> None:
    filled_cells = [
        (cell, filled) for cell, filled in sorted(cells.items()) if filled.text.strip() and not filled.formula
    ]
    unasked = [(cell, filled) for cell, filled in filled_cells if not is_asked(cell, filled)]
    texts = {cell for cell, filled in unasked if filled.kind != "number"}
    comments = {cell for cell, remarks in table.notes.items() if not all(map(OWN_COMMENT.match, remarks))}
    for rule_id, listed_cells in (
        (RuleId.UNASKED_FIGURES, [cell for cell, filled in unasked if filled.kind == "number"]),
        (RuleId.UNREAD_REMARKS, sorted(texts | comments)),
    ):
        places = [table.place(*cell) for cell in listed_cells]
        collector.add(rule_id, places, sheet=table.sheet, count=str(len(places)))


def report_unasked_sheets(tables: Sequence[Table], asked_tables: Iterable[Table], collector: FindingCollector) -> None:
    asked_ids = {id(table) for table in asked_tables}
    for table in tables:
        if id(table) not in asked_ids and not is_listing(table):
            report_unasked_content(table, read_cells(table), lambda _, __: False, collector)


@dataclass(frozen=True, slots=True)
class Answers:
    dataset: Dataset
    metadata: MetadataSet | None
    findings: Findings
    area: str
    language: str


def read(tables: Sequence[Table], catalogue: Catalogue, rules: Mapping[str, Rule] | None = None) -> Answers:
    """Read a returned questionnaire by its keys; rows and columns with wrong headers are reported but not read."""
    control = read_control(tables)
    flow = catalogue.flow(control.flow.short)
    collector = FindingCollector(flow.id, catalogue.rules if rules is None else rules)
    general = read_general_answers(control, flow, collector)
    entries = list(list_grid_entries(control, flow, collector))
    apply_notes(entries, list(read_sheet_rows(control, keys.NOTES, flow, collector)), collector)
    whole = {AREA: control.area, FREQUENCY: control.freq}
    entries += build_entries(read_sheet_rows(control, keys.MORE, flow, collector), flow, whole, collector)
    report_unasked_sheets(tables, control.sheets.values(), collector)
    fill_in_attributes(entries, general.attributes, flow)
    dataset = build_dataset(flow, drop_duplicate_figures(entries, flow, collector), general, collector)
    metadata = find_metadata(control, general.reported, flow)
    return Answers(
        dataset, metadata, findings=Findings(tuple(collector.findings)), area=control.area, language=control.language
    )


def index_rules_in_forms(rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {id_: replace(rule, hint=rule.form_hint or rule.hint) for id_, rule in rules.items()}


def list_grid_entries(control: ControlSheet, flow: Flow, collector: FindingCollector) -> Iterator[FigureEntry]:
    for sent in control.tables:
        table = control.sheets.get(sent.id)
        if table is None:
            parameters = {"table": sent.id, "count": str(len(sent.rows)), "said": format_lines(sent.rows)}
            collector.add(RuleId.ROWS_OR_COLUMNS_GONE, [Place(control.file)], **parameters)
        else:
            yield from GridReading(table, sent, flow, collector).read()


def read_sheet_rows(control: ControlSheet, mark: str, flow: Flow, collector: FindingCollector) -> Iterator[ListRow]:
    table = find_whole_sheet(control, mark, collector)
    if table is not None:
        yield from read_rows(table, CodeNames(flow), collector)


def find_whole_sheet(control: ControlSheet, mark: str, collector: FindingCollector) -> Table | None:
    table = control.sheets.get(mark)
    lacking = list_lacking_columns(table, control.columns.get(mark, ())) if table else ["*"]
    if lacking:
        title = control.titles.get(mark, mark)
        place = Place(control.file, table.sheet if table else "")
        collector.add(RuleId.SHEET_GONE, [place], sheet=title, said=", ".join(lacking) if table else title)
    return None if lacking else table


@dataclass(slots=True, kw_only=True)
class GeneralAnswers:
    table: Table | None
    attributes: dict[str, str] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    reported: dict[str, str] = field(default_factory=dict)


def read_general_answers(control: ControlSheet, flow: Flow, collector: FindingCollector) -> GeneralAnswers:
    table = find_whole_sheet(control, keys.METADATA, collector)
    general = GeneralAnswers(table=table)
    if table is None:
        return general
    cells = read_cells(table)
    column = next(at for at, key in index_columns(cells).items() if key.kind == keys.VALUE)
    last = max((row for row, place in cells if place == 1), default=1)
    report_unasked_content(
        table, cells, lambda cell, _: cell[0] <= last and cell[1] <= column + LAST_COLUMNS, collector
    )
    names = CodeNames(flow)
    for (row, place), filled in sorted(cells.items()):
        key = keys.parsed(filled.text) if place == 1 else None
        answer = cells.get((row, column))
        if key is None or answer is None or not answer.text.strip():
            continue
        text = answer.text.strip()
        if key.kind == keys.ATTRIBUTE and key.name in flow.structure and text != NO_VALUE:
            general.attributes[key.name] = names.code(key.name, text)
            general.cells[key.name] = (row, column)
        elif key.kind == keys.REPORT:
            general.reported[key.name] = text
    return general


def fill_in_attributes(entries: Iterable[FigureEntry], general: Mapping[str, str], flow: Flow) -> None:
    structure = flow.structure
    names = [component.id for component in (*structure.attributes("series"), *structure.attributes("observation"))]
    for entry in entries:
        for name in names:
            value = entry.answers[name] if name in entry.answers else general.get(name)
            if value is not None:
                entry.values[name] = value


def drop_duplicate_figures(
    entries: Iterable[FigureEntry], flow: Flow, collector: FindingCollector
) -> list[FigureEntry]:
    """Keep each figure once; duplicates are reported and the first is kept."""
    measure = flow.structure.measure.id
    first_entries: dict[tuple[str, ...], FigureEntry] = {}
    unique_entries = []
    for entry in entries:
        key = tuple(entry.values.get(name, "") for name in flow.structure.key)
        first = first_entries.setdefault(key, entry)
        if first is entry or not entry.is_in_grid:
            unique_entries.append(entry)
        elif first.values.get(measure) != entry.values.get(measure):
            at, first_place = (twin.table.place(*twin.cells[measure]) for twin in (entry, first))
            parameters = {"said": read_value(entry, measure), "expected": read_value(first, measure)}
            collector.add(
                RuleId.FIGURE_GIVEN_TWICE,
                [at],
                measure,
                other=f"{first_place.sheet} › {first_place.cell}",
                **parameters,
            )
    return unique_entries


def read_value(entry: FigureEntry, measure: str) -> str:
    return entry.values.get(measure) or entry.values.get(STATUS_ATTRIBUTE, "")


def build_dataset(
    flow: Flow, entries: Sequence[FigureEntry], general: GeneralAnswers, collector: FindingCollector
) -> Dataset:
    structure = flow.structure
    columns = [
        *structure.key,
        *(component.id for component in (*structure.measures, *structure.attributes("observation"))),
    ]
    of_series = [component.id for component in structure.attributes("series")]
    series: dict[tuple[str, ...], dict[str, str]] = {}
    contradicted: dict[tuple[tuple[str, ...], str], None] = {}
    for entry in entries:
        key = tuple(entry.values.get(name, "") for name in structure.series_key)
        if key not in series:
            dimensions = zip(structure.series_key, key, strict=True)
            series[key] = {name: code for name, code in dimensions if code}
        for name in (name for name in of_series if name in entry.values):
            value, first = entry.values[name], series[key].setdefault(name, entry.values[name])
            if value != first:
                place = entry.table.place(*entry.cells.get(name, min(entry.cells.values())))
                collector.add(RuleId.TWO_ATTRIBUTE_VALUES, [place], name, component=name, value=value, first=first)
                contradicted[key, name] = None
    for key, name in contradicted:
        del series[key][name]
    whole = [component.id for component in structure.attributes("dataset")]
    return Dataset(
        flow,
        build_text_frame(columns, (entry.values for entry in entries)),
        series=build_text_frame([*structure.series_key, *of_series], series.values()),
        attributes={name: general.attributes[name] for name in whole if name in general.attributes},
        origins=build_origins(list_origins(entries, general)),
    )


def list_origins(entries: Iterable[FigureEntry], general: GeneralAnswers) -> Iterator[Origin]:
    for row, entry in enumerate(entries):
        for name, cell in entry.cells.items():
            yield (row, name, entry.table.file, entry.table.sheet, *cell)
        for name, cell in general.cells.items():
            if general.table and name not in entry.answers:
                yield (row, name, general.table.file, general.table.sheet, *cell)


def find_metadata(control: ControlSheet, reported: Mapping[str, str], flow: Flow) -> MetadataSet | None:
    if not reported or control.metadataflow is None:
        return None
    report = Report((Target(flow.dataflow.ref.urn),), build_attribute_tree(reported))
    ref = Ref("MetadataSet", control.area, id=f"{flow.id}_{control.area}", version="1.0.0")
    return MetadataSet(control.metadataflow, (report,), ref=ref, name=Text.of(en=f"{flow.id} {control.area}"))


def build_attribute_tree(reported: Mapping[str, str], above: str = "") -> tuple[ReportedAttribute, ...]:
    """Build a tree of attributes from answers by path.

    >>> [one.id for one in build_attribute_tree({"CONTACT.NAME": "A", "CONTACT.EMAIL": "B"})[0].attributes]
    ['NAME', 'EMAIL']
    """
    start = f"{above}." if above else ""
    names = dict.fromkeys(path.removeprefix(start).partition(".")[0] for path in reported if path.startswith(start))
    return tuple(
        ReportedAttribute(
            name,
            values=(reported[start + name],) if start + name in reported else (),
            attributes=build_attribute_tree(reported, start + name),
        )
        for name in names
    )


@dataclass(frozen=True, slots=True)
class ListRow:
    key: Mapping[str, str]
    filled: Mapping[str, FilledCell]
    cells: Mapping[str, Cell]
    table: Table
    names: CodeNames

    def answers(self) -> Iterator[tuple[str, str | None]]:
        for name, filled in self.filled.items():
            text = filled.text.strip()
            yield name, None if text == NO_VALUE else self.names.code(name, text)


def read_rows(table: Table, names: CodeNames, collector: FindingCollector) -> Iterator[ListRow]:
    cells = read_cells(table)
    across = index_columns(cells)
    head = min(
        (row for (row, column), filled in cells.items() if column == 1 and filled.text.startswith(keys.HEADER)),
        default=1,
    )
    rows: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        if row > head and column in across and cells[row, column].text.strip():
            rows.setdefault(row, []).append(column)
    for row, columns in rows.items():
        pairs = {
            across[column].name: names.code(across[column].name, cells[row, column].text)
            for column in columns
            if across[column].kind == keys.LABEL
        }
        answers = {
            across[column].name: cells[row, column] for column in columns if across[column].kind == keys.ATTRIBUTE
        }
        yield ListRow(
            pairs, answers, cells={across[column].name: (row, column) for column in columns}, table=table, names=names
        )
    report_unasked_content(table, cells, lambda cell, _: cell[0] <= head or cell[1] in (1, *across), collector)


def index_columns(cells: Mapping[Cell, FilledCell]) -> dict[int, keys.CellKey]:
    across = {column: keys.parsed(filled.text) for (row, column), filled in cells.items() if row == 1 and column > 1}
    return {column: key for column, key in across.items() if key}


def list_lacking_columns(table: Table, sent: Iterable[keys.CellKey]) -> list[str]:
    counts = Counter(index_columns(read_cells(table)).values())
    return [key.name or key.kind for key in sent if counts[key] != 1]


def apply_notes(entries: Iterable[FigureEntry], notes: Sequence[ListRow], collector: FindingCollector) -> None:
    """Apply notes; later ones take precedence, unused ones are reported."""
    used_notes: set[int] = set()
    by_dimensions: dict[tuple[str, ...], dict[tuple[str, ...], list[tuple[int, ListRow]]]] = {}
    for number_, note in enumerate(notes):
        names = tuple(sorted(note.key))
        codes = tuple(note.key[name] for name in names)
        by_dimensions.setdefault(names, {}).setdefault(codes, []).append((number_, note))
    for entry in entries:
        fitting = [
            numbered_note
            for names, notes_by_codes in by_dimensions.items()
            for numbered_note in notes_by_codes.get(tuple(entry.values.get(name, "") for name in names), ())
        ]
        for number_, note in sorted(fitting, key=lambda pair: pair[0]):
            entry.answers.update(note.answers())
            used_notes.add(number_)
    for number_, note in enumerate(notes):
        if number_ not in used_notes or not note.filled:
            collector.add(RuleId.UNUSED_NOTE, [note.table.place(*min(note.cells.values()))])


def build_entries(
    rows: Iterable[ListRow], flow: Flow, whole: Mapping[str, str], collector: FindingCollector
) -> Iterator[FigureEntry]:
    """Yield figures of the sheet for additional figures; empty country and frequency default to the questionnaire's."""
    measure = flow.structure.measure.id
    for row in rows:
        key = {**{name: code for name, code in whole.items() if name in flow.structure}, **row.key}
        entry = FigureEntry(values=key, cells=dict(row.cells), table=row.table, is_in_grid=False)
        entry.cells.setdefault(measure, min(row.cells.values()))
        if measure in row.filled:
            written = parse_number(row.filled[measure])
            if written is None:
                place = row.table.place(*row.cells[measure])
                collector.add(RuleId.AMBIGUOUS_NUMBER, [place], measure, said=row.filled[measure].text.strip())
                continue
            entry.values[measure] = written
        entry.answers.update((name, value) for name, value in row.answers() if name != measure)
        yield entry
