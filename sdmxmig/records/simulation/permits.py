"""Simulated residence permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.made_up import HOME
from sdmxmig.records.simulation.stays import GOES_ON, MOVED
from sdmxmig.records.simulation.truth import ENTRY, MIGRATION
from sdmxmig.records.simulation.truth_files import dated

if TYPE_CHECKING:
    from sdmxmig.records.simulation.source import Seen, Source

NAME = "permits"
ABSENT, TWICE, OUTLIVES = "NOT-IN-SOURCE", "DOUBLE-RECORD", "PERMIT-OUTLIVES-STAY"
HOLDERS, CHILDREN, LEFT = "permit-holders", "children-of-permit-holders", "emigrants-foreign"
CHILD = 16 * 365
"""The age in days until which a child may be on the permit of a parent."""
WHO = ("person", "born", "former", "c_citizen", "since")
LONGEST_LEFT = 700
"""So many days a permit still holds at most when the simulation ends."""


def permits_of(source: Seen) -> Source:
    """Permits of foreign citizens, from the day of their arrival to that of their departure or naturalisation."""
    truth = source.truth
    stays = truth.stays.filter("here").join(source.identities.select(WHO), on="person")
    irregular = truth.crossings.filter(
        (pl.col("purpose") == MIGRATION) & (pl.col("direction") == ENTRY) & pl.col("granted_days").is_not_null()
    ).select("person", begin="day")
    stays = stays.join(irregular, on=["person", "begin"], how="anti")
    naturalised = (pl.col("c_citizen") == HOME) & (pl.col("former") != HOME) & pl.col("since").is_not_null()
    stays = stays.with_columns(
        end=pl.when(naturalised).then(pl.min_horizontal("end", "since")).otherwise("end"), naturalised=naturalised
    ).filter(((pl.col("c_citizen") != HOME) | pl.col("naturalised")) & (pl.col("begin") < pl.col("end")))
    child = (stays["begin"] - stays["born"] < CHILD).to_numpy()
    hidden = source.happens(ABSENT, CHILDREN, child)
    source.note(ABSENT, CHILDREN, "-" + truth.persons["id"].gather(stays.filter(pl.Series(hidden))["person"]))
    stays = stays.filter(pl.Series(~hidden)).sort("person", "begin")
    people = stays["person"].unique().sort()
    twice = source.happens(TWICE, HOLDERS, np.ones(len(people), dtype=bool))
    records = source.records(people, "T", people.filter(pl.Series(twice)))
    source.note(TWICE, HOLDERS, records.filter("is_second")["record"])
    held = records.select("person", "record")
    rows = lasting(source, stays).join(held, on="person", how="left", maintain_order="left")
    permits = rows.select(person="record", begin=dated("begin"), end=dated("end"), source_detail=pl.lit("simulated"))
    return source.finished(records, permits=permits.sort("person", "begin"), identities=source.identified(records))


def lasting(source: Seen, stays: pl.DataFrame) -> pl.DataFrame:
    left = (stays["closed"] == MOVED) & ~stays["naturalised"]
    outlives = source.happens(OUTLIVES, LEFT, left.to_numpy())
    source.note(OUTLIVES, LEFT, "-" + source.truth.persons["id"].gather(stays.filter(pl.Series(outlives))["person"]))
    later = np.where(outlives, source.delays(OUTLIVES, LEFT, stays.height), 0)
    still = ((stays["closed"] == GOES_ON) & ~stays["naturalised"]).to_numpy()
    later += np.where(still, source.chance.between(1, LONGEST_LEFT, stays.height), 0)
    return stays.with_columns(end=pl.col("end") + pl.Series(later))
