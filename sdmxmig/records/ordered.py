"""Windows over a person's rows.

SQL uses window functions; polars sorts once, which takes a tenth of the time.
"""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw, pl
from sdmxmig.records.rows import in_memory

NUMBERS = 1 << 62
"""So many whole numbers are sorted as one."""
PLACE = "#place"
FAR = 1_000_000_000
"""More than any day, weight or number of rows of one person."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.records.rows import Rows


@dataclass(frozen=True, slots=True)
class Order:
    by: tuple[str, ...]
    lying: bool = False
    _: KW_ONLY
    within: tuple[str, ...] = ("person",)

    def over(self, expression: nw.Expr) -> nw.Expr:
        return expression.over(*self.within, order_by=list(self.by))


def arranged(frame: Rows, order: Order) -> Rows:
    if not order.lying:
        return frame
    return in_order(frame, ("person", *order.by)).with_columns(block=(begins()).cum_sum())


def in_order(frame: Rows, keys: Sequence[str]) -> Rows:
    """Rows of polars sorted by columns of whole numbers: by one number made of all, where it has room for them."""
    known = frame.to_native()
    ends = known.select(pl.col(keys).min().name.prefix("low "), pl.col(keys).max().name.prefix("high "))
    sizes = {key: (ends[f"high {key}"].item() or 0) - (ends[f"low {key}"].item() or 0) + 1 for key in keys}
    if math.prod(sizes.values()) >= NUMBERS or known.select(pl.any_horizontal(pl.col(keys).is_null().any())).item():
        return frame.sort(*keys)
    number = pl.lit(0, dtype=pl.Int64)
    for key, size in sizes.items():
        number = number * size + pl.col(key) - pl.lit(ends[f"low {key}"].item(), dtype=pl.Int64)
    return in_memory(known.with_columns(number.alias(PLACE)).sort(PLACE).drop(PLACE))


def begins() -> nw.Expr:
    same = nw.col("person") == nw.col("person").shift(1)
    return nw.when(same).then(nw.lit(0)).otherwise(nw.lit(1)).cast(nw.Int64)


def neighbour(name: str, order: Order, steps: int) -> nw.Expr:
    if not order.lying:
        return order.over(nw.col(name).shift(steps))
    return nw.when(nw.col("person") == nw.col("person").shift(steps)).then(nw.col(name).shift(steps))


def previous(name: str, order: Order) -> nw.Expr:
    return neighbour(name, order, 1)


def following(name: str, order: Order) -> nw.Expr:
    return neighbour(name, order, -1)


def running(name: str, order: Order) -> nw.Expr:
    if not order.lying:
        return order.over(nw.col(name).cum_sum()).cast(nw.Int64)
    return nw.col(name).cum_sum()


def highest(name: str, order: Order) -> nw.Expr:
    if not order.lying:
        so_far = order.over(nw.col(name).fill_null(-1).cum_max())
        return nw.when(so_far >= 0).then(so_far)
    # A later block is always higher, so that one running maximum serves all persons.
    base = nw.col("block") * FAR
    highest_of_all = (base + nw.col(name).fill_null(-1)).cum_max() - base
    return nw.when(highest_of_all >= 0).then(highest_of_all)


def last_seen(name: str, order: Order) -> nw.Expr:
    if not order.lying:
        return order.over(nw.col(name).fill_null(strategy="forward"))
    filled = nw.col(name).fill_null(strategy="forward")
    number = nw.when(~nw.col(name).is_null()).then(nw.col("block")).fill_null(strategy="forward")
    return nw.when(number == nw.col("block")).then(filled)
