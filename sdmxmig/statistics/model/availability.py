"""Bounds and availability of figures by dataflow, and alignment of definitions with reference documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal

from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.evidence import Statement

MODEL_ESTIMATE = "model estimate"
"""The kind of estimates by experts or models, such as those of an international organization."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Published figures of one flow and period by one or two dimensions, in persons.

    `figures` are in codelist order; `of` selects the population, empty means everyone; `whole` is its published total
    or None. Values are not summed or rounded. `source_type` is set if all figures share a known source. `kind`:
    ``census``, ``estimate`` or empty. `comments` are those of single observations, and `sources` their citations; those
    of `whole` have the codes of the total. `day` is the reference day of the flow, such as “1 January”. If it
    `lists_largest`, each country without a figure has a smaller one.
    """

    flow: str
    period: str
    _: KW_ONLY
    by: tuple[str, ...]
    figures: tuple[tuple[tuple[str, ...], Decimal], ...]
    of: tuple[tuple[str, str], ...] = ()
    whole: Decimal | None = None
    source: str = ""
    names: Mapping[str, Text] = field(default_factory=dict)
    source_type: Text = Text()
    statuses: tuple[str, ...] = ()
    kind: str = ""
    bounds: tuple[tuple[tuple[str, ...], Bounds], ...] = ()
    comments: tuple[tuple[tuple[str, ...], Text], ...] = ()
    sources: tuple[tuple[tuple[str, ...], str], ...] = ()
    day: Text = Text()
    lists_largest: bool = False

    def value(self, *codes: str) -> Decimal | None:
        return next((value for listed_codes, value in self.figures if listed_codes == codes), None)

    def known(self, *codes: str) -> Decimal | Bounds | None:
        bounds = next((bounds for listed_codes, bounds in self.bounds if listed_codes == codes), None)
        return bounds if (value := self.value(*codes)) is None else value

    def comment(self, *codes: str) -> Text:
        return next((comment for listed_codes, comment in self.comments if listed_codes == codes), Text())

    def list_breakdown_sources(self, *several: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for codes, source in self.sources if codes in several))


@dataclass(frozen=True, slots=True)
class AvailableTopic:
    """A dimension with codes other than the total, and its last period."""

    dimension: str
    name: Text
    last: str


@dataclass(frozen=True, slots=True)
class CommonCode:
    """A code other than the total that all values have, such as one citizenship."""

    topic: Text
    name: Text


@dataclass(frozen=True, slots=True)
class Availability:
    """The availability of a dataflow: periods, number of values, topics and common codes.

    `source` is the type of source of all values, such as residence permits (which are not migrants).
    """

    flow: str
    name: Text
    _: KW_ONLY
    first: str
    last: str
    values: int
    topics: tuple[AvailableTopic, ...] = ()
    common: tuple[CommonCode, ...] = ()
    source: Text = Text()


LOWER, UPPER = "LOWER_BOUND", "UPPER_BOUND"
"""The attributes for the bounds of an observation."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a figure in units, None if unpublished; `source` is the citation."""

    lower: Decimal | None
    upper: Decimal | None
    status: str = ""
    source: str = field(default="", compare=False)

    def as_share_of(self, whole: Decimal) -> Bounds:
        lower, upper = (end and 100 * end / whole for end in (self.lower, self.upper))
        return replace(self, lower=lower, upper=upper)


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
    """A definition with its group (CL_DEF_GROUP) and effects; `untold` explains missing effects."""

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
