"""Where a planter looks and how it writes: tables of a published dataset as grids, random places, changed figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

import polars as pl
from numpy.random import Generator

from benchmarks.planted_kinds.sums import Grid, Key, allowance, grid_of, latest, smallest_above
from benchmarks.planted_kinds.tables import DIMENSIONS, Published

TRIES = 200
"""So many places are tried in one dataset before another one is drawn."""
ONE_IN = 4
"""One plant in so many is the smallest that is a fault."""
MAX_OFF = Fraction(3, 10)
"""Up to so much of the total a stale total is off."""
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One dataflow of a published dataset at one time."""

    published: Published
    flow: str
    period: str
    grid: Grid

    @property
    def base(self) -> int:
        return self.published.base

    def named(self, keys: Iterable[Key]) -> tuple[dict[str, str], ...]:
        return tuple(
            dict(zip(self.grid.dimensions, key, strict=True)) | {"TIME_PERIOD": self.period}
            for key in dict.fromkeys(keys)
        )

    def written(self, figures: Mapping[Key, int], **columns: str) -> Published:
        """The dataset with other figures in this table; `columns` are other columns of the changed rows."""
        texts = {self.grid.rows[key]: str(value) for key, value in figures.items()}
        frame = self.published.tables[self.flow]
        return self.published.with_table(self.flow, rewritten(frame, texts, columns))


def dimensions(flow: str) -> tuple[str, ...]:
    return ("FREQ", "REF_AREA", *DIMENSIONS[flow])


def table_of(published: Published, flow: str, period: str = "") -> Table:
    frame = published.tables[flow]
    period = period or latest(frame)
    return Table(published=published, flow=flow, period=period, grid=grid_of(frame, dimensions(flow), period=period))


def rewritten(frame: pl.DataFrame, texts: Mapping[int, str], columns: Mapping[str, str]) -> pl.DataFrame:
    rows = pl.DataFrame({"n": list(texts), "new": list(texts.values())}, schema={"n": pl.UInt32, "new": pl.String})
    numbered = frame.with_row_index("n").join(rows, on="n", how="left", maintain_order="left")
    is_changed = pl.col("new").is_not_null()
    others = [
        pl.when(is_changed).then(pl.lit(text or None, pl.String)).otherwise(name).alias(name)
        for name, text in columns.items()
    ]
    return numbered.with_columns(pl.coalesce("new", "OBS_VALUE").alias("OBS_VALUE"), *others).drop("n", "new")


def draw_item(rng: Generator, things: Sequence[Thing]) -> Thing:
    """Draw one of several items with equal probability."""
    return things[int(rng.integers(len(things)))]


def shuffled(rng: Generator, things: Sequence[Thing]) -> Iterator[Thing]:
    """At most `TRIES` of several things, in random order."""
    for number in rng.permutation(len(things))[:TRIES]:
        yield things[int(number)]


def step_between(rng: Generator, least: Fraction | int, most: Fraction | int, base: int) -> int | None:
    """Draw a multiple of the base between bounds; None without any."""
    first, last = -(-Fraction(least) // base), Fraction(most) // base
    return int(rng.integers(int(first), int(last) + 1)) * base if first <= last else None


def residual_to_leave(rng: Generator, parts: int, total: int, base: int) -> int | None:
    """Draw the error of a stale total: the smallest multiple of the base above H, or up to 30 % of the total."""
    least = smallest_above(allowance(parts, base), base)
    if int(rng.integers(ONE_IN)) == 0:
        return least
    return step_between(rng, least, MAX_OFF * total, base)
