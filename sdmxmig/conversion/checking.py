"""What is noticed at the value cells of a block, and which of its observations are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sdmxmig.conversion.report import ERROR_CELL, HIDDEN, NO_RESULT, THOUSANDS, Report
from sdmxmig.mapping.grid import among, fitting
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.readings import Readings
from sdmxmig.mapping.texts import folded
from sdmxmig.mapping.values import ERROR_LITERALS
from sdmxmig.model.data import Dropped

if TYPE_CHECKING:
    import polars as pl

FEW = 3
"""So many values must look alike before that says something."""


def check_cells(layout: Layout, readings: Readings, report: Report) -> Readings:
    """Report cells that hold an error, no result or stand hidden; errors are no observations once reported."""
    import polars as pl

    table = layout.table
    measure = report.flow.structure.measures[0].id
    texts = readings.cells["text"]
    doubtful = pl.Series(texts.str.starts_with("#") | texts.str.contains(r"^\s+#"))
    broken = fitting(texts.filter(doubtful), ERROR_LITERALS.__contains__)
    errors = readings.cells.filter(doubtful).filter(broken)
    told = [
        report.add(ERROR_CELL, [table.place(row, column)], measure, value=folded(text))
        for row, column, text in errors.select("row", "column", "text").iter_rows()
    ]
    formulas = table.cells.filter(pl.col("formula") & (pl.col("text") == ""))
    empty = formulas.filter(among("row", layout.rows) & among("column", layout.columns)).select("row", "column").rows()
    report.add(NO_RESULT, [table.place(*cell) for cell in empty], measure, count=str(len(empty)))
    hidden = hidden_cells(layout, readings.cells)
    report.add(HIDDEN, [table.place(*cell) for cell in hidden], measure, sheet=table.sheet, count=str(len(hidden)))
    doubtful_decimals(layout, readings.cells, report)
    if not any(told):
        return readings
    places = errors.filter(pl.Series(told, dtype=pl.Boolean)).select("row", "column")
    at = readings.cells.select("row", "column").with_row_index("at")
    gone = at.join(places, on=["row", "column"], how="semi")["at"]
    return readings.only(~at["at"].is_in(gone.implode()))


def doubtful_decimals(layout: Layout, cells: pl.DataFrame, report: Report) -> None:
    """Report decimals stored as text if all of them could be thousands: the sign of an office may have changed."""
    import polars as pl

    sign = layout.block.values.decimal
    texts = cells.filter((pl.col("kind") != "number") & pl.col("text").str.contains(sign, literal=True))
    shape = rf"^\s*[-−]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+\s*$"
    if texts.height < FEW or not texts.select(pl.col("text").str.contains(shape).all()).item():
        return
    table, measure = layout.table, report.flow.structure.measures[0].id
    places = [table.place(*cell) for cell in texts.select("row", "column").iter_rows()]
    value, sheet = folded(texts["text"][0]), table.sheet or table.file
    report.add(THOUSANDS, places, measure, value=value, sign=sign, sheet=sheet, count=str(texts.height))


def hidden_cells(layout: Layout, cells: pl.DataFrame) -> list[tuple[int, int]]:
    """The value cells that nobody sees in the workbook."""
    import polars as pl

    table = layout.table
    if not table.hidden:
        rows, columns = sorted(table.hidden_rows), sorted(table.hidden_columns)
        if not (rows or columns):
            return []
        unseen = [pl.col(name).is_in(numbers) for name, numbers in (("row", rows), ("column", columns))]
        cells = cells.filter(unseen[0] | unseen[1])
    return cells.select("row", "column").rows()


def without_dropped(readings: Readings, dropped: Sequence[Dropped]) -> tuple[Readings, pl.DataFrame]:
    """The observations without those whose code the mapping drops, and their cells with the reason."""
    import polars as pl

    left: list[pl.DataFrame] = []
    for one in dropped:
        if one.component in readings.told:
            gone = readings.told[one.component].values.eq_missing(pl.Series([one.code]))
        else:
            same = readings.fixed.get(one.component) == one.code
            gone = pl.Series([same], dtype=pl.Boolean).new_from_index(0, readings.cells.height)
        left.append(readings.cells.filter(gone).select("row", "column", reason=pl.lit(one.reason)))
        readings = readings.only(~gone)
    nothing = readings.cells.clear().select("row", "column", reason=pl.lit("", pl.String))
    return readings, pl.concat(left) if left else nothing
