"""Flags: what stands in the columns beside figures and is said of each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.mapping.layout import Layout, flags_of
from sdmxmig.model.data import ComponentMap

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")


def flags_beside(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """The flag of each value cell with its ``text``, ``row`` and ``column``; without a flag the text is null."""
    column = pl.col("column").replace_strict(flags_of(layout, component_map), default=None, return_dtype=pl.UInt32)
    at = cells.select("row", column)
    return at.join(layout.grid.cells, on=["row", "column"], how="left", maintain_order="left")
