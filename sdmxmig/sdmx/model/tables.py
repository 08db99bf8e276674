"""Sheets and text files as text cells with addresses."""

from __future__ import annotations

from collections import abc
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell

KINDS = ("text", "number", "date", "time", "boolean", "error")
Cell = tuple[int, int]
"""Row and column of a cell, from 1."""


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells, counted from 1, including its ends."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class TextFormat:
    """The format of a text file; unstated properties are detected."""

    encoding: str = ""
    delimiter: str = ""


AUTODETECT = TextFormat()


@dataclass(frozen=True, eq=False)
class Table:
    """A sheet or text file as text with addresses, without cleaning.

    `cells` is sorted by ``row`` and ``column`` (UInt32, from 1), with ``text``, ``kind`` (`KINDS`), ``formula``
    (Boolean) and ``format`` (UInt16 index into `formats`, or null). Numbers are the shortest decimals of the stored
    doubles; dates are ISO; a formula without saved result has an empty text. Superscript digits stay distinct
    (``2014¹``). `notes` are comments and footnotes of cells. `detected` are pairs such as ``("encoding",
    "windows-1252")``. A sample has the rows `sampled`; if cells are counted without gaps, `row_numbers` are those rows.
    """

    file: str
    sheet: str
    _: KW_ONLY
    cells: pl.DataFrame
    merged: tuple[Range, ...] = ()
    formats: tuple[str, ...] = ()
    notes: abc.Mapping[Cell, tuple[str, ...]] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    detected: tuple[tuple[str, str], ...] = ()
    row_numbers: tuple[int, ...] = ()
    sampled: tuple[int, ...] = ()

    @cached_property
    def rows(self) -> abc.Mapping[int, abc.Mapping[int, str]]:
        texts_by_row: dict[int, dict[int, str]] = {}
        for row, column, text in self.cells.select("row", "column", "text").iter_rows():
            if text:
                texts_by_row.setdefault(row, {})[column] = text
        return texts_by_row

    @cached_property
    def numeric(self) -> frozenset[Cell]:
        is_filled_number = (self.cells["kind"] == "number") & (self.cells["text"] != "")
        return frozenset(self.cells.filter(is_filled_number).select("row", "column").iter_rows())

    @cached_property
    def formulas(self) -> frozenset[Cell]:
        return frozenset(self.cells.filter(self.cells["formula"]).select("row", "column").iter_rows())

    def text(self, row: int, column: int) -> str:
        return self.rows.get(row, {}).get(column, "")

    def texts(self, shown: Range) -> dict[Cell, str]:
        rows = self.cells["row"]
        first, last = rows.search_sorted(shown.first_row), rows.search_sorted(shown.last_row, side="right")
        filled = self.cells.select("row", "column", "text").slice(first, max(0, last - first))
        inside = filled.filter(pl.col("column").is_between(shown.first_column, shown.last_column))
        return {(row, column): text for row, column, text in inside.iter_rows()}

    @property
    def numbers(self) -> abc.Sequence[int]:
        return self.sampled or range(1, self.last_row + 1)

    def row_number(self, row: int) -> int:
        return self.row_numbers[row - 1] if self.row_numbers else row

    def place(self, row: int, column: int) -> Place:
        return Place(self.file, self.sheet, cell=format_cell(self.row_number(row), column))

    def places(self, cells: pl.DataFrame) -> list[Place]:
        file, sheet = self.file, self.sheet
        return [
            Place(file, sheet, cell=format_cell(row, column))
            for row, column in cells.select("row", "column").iter_rows()
        ]

    @property
    def last_row(self) -> int:
        return int(self.cells["row"].max() or 0)  # type: ignore[arg-type]

    @property
    def last_column(self) -> int:
        return int(self.cells["column"].max() or 0)  # type: ignore[arg-type]
