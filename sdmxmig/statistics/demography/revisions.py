"""Revisions: what a figure is now, beside what it was in an earlier release of the same data."""

from __future__ import annotations

from functools import cached_property

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.demography.courses import first_of_keys
from sdmxmig.statistics.demography.ledger import Book


class EarlierRelease:
    """One dataset as it was released earlier, beside what it says now; both are put side by side once, when asked for.

    `name` is what messages call the release, `prepared` when it was prepared, as ISO 8601 writes it, empty where it is
    not known.
    """

    def __init__(self, now: Book, dataset: Dataset, *, name: str, prepared: str = "") -> None:
        self.now, self.book = now, Book(dataset)
        self.name, self.prepared = name, prepared

    @property
    def day(self) -> str:
        """The day on which it was prepared, as 2026-01-31; its name where that is not known."""
        return self.prepared[:10] or self.name

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Every figure of then or now, as `side_by_side` has them."""
        return revised_between(self.book, self.now)

    @property
    def scale(self) -> int:
        """By which power of ten amounts of `cells` are smaller than a unit."""
        return max(self.now.amounts.scale, self.book.amounts.scale)

    def printed(self, amount: int) -> str:
        """An amount of `cells` as a number of units, UNIT_MULT taken into account."""
        return Amounts(self.now.amounts.frame, self.scale).printed(amount, 0)


def revised_between(before: Book, after: Book) -> pl.DataFrame:
    """Every figure of two releases of one dataset, as `side_by_side` has them."""
    return side_by_side(before.amounts, after.amounts, after.dataset.flow.structure.key)


def side_by_side(before: Amounts, after: Amounts, key: tuple[str, ...]) -> pl.DataFrame:
    """Two releases joined by the key of the observation: one row for each that either has, those of `after` first.

    Columns: those of the key; `row` and `row_before`, the positions, null where a release lacks the observation;
    `amount` and `amount_before` in steps that both share, exactly, with the printed steps `step` and `step_before`;
    `value` and `value_before` in units; `revised`, whether they differ by more than rounding explains, null where one
    has no figure. Of observations with one key the first counts.
    """
    scale = max(before.scale, after.scale)
    now, then = figures(after, key, scale), figures(before, key, scale)
    then = then.rename({name: f"{name}_before" for name in ("row", "amount", "step")})
    unit = 10.0**-scale
    return joined(now, then, list(key)).with_columns(
        value=pl.col("amount").cast(pl.Float64) * unit,
        value_before=pl.col("amount_before").cast(pl.Float64) * unit,
        revised=(pl.col("amount") - pl.col("amount_before")).abs() * 2 > pl.max_horizontal("step", "step_before"),
    )


def joined(now: pl.DataFrame, then: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The rows of both with what the other has of the same key: those of now in their order, then those that are gone.

    Keys are compared by their hashes, which is many times quicker than by their texts, and then by other hashes.
    """
    if now.height == then.height and now.select(key).equals(then.select(key)):
        return pl.concat([now, then.drop(key)], how="horizontal")
    of_now, of_then = hashed(now, key, seed=0), hashed(then, key, seed=0)
    left = now.select(id=of_now, check=hashed(now, key, seed=1))
    right = then.drop(key).with_columns(id=of_then, check_before=hashed(then, key, seed=1))
    matched = left.join(right, on="id", how="left", maintain_order="left")
    collide = pl.col("check") != pl.col("check_before")
    if matched.height > now.height or matched.select(collide.any()).item():
        return now.join(then, on=key, how="full", coalesce=True, nulls_equal=True, maintain_order="left_right")
    gone = then.filter(~of_then.is_in(of_now.implode()))
    both = pl.concat([now, matched.drop("id", "check", "check_before")], how="horizontal")
    return pl.concat([both, gone], how="diagonal")


def hashed(frame: pl.DataFrame, key: list[str], *, seed: int) -> pl.Series:
    """A number for each key; the same for the same key."""
    return frame.select(pl.col(key).cast(pl.String)).hash_rows(seed)


def figures(amounts: Amounts, key: tuple[str, ...], scale: int) -> pl.DataFrame:
    """The figures of a release by their key, in steps of 10^-`scale` of one unit."""
    frame = first_of_keys(amounts, key)
    lift = pl.lit(10 ** (scale - amounts.scale), dtype=pl.Int128)
    return frame.select(*key, "row", amount=pl.col("amount") * lift, step=pl.col("printed_step") * lift)
