"""Reading of questionnaire tables by keys.

Content where no answer is expected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.forms.cells import FilledCell, cells_of
from sdmxmig.forms.questionnaires import keys
from sdmxmig.forms.questionnaires.answer_sheets import CodeNames, number
from sdmxmig.forms.questionnaires.control import SentTable
from sdmxmig.forms.questionnaires.prefill import NONE, STATUS
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.marked_workbook import is_listing
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import FindingCollector
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Cell, Table

NAMED = 5
"""So many rows and columns a message names before it only counts them."""


@dataclass(slots=True)
class FigureEntry:
    """A figure with components and cells; `answers` None means not given."""

    values: dict[str, str]
    cells: dict[str, Cell]
    _: KW_ONLY
    table: Table
    answers: dict[str, str | None] = field(default_factory=dict)
    is_in_grid: bool = True


def named_lines(cell_keys: Sequence[keys.CellKey]) -> str:
    texts = [", ".join(f"{name} = {code}" for name, code in key.pairs) or key.kind for key in cell_keys[:NAMED]]
    return "; ".join(texts) + (" …" if len(cell_keys) > NAMED else "")


class GridReading:
    """Reads a returned table."""

    def __init__(self, table: Table, sent: SentTable, flow: Flow, collector: FindingCollector) -> None:
        self.table, self.sent, self.flow, self.collector = table, sent, flow, collector
        self.names = CodeNames(flow)
        self.cells = cells_of(table)
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
        """The rows or columns that can be read: asked for, there once, and not contradicted by their headers."""
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
                said=named_lines(affected_keys),
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
        """The figures of the table, row by row."""
        statuses = {key.pairs: column for column, key in self.columns.items() if key.kind == keys.STATUS}
        values = {column: key for column, key in self.columns.items() if key.kind == keys.VALUE}
        column_answers = {column: dict(self.of_column(column)) for column in values}
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
                        self.answer(entry, STATUS, (row, statuses[values[column].pairs]))
                    if entry:
                        yield entry
                else:
                    empty += 1
        if empty:  # the sheet is named, not each of thousands of cells
            parameters = {"count": str(empty), "asked": str(len(self.rows) * len(values)), "table": self.sent.id}
            self.collector.add(
                RuleId.FIGURES_NOT_GIVEN, [Place(self.table.file, self.table.sheet)], self.measure, **parameters
            )
        self.collector.add(RuleId.FORMULA_WITHOUT_RESULT, without, self.measure, count=str(len(without)))
        look_for_unasked(self.table, self.cells, self.is_asked, self.collector)

    def entry(self, at: Cell, filled: FilledCell | None, column_answers: Mapping[str, Cell]) -> FigureEntry | None:
        """One figure with its key and the answers of its column; None if it could be two numbers."""
        row, column = at
        values = {**self.sent.fixed, **dict(self.rows[row].pairs), **dict(self.columns[column].pairs)}
        cells = {name: (row, place) for place, name in self.labels.items() if name in dict(self.rows[row].pairs)}
        cells |= {name: (place, column) for place, name in self.headers.items() if name}
        entry = FigureEntry(values, {**cells, self.measure: at}, table=self.table)
        if filled and filled.text.strip():
            written = number(filled)
            if written is None:
                self.collector.add(
                    RuleId.AMBIGUOUS_NUMBER, [self.table.place(*at)], self.measure, said=filled.text.strip()
                )
                return None
            entry.values[self.measure] = written
        for name, cell in column_answers.items():
            self.answer(entry, name, cell)
        return entry

    def of_column(self, column: int) -> Iterator[tuple[str, Cell]]:
        for row, name in self.attributes.items():
            if self.text(row, column):
                yield name, (row, column)

    def answer(self, entry: FigureEntry, name: str, cell: Cell) -> None:
        text = self.text(*cell)
        entry.answers[name] = None if text == NONE else self.names.code(name, text)
        if text != NONE:
            entry.cells[name] = cell

    def is_asked(self, cell: Cell, filled: FilledCell) -> bool:
        """Whether the questionnaire has a use for a cell: hidden keys, titles, headers, labels, answers, checks."""
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


def look_for_unasked(
    table: Table,
    cells: Mapping[Cell, FilledCell],
    is_asked: Callable[[Cell, FilledCell], bool],
    collector: FindingCollector,
) -> None:
    """Report what fills cells of a sheet that are not asked for, and the comments that hang on any of its cells."""
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


def look_at_added_sheets(tables: Sequence[Table], asked_tables: Iterable[Table], collector: FindingCollector) -> None:
    asked_ids = {id(table) for table in asked_tables}
    for table in tables:
        if id(table) not in asked_ids and not is_listing(table):
            look_for_unasked(table, cells_of(table), lambda _, __: False, collector)
