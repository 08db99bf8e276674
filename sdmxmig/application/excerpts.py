"""Cells of findings among their neighbours, from the tables of a workspace, for who looks at a report.

Nothing is shown of a workbook in which a figure is confidential: a total and all parts but one tell the last one, and
these may stand anywhere in it. Hidden rows, columns and sheets stay hidden.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from sdmxmig.application.read_tables import ReadTables
from sdmxmig.errors import SdmxmigError
from sdmxmig.model.findings import Finding
from sdmxmig.model.tables import Cell, Range, Table, TextFormat
from sdmxmig.outputs.finding_reports import Excerpt
from sdmxmig.outputs.findings_sheet import position
from sdmxmig.places import Place

ROWS, COLUMNS = 2, 3
"""So many rows above and below a cell are shown, and columns beside it."""
LONGEST = 60
"""So many signs of a cell are shown."""
LARGEST = 8_000_000
"""Larger files are not read once more for the sake of a few neighbours; in bytes."""


class Excerpts:
    """Gives the cells about the first cell of a finding; files are read when they are first asked for.

    `written` says how a file is written, and `tables` reads it.
    """

    def __init__(
        self,
        paths: Mapping[str, Path],
        kept_back: Collection[str],
        written: Callable[[str], TextFormat],
        tables: ReadTables | None = None,
    ) -> None:
        self.paths, self.kept_back, self.written = paths, kept_back, functools.cache(written)
        self.tables = tables or ReadTables()
        self._unreadable: set[str] = set()

    def of(self, finding: Finding) -> Excerpt | None:
        """The neighbours of the first cell of a finding; None where there are none, or none that may be shown."""
        place = finding.place
        at = position(place) if place else None
        if place is None or at is None or place.file in self.kept_back:
            return None
        table = self.sheets_of(place.file).get(place.sheet)
        if table is None or table.hidden:
            return None
        return around(table, at, (place, *finding.others, *finding.related))

    def sheets_of(self, file: str) -> Mapping[str, Table]:
        """The sheets of a file by name; none if it cannot be read, or is too large."""
        path = self.paths.get(file)
        if path is None or file in self._unreadable or path.stat().st_size > LARGEST:
            return {}
        try:
            return {table.sheet: table for table in self.tables.of(path, self.written(file))}
        except SdmxmigError:  # that it cannot be read is told where it is converted
            self._unreadable.add(file)
            return {}


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
    """The text of a cell in short; nothing of what is hidden."""
    if cell[0] in table.hidden_rows or cell[1] in table.hidden_columns:
        return "…"
    text = texts.get(cell, "")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
