"""The XML of a workbook's sheets and strings, read piece by piece into cells of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sdmxmig.errors import InputError
from sdmxmig.frames import CellColumns
from sdmxmig.model.tables import Range, Table
from sdmxmig.places import Place, cell_position
from sdmxmig.tables.number_formats import iso_date, iso_time

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
CELL_LIMIT = 2_000_000
ELEMENT_LIMIT = 20_000_000
MERGE_LIMIT = 100_000
STRING_LIMIT = 256 << 20
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def number_text(stored: str) -> str:
    """The shortest decimal that gives a stored number back, without exponent and without an empty ``.0``.

    A text that is no number stays as it is.

    >>> [number_text(text) for text in ("3688.5999999999999", "2024.0", "1E-7", "-0", "12")]
    ['3688.6', '2024', '0.0000001', '0', '12']
    """
    if stored.isascii() and stored.isdigit() and len(stored) <= 15:
        return str(int(stored))
    if not NUMBER.fullmatch(stored) or stored.lower().lstrip("+-") in ("inf", "nan"):
        return stored
    value = float(stored)
    if value in (float("inf"), float("-inf")):
        return stored
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def unescaped(text: str) -> str:
    """A text with the workbook's own escapes (``_x000A_``) undone."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class Strings:
    """Takes the shared strings of a workbook; phonetic readings are left out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._phonetic = False
        self._length = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """A string or a reading begins."""
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._phonetic = True

    def end(self, tag: str, text: str) -> None:
        """A part of a string, or a whole one, ends."""
        if tag == "t" and not self._phonetic:
            self._parts.append(text)
            self._length += len(text)
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self.texts.append(unescaped("".join(self._parts)))
            self._length += 64
            if self._length > STRING_LIMIT:
                limit = f"The workbook has more than {STRING_LIMIT >> 20} MiB of text."
                raise InputError(limit, Place(self.name), "Leave out what is no table.")


@dataclass
class Budget:
    """How many more cells a workbook may have, over all its sheets: filled ones and any."""

    cells: int = CELL_LIMIT
    elements: int = ELEMENT_LIMIT


@dataclass(frozen=True)
class Shared:
    """What the sheets of a workbook share: strings, what each cell style shows, and the calendar."""

    strings: Sequence[str] = ()
    styles: Sequence[str] = ()
    since_1904: bool = False


@dataclass
class Sheet:
    """Takes the XML of one sheet and keeps only the cells that hold something."""

    name: str
    title: str
    shared: Shared
    budget: Budget
    cells: CellColumns = field(default_factory=CellColumns)
    merged: set[Range] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._columns: dict[str, int] = {}
        self._row = self._column = 0
        self._in_data = self._phonetic = self._formula = False
        self._type = self._value = ""
        self._style = 0
        self._inline: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element of the sheet begins."""
        if tag == "c" and self._in_data:
            self._begin_cell(attributes)
        elif tag == "row" and self._in_data:
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            if not 1 <= self._row <= LAST_ROW:
                raise ValueError("row")
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.add(self._row)
        elif tag == "sheetData":
            self._in_data = True
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), min(int(attributes["max"]), LAST_COLUMN)
            self.hidden_columns.update(range(max(first, 1), last + 1))
        elif tag == "mergeCell" and "ref" in attributes:
            self._merge(attributes["ref"])

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self.budget.elements -= 1
        if self.budget.elements < 0:
            raise self._too_large()
        name = attributes.get("r", "")
        if name:
            letters = name.rstrip("0123456789")
            if letters not in self._columns:
                self._columns[letters] = cell_position(f"{letters}1")[1] if len(letters) <= 3 else 0
            self._column = self._columns[letters]
            self._row = int(name[len(letters) :]) if len(name) <= 10 else 0
        else:
            self._column += 1
        if not (1 <= self._row <= LAST_ROW and 1 <= self._column <= LAST_COLUMN):
            raise ValueError(name)
        self._type = attributes.get("t", "n")
        self._style = int(attributes.get("s", "0"))
        self._value, self._formula = "", False
        self._inline.clear()

    def end(self, tag: str, text: str) -> None:
        """An element of the sheet ends."""
        if not self._in_data:
            return
        if tag == "v":
            self._value = text
        elif tag == "c":
            self._end_cell()
        elif tag == "f":
            self._formula = True
        elif tag == "t" and not self._phonetic:
            self._inline.append(text)
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "sheetData":
            self._in_data = False

    def _end_cell(self) -> None:
        text, kind = self._cell_text()
        if not (text or self._formula):
            return
        self.budget.cells -= 1
        if self.budget.cells < 0:
            raise self._too_large()
        self.cells.add(self._row, self._column, text, kind=kind, formula=self._formula)

    def _cell_text(self) -> tuple[str, str]:
        """The text of the cell that just ended, and its kind."""
        match self._type:
            case "s":
                index = int(self._value) if self._value else -1
                text = self.shared.strings[index] if index >= 0 else ""
            case "inlineStr":
                text = unescaped("".join(self._inline))
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(self._value, self._value), "boolean"
            case "str":
                text = unescaped(self._value)
            case "e":
                return unescaped(self._value), "error"
            case "d":
                return self._value.removesuffix("T00:00:00"), "date"
            case _:
                return self._figure(self._value.strip())
        return text, "text"

    def _figure(self, value: str) -> tuple[str, str]:
        """The text of a stored number: a date or time if its style shows one, else the figure."""
        if not NUMBER.fullmatch(value):
            return value, "text"
        styles = self.shared.styles
        shows = styles[self._style] if 0 <= self._style < len(styles) else ""
        if shows:
            days = float(value)
            if shows == "time" and (time := iso_time(days)):
                return time, "time"
            if date := iso_date(days, since_1904=self.shared.since_1904):
                return date, "date"
        return number_text(value), "number"

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        top, left = cell_position(first)
        bottom, right = cell_position(last or first)
        if not (1 <= top <= bottom <= LAST_ROW and 1 <= left <= right <= LAST_COLUMN):
            raise ValueError(reference)
        self.merged.add(Range(top, left, bottom, right))
        if len(self.merged) > MERGE_LIMIT:
            raise self._too_large()

    def _too_large(self) -> InputError:
        return InputError(
            f"The workbook has more than {CELL_LIMIT} filled cells, or very many empty or merged ones.",
            Place(self.name, self.title),
            "Leave out what is no table, or split the workbook.",
        )

    def table(self, *, hidden: bool) -> Table:
        """The sheet as a table."""
        merged = sorted(self.merged, key=lambda one: (one.first_row, one.first_column, one.last_row))
        return Table(
            self.name,
            self.title,
            self.cells.frame(),
            tuple(merged),
            hidden_rows=frozenset(self.hidden_rows),
            hidden_columns=frozenset(self.hidden_columns),
            hidden=hidden,
        )
