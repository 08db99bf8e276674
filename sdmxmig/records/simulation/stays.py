"""Residence intervals of simulated persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.lives import KINDS
from sdmxmig.records.simulation.people import NEVER, NOBODY
from sdmxmig.records.simulation.populations import MOVE

if TYPE_CHECKING:
    from sdmxmig.records.simulation.people import Lives

START, BORN, MOVED, DIED, GOES_ON = range(5)


def stays_of(lives: Lives, first: int, until: int) -> pl.DataFrame:
    """The intervals in which persons live in the country (`here`) or elsewhere, from `first` to before `until`."""
    persons, diary = lives.persons, lives.diary
    number = lives.number
    child = (persons["mother"] != NOBODY) & (persons["born"] >= first)
    resident = (np.arange(number) < lives.residents) | child
    moves = pl.DataFrame(diary).filter(pl.col("kind") == KINDS.index(MOVE)).sort("person", "day")
    initial = moves.unique("person", keep="first", maintain_order=True).select("person", country="before")
    begun = pl.DataFrame(
        {
            "person": np.arange(number),
            "begin": np.maximum(persons["born"], first),
            "now": persons["residence"],
            "opened": np.where(child, BORN, START),
            "here": resident,
        }
    )
    begun = begun.join(initial, on="person", how="left", maintain_order="left").with_columns(
        country=pl.coalesce("country", "now")
    )
    changed = moves.select(
        "person",
        begin="day",
        country="after",
        opened=pl.lit(MOVED, dtype=pl.Int64),
        here=pl.col("after") == lives.home,
    )
    rows = pl.concat([begun.select(changed.columns), changed]).sort("person", "begin", maintain_order=True)
    died = pl.DataFrame({"person": np.arange(number), "died": persons["died"]})
    following = pl.col("person").shift(-1) == pl.col("person")
    dead = (pl.col("died") != NEVER) & (pl.col("died") < until)
    rows = rows.join(died, on="person", how="left", maintain_order="left")
    last = pl.when(dead).then(pl.col("died")).otherwise(until)
    return rows.with_columns(
        end=pl.when(following).then(pl.col("begin").shift(-1)).otherwise(last),
        closed=pl.when(following).then(MOVED).when(dead).then(DIED).otherwise(GOES_ON),
    ).drop("died")
