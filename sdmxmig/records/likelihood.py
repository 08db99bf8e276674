"""How likely an open crossing will have been a migration: by what became of those that were as open some years ago.

The same records are looked at as they stood whole years earlier. What was open then is decided by now, and the share
of it that turned out to be migration, among crossings of the same kind, is the weight of those that are open today.
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
"""By what crossings are of one kind, from fine to coarse: direction, whether still there, months that have passed."""
THOUSAND = 1000


def with_months(outcomes: Rows) -> Rows:
    """Outcomes with the months of the window that have passed."""
    return outcomes.with_columns(months=nw.col("elapsed") // MONTH)


def decided_since(engine: Engine, earlier: Rows, decided: Rows, keys: Sequence[str]) -> pl.DataFrame:
    """How many rows that were open earlier became migration (`events`), out of how many (`all`), by the finest kind.

    `earlier` has the outcomes as they stood then, `decided` those of now; `keys` tell which of them are the same.
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
"""The shares where nothing is known of earlier crossings."""


def shares_of(decided: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """The share of migration, in thousandths, among what was open earlier, by each of `KINDS` that is not small.

    `decided` has the counts of `decided_since`, those of several parts of the persons one below the other.
    """
    shares = []
    for kind in KINDS:
        sums = decided.group_by(kind).agg(pl.col("events", "all").sum()).filter(pl.col("all") >= LEAST)
        share = (THOUSAND * pl.col("events") + pl.col("all") // 2) // pl.col("all")
        shares.append(sums.select(*kind, share.alias("share")).sort(kind))
    return tuple(shares)


def weighed(engine: Engine, outcomes: Rows, shares: Sequence[pl.DataFrame]) -> Rows:
    """Outcomes with the `weight` of each open one: its share by the finest kind that has one, or 0 if none has."""
    rows = with_months(outcomes)
    weight = whole(None)
    for index, (kind, share) in enumerate(zip(KINDS, shares, strict=True)):
        name = f"share_{index}"
        if share.height:
            rows = rows.join(table_of(engine, share.rename({"share": name})), on=list(kind), how="left")
            weight = nw.when(weight.is_null()).then(nw.col(name)).otherwise(weight)
    return rows.with_columns(weight=weight.fill_null(0))
