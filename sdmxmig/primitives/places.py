"""Places: cells, lines, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from itertools import groupby


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file: cell, key, or line and column (from 1).

    >>> str(Place("stocks.xlsx", sheet="Table 3", cell="C14"))
    'stocks.xlsx › Table 3 › C14'
    >>> str(Place("DF_POP.toml", key="structure"))
    'DF_POP.toml › structure'
    >>> str(Place("data.csv", line=7, column=3))
    'data.csv:7:3'
    """

    file: str
    sheet: str = ""
    _: KW_ONLY
    cell: str = ""
    key: str = ""
    line: int = 0
    column: int = 0

    @property
    def address(self) -> str:
        return "!".join(filter(None, (self.file, self.sheet, self.cell)))

    def name_from(self, other: Place | None) -> str:
        """Name the cell, with its sheet and file if they differ.

        >>> here = Place("stocks.xlsx", "Table 2", cell="B11")
        >>> Place("stocks.xlsx", "Table 2", cell="C8").name_from(here)
        'C8'
        >>> Place("stocks.xlsx", "Table 4", cell="C8").name_from(here)
        'Table 4!C8'
        >>> Place("flows.xlsx", "Table 2", cell="C8").name_from(here)
        'flows.xlsx › Table 2 › C8'
        """
        if not self.cell or other is None or self.file != other.file:
            return str(self)
        return self.cell if self.sheet == other.sheet else f"{self.sheet}!{self.cell}"

    def __str__(self) -> str:
        position = f":{self.line}" if self.line else ""
        if self.line and self.column:
            position += f":{self.column}"
        return " › ".join([self.file + position, *(part for part in (self.sheet, self.cell, self.key) if part)])


def format_cell(row: int | None, column: int | None) -> str:
    """Return a cell name from 1-based row and column; empty for a whole file, which has no cells.

    >>> format_cell(14, 3), format_cell(1, 28), format_cell(None, None)
    ('C14', 'AB1', '')
    """
    return "" if row is None or column is None else f"{name_column(column)}{row}"


@lru_cache(maxsize=16_384)
def name_column(column: int) -> str:
    """Return column letters from a 1-based number.

    >>> name_column(3), name_column(28)
    ('C', 'AB')
    """
    letters = ""
    while column:
        column, remainder = divmod(column - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def parse_cell(name: str) -> tuple[int, int]:
    """Parse a cell name; raise ``ValueError``.

    >>> parse_cell("AB1")
    (1, 28)
    """
    letters = name.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or len(letters) == len(name):
        raise ValueError(name)
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return int(name[len(letters) :]), column


def describe_spans(numbers: Sequence[int], name: Callable[[int], str] = str, *, dash: str = "-") -> Iterator[str]:
    """Name runs of sorted numbers, such as rows, columns or years.

    >>> list(describe_spans([4, 5, 6, 9]))
    ['4-6', '9']
    """
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        first, *rest = (number for _, number in run)
        yield f"{name(first)}{dash}{name(rest[-1])}" if rest else name(first)
