"""Figures of other countries beside those of a country: what is set side by side, and how much is left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text


@dataclass(frozen=True, slots=True)
class PeerMeasure:
    """An indicator with one of its populations that is compared with other countries.

    `name` says what it is and per how many, in words for everybody; a value below `least` or above `most` cannot be.
    """

    indicator: str
    _: KW_ONLY
    population: str
    name: Text
    least: int | None = None
    most: int | None = None

    def is_possible(self, value: Decimal) -> bool:
        """Whether there can be such a value at all."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True)
class PeerChoice:
    """What page one compares, as ``structures/region.toml`` declares it: measures, the preferred first.

    The year of another country is at most `years_apart` from that of the country itself. There is room for so many
    `lines` and, on each, so many `countries`. `alone` are codes, by attribute, that say too little of a rule for two
    countries to be compared under them.
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
    """One measure of a country beside those of others that can be compared with it, in the order of their codes.

    `left_out` says how many other countries have a figure that is not shown, by reason: another residence rule or kind
    of stay, or none stated (``rule``), a reservation about the figure (``caveat``), another reference date (``day``),
    no year close enough (``year``), two different values of one year (``several``), a value that cannot be, or no
    number (``value``), no room (``room``), an area that no list knows (``area``); or the country itself has none to
    compare with (``own``).
    """

    measure: str
    name: Text
    _: KW_ONLY
    unit: str
    own: PeerFigure
    others: tuple[PeerFigure, ...]
    left_out: tuple[tuple[str, int], ...] = ()
