"""Registry of table readers, their limits, and tables under construction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Protocol

from sdmxmig.io.intake.xml import PlacedHandler, XmlFeed
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Cell, Range, Table


@dataclass(frozen=True, slots=True)
class TableReader:
    """Recognises and reads files of one format.

    A file belongs to the format if it begins with `magic` and `recognises` (if any) accepts it; a format with neither
    is known by its `suffixes`. `read` takes name and bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    _: KW_ONLY
    magic: bytes
    read: Callable[[str, bytes], tuple[Table, ...]]
    recognises: Callable[[bytes], bool] | None = None


READERS: Kind[TableReader] = Kind("sdmxmig.conversion.tables")


LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
CELL_LIMIT = 20_000_000
STEP_LIMIT = 40_000_000
"""Maximum number of cells, filled or not."""
MERGE_LIMIT = 100_000
NOTE_LIMIT = 100_000
STRING_LIMIT = 160 << 20
"""Maximum number of characters in shared strings of a workbook, with 64 for each string."""
STRING_COST = 64
FORMAT_LIMIT = 65_000
"""Maximum number of cell styles; spreadsheet programs write at most 65,490."""
PART_LIMIT = 16 << 20
"""Maximum size in bytes of a part held in memory."""
LEAVE_OUT = "Remove everything that is not a table, or split the file."


@dataclass
class Allowance:
    cells: int = CELL_LIMIT
    steps: int = STEP_LIMIT
    _: KW_ONLY
    merges: int = MERGE_LIMIT
    notes: int = NOTE_LIMIT
    characters: int = STRING_LIMIT
    most_cells: int = field(init=False)
    most_steps: int = field(init=False)

    def __post_init__(self) -> None:
        self.most_cells, self.most_steps = self.cells, self.steps


CELLS_HELD = 4_000_000
MAX_UNPACKED = 100_000
"""Maximum number of cells kept unpacked, at some 400 bytes each."""
MAX_STEPS = 10_000_000


def allowance() -> Allowance:
    return Allowance(cells=CELLS_HELD, steps=MAX_STEPS)


def build_damage_error(file: str, sheet: str) -> InputError:
    hint = "Open it in a spreadsheet program and save it again."
    return InputError("The sheet is damaged: it contains an impossible number or cell.", Place(file, sheet), hint)


@dataclass
class HiddenRanges:
    """Collects hidden rows or columns as ranges; `most` is the last possible one.

    >>> hidden = HiddenRanges(most=9)
    >>> hidden.add(2, 3)
    >>> hidden.add(5, 1_000_000)
    >>> sorted(hidden.up_to(6))
    [2, 3, 5, 6]
    """

    most: int
    ranges: set[tuple[int, int]] = field(default_factory=set)
    _: KW_ONLY
    latest: tuple[int, int] = (0, 0)

    def add(self, first: int, last: int) -> None:
        first, last = max(first, 1), min(last, self.most)
        if first > last:
            return
        if self.latest[1] == first - 1 > 0:  # continues the previous range
            self.ranges.discard(self.latest)
            first = self.latest[0]
        self.latest = (first, last)
        self.ranges.add(self.latest)
        if len(self.ranges) > self.most:
            raise ValueError("hidden")

    def up_to(self, last: int) -> frozenset[int]:
        numbers: set[int] = set()
        reached = 0
        for start, end in sorted(self.ranges):
            numbers.update(range(max(start, reached + 1), min(end, last) + 1))
            reached = max(reached, end)
        return frozenset(numbers)


