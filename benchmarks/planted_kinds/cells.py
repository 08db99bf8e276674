"""Places in published tables: one drawn at random, and the table with something else written there."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.planted_kinds.tables import Published


def first_flow(published: Published) -> str:
    return next(iter(published.tables))


def drawn_row(table: pl.DataFrame, where: pl.Expr, rng: np.random.Generator) -> int | None:
    """Draw the position of a row that meets a condition; None without any."""
    rows = np.flatnonzero(table.select(where.fill_null(value=False)).to_series().to_numpy())
    return int(rng.choice(rows)) if len(rows) else None


def with_text(table: pl.DataFrame, rows: int | list[int], **texts: str) -> pl.DataFrame:
    here = pl.int_range(pl.len()).is_in([rows] if isinstance(rows, int) else rows)
    return table.with_columns(
        pl.when(here).then(pl.lit(text)).otherwise(name).alias(name) for name, text in texts.items()
    )


def last_year(table: pl.DataFrame) -> str:
    return str(max(map(int, table["TIME_PERIOD"].unique())))


def years_of(table: pl.DataFrame) -> list[str]:
    return sorted(table["TIME_PERIOD"].unique())


def value() -> pl.Expr:
    return pl.col("OBS_VALUE").cast(pl.Int64, strict=False)
