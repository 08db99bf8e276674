"""Spells from residence permits.

Overlapping or adjacent permits are one stay, counted with its full granted length, also beyond records and death.
"""

from __future__ import annotations

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.days import Observation
from sdmxmig.records.people import changed
from sdmxmig.records.rows import (
    arrange,
    flag,
    int_literal,
    previous,
    running_maximum,
    text_literal,
)
from sdmxmig.records.spells import CROSSING, ORDERED, PRIOR, build_empty_details, build_starts, spells_in

SHIFT, ENDLESS = 1_000_000, 20_000_000
OF_HOLDER = ("born", "native")


def spells_of_permits(
    permits: pl.DataFrame, persons: pl.DataFrame | None, citizenships: pl.DataFrame | None, observation: Observation
) -> pl.DataFrame:
    known = known_permits(permits, persons, citizenships, observation)
    stays = merge_stays(known, observation)
    starts = build_starts(permits, persons, observation)
    rows = [add_current_stays(starts, stays), *crossings_of_stays(stays, observation)]
    return spells_in(pl.concat(rows), observation)


def known_permits(
    permits: pl.DataFrame, persons: pl.DataFrame | None, citizenships: pl.DataFrame | None, observation: Observation
) -> pl.DataFrame:
    """Return permits valid while records of a living person continue, with their holder's birth."""
    spans = permits.select("person", "begin", "end")
    if persons is None:
        spans = spans.with_columns(
            born=int_literal(None), died=int_literal(None), native=int_literal(None), c_first=text_literal(None)
        )
    else:
        holders = persons.select(
            "person",
            born="birth_date",
            died="death_date",
            native=(pl.col("c_birth") == observation.area).cast(pl.Int64),
            c_first=pl.col("c_citizen"),
        )
        spans = spans.join(holders, on="person", how="left")
    begin, end = pl.col("begin"), pl.col("end")
    alive = (begin <= pl.col("died")).fill_null(value=True) & (end > pl.col("born")).fill_null(value=True)
    spans = spans.filter((begin < observation.until) & (end > observation.first) & (end > begin) & alive)
    spans = spans.with_columns(at=end, citizen=pl.col("c_first"))
    if citizenships is not None:
        acquired = citizenships.filter(pl.col("date") < observation.until)
        spans = spans.join(changed(spans, acquired), on=["person", "at"], how="left")
        spans = spans.with_columns(citizen=pl.coalesce("c_changed", "citizen"))
    own = (pl.col("citizen") == observation.area).fill_null(value=False)
    return spans.select(
        "person", "begin", pl.when(own).then(int_literal(ENDLESS)).otherwise(end).alias("end"), *OF_HOLDER
    )


def merge_stays(permits: pl.DataFrame, observation: Observation) -> pl.DataFrame:
    """Merge overlapping or adjacent permits of a person into stays (`begin`, `end`, `days`)."""
    rows = arrange(permits.unique(), ("begin", "end")).with_columns(reach=pl.col("end") + SHIFT)
    rows = rows.with_columns(reach=running_maximum("reach")).with_columns(before=previous("reach"))
    joins = (pl.col("begin") + SHIFT <= pl.col("before")).fill_null(value=False)
    rows = rows.with_columns(first=flag(~joins))
    stays = (
        rows.with_columns(stay=pl.col("first").cum_sum())
        .group_by("person", "stay")
        .agg(pl.col("begin").min(), pl.col("end").max(), *(pl.col(name).min() for name in OF_HOLDER))
    )
    begin, born, first = pl.col("begin"), pl.col("born"), observation.first
    newborn = (born >= first).fill_null(value=False)
    at_birth = newborn & ((begin < born) | ((begin == born) & (pl.col("native") == 1).fill_null(value=False)))
    length = pl.col("end") - pl.max_horizontal("begin", "born")
    return stays.with_columns(days=length, held=pl.when(newborn).then(at_birth).otherwise(begin < first))


def add_current_stays(starts: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Return the start rows of persons, with location and permitted length of a current stay."""
    going_on = stays.filter(pl.col("held")).select("person", "days")
    held = pl.col("days").is_not_null() & (pl.col("origin") != PRIOR)
    return (
        starts.join(going_on, on="person", how="left")
        .with_columns(
            located=pl.when(held).then(int_literal(1)).otherwise(pl.col("located")),
            granted_days=pl.when(held).then(pl.col("days")),
        )
        .select(*ORDERED)
    )


def crossings_of_stays(stays: pl.DataFrame, observation: Observation) -> list[pl.DataFrame]:
    """Return an entry per start and an exit per end of stay, as sortable rows."""
    nothing = build_empty_details() | {name: int_literal(None) for name in ("located", "gone", "forced")}
    entries, exits = stays.filter(~pl.col("held")), stays.filter(pl.col("end") < observation.until)
    sides = (entries, "begin", 1, pl.col("days")), (exits, "end", 0, int_literal(None))
    return [
        rows.with_columns(**nothing)
        .with_columns(
            day=pl.col(day),
            after=int_literal(after),
            ordered=int_literal(after),
            timeless=int_literal(0),
            origin=int_literal(CROSSING),
            granted_days=days,
        )
        .select(*ORDERED)
        for rows, day, after, days in sides
    ]
