"""Spells from residence permits.

Overlapping or adjacent permits are one stay, counted with its full granted length, also beyond records and death.
"""

from __future__ import annotations

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.days import Observation
from sdmxmig.records.people import changed
from sdmxmig.records.rows import (
    Order,
    Rows,
    arrange,
    flag,
    int_literal,
    is_in_memory,
    previous,
    running_maximum,
    running_sum,
    text_literal,
)
from sdmxmig.records.spells import CROSSING, ORDERED, PRIOR, build_empty_details, build_starts, spells_in

SHIFT, ENDLESS = 1_000_000, 20_000_000
OF_HOLDER = ("born", "native")


def spells_of_permits(permits: Rows, persons: Rows | None, citizenships: Rows | None, observation: Observation) -> Rows:
    known = known_permits(permits, persons, citizenships, observation)
    stays = merge_stays(known, observation)
    starts = build_starts(permits, persons, observation)
    rows = [add_current_stays(starts, stays), *crossings_of_stays(stays, observation)]
    return spells_in(nw.concat(rows, how="vertical"), observation)


def known_permits(permits: Rows, persons: Rows | None, citizenships: Rows | None, observation: Observation) -> Rows:
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
            native=flag(nw.col("c_birth") == observation.area),
            c_first=nw.col("c_citizen"),
        )
        spans = spans.join(holders, on="person", how="left")
    begin, end = nw.col("begin"), nw.col("end")
    alive = (begin <= nw.col("died")).fill_null(value=True) & (end > nw.col("born")).fill_null(value=True)
    spans = spans.filter((begin < observation.until) & (end > observation.first) & (end > begin) & alive)
    spans = spans.with_columns(at=end, citizen=nw.col("c_first"))
    if citizenships is not None:
        acquired = citizenships.filter(nw.col("date") < observation.until)
        spans = spans.join(changed(spans, acquired), on=["person", "at"], how="left")
        later = nw.col("c_changed")
        spans = spans.with_columns(citizen=nw.when(later.is_null()).then(nw.col("citizen")).otherwise(later))
    own = (nw.col("citizen") == observation.area).fill_null(value=False)
    return spans.select(
        "person", "begin", nw.when(own).then(int_literal(ENDLESS)).otherwise(end).alias("end"), *OF_HOLDER
    )


def merge_stays(permits: Rows, observation: Observation) -> Rows:
    """Merge overlapping or adjacent permits of a person into stays (`begin`, `end`, `days`)."""
    order = Order(("begin", "end"), is_in_memory(permits))
    rows = arrange(permits.unique(), order).with_columns(reach=nw.col("end") + SHIFT)
    rows = rows.with_columns(reach=running_maximum("reach", order)).with_columns(before=previous("reach", order))
    joins = (nw.col("begin") + SHIFT <= nw.col("before")).fill_null(value=False)
    rows = rows.with_columns(first=nw.when(joins).then(int_literal(0)).otherwise(int_literal(1)))
    stays = (
        rows.with_columns(stay=running_sum("first", order))
        .group_by("person", "stay")
        .agg(nw.col("begin").min(), nw.col("end").max(), *(nw.col(name).min() for name in OF_HOLDER))
    )
    begin, born, first = nw.col("begin"), nw.col("born"), observation.first
    newborn = (born >= first).fill_null(value=False)
    at_birth = newborn & ((begin < born) | ((begin == born) & (nw.col("native") == 1).fill_null(value=False)))
    length = nw.col("end") - nw.max_horizontal("begin", "born")
    return stays.with_columns(days=length, held=nw.when(newborn).then(at_birth).otherwise(begin < first))


def add_current_stays(starts: Rows, stays: Rows) -> Rows:
    """Return the start rows of persons, with location and permitted length of a current stay."""
    going_on = stays.filter(nw.col("held")).select("person", "days")
    held = ~nw.col("days").is_null() & (nw.col("origin") != PRIOR)
    return (
        starts.join(going_on, on="person", how="left")
        .with_columns(
            located=nw.when(held).then(int_literal(1)).otherwise(nw.col("located")),
            granted_days=nw.when(held).then(nw.col("days")),
        )
        .select(*ORDERED)
    )


def crossings_of_stays(stays: Rows, observation: Observation) -> list[Rows]:
    """Return an entry per start and an exit per end of stay, as sortable rows."""
    nothing = build_empty_details() | {name: int_literal(None) for name in ("located", "gone", "forced")}
    entries, exits = stays.filter(~nw.col("held")), stays.filter(nw.col("end") < observation.until)
    sides = (entries, "begin", 1, nw.col("days")), (exits, "end", 0, int_literal(None))
    return [
        rows.with_columns(**nothing)
        .with_columns(
            day=nw.col(day),
            after=int_literal(after),
            ordered=int_literal(after),
            timeless=int_literal(0),
            origin=int_literal(CROSSING),
            granted_days=days,
        )
        .select(*ORDERED)
        for rows, day, after, days in sides
    ]
