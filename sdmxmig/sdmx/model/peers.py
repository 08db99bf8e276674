"""Comparison of a country with its peers, with reasons for omissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class PeerMeasure:
    """An indicator compared between countries; values outside `least` and `most` are invalid."""

    indicator: str
    _: KW_ONLY
    population: str
    name: Text
    least: int | None = None
    most: int | None = None

    def is_possible(self, value: Decimal) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class PeerChoice:
    """The measures on page one, declared in ``structures/region.toml``, in order of preference.

    Peers' years differ by at most `years_apart`. `alone` are codes too vague for comparison.
    """

    measures: tuple[PeerMeasure, ...] = ()
    _: KW_ONLY
    years_apart: int = 1
    lines: int = 3
    countries: int = 6
    alone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeerFigure:
    """The figure of one country: its year, observation status, and where it was published."""

    area: str
    name: Text
    _: KW_ONLY
    period: str
    value: Decimal
    status: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """A measure of a country and its peers.

    `left_out` counts other countries by reason: ``rule`` (other residence rule or stay), ``caveat``, ``day`` (reference
    date), ``year``, ``several`` (conflicting values), ``value``, ``room``, ``area`` (unknown), ``own`` (country has
    none).
    """

    measure: str
    name: Text
    _: KW_ONLY
    unit: str
    own: PeerFigure
    others: tuple[PeerFigure, ...]
    left_out: tuple[tuple[str, int], ...] = ()
