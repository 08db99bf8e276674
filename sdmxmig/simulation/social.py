"""Social security and health: signs of life of those who work or are treated, by record and year."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sdmxmig.lazily import np, pl
from sdmxmig.simulation.made_up import HOME
from sdmxmig.simulation.people import day_of
from sdmxmig.simulation.stays import MOVED
from sdmxmig.simulation.work import works_in

if TYPE_CHECKING:
    from sdmxmig.simulation.source import Seen, Source

NAME = "social"
WORK, HEALTH = "work", "health"
TREATED = 0.7
"""The share of residents who are treated in a year."""
UNDECLARED, GHOST = "NOT-IN-SOURCE", "SIGNS-WITHOUT-PERSON"
WORKERS = {True: "workers-native", False: "workers-foreign"}
LEFT, EVERYBODY = "emigrants-foreign", "everybody"


def social_of(source: Seen) -> Source:
    """Signs of work and of treatment of residents, and some of people who are not there."""
    frames = [signs_of(source, year) for year in source.truth.world.years]
    signs = pl.concat([*frames, ghosts(source)]).unique().sort("person", "year", "sign")
    records = source.records(signs["person"].unique().sort().to_list(), [], "S")
    rows = signs.join(records.select("person", "record"), on="person", how="left", maintain_order="left")
    wrong = source.happens(GHOST, EVERYBODY, np.ones(rows.height, dtype=bool))
    source.note(GHOST, EVERYBODY, rows["record"].filter(wrong))
    other = records["record"].gather(source.chance.between(0, records.height - 1, rows.height))
    booked = rows.with_columns(record=pl.when(pl.Series(wrong)).then(other).otherwise("record"))
    table = booked.select("record", "year", "sign").unique().with_columns(source_detail=pl.lit("simulated"))
    return source.finished(records, signs=table.sort("record", "year", "sign"), identities=source.identified(records))


def signs_of(source: Seen, year: int) -> pl.DataFrame:
    """The signs of a year: `person`, `year`, `sign`."""
    truth = source.truth
    begin, end = day_of(dt.date(year, 1, 1)), day_of(dt.date(year + 1, 1, 1))
    present = truth.stays.filter(pl.col("here") & (pl.col("begin") < end) & (pl.col("end") > begin))
    people = present["person"].unique().sort()
    working = works_in(truth, year)[people.to_numpy()]
    own = (source.identities["c_citizen"].gather(people) == HOME).to_numpy()
    hidden = np.zeros(len(people), dtype=bool)
    for is_own, group in WORKERS.items():
        happened = source.happens(UNDECLARED, group, working & (own == is_own))
        source.note(UNDECLARED, group, "-" + truth.persons["id"].gather(people.filter(pl.Series(happened))))
        hidden |= happened
    treated = source.chance.happens(TREATED, len(people))
    return pl.concat([of(people.filter(working & ~hidden), year, WORK), of(people.filter(treated), year, HEALTH)])


def of(people: pl.Series, year: int, sign: str) -> pl.DataFrame:
    """One sign of each person in a year."""
    return pl.DataFrame({"person": people}).with_columns(year=pl.lit(year, dtype=pl.Int64), sign=pl.lit(sign))


def ghosts(source: Seen) -> pl.DataFrame:
    """Signs of foreign citizens who have left, in the years until somebody notices."""
    truth = source.truth
    left = truth.stays.filter(pl.col("here") & (pl.col("closed") == MOVED))
    foreign = (source.identities["c_citizen"].gather(left["person"]) != HOME).to_numpy()
    hit = source.happens(GHOST, LEFT, foreign)
    gone = left.filter(pl.Series(hit))
    source.note(GHOST, LEFT, "-" + truth.persons["id"].gather(gone["person"]))
    last = gone["end"].to_numpy() + source.delays(GHOST, LEFT, gone.height)
    years = (pl.Series(last).cast(pl.Int32).cast(pl.Date).dt.year().cast(pl.Int64)).clip(None, truth.world.last_year)
    return gone.select("person", year=years.alias("year"), sign=pl.lit(WORK))
