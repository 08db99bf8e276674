"""Simulated sources: tables, truth and faults."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.identities import FIELDS, identities_of
from sdmxmig.records.simulation.people import Chance
from sdmxmig.records.simulation.record_faults import fault_of_source, spoilt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sdmxmig.records.simulation.people import Flags, Whole
    from sdmxmig.records.simulation.truth import Truth

LINK, FAULT = ("record", "person"), ("record", "kind", "field", "group")


@dataclass(frozen=True, slots=True)
class Source:
    """A source; `links` (`record`, `person`) and `faults` (`record`, `kind`, `field`, `group`) are the truth."""

    name: str
    tables: Mapping[str, pl.DataFrame]
    _: KW_ONLY
    links: pl.DataFrame
    faults: pl.DataFrame


@dataclass(slots=True)
class Seen:
    """A source under construction."""

    name: str
    truth: Truth
    _: KW_ONLY
    is_faulty: bool
    identities: pl.DataFrame
    chance: Chance
    faults: list[pl.DataFrame] = field(default_factory=list)

    def happens(self, kind: str, group: str, to_whom: Flags) -> Flags:
        rate = fault_of_source(self.name, kind, group).rate if self.is_faulty else 0.0
        return self.chance.happens(rate, len(to_whom)) & np.asarray(to_whom)

    def delays(self, kind: str, group: str, number: int) -> Whole:
        return self.chance.exponential(fault_of_source(self.name, kind, group).value, number)

    def note(self, kind: str, group: str, records: pl.Series) -> None:
        columns = {"record": records.cast(pl.String), "kind": kind, "field": "", "group": group}
        self.faults.append(pl.DataFrame(columns, schema=dict.fromkeys(FAULT, pl.String)))

    def records(self, people: pl.Series, letter: str, again: pl.Series | None = None) -> pl.DataFrame:
        everybody = (people if again is None else pl.concat([people, again])).to_numpy().astype(np.int64)
        order = self.chance.order(len(everybody))
        digits = max(len(str(len(everybody))), 4)
        record = pl.Series([letter]) + pl.Series(np.arange(1, len(order) + 1)).cast(pl.String).str.zfill(digits)
        return self.identities[everybody[order]].with_columns(record=record, is_second=pl.Series(order >= len(people)))

    def identified(self, records: pl.DataFrame) -> pl.DataFrame:
        if self.is_faulty:
            records, faults = spoilt(records, self.name, self.truth.until, self.chance)
            self.faults.append(faults)
        return records.select("record", *FIELDS)

    def finished(self, records: pl.DataFrame, **tables: pl.DataFrame) -> Source:
        ids = self.truth.persons["id"]
        links = records.select("record", person=ids.gather(records["person"]))
        nothing = pl.DataFrame(schema=dict.fromkeys(FAULT, pl.String))
        return Source(self.name, tables, links=links, faults=pl.concat([nothing, *self.faults]).sort(FAULT))


def seen(name: str, truth: Truth, identities: pl.DataFrame | None = None, *, is_faulty: bool = True) -> Seen:
    known = identities_of(truth) if identities is None else identities
    chance = Chance(truth.world.seed, f"source {name}")
    return Seen(name, truth, is_faulty=is_faulty, identities=known, chance=chance)
