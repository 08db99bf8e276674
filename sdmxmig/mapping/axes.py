"""Rows and columns of a block, and at which of them each observation stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.mapping.layout import Layout
from sdmxmig.model.sources import COLUMN_KINDS, ROW_KINDS, Kind

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

Axis = tuple["pl.Series", "pl.Series"]
"""The rows or columns of a layout, and at which of them each observation stands."""


def axes_of(layout: Layout, cells: pl.DataFrame) -> Mapping[tuple[Kind, ...], Axis]:
    """The rows and the columns of a block with those of its value cells, by the lines that speak of them."""
    columns = pl.Series(layout.columns, dtype=pl.UInt32)
    return {
        ROW_KINDS: (layout.rows, index_of(layout.rows, cells["row"])),
        COLUMN_KINDS: (columns, index_of(columns, cells["column"])),
    }


def index_of(positions: pl.Series, at: pl.Series) -> pl.Series:
    """Where each of these numbers stands among the positions, which are sorted; quick where none is missing there."""
    if not len(positions):
        return at.clear()
    first = int(positions[0])
    return at - first if int(positions[-1]) - first + 1 == len(positions) else positions.search_sorted(at)
