"""Cells of forms."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sdmxmig.primitives.places import format_cell
from sdmxmig.sdmx.model.tables import Cell, Table

DECIMALS = re.compile(r"(?:#,##)?0\.(0+)")
LISTS_SHEET = "lists"
"""The hidden sheet with the lists of choices."""
RANGE_DASH = " – "


@dataclass(frozen=True, slots=True)
class FilledCell:
    text: str
    kind: str
    formula: bool
    decimals: int


def read_cells(table: Table) -> dict[Cell, FilledCell]:
    decimals_shown = [len(match[1]) if (match := DECIMALS.fullmatch(code)) else 0 for code in table.formats]
    columns = table.cells.select(["row", "column", "text", "kind", "formula", "format"])
    return {
        (row, column): FilledCell(text, kind, formula=formula, decimals=decimals_shown[code] if code is not None else 0)
        for row, column, text, kind, formula, code in columns.iter_rows()
    }


def read_sheet_mark(table: Table, mark: str) -> str:
    """Return the name of a sheet from its hidden first cell, or an empty text."""
    is_marked = table.cells.height > 0 and table.cells.row(0)[:2] == (1, 1)
    key = parse_key(table.cells["text"][0], [mark]) if is_marked else None
    return key.name if key else ""


def format_choice(code: str, name: str) -> str:
    """Join a code and its name as a list entry.

    >>> format_choice("Y", "Yes")
    'Y – Yes'
    """
    return f"{code}{RANGE_DASH}{name}" if name else code


def parse_choice(text: str) -> str:
    """Return the code of a list entry.

    >>> parse_choice("Y – Yes"), parse_choice(" Y ")
    ('Y', 'Y')
    """
    return text.partition(RANGE_DASH)[0].strip()


def find_chosen_code(column: int, first: int, count: int) -> str:
    letters = format_cell(1, column).rstrip("1")
    return f"{LISTS_SHEET}!${letters}${first}:${letters}${first + count - 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellKey:
    kind: str
    name: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return ";".join([self.kind, self.name, *(f"{name}={code}" for name, code in self.pairs)]).rstrip(";")


def format_key(kind: str, name: str = "", pairs: Iterable[tuple[str, str]] = ()) -> str:
    return str(CellKey(kind=kind, name=name, pairs=tuple(pairs)))


def parse_key(text: str, kinds: Collection[str]) -> CellKey | None:
    """Parse a hidden cell; None for other kinds.

    >>> parse_key("label;SEX", ["label"]), parse_key("Total", ["label"])
    (CellKey(kind='label', name='SEX', pairs=()), None)
    """
    kind, *fields = text.strip().split(";")
    if kind not in kinds:
        return None
    pairs = []
    for part in fields[1:]:
        name, sign, code = part.partition("=")
        if not (name and sign):
            return None
        pairs.append((name, code))
    return CellKey(kind=kind, name=fields[0] if fields else "", pairs=tuple(pairs))
