"""What the cells of a form hold, by row and column."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass

from sdmxmig.model.tables import Cell, Table

DECIMALS = re.compile(r"(?:#,##)?0\.(0+)")


@dataclass(frozen=True, slots=True)
class FilledCell:
    """A cell that holds something: its text, what the workbook says that it is, and the decimals that it shows."""

    text: str
    kind: str
    _: KW_ONLY
    formula: bool
    decimals: int


def cells_of(table: Table) -> dict[Cell, FilledCell]:
    """The cells of a sheet by row and column."""
    shown = [len(match[1]) if (match := DECIMALS.fullmatch(code)) else 0 for code in table.formats]
    columns = table.cells.select(["row", "column", "text", "kind", "formula", "format"])
    return {
        (row, column): FilledCell(text, kind, formula=formula, decimals=shown[code] if code is not None else 0)
        for row, column, text, kind, formula, code in columns.iter_rows()
    }
