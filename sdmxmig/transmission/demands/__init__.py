"""Kinds of demands: what a receiver asks of a submission, looked at before anything is sent.

A kind is registered under a name, and the files of agencies in `structures/agencies/` use it with their own parameters:

    @DEMANDS.add("FILE-NAME")
    def file_name(inspection: Inspection) -> Iterable[Miss]: ...

It says what would be refused, message by message; that it says nothing means that the demand is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.errors import check_known
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.plugins import Kind
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.outgoing import Outgoing
from sdmxmig.sdmx.model.receivers import Agency, Demand

MOST = 20
"""So many things are named that do not meet one demand; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Miss:
    """What does not meet a demand: in which file, empty for the whole submission, and what it is, in words."""

    file: str
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What a kind of demand is given: the demand, and what is to be sent."""

    demand: Demand
    outgoing: Outgoing

    @property
    def parameters(self) -> Declared:
        """The parameters of the demand, read by type; a wrong one is a `DeclarationError` at its key."""
        place = self.demand.place or Place(self.demand.id)
        key = f"{place.key}.parameters" if place.key else f"{self.demand.id}.parameters"
        return Declared(self.demand.parameters, Place(place.file, key=key))


KindOfDemand = Callable[[Inspection], Iterable[Miss]]
DEMANDS: Kind[KindOfDemand] = Kind("sdmxmig.transmission.demands")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A demand that is not met, and what does not meet it; beyond the first ones these are only counted."""

    demand: Demand
    misses: tuple[Miss, ...]
    _: KW_ONLY
    count: int

    def sentences(self) -> tuple[str, ...]:
        """What does not meet the demand, a sentence each, and how many more there are."""
        named = tuple(f"{miss.file}: {miss.what}" if miss.file else miss.what for miss in self.misses)
        return (*named, f"and {self.count - len(named):,} more") if self.count > len(named) else named


def refusals(agency: Agency, outgoing: Outgoing) -> tuple[Refusal, ...]:
    """What a receiver would, or may, refuse of what is to be sent, in the order of its demands.

    Raises `DeclarationError` for a demand of a kind that there is not, or whose parameters are wrong.
    """
    refused = []
    for demand in agency.demands:
        check_known("kind of demand", demand.kind, tuple(DEMANDS), demand.place)
        misses = tuple(DEMANDS[demand.kind](Inspection(demand, outgoing)))
        if misses:
            refused.append(Refusal(demand, misses[:MOST], count=len(misses)))
    return tuple(refused)
