"""Stored and shown figures: the value cells of a block as their sheet stores them or as it shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.conversion.report import SHOWN, Report
from sdmxmig.mapping.layout import Layout
from sdmxmig.tables.shown import shown

if TYPE_CHECKING:
    import polars as pl

NEAR = 0.5
"""A shown figure further away is another unit (per cent, thousands), no rounding."""


def value_cells(layout: Layout, report: Report) -> pl.DataFrame:
    """The value cells of a block; with `as_shown` a number is the figure that people see.

    Cells that show other digits than they store are reported once a block.
    """
    import polars as pl

    cells, table = layout.values(), layout.table
    formatted = table.cells.filter((pl.col("kind") == "number") & pl.col("format").is_not_null())
    formatted = formatted.join(cells.select("row", "column"), on=["row", "column"], how="semi", maintain_order="left")
    if formatted.is_empty():
        return cells
    seen = formatted.select("row", "column", "text").hstack(shown(replace(table, cells=formatted)).select("figure"))
    stored, figure = (pl.col(name).cast(pl.Float64, strict=False) for name in ("text", "figure"))
    near = (figure - stored).abs() <= pl.max_horizontal(stored.abs(), 1.0) * NEAR
    other = seen.filter((figure != stored) & near)
    places = [table.place(row, column) for row, column in other.select("row", "column").iter_rows()]
    if places:
        value, first = other.row(0)[2:]
        sheet = table.sheet or table.file
        report.add(SHOWN, places, "", value=value, first=first, sheet=sheet, count=str(len(places)))
    if not layout.block.values.as_shown:
        return cells
    figures = cells.join(
        seen.select("row", "column", "figure"), on=["row", "column"], how="left", maintain_order="left"
    )
    return figures.with_columns(text=pl.coalesce("figure", "text")).drop("figure")
