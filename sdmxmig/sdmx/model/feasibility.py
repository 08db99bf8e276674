"""Feasibility of indicators: declared by the office and computed from its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.scores import Statement


@dataclass(frozen=True, slots=True)
class Need:
    """The requirements of an indicator for a term.

    `sources` are items of module H (sheets S05–S14) or G. `conditions` map questions to sufficient answers. `variables`
    default to the primary topics. `without` is the feasibility if the item is answered no.
    """

    term: str
    sources: tuple[str, ...]
    _: KW_ONLY
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    without: str = "F1"
    status: str = "candidate"
    source: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A source that could provide a term, between FEAS codes `least` and `most`.

    `lacking` are variables missing from its sheet.
    """

    source: str
    term: str
    _: KW_ONLY
    least: str
    most: str
    reasons: tuple[Statement, ...] = ()
    lacking: tuple[str, ...] = ()


REGULAR = "feasible.produced"
"""The reason of a feasibility that rests on the declared availability alone."""


@dataclass(frozen=True, slots=True)
class Feasibility:
    """The feasibility of an indicator, declared (L06) and computed.

    FEAS codes; `computed` is empty if unknown answers leave a range. `difference` is positive if the office is more
    optimistic. `drivers` are obstacles (CL_FEAS_DRIVER) with DRIVER codes.
    """

    declared: str = ""
    computed: str = ""
    _: KW_ONLY
    least: str = ""
    most: str = ""
    difference: int | None = None
    reasons: tuple[Statement, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    drivers: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()

    @property
    def repeats_availability(self) -> bool:
        """Whether the computed feasibility rests on the declared availability, not on sources."""
        return any(reason.id == REGULAR for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Challenge:
    """An indicator that is hard to produce: named (L07) or by number of obstacles.

    Sorted by named, decisive, then partial obstacles.
    """

    indicator: str
    is_named: bool
    _: KW_ONLY
    decisive: int
    some: int
    asked: int
