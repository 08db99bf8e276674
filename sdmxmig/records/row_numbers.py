"""Row numbers as users see them: text lines or Parquet rows.

Header and ``sep=;`` count in text; a row is a line even if blank or with line breaks in a cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import counted
from sdmxmig.primitives.places import Place

SHOWN = 5
"""So many rows are named where something is wrong with them."""
LINE, ROW = "line", "row"


@dataclass(frozen=True, slots=True)
class RowNumbers:
    """The numbering of a file; `noun` is ``line`` or ``row``."""

    file: str
    first: int = 1
    _: KW_ONLY
    noun: str = ROW


def shown_number(row: int, numbers: RowNumbers) -> int:
    """The number by which people find a row, which is counted from 1.

    >>> shown_number(1, RowNumbers("register.csv", 2, noun=LINE)), shown_number(1, RowNumbers("register.parquet"))
    (2, 1)
    """
    return row + numbers.first - 1


def place_of(row: int, numbers: RowNumbers) -> Place:
    """Where a row stands, which is counted from 1.

    >>> str(place_of(3, RowNumbers("register.csv", 2, noun=LINE))), str(place_of(3, RowNumbers("register.parquet")))
    ('register.csv:4', 'register.parquet › row 3')
    """
    number = shown_number(row, numbers)
    if numbers.noun == LINE:
        return Place(numbers.file, line=number)
    return Place(numbers.file, key=f"{numbers.noun} {number}")


def rows_in_words(rows: Iterable[int], count: int, numbers: RowNumbers) -> str:
    """How many rows there are, and which the first ones are; these are counted from 1.

    >>> rows_in_words([1, 3], 2, RowNumbers("register.csv", 2, noun=LINE))
    '2 lines: 2, 4'
    """
    first = [*rows][:SHOWN]
    listed = ", ".join(str(shown_number(row, numbers)) for row in first)
    return f"{counted(count, numbers.noun)}: {listed}" + (" …" if count > len(first) else "")
