"""Simulated border records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.made_up import HOME
from sdmxmig.records.simulation.truth import AIR, ENTRY, EXIT, LAND, MIGRATION, MINUTES
from sdmxmig.records.simulation.truth_files import dated

if TYPE_CHECKING:
    from sdmxmig.records.simulation.source import Seen, Source

NAME = "border"
WAYS = {AIR: "air-crossings", LAND: "land-crossings"}
MISSED = {EXIT: "MISSED-EXIT", ENTRY: "MISSED-ENTRY"}
LEFT_OUT, TWICE, LATE = "NOT-IN-SOURCE", "DOUBLE-RECORD", "LATE-EXIT-MATCH"
SHARED_DOCUMENT = 0.5
"""Share of crossings with the second document."""


def border_of(source: Seen) -> Source:
    """The crossings that the border has, by documents; `known_from` is the day on which a record was there."""
    visitors = source.truth.persons["visitor"]
    crossings = source.truth.crossings.with_row_index("crossing")
    crossings = crossings.with_columns(visitor=visitors.gather(crossings["person"]))
    kept = crossings.filter(pl.Series(~missed(source, crossings)))
    people = kept["person"].unique().sort()
    two = source.identities[people].filter(pl.col("dual") & (pl.col("c_citizen") == HOME))["person"]
    records = by_documents(source.records(people, "B", two))
    twice = source.happens(TWICE, "all-crossings", np.ones(kept.height, dtype=bool))
    source.note(TWICE, "all-crossings", kept["crossing"].filter(twice))
    rows = pl.concat([kept, kept.filter(pl.Series(twice))]).sort("crossing")
    late = source.happens(LATE, "temporary-visitors", late_group(rows))
    source.note(LATE, "temporary-visitors", rows["crossing"].filter(late))
    days = np.where(late, source.delays(LATE, "temporary-visitors", rows.height), 0)
    named = with_documents(source, rows.with_columns(delay=pl.Series(days)), records)
    # Moment and record together are one number, which is sorted at once.
    moment = ((pl.col("day") * MINUTES + pl.col("minute")) * records.height + pl.col("place")).alias("#moment")
    movements = (
        named.with_columns(moment)
        .sort("#moment", maintain_order=True)
        .select(
            person="record",
            date=dated("day"),
            direction="direction",
            sequence="minute",
            c_residence="c_residence",
            purpose=pl.when(pl.col("purpose") != MIGRATION).then("purpose"),
            intended_days=pl.when(pl.col("direction") == ENTRY).then("intended_days"),
            granted_days="granted_days",
            known_from=dated("day") + pl.duration(days="delay"),
            source_detail=pl.lit("simulated"),
        )
    )
    return source.finished(records, movements=movements, identities=source.identified(records))


def late_group(rows: pl.DataFrame) -> np.ndarray:
    return ((rows["direction"] == EXIT) & (rows["visitor"])).to_numpy()


def missed(source: Seen, crossings: pl.DataFrame) -> np.ndarray:
    """Which crossings the border does not have."""
    gone = np.zeros(crossings.height, dtype=bool)
    for direction, kind in MISSED.items():
        for way, group in WAYS.items():
            of_kind = (crossings["direction"] == direction) & (crossings["way"] == way)
            gone |= noted(source, kind, group, crossings.with_columns(hit=of_kind))
    visits = (crossings["way"] == AIR) & crossings["visitor"]
    gone |= noted(source, LEFT_OUT, WAYS[AIR], crossings.with_columns(hit=visits))
    gone |= noted(source, LEFT_OUT, "irregular-entrants", crossings.with_columns(hit=irregular(crossings)))
    return gone


def noted(source: Seen, kind: str, group: str, crossings: pl.DataFrame) -> np.ndarray:
    happened = source.happens(kind, group, crossings["hit"].to_numpy())
    source.note(kind, group, crossings["crossing"].filter(happened))
    return happened


def irregular(crossings: pl.DataFrame) -> pl.Series:
    moved = (crossings["purpose"] == MIGRATION) & (crossings["direction"] == ENTRY)
    return moved & crossings["granted_days"].is_not_null() & (crossings["way"] == LAND)


def by_documents(records: pl.DataFrame) -> pl.DataFrame:
    second = pl.col("is_second")
    return records.with_columns(
        person_number=pl.lit(None, dtype=pl.String),
        document=pl.when(second).then("other_document").otherwise("document"),
        c_citizen=pl.when(second).then("c_birth").otherwise("c_citizen"),
    )


def with_documents(source: Seen, rows: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    persons = source.truth.persons.height
    first, second = np.full(persons, NONE), np.full(persons, NONE)
    is_second, person = records["is_second"].to_numpy(), records["person"].to_numpy()
    first[person[~is_second]], second[person[is_second]] = np.flatnonzero(~is_second), np.flatnonzero(is_second)
    who = rows["person"].to_numpy()
    chosen = source.chance.happens(SHARED_DOCUMENT, rows.height) & (second[who] != NONE)
    place = pl.Series(np.where(chosen, second[who], first[who]))
    return rows.with_columns(place=place, record=records["record"].gather(place))


NONE = -1