@dataclass
class TableDraft:
    """A sheet under construction, counted from 1; limited by `allowance`."""

    file: str
    sheet: str
    _: KW_ONLY
    allowance: Allowance
    formats: tuple[str, ...] = ()
    cells: CellColumns = field(default_factory=CellColumns)
    merged: set[Range] = field(default_factory=set)
    notes: dict[Cell, list[str]] = field(default_factory=dict)
    hidden_rows: HiddenRanges = field(default_factory=lambda: HiddenRanges(LAST_ROW))
    hidden_columns: HiddenRanges = field(default_factory=lambda: HiddenRanges(LAST_COLUMN))
    hidden: bool = False
    last_row: int = 0
    last_column: int = 0
    packed: list[pl.DataFrame] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(part.height for part in self.packed) + len(self.cells)

    def step(self, count: int = 1) -> None:
        self.allowance.steps -= count
        if self.allowance.steps < 0:
            raise self._build_limit_error(f"more than {self.allowance.most_steps} cells or other parts, filled or not")

    def expect(self, count: int) -> None:
        if count > self.allowance.cells:
            raise self._build_limit_error(f"more than {self.allowance.most_cells} filled cells")

    def add(
        self, cell: Cell, text_and_kind: tuple[str, str], *, formula: bool = False, code: int | None = None
    ) -> None:
        row, column = cell
        text, kind = text_and_kind
        if not (text or formula):
            return
        if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
            raise ValueError(cell)
        self.expect(1)
        self.allowance.cells -= 1
        self.last_row, self.last_column = max(row, self.last_row), max(column, self.last_column)
        self.cells.add(row, column, text, kind=kind, formula=formula, code=code)
        if len(self.cells) >= MAX_UNPACKED:
            self.packed.append(self.cells.frame())
            self.cells = CellColumns()

    def keep(self, cells: pl.DataFrame) -> None:
        """Keep many cells at once, all within the limits of a sheet."""
        self.expect(cells.height)
        self.allowance.cells -= cells.height
        self.packed.append(cells)
        last_row, last_column = cells.select(pl.max("row", "column")).row(0)
        self.last_row, self.last_column = max(last_row or 0, self.last_row), max(last_column or 0, self.last_column)

    def merge(self, first: Cell, last: Cell) -> None:
        if not (1 <= first[0] <= last[0] <= LAST_ROW and 1 <= first[1] <= last[1] <= LAST_COLUMN):
            raise ValueError(first)
        self.allowance.merges -= 1
        if self.allowance.merges < 0:
            raise self._build_limit_error(f"more than {MERGE_LIMIT} merged ranges")
        self.merged.add(Range(*first, last_row=last[0], last_column=last[1]))

    def note(self, cell: Cell, text: str) -> None:
        if text.strip():
            self.allowance.notes -= 1
            if self.allowance.notes < 0:
                raise self._build_limit_error(f"more than {NOTE_LIMIT} comments")
            self.notes.setdefault(cell, []).append(text.strip())

    def _build_limit_error(self, excess: str) -> InputError:
        return InputError(f"The file has {excess}.", Place(self.file, self.sheet), LEAVE_OUT)

    def table(self, *detected: tuple[str, str]) -> Table:
        return Table(
            self.file,
            self.sheet,
            cells=sort_cells(pl.concat([*self.packed, self.cells.frame()])),
            merged=tuple(
                sorted(
                    self.merged, key=lambda rectangle: (rectangle.first_row, rectangle.first_column, rectangle.last_row)
                )
            ),
            formats=self.formats,
            notes={cell: tuple(texts) for cell, texts in sorted(self.notes.items())},
            hidden_rows=self.hidden_rows.up_to(self.last_row),
            hidden_columns=self.hidden_columns.up_to(self.last_column),
            hidden=self.hidden,
            detected=detected,
        )


def sort_cells(cells: pl.DataFrame) -> pl.DataFrame:
    key = cells["row"].cast(pl.UInt64) * (LAST_COLUMN + 1) + cells["column"]
    if (key.slice(1) > key.head(max(key.len() - 1, 0))).all():
        return cells
    place = ["row", "column"]
    return cells.unique(place, keep="last", maintain_order=True).sort(place)


MAX_ELEMENTS = 12_000_000


class WorkbookPart(PlacedHandler, Protocol):
    """Receives the XML of the workbook `name`; raises ``ValueError`` for invalid content."""

    name: str

    @property
    def sheet(self) -> str:
        """Return the current sheet; empty outside of sheets."""


class _ErrorLocator:
    """Passes the XML on and turns errors into ones that name the sheet."""

    def __init__(self, taker: WorkbookPart) -> None:
        self._taker = taker
        self._left = MAX_ELEMENTS

    def start(self, tag: str, attributes: dict[str, str], before: str) -> None:
        self._left -= 1
        if self._left < 0:
            message = f"The file has more than {MAX_ELEMENTS} elements."
            raise InputError(message, Place(self._taker.name, self._taker.sheet), LEAVE_OUT)
        try:
            self._taker.start(tag, attributes, before)
        except ValueError as error:
            raise build_damage_error(self._taker.name, self._taker.sheet) from error

    def end(self, tag: str, text: str) -> None:
        try:
            self._taker.end(tag, text)
        except ValueError as error:
            raise build_damage_error(self._taker.name, self._taker.sheet) from error


def feed(part: str, pieces: Iterable[bytes], taker: WorkbookPart) -> None:
    """Read one part of a workbook in pieces; raise `InputError` if damaged or too large."""
    xml = XmlFeed(part, _ErrorLocator(taker))
    for piece in pieces:
        xml.feed(piece)
    xml.close()
