"""Cells of forms."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.places import cell_name
from sdmxmig.sdmx.model.tables import Cell, Table

DECIMALS = re.compile(r"(?:#,##)?0\.(0+)")
LISTS = "lists"
"""The hidden sheet from which cells are chosen."""
BETWEEN = " – "
"""Stands between a code and its name in a cell."""


@dataclass(frozen=True, slots=True)
class FilledCell:
    """A filled cell: text, type, displayed decimals."""

    text: str
    kind: str
    _: KW_ONLY
    formula: bool
    decimals: int


def cells_of(table: Table) -> dict[Cell, FilledCell]:
    decimals_shown = [len(match[1]) if (match := DECIMALS.fullmatch(code)) else 0 for code in table.formats]
    columns = table.cells.select(["row", "column", "text", "kind", "formula", "format"])
    return {
        (row, column): FilledCell(text, kind, formula=formula, decimals=decimals_shown[code] if code is not None else 0)
        for row, column, text, kind, formula, code in columns.iter_rows()
    }


def choice(code: str, name: str) -> str:
    """A code with its name, as it stands in a list to choose from.

    >>> choice("Y", "Yes")
    'Y – Yes'
    """
    return f"{code}{BETWEEN}{name}" if name else code


def chosen(text: str) -> str:
    """The part of a cell that is the code.

    >>> chosen("Y – Yes"), chosen(" Y ")
    ('Y', 'Y')
    """
    return text.partition(BETWEEN)[0].strip()


def chosen_from(column: int, first: int, count: int) -> str:
    """The cells of the hidden sheet that hold a list.

    >>> chosen_from(3, 2, 5)
    'lists!$C$2:$C$6'
    """
    letters = cell_name(1, column).rstrip("1")
    return f"{LISTS}!${letters}${first}:${letters}${first + count - 1}"
