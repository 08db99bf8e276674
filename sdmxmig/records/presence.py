"""Nights in the country in a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.ordered import Order, last_seen, running
from sdmxmig.records.rows import in_memory, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.records.rows import Rows

SPELLS_BY = ("begin", "origin")
DAYS_APART = 1 << 22
"""More days than between any two that records speak of."""
FIELDS = ("spell_begin", "spell_end", "spell_here", "sum_here", "sum_unknown")


def summed(spells: Rows, *, lying: bool) -> Rows:
    """Cumulate nights `sum_here` and `sum_unknown`; only differences within persons are meaningful."""
    order = Order(SPELLS_BY, lying)
    nights = nw.col("end") - nw.col("begin")
    return spells.with_columns(
        nights_here=nw.when(nw.col("here") == 1).then(nights).otherwise(whole(0)),
        nights_unknown=nw.when(nw.col("here").is_null()).then(nights).otherwise(whole(0)),
    ).with_columns(
        sum_here=running("nights_here", order) - nw.col("nights_here"),
        sum_unknown=running("nights_unknown", order) - nw.col("nights_unknown"),
    )


def until(spells: Rows, moments: Rows, columns: Sequence[str], *, by: Sequence[str], lying: bool) -> Rows:
    """Add `here_until` and `unknown_until` to moments.

    Orders spells and moments together, which avoids interval joins.
    """
    if lying:
        return looked_up(spells, moments, columns)
    states = spells.select(
        "person",
        "sum_here",
        "sum_unknown",
        moment=nw.col("begin"),
        asked=whole(0),
        spell_begin=nw.col("begin"),
        spell_end=nw.col("end"),
        spell_here=nw.col("here").fill_null(-1),
    )
    questions = moments.select("person", "moment", whole(1).alias("asked"), *columns)
    rows = nw.concat([states, questions], how="diagonal")
    order = Order(("moment", "asked", "spell_begin", "spell_end", *by))
    seen = rows.with_columns(**{name: last_seen(name, order) for name in FIELDS})
    return with_nights(seen.filter(nw.col("asked") == 1), columns)


def looked_up(spells: Rows, moments: Rows, columns: Sequence[str]) -> Rows:
    """The same for rows that lie in order in memory: spells and moments are walked through side by side."""
    known, asked = spells.to_native(), moments.to_native()
    places = place_of(asked["person"], asked["moment"])
    order = None if places.is_sorted() else places.arg_sort()
    sought = pl.DataFrame({"place": places if order is None else places.gather(order)})
    starts = pl.DataFrame({"place": place_of(known["person"], known["begin"])}).with_row_index("position")
    position = sought.join_asof(starts, on="place")["position"]
    if order is not None:
        position = position.gather(order.arg_sort())
    states = known.select(
        "sum_here",
        "sum_unknown",
        spell_begin="begin",
        spell_end="end",
        spell_here=pl.col("here").fill_null(-1),
    )[position]
    return with_nights(
        in_memory(pl.concat([asked.select("person", "moment", *columns), states], how="horizontal")), columns
    )


def place_of(person: pl.Series, day: pl.Series) -> pl.Series:
    return person * DAYS_APART + day + DAYS_APART // 2


def with_nights(seen: Rows, columns: Sequence[str]) -> Rows:
    nights = nw.min_horizontal("moment", "spell_end") - nw.col("spell_begin")
    return seen.select(
        "person",
        "moment",
        *columns,
        here_until=nw.col("sum_here") + nw.when(nw.col("spell_here") == 1).then(nights).otherwise(whole(0)),
        unknown_until=nw.col("sum_unknown") + nw.when(nw.col("spell_here") == -1).then(nights).otherwise(whole(0)),
    )
