"""Sheets that can be damaged: each cell remembers where it stood before, so that a judge knows which figure it is."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field, replace

from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Range, Table

At = tuple[str, int, int]
"""Sheet, row and column of a cell."""


@dataclass(frozen=True, slots=True)
class Held:
    """A cell, where it stood before the damage (None: nowhere), and whether its text is another one now."""

    text: str
    kind: str
    _: KW_ONLY
    code: int | None
    old: At | None
    changed: bool = False


@dataclass(slots=True)
class Sheet:
    """A sheet that can be damaged."""

    table: Table
    name: str
    _: KW_ONLY
    cells: dict[tuple[int, int], Held]
    merged: list[Range]

    def as_table(self) -> Table:
        """The sheet as it is now."""
        columns = CellColumns()
        for (row, column), cell in self.cells.items():
            columns.add(row, column, cell.text, kind=cell.kind, code=cell.code)
        merged, formats = tuple(self.merged), self.table.formats
        return Table(
            self.table.file,
            self.name,
            cells=columns.frame(),
            merged=merged,
            formats=formats,
            detected=self.table.detected,
        )

    def rewrite(self, at: tuple[int, int], text: str) -> None:
        """Give a cell another text."""
        cell = self.cells[at]
        self.cells[at] = replace(cell, text=text, kind="text", changed=True)

    def write(self, at: tuple[int, int], text: str, like: Held | None = None) -> None:
        """Put a text where nothing stood."""
        kind, code = (like.kind, like.code) if like else ("text", None)
        self.cells[at] = Held(text, kind, code=code, old=None)

    def insert(self, *, row: int = 0, column: int = 0, count: int = 1) -> None:
        """Make room before a row or column; a negative count takes rows or columns away."""

        def moved(at: tuple[int, int]) -> tuple[int, int] | None:
            place = at[0] if row else at[1]
            edge = row or column
            if count < 0 and edge <= place < edge - count:
                return None
            shift = count if place >= edge else 0
            return (at[0] + shift, at[1]) if row else (at[0], at[1] + shift)

        self.cells = {new: cell for at, cell in self.cells.items() if (new := moved(at))}
        self.merged = [one for each in self.merged if (one := self.stretched(each, row, column, count))]

    @staticmethod
    def stretched(one: Range, row: int, column: int, count: int) -> Range | None:
        """A merged range after rows or columns came in or went, as spreadsheet programs do it."""
        first, last = (one.first_row, one.last_row) if row else (one.first_column, one.last_column)
        edge = row or column
        if count > 0:
            first, last = first + count * (edge <= first), last + count * (edge <= last)
        else:
            gone = range(edge, edge - count)
            left = [number for number in range(first, last + 1) if number not in gone]
            if not left:
                return None
            first, last = (number + count * (number >= edge - count) for number in (left[0], left[-1]))
        if row:
            return replace(one, first_row=first, last_row=last)
        return replace(one, first_column=first, last_column=last)


def sheets_of(tables: Iterable[Table]) -> list[Sheet]:
    """Tables as sheets that can be damaged."""
    found = []
    for table in tables:
        rows = table.cells.select("row", "column", "text", "kind", "format").iter_rows()
        cells = {(r, c): Held(text, kind, code=code, old=(table.sheet, r, c)) for r, c, text, kind, code in rows}
        found.append(Sheet(table, table.sheet, cells=cells, merged=list(table.merged)))
    return found


@dataclass(slots=True)
class Body:
    """What the undamaged conversion says of a sheet: its value cells, and the header and label cells of the values.

    `heads` and `labels` give the component that a cell tells.
    """

    values: set[tuple[int, int]] = field(default_factory=set)
    heads: dict[tuple[int, int], str] = field(default_factory=dict)
    _: KW_ONLY
    labels: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def rows(self) -> list[int]:
        """The rows with values."""
        return sorted({row for row, _ in self.values})

    @property
    def columns(self) -> list[int]:
        """The columns with values."""
        return sorted({column for _, column in self.values})


@dataclass(slots=True)
class Book:
    """The sheets of a file and what they hold."""

    sheets: list[Sheet]
    bodies: dict[str, Body]
    _: KW_ONLY
    rng: random.Random

    def any_sheet(self) -> tuple[Sheet, Body]:
        """One of the sheets with values."""
        listed = [sheet for sheet in self.sheets if sheet.name in self.bodies]
        sheet = self.rng.choice(listed)
        return sheet, self.bodies[sheet.name]
