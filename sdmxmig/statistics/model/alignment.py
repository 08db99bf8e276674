"""Comparison of definitions with reference documents, and their effect on figures."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.availability import Bounds
from sdmxmig.statistics.model.scores import Statement

LATER_YEARS = "later_years"
"""The number of an effect: years for which yearly figures continue after a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectFigure:
    name: Text
    key: str
    value: Decimal
    period: str = ""
    places: tuple[Place, ...] = ()
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The effect of a definition: two figures of a period, their difference (second − first) and its share.

    `share` is relative to the first figure, None if that is zero. The text `sentence` may use ``{first}``,
    ``{second}``, ``{difference}``, ``{period}`` and ``{part}`` (the name of the second).
    """

    kind: str
    period: str
    first: EffectFigure
    second: EffectFigure
    difference: Decimal
    share: Decimal | None
    sentence: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """One definition with its group (CL_DEF_GROUP) and effects; `untold` explains missing effects."""

    item: str
    group: str
    effects: tuple[Effect, ...] = ()
    untold: Statement | None = None


Codes = tuple[tuple[str, Text], ...]
"""Codes with their names."""


@dataclass(frozen=True, slots=True)
class FlowRule:
    """The residence rule of a dataflow's data.

    `rules` (``RES_RULE``) and `bases` (``DUR_BASIS``) have one code, several if datasets differ, none if unstated.
    `intended_months` is the stay that must be intended, if intention decides. `comments` are distinct
    ``COMMENT_DSET`` texts.
    """

    flow: str
    name: Text
    _: KW_ONLY
    rules: Codes = ()
    bases: Codes = ()
    intended_months: int | None = None
    comments: tuple[Text, ...] = ()
