"""Cells of findings among their neighbours, from the tables of a workspace, for who looks at a report.

Nothing is shown of a workbook in which a figure is confidential: a total and all parts but one tell the last one, and
these may stand anywhere in it. Hidden rows, columns and sheets stay hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from pathlib import Path

from sdmxmig.errors import SdmxmigError
from sdmxmig.intake.files import read_bytes
from sdmxmig.model.findings import Finding
from sdmxmig.model.tables import Table, TextFormat
from sdmxmig.outputs.finding_reports import Excerpt
from sdmxmig.outputs.findings_sheet import position
from sdmxmig.places import Place
from sdmxmig.tables import read

ROWS, COLUMNS = 2, 3
"""So many rows above and below a cell are shown, and columns beside it."""
LONGEST = 60
"""So many signs of a cell are shown."""
LARGEST = 8_000_000
"""Larger files are not read once more for the sake of a few neighbours; in bytes."""


class Excerpts:
    """Gives the cells about the first cell of a finding; files are read when they are first asked for."""

    def __init__(
        self, paths: Mapping[str, Path], kept_back: Collection[str], written: Callable[[str], TextFormat]
    ) -> None:
        self.paths, self.kept_back, self.written = paths, kept_back, written
        self._sheets: dict[str, Mapping[str, Sheet]] = {}

    def of(self, finding: Finding) -> Excerpt | None:
        """The neighbours of the first cell of a finding; None where there are none, or none that may be shown."""
        place = finding.place
        at = position(place) if place else None
        if place is None or at is None or place.file in self.kept_back:
            return None
        sheet = self.sheets_of(place.file).get(place.sheet)
        if sheet is None or sheet.table.hidden:
            return None
        taking_part = (place, *finding.others, *finding.related)
        return sheet.around(at, taking_part)

    def sheets_of(self, file: str) -> Mapping[str, Sheet]:
        """The sheets of a file by name; none if it cannot be read, or is too large."""
        if file not in self._sheets:
            self._sheets[file] = {}
            path = self.paths.get(file)
            if path is not None and path.stat().st_size <= LARGEST:
                try:
                    tables = read(file, read_bytes(path), self.written(file))
                except SdmxmigError:  # that it cannot be read is told where it is converted
                    return {}
                self._sheets[file] = {table.sheet: Sheet(table) for table in tables}
        return self._sheets[file]


class Sheet:
    """A sheet from which rectangles are cut."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @cached_property
    def last_cell(self) -> tuple[int, int]:
        """The last row and the last column with any text."""
        return self.table.last_row, self.table.last_column

    def around(self, at: tuple[int, int], taking_part: Collection[Place]) -> Excerpt:
        """The cells about a cell; those that take part in a finding are marked."""
        row, column = at
        last_row, last_column = self.last_cell
        first_row, first_column = max(1, row - ROWS), max(1, column - COLUMNS)
        rows = range(first_row, max(row, min(row + ROWS, last_row)) + 1)
        columns = range(first_column, max(column, min(column + COLUMNS, last_column)) + 1)
        marked = {
            cell
            for place in taking_part
            if (place.file, place.sheet) == (self.table.file, self.table.sheet) and (cell := position(place))
        }
        return Excerpt(
            first_row,
            first_column,
            rows=tuple(tuple(self.shown(line, at_column) for at_column in columns) for line in rows),
            marked=frozenset(cell for cell in marked if cell[0] in rows and cell[1] in columns),
        )

    def shown(self, row: int, column: int) -> str:
        """The text of a cell in short; nothing of what is hidden."""
        if row in self.table.hidden_rows or column in self.table.hidden_columns:
            return "…"
        text = self.table.text(row, column)
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
