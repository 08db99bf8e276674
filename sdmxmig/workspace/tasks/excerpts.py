"""Cells around findings.

Workbooks with confidential figures are never shown, since totals may disclose them. Hidden parts stay hidden.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.finding_reports import Excerpt
from sdmxmig.reporting.outputs.findings_sheet import position
from sdmxmig.sdmx.model.findings import Finding
from sdmxmig.sdmx.model.tables import Cell, Range, Table, TextFormat
from sdmxmig.workspace.tasks.read_heads import Heads
from sdmxmig.workspace.tasks.read_tables import ReadTables

ROWS, COLUMNS = 2, 3
"""So many rows above and below a cell are shown, and columns beside it."""
HEADS, LEVELS = 60, 2
LONGEST = 60
"""So many signs of a cell are shown."""
LARGEST = 8_000_000
"""Maximum file size, in bytes, for excerpts."""


class Excerpts:
    """Excerpts of sheets; `heads` name rows and columns."""

    def __init__(
        self,
        paths: Mapping[str, Path],
        kept_back: Collection[str],
        written: Callable[[str], TextFormat],
        tables: ReadTables | None = None,
        *,
        heads: Heads | None = None,
    ) -> None:
        self.paths, self.kept_back, self.written = paths, kept_back, functools.cache(written)
        self.tables = tables or ReadTables()
        self.heads = heads
        self._unreadable: set[str] = set()

    def of(self, finding: Finding) -> Excerpt | None:
        place = finding.place
        at = position(place) if place else None
        if place is None or at is None or place.file in self.kept_back:
            return None
        table = self.sheets_of(place.file).get(place.sheet)
        if table is None or table.hidden:
            return None
        return around(table, at, (place, *finding.others, *finding.related))

    def text_of(self, place: Place) -> str | None:
        at = position(place)
        table = self.sheets_of(place.file).get(place.sheet)
        if at is None or table is None or place.file in self.kept_back or is_hidden(table, at):
            return None
        return table.texts(Range(*at, last_row=at[0], last_column=at[1])).get(at, "")

    def names(self, place: Place, excerpt: Excerpt) -> tuple[list[str], list[str]]:
        table = self.sheets_of(place.file)[place.sheet]
        read = self.heads.of(place, excerpt) if self.heads else None
        if read is None:
            return names_of_rows(table, excerpt), names_of_columns(table, excerpt)
        rows, columns = (
            [" · ".join(dict.fromkeys(filter(None, (text_at(table, cell) for cell in cells)))) for cells in lines]
            for lines in read
        )
        return rows, columns

    def sheets_of(self, file: str) -> Mapping[str, Table]:
        path = self.paths.get(file)
        if path is None or file in self._unreadable or path.stat().st_size > LARGEST:
            return {}
        try:
            return {table.sheet: table for table in self.tables.of(path, self.written(file))}
        except SdmxmigError:  # that it cannot be read is told where it is converted
            self._unreadable.add(file)
            return {}


def text_at(table: Table, cell: Cell) -> str:
    own = Range(*cell, last_row=cell[0], last_column=cell[1])
    return "" if is_hidden(table, cell) else shown(table, cell, table.texts(own)).strip()


def around(table: Table, at: Cell, taking_part: Collection[Place]) -> Excerpt:
    """The cells about a cell of a sheet; those that take part in a finding are marked."""
    row, column = at
    first_row, first_column = max(1, row - ROWS), max(1, column - COLUMNS)
    rows = range(first_row, max(row, min(row + ROWS, table.last_row)) + 1)
    columns = range(first_column, max(column, min(column + COLUMNS, table.last_column)) + 1)
    texts = table.texts(Range(first_row, first_column, last_row=rows[-1], last_column=columns[-1]))
    marked = {
        cell
        for place in taking_part
        if (place.file, place.sheet) == (table.file, table.sheet) and (cell := position(place))
    }
    return Excerpt(
        first_row,
        first_column,
        rows=tuple(tuple(shown(table, (line, letter), texts) for letter in columns) for line in rows),
        marked=frozenset(cell for cell in marked if cell[0] in rows and cell[1] in columns),
    )


def shown(table: Table, cell: Cell, texts: Mapping[Cell, str]) -> str:
    if is_hidden(table, cell):
        return "…"
    text = texts.get(cell, "")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def is_hidden(table: Table, cell: Cell) -> bool:
    return table.hidden or cell[0] in table.hidden_rows or cell[1] in table.hidden_columns


def names_of_rows(table: Table, excerpt: Excerpt) -> list[str]:
    if excerpt.column == 1:
        return [""] * len(excerpt.rows)
    rows, columns = range(excerpt.row, excerpt.row + len(excerpt.rows)), range(1, excerpt.column)
    texts = table.texts(Range(rows[0], 1, last_row=rows[-1], last_column=columns[-1]))
    listed = ([shown(table, (row, column), texts) for column in columns] for row in rows)
    return [next(filter(is_name, row), "") for row in listed]


def names_of_columns(table: Table, excerpt: Excerpt) -> list[str]:
    columns = range(excerpt.column, excerpt.column + len(excerpt.rows[0]))
    if excerpt.row == 1:
        return [""] * len(columns)
    rows = range(max(1, excerpt.row - HEADS), excerpt.row)
    texts = table.texts(Range(rows[0], 1, last_row=rows[-1], last_column=columns[-1]))
    wide = [merged for merged in table.merged if is_head(merged) and merged.first_row in rows]
    return [name_of_column(table, column, texts, [each for each in wide if covers(each, column)]) for column in columns]


def name_of_column(table: Table, column: int, texts: Mapping[Cell, str], wide: Collection[Range]) -> str:
    from_wide = {merged.first_row: (merged.first_row, merged.first_column) for merged in wide}
    names: list[str] = []
    for row in sorted({row for row, _ in texts}, reverse=True) if column > 1 else ():
        text = shown(table, from_wide.get(row, (row, column)), texts)
        if len(names) < LEVELS and text and (is_name(text) or row in from_wide) and text not in names:
            names.insert(0, text)
    return " · ".join(names)


def is_head(merged: Range) -> bool:
    return merged.first_row == merged.last_row and merged.first_column > 1


def covers(merged: Range, column: int) -> bool:
    return merged.first_column <= column <= merged.last_column


def is_name(text: str) -> bool:
    """Whether a text calls something by a name: it has letters, and does not begin as a figure does.

    >>> [is_name(text) for text in ("Women", "4000 (p)", "..", "7 900*", "2 parents")]
    [True, False, False, False, False]
    """
    return any(sign.isalpha() for sign in text) and not text[0].isdigit()
