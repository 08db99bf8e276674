"""Tables: sheets of workbooks and text files as cells of text with addresses."""

from __future__ import annotations

from collections import abc
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name

KINDS = ("text", "number", "date", "time", "boolean", "error")
"""What a file says that a cell holds; text files hold text only."""
Cell = tuple[int, int]
"""Row and column of a cell, from 1."""


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells; rows and columns count from 1 and the last ones are included."""

    first_row: int
    first_column: int
    _: KW_ONLY
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How a text file is written, as far as somebody says so; what is not said is found out from the file.

    `encoding` is its name, `delimiter` the sign between its fields. With `starts`, columns begin at these positions of
    a line (letters, counted from 1); with `packed`, the figures of two columns may touch each other.
    """

    encoding: str = ""
    delimiter: str = ""
    _: KW_ONLY
    starts: tuple[int, ...] = ()
    packed: bool = False


AUTODETECT = TextFormat()


@dataclass(frozen=True, eq=False)
class Table:
    """One sheet of a workbook, or one text file, as text with addresses. Nothing is cleaned, nothing guessed.

    `cells` has one row a filled cell, sorted by row and column, with the columns ``row`` and ``column`` (UInt32, from
    1), ``text``, ``kind`` (one of `KINDS`), ``formula`` (Boolean: the text is the result that was saved) and ``format``
    (UInt16: which of `formats` shows the cell, null for none; `formats` are number format codes such as ``0.0``, for
    texts behind blanks such as ``   @``). A
    numeric cell is the shortest decimal that gives its stored double back, a date is ISO. A formula without a saved
    result stands with an empty text, as a number where the file does not say what it gives. A raised digit is its own
    character (``¹``), so that ``2014¹`` is not 20141.

    `notes` are the comments and footnotes that the file itself hangs on a cell. `hidden` is that of the whole sheet.
    `detected` is what the reader had to find out about the file, as pairs such as ``("encoding", "windows-1252")``.
    `cut` are the cells of a fixed-width text between which a figure runs over the edge of a column. `row_numbers` are
    the rows of the sheet from which a sample was taken; a whole table has none.
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
    cut: frozenset[Cell] = frozenset()
    row_numbers: tuple[int, ...] = ()

    @cached_property
    def rows(self) -> abc.Mapping[int, abc.Mapping[int, str]]:
        """The texts by row and column number, for small sheets; an empty cell has no entry."""
        texts_by_row: dict[int, dict[int, str]] = {}
        for row, column, text in self.cells.select("row", "column", "text").iter_rows():
            if text:
                texts_by_row.setdefault(row, {})[column] = text
        return texts_by_row

    @cached_property
    def numeric(self) -> frozenset[Cell]:
        """The cells that the workbook stores as numbers, for small sheets."""
        is_filled_number = (self.cells["kind"] == "number") & (self.cells["text"] != "")
        return frozenset(self.cells.filter(is_filled_number).select("row", "column").iter_rows())

    @cached_property
    def formulas(self) -> frozenset[Cell]:
        """The cells whose text is the saved result of a formula, for small sheets."""
        return frozenset(self.cells.filter(self.cells["formula"]).select("row", "column").iter_rows())

    def text(self, row: int, column: int) -> str:
        """The text of a cell, empty if nothing stands there."""
        return self.rows.get(row, {}).get(column, "")

    def texts(self, shown: Range) -> dict[Cell, str]:
        """The texts of the filled cells in a rectangle by row and column; nothing else of the sheet is looked at."""
        rows = self.cells["row"]
        first, last = rows.search_sorted(shown.first_row), rows.search_sorted(shown.last_row, side="right")
        filled = self.cells.select("row", "column", "text").slice(first, max(0, last - first))
        inside = filled.filter(pl.col("column").is_between(shown.first_column, shown.last_column))
        return {(row, column): text for row, column, text in inside.iter_rows()}

    def row_number(self, row: int) -> int:
        """The row of the sheet that a row of the table is; another one only in a sample."""
        return self.row_numbers[row - 1] if self.row_numbers else row

    def place(self, row: int, column: int) -> Place:
        """Where a cell is, for messages."""
        return Place(self.file, self.sheet, cell=cell_name(self.row_number(row), column))

    def places(self, cells: pl.DataFrame) -> list[Place]:
        """Where the cells of a frame (``row``, ``column``) are, for messages."""
        file, sheet = self.file, self.sheet
        return [
            Place(file, sheet, cell=cell_name(row, column)) for row, column in cells.select("row", "column").iter_rows()
        ]

    @property
    def last_row(self) -> int:
        """The last row with any text, 0 for an empty table."""
        return int(self.cells["row"].max() or 0)  # type: ignore[arg-type]

    @property
    def last_column(self) -> int:
        """The last column with any text, 0 for an empty table."""
        return int(self.cells["column"].max() or 0)  # type: ignore[arg-type]
