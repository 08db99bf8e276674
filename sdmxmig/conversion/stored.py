"""Stored and shown figures: the value cells of a block as their sheet stores them or as it shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.conversion.report import SHOWN, Report
from sdmxmig.mapping.layout import Layout
from sdmxmig.tables.shown import cut_short, shown

if TYPE_CHECKING:
    import polars as pl


def value_cells(layout: Layout, report: Report) -> pl.DataFrame:
    """The value cells of a block; with `as_shown` a number is the figure that people see.

    Cells that show other digits than they store are reported once a block.
    """
    import polars as pl

    cells, table = layout.values(), layout.table
    cut = cells.filter(cut_short(replace(table, cells=cells)))
    if not cut.is_empty():
        places = table.places(cut)
        first = shown(replace(table, cells=cut.head(1)))["figure"][0]
        sheet = table.sheet or table.file
        report.add(SHOWN, places, "", value=cut["text"][0], first=first, sheet=sheet, count=str(len(places)))
    if not layout.block.values.as_shown:
        return cells.drop("format")
    seen = cells.filter((pl.col("kind") == "number") & pl.col("format").is_not_null())
    seen = seen.select("row", "column").hstack(shown(replace(table, cells=seen)).select("figure"))
    figures = cells.drop("format").join(seen, on=["row", "column"], how="left", maintain_order="left")
    return figures.with_columns(text=pl.coalesce("figure", "text")).drop("figure")
