"""Kinds of receivers' demands, checked before sending.

Files in `structures/agencies/` use registered kinds:

@DEMANDS.add("FILE-NAME") def file_name(parameters: Declared, outgoing: Outgoing) -> Iterable[Miss]: ...

No result means that the demand is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sdmxmig.catalogue.receivers import Agency, Demand
from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.submission import Outgoing

MAX_NAMED = 20
"""Maximum number of faults named for one demand; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Miss:
    file: str
    what: str


KindOfDemand = Callable[[Declared, Outgoing], Iterable[Miss]]
DEMANDS: Kind[KindOfDemand] = Kind("sdmxmig.transmission.demands")


@dataclass(frozen=True, slots=True)
class Refusal:
    demand: Demand
    misses: tuple[Miss, ...]
    count: int

    def sentences(self) -> tuple[str, ...]:
        named = tuple(f"{miss.file}: {miss.what}" if miss.file else miss.what for miss in self.misses)
        return (*named, f"and {self.count - len(named):,} more") if self.count > len(named) else named


def check_demands(agency: Agency, outgoing: Outgoing) -> tuple[Refusal, ...]:
    """Check all demands of a receiver. Raises `DeclarationError` for unknown kinds and parameters."""
    refused = []
    for demand in agency.demands:
        check_known("kind of demand", demand.kind, tuple(DEMANDS), demand.place)
        place = demand.place or Place(demand.id)
        with Declared(demand.parameters, Place(place.file, key=f"{place.key or demand.id}.parameters")) as parameters:
            misses = tuple(DEMANDS[demand.kind](parameters, outgoing))
        if misses:
            refused.append(Refusal(demand, misses[:MAX_NAMED], count=len(misses)))
    return tuple(refused)
