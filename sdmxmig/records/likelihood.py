"""Weights of open crossings, from outcomes of earlier ones.

The share of migration among crossings of the same kind, open as many years ago, is the weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.engines import Engine, collected, table_of
from sdmxmig.records.outcomes import EMIGRANT, IMMIGRANT, OPEN_SPELL
from sdmxmig.records.rows import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.records.rows import Rows

LEAST = 20
"""Fewer decided crossings of a kind say too little: the next coarser kind is taken."""
MONTH = 30
KINDS = (("direction", "stays", "months"), ("direction", "stays"), ("direction",))
THOUSAND = 1000


def with_months(outcomes: Rows) -> Rows:
    return outcomes.with_columns(months=nw.col("elapsed") // MONTH)


def decided_since(engine: Engine, earlier: Rows, decided: Rows, keys: Sequence[str]) -> pl.DataFrame:
    """Count crossings open earlier by kind: migrations `events` of `all`.

    `keys` match `earlier` and `decided`.
    """
    event = (nw.col("outcome") == IMMIGRANT) | (nw.col("outcome") == EMIGRANT)
    became = decided.filter(event).select(*keys).unique().with_columns(event=whole(1))
    then = with_months(earlier.filter(nw.col("outcome") == OPEN_SPELL))
    joined = then.join(became, on=list(keys), how="left").with_columns(event=nw.col("event").fill_null(0))
    counts = collected(
        engine,
        joined.group_by(*KINDS[0]).agg(nw.col("event").sum().cast(nw.Int64).alias("events"), nw.len().alias("all")),
    )
    return counts.with_columns(pl.col("all").cast(pl.Int64))


NOTHING_BEFORE: tuple[pl.DataFrame, ...] = tuple(pl.DataFrame() for _ in KINDS)


def shares_of(decided: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    shares = []
    for kind in KINDS:
        sums = decided.group_by(kind).agg(pl.col("events", "all").sum()).filter(pl.col("all") >= LEAST)
        share = (THOUSAND * pl.col("events") + pl.col("all") // 2) // pl.col("all")
        shares.append(sums.select(*kind, share.alias("share")).sort(kind))
    return tuple(shares)


def weighed(engine: Engine, outcomes: Rows, shares: Sequence[pl.DataFrame]) -> Rows:
    rows = with_months(outcomes)
    weight = whole(None)
    for index, (kind, share) in enumerate(zip(KINDS, shares, strict=True)):
        name = f"share_{index}"
        if share.height:
            rows = rows.join(table_of(engine, share.rename({"share": name})), on=list(kind), how="left")
            weight = nw.when(weight.is_null()).then(nw.col(name)).otherwise(weight)
    return rows.with_columns(weight=weight.fill_null(0))
