"""Spells from residence permits.

Overlapping or adjacent permits are one stay, counted with its full granted length, also beyond records and death.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.days import numbered
from sdmxmig.records.ordered import Order, arranged, highest, previous, running
from sdmxmig.records.people import changed
from sdmxmig.records.rows import flag, text, whole
from sdmxmig.records.spells import CROSSING, DETAILS, ORDERED, PRIOR, spells_in, starts_of

if TYPE_CHECKING:
    from sdmxmig.records.observation import Observation
    from sdmxmig.records.rows import Rows

SHIFT, ENDLESS = 1_000_000, 20_000_000


def spells_of_permits(
    permits: Rows, persons: Rows | None, citizenships: Rows | None, observation: Observation, *, lying: bool = False
) -> Rows:
    known = known_permits(permits, persons, citizenships, observation)
    stays = stays_of(known, observation, lying=lying)
    starts = starts_of(permits, persons, observation)
    rows = [within_stays(starts, stays), *crossings_of_stays(stays, observation)]
    return spells_in(nw.concat(rows, how="vertical"), observation, lying=lying)


def known_permits(permits: Rows, persons: Rows | None, citizenships: Rows | None, observation: Observation) -> Rows:
    """The permits that hold while records of a living person go on, with the birth of their holders."""
    spans = permits.select("person", begin=numbered("begin"), end=numbered("end"))
    if persons is None:
        spans = spans.with_columns(born=whole(None), died=whole(None), native=whole(None), c_first=text(None))
    else:
        holders = persons.select(
            "person",
            born=numbered("birth_date"),
            died=numbered("death_date"),
            native=flag(nw.col("c_birth") == observation.area),
            c_first=nw.col("c_citizen"),
        )
        spans = spans.join(holders, on="person", how="left")
    begin, end = nw.col("begin"), nw.col("end")
    alive = (begin <= nw.col("died")).fill_null(value=True) & (end > nw.col("born")).fill_null(value=True)
    spans = spans.filter((begin < observation.until) & (end > observation.first) & (end > begin) & alive)
    spans = spans.with_columns(at=end, citizen=nw.col("c_first"))
    if citizenships is not None:
        acquired = citizenships.filter(numbered("date") < observation.until)
        spans = spans.join(changed(spans, acquired), on=["person", "at"], how="left")
        later = nw.col("c_changed")
        spans = spans.with_columns(citizen=nw.when(later.is_null()).then(nw.col("citizen")).otherwise(later))
    own = (nw.col("citizen") == observation.area).fill_null(value=False)
    return spans.select("person", "begin", nw.when(own).then(whole(ENDLESS)).otherwise(end).alias("end"), *OF_HOLDER)


OF_HOLDER = ("born", "native")


def stays_of(permits: Rows, observation: Observation, *, lying: bool) -> Rows:
    """Permits of a person that overlap or follow each other as one stay (`begin`, `end`, `days`)."""
    order = Order(("begin", "end"), lying)
    rows = arranged(permits.unique(), order).with_columns(reach=nw.col("end") + SHIFT)
    rows = rows.with_columns(reach=highest("reach", order)).with_columns(before=previous("reach", order))
    joins = (nw.col("begin") + SHIFT <= nw.col("before")).fill_null(value=False)
    rows = rows.with_columns(first=nw.when(joins).then(whole(0)).otherwise(whole(1)))
    stays = (
        rows.with_columns(stay=running("first", order))
        .group_by("person", "stay")
        .agg(nw.col("begin").min(), nw.col("end").max(), *(nw.col(name).min() for name in OF_HOLDER))
    )
    begin, born, first = nw.col("begin"), nw.col("born"), observation.first
    newborn = (born >= first).fill_null(value=False)
    at_birth = newborn & ((begin < born) | ((begin == born) & (nw.col("native") == 1).fill_null(value=False)))
    length = nw.col("end") - nw.max_horizontal("begin", "born")
    return stays.with_columns(days=length, held=nw.when(newborn).then(at_birth).otherwise(begin < first))


def within_stays(starts: Rows, stays: Rows) -> Rows:
    """The rows with which persons begin, with where they are and how long they may stay if a stay goes on then."""
    going_on = stays.filter(nw.col("held")).select("person", "days")
    held = ~nw.col("days").is_null() & (nw.col("origin") != PRIOR)
    return (
        starts.join(going_on, on="person", how="left")
        .with_columns(
            located=nw.when(held).then(whole(1)).otherwise(nw.col("located")),
            granted_days=nw.when(held).then(nw.col("days")),
        )
        .select(*ORDERED)
    )


def crossings_of_stays(stays: Rows, observation: Observation) -> list[Rows]:
    """An entry where a stay begins and an exit where it ends, as rows that can be ordered."""
    nothing = {name: text(None) if kind == "text" else whole(None) for name, kind in DETAILS.items()}
    nothing |= {name: whole(None) for name in ("located", "gone", "forced")}
    entries, exits = stays.filter(~nw.col("held")), stays.filter(nw.col("end") < observation.until)
    sides = (entries, "begin", 1, nw.col("days")), (exits, "end", 0, whole(None))
    return [
        rows.with_columns(**nothing)
        .with_columns(
            day=nw.col(day),
            after=whole(after),
            ordered=whole(after),
            timeless=whole(0),
            origin=whole(CROSSING),
            granted_days=days,
        )
        .select(*ORDERED)
        for rows, day, after, days in sides
    ]
