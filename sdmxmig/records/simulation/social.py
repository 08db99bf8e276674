"""Simulated social security and health records."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.chance import sorted_once
from sdmxmig.records.simulation.made_up import HOME
from sdmxmig.records.simulation.people import day_of
from sdmxmig.records.simulation.stays import MOVED
from sdmxmig.records.simulation.work import works_in

if TYPE_CHECKING:
    from sdmxmig.records.simulation.source import Seen, Source

NAME = "social"
WORK, HEALTH = "work", "health"
YEARS = 10_000
"""More than any year."""
TREATED = 0.7
"""The share of residents who are treated in a year."""
UNDECLARED, GHOST = "NOT-IN-SOURCE", "SIGNS-WITHOUT-PERSON"
WORKERS = {True: "workers-native", False: "workers-foreign"}
LEFT, EVERYBODY = "emigrants-foreign", "everybody"


def social_of(source: Seen) -> Source:
    """Signs of work and of treatment of residents, and some of people who are not there."""
    frames = [signs_of(source, year) for year in source.truth.world.years]
    signs = each_once(pl.concat([*frames, ghosts(source)]), "person")
    records = source.records(signs["person"].unique().sort(), "S").with_row_index("place")
    rows = signs.join(records.select("person", "place"), on="person", how="left", maintain_order="left")
    wrong = source.happens(GHOST, EVERYBODY, np.ones(rows.height, dtype=bool))
    source.note(GHOST, EVERYBODY, records["record"].gather(rows["place"].filter(wrong)))
    other = pl.Series(source.chance.between(0, records.height - 1, rows.height))
    booked = rows.with_columns(pl.when(pl.Series(wrong)).then(other).otherwise("place").alias("place"))
    table = each_once(booked.select("place", "year", "sign"), "place").select(
        record=pl.lit(records["record"]).gather("place"), year="year", sign="sign", source_detail=pl.lit("simulated")
    )
    records = records.drop("place")
    return source.finished(records, signs=table, identities=source.identified(records))


def each_once(signs: pl.DataFrame, who: str) -> pl.DataFrame:
    sign = (pl.col("sign") == WORK).cast(pl.Int64)
    key = signs.select((pl.col(who).cast(pl.Int64) * YEARS + pl.col("year")) * 2 + sign).to_series().to_numpy()
    ordered = sorted_once(key)
    return pl.DataFrame({who: ordered // 2 // YEARS, "year": ordered // 2 % YEARS}).with_columns(
        sign=pl.when(pl.Series(ordered % 2 == 1)).then(pl.lit(WORK)).otherwise(pl.lit(HEALTH))
    )


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
