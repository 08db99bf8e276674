"""Revisions between releases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.demography.amounts import Amounts
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.statistics.demography.time_series import select_first_per_key


class EarlierRelease:
    def __init__(self, now: Book, dataset: Dataset, *, name: str, prepared: str = "") -> None:
        self.now, self.book = now, Book(dataset)
        self.name, self.prepared = name, prepared

    @property
    def day(self) -> str:
        return self.prepared[:10] or self.name

    @cached_property
    def cells(self) -> pl.DataFrame:
        return compare_books(self.book, self.now)

    @property
    def scale(self) -> int:
        return max(self.now.amounts.scale, self.book.amounts.scale)

    def printed(self, amount: int) -> str:
        return Amounts(frame=self.now.amounts.frame, scale=self.scale).printed(amount, 0)


def compare_books(before: Book, after: Book) -> pl.DataFrame:
    """Join two releases by key.

    Columns: key, `row`, `row_before`, `amount`, `step`, `value`, their earlier values, and `revised` (beyond rounding).
    """
    key, scale = after.dataset.flow.structure.key, max(before.amounts.scale, after.amounts.scale)
    now, then = scale_figures(after.amounts, key, scale), scale_figures(before.amounts, key, scale)
    then = then.rename({name: f"{name}_before" for name in ("row", "amount", "step")})
    unit = 10.0**-scale
    return join_releases(now, then, list(key)).with_columns(
        value=pl.col("amount").cast(pl.Float64) * unit,
        value_before=pl.col("amount_before").cast(pl.Float64) * unit,
        revised=(pl.col("amount") - pl.col("amount_before")).abs() * 2 > pl.max_horizontal("step", "step_before"),
    )


def join_releases(now: pl.DataFrame, then: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Join both releases by key: current rows in order, then removed ones."""
    if now.height == then.height and now.select(key).equals(then.select(key)):
        return pl.concat([now, then.drop(key)], how="horizontal")
    of_now, of_then = hash_keys(now, key, seed=0), hash_keys(then, key, seed=0)
    left = now.select(id=of_now, check=hash_keys(now, key, seed=1))
    right = then.drop(key).with_columns(id=of_then, check_before=hash_keys(then, key, seed=1))
    matched = left.join(right, on="id", how="left", maintain_order="left")
    collide = pl.col("check") != pl.col("check_before")
    if matched.height > now.height or matched.select(collide.any()).item():
        return now.join(then, on=key, how="full", coalesce=True, nulls_equal=True, maintain_order="left_right")
    gone = then.filter(~of_then.is_in(of_now.implode()))
    both = pl.concat([now, matched.drop("id", "check", "check_before")], how="horizontal")
    return pl.concat([both, gone], how="diagonal")


def hash_keys(frame: pl.DataFrame, key: list[str], *, seed: int) -> pl.Series:
    return frame.select(pl.col(key).cast(pl.String)).hash_rows(seed)


def scale_figures(amounts: Amounts, key: tuple[str, ...], scale: int) -> pl.DataFrame:
    frame = select_first_per_key(amounts, key)
    lift = pl.lit(10 ** (scale - amounts.scale), dtype=pl.Int128)
    return frame.select(*key, "row", amount=pl.col("amount") * lift, step=pl.col("printed_step") * lift)


MIRROR = "mirror"
"""The domain of other countries' reports of the same moves."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OutsideData:
    """A dataset of another provider.

    `domain` is, for example, ``labour-force-survey``; `read` is a day (2026-01-31). `margin` is in per cent, with a
    sign if figures are too low (+) or too high (−).
    """

    book: Book
    domain: str
    provider: str
    source: str
    read: str = ""
    margin: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionFactor:
    """A correction factor for reported flows; `direction` is I or E."""

    area: str
    direction: str
    factor: float
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class OtherProviderData:
    data: tuple[OutsideData, ...] = ()
    factors: tuple[CorrectionFactor, ...] = ()
