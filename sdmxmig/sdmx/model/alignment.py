"""Definitions compared: how near they are to the reference documents, and what a deviation does to the numbers."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.indicators import TermSelection
from sdmxmig.sdmx.model.scores import Statement

EFFECTS = ("pair", "counts", "attribute", "residual", "break")
"""The ways to see in the data what a definition does: see ``structures/effects.toml``."""
LATER_YEARS = "later_years"
"""The number of an effect that says how many years the yearly figures go on after a count."""


@dataclass(frozen=True, slots=True)
class EffectProbe:
    """One look at the data for what a definition does to numbers: about which items, of which kind, at which figures.

    ``pair`` compares two selections of one year, ``counts`` a count within a year with the population on the nearest 1
    January after it (else before it), ``attribute`` the first one under two values of an attribute, such as
    two residence rules, ``residual`` the two sides of an accounting identity, ``break`` the first selection before and
    after a break. `sentence` is the id of what is said of it.
    """

    items: tuple[str, ...]
    kind: str
    _: KW_ONLY
    sentence: str
    first: TermSelection | None = None
    second: TermSelection | None = None
    identity: str = ""
    attribute: str = ""
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class EffectFigure:
    """One of the two figures that an effect compares: what it is, its key in the data, its value and its cells."""

    name: Text
    key: str
    _: KW_ONLY
    value: Decimal
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What a definition does to numbers: two figures of one period, their difference (second − first) and its share.

    `share` is the difference as a share of the first figure, None where that is zero. `sentence` says what is compared;
    its text may use ``{first}``, ``{second}``, ``{difference}``, ``{period}`` and ``{part}``, the name of the second.
    The formula is the same everywhere.
    """

    kind: str
    period: str
    _: KW_ONLY
    first: EffectFigure
    second: EffectFigure
    difference: Decimal
    share: Decimal | None
    sentence: Statement


@dataclass(frozen=True, slots=True)
class Alignment:
    """One definition: its group (a code of CL_DEF_GROUP), and what the country's own does to numbers.

    The answer stands in the score of the item. `effects` are numbers where the data allow; else `untold` says why there
    are none.
    """

    item: str
    group: str
    _: KW_ONLY
    effects: tuple[Effect, ...] = ()
    untold: Statement | None = None
