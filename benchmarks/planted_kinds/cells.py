"""Places in published tables: one drawn at random, and the table with something else written there."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.planted_kinds.tables import Published


def first_flow(published: Published) -> str:
    """The dataflow in which a fault is planted."""
    return next(iter(published.tables))


def drawn_row(table: pl.DataFrame, where: pl.Expr, rng: np.random.Generator) -> int | None:
    """The position of one of the rows that a condition holds for; None if there is none."""
    rows = np.flatnonzero(table.select(where.fill_null(value=False)).to_series().to_numpy())
    return int(rng.choice(rows)) if len(rows) else None


def with_text(table: pl.DataFrame, rows: int | list[int], **texts: str) -> pl.DataFrame:
    """The table with other texts in some columns of a row, or of several."""
    here = pl.int_range(pl.len()).is_in([rows] if isinstance(rows, int) else rows)
    return table.with_columns(
        pl.when(here).then(pl.lit(text)).otherwise(name).alias(name) for name, text in texts.items()
    )


def last_year(table: pl.DataFrame) -> str:
    """The latest year of a table."""
    return str(max(map(int, table["TIME_PERIOD"].unique())))


def years_of(table: pl.DataFrame) -> list[str]:
    """All years of a table in their order."""
    return sorted(table["TIME_PERIOD"].unique())


def value() -> pl.Expr:
    """The published figure as a number, null where it is none."""
    return pl.col("OBS_VALUE").cast(pl.Int64, strict=False)
