"""Revisions of crossings between two states of knowledge.

Weights add up to both figures.
"""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.counting import format_thousandths
from sdmxmig.records.days import PERIOD
from sdmxmig.records.rows import int_literal, text_literal

NOT_THERE = "NOT_RECORDED"
KEYS = ("person", "at", "direction", PERIOD)
COLUMNS = (PERIOD, "DIRECTION", "WAS", "WAS_BASIS", "IS", "IS_BASIS", "CROSSINGS", "FIGURE_WAS", "FIGURE_IS")


def revision_sums(earlier: pl.DataFrame, later: pl.DataFrame) -> pl.DataFrame:
    """Compare crossings then and now by outcome, with weights in thousandths."""
    sides = []
    for name, rows in (("was", earlier), ("is", later)):
        other = "is" if name == "was" else "was"
        sides.append(
            rows.filter(pl.col(PERIOD).is_not_null()).select(
                *KEYS,
                **{
                    name: pl.col("outcome"),
                    f"{name}_basis": pl.col("basis"),
                    f"{name}_weight": pl.col("weight"),
                    other: text_literal(None),
                    f"{other}_basis": text_literal(None),
                    f"{other}_weight": int_literal(0),
                },
            )
        )
    names = ("was", "was_basis", "is", "is_basis")
    weights = ("was_weight", "is_weight")
    ordered = [rows.select(*KEYS, *names, *weights) for rows in sides]
    crossings = (
        pl.concat(ordered)
        .group_by(*KEYS)
        .agg(*[pl.col(name).max() for name in names], *[pl.col(name).sum() for name in weights])
    )
    kinds = crossings.group_by(PERIOD, "direction", *names).agg(
        pl.len().alias("crossings"), *[pl.col(name).sum() for name in weights]
    )
    return kinds.with_columns(
        pl.col("was", "is").fill_null(NOT_THERE),
        pl.col("was_basis", "is_basis").fill_null(""),
        pl.col("crossings").cast(pl.Int64),
    )


def combine_revisions(sums: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The revisions of all parts of the persons, all as text; figures are in persons."""
    keys = (PERIOD, "direction", "was", "was_basis", "is", "is_basis")
    table = pl.concat(sums).group_by(keys).agg(pl.col("crossings", "was_weight", "is_weight").sum())
    lines = [
        (
            *(row[name] for name in keys),
            str(row["crossings"]),
            format_thousandths(row["was_weight"]),
            format_thousandths(row["is_weight"]),
        )
        for row in table.sort(keys).iter_rows(named=True)
    ]
    return pl.DataFrame(lines, schema=dict.fromkeys(COLUMNS, pl.String()), orient="row")
