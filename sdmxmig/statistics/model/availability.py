"""Breakdowns and published bounds of figures, such as “at most 257 thousand”, and availability by dataflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text

MODEL_ESTIMATE = "model estimate"
"""The kind of estimates by experts or models, such as those of an international organization."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Published figures of one flow and period by one or two dimensions, in persons.

    `figures` are in codelist order; `of` selects the population, empty means everyone; `whole` is its published total
    or None. Values are not summed or rounded. `source_type` is set if all figures share a known source. `kind`:
    ``census``, ``estimate`` or empty. `comments` are those of single observations, and `sources` their citations; those
    of `whole` have the codes of the total. `day` is the reference day of the flow, such as “1 January”.
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

    def value(self, *codes: str) -> Decimal | None:
        return next((value for listed_codes, value in self.figures if listed_codes == codes), None)

    def known(self, *codes: str) -> Decimal | Bounds | None:
        bounds = next((bounds for listed_codes, bounds in self.bounds if listed_codes == codes), None)
        return bounds if (value := self.value(*codes)) is None else value

    def comment(self, *codes: str) -> Text:
        """Return the comment of the data on one figure."""
        return next((comment for listed_codes, comment in self.comments if listed_codes == codes), Text())

    def sources_of(self, *several: tuple[str, ...]) -> tuple[str, ...]:
        """Return the citations of some figures, each once."""
        return tuple(dict.fromkeys(source for codes, source in self.sources if codes in several))


@dataclass(frozen=True, slots=True)
class AvailableTopic:
    """A dimension with codes besides the total, and the last period that has them."""

    dimension: str
    name: Text
    last: str


@dataclass(frozen=True, slots=True)
class CommonCode:
    """The code other than the total that all values have, such as one citizenship."""

    topic: Text
    name: Text


@dataclass(frozen=True, slots=True)
class Availability:
    """The availability of a dataflow: periods, number of values, topics, common codes.

    `source` is the type of source that all values share, such as residence permits: these are not persons who moved.
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
    """The bounds of a figure, in units; None if unpublished.

    `status` is an observation status, `source` its citation.
    """

    lower: Decimal | None
    upper: Decimal | None
    status: str = ""
    source: str = field(default="", compare=False)

    def share_of(self, whole: Decimal) -> Bounds:
        """Return the bounds in per cent of a whole."""
        lower, upper = (end and 100 * end / whole for end in (self.lower, self.upper))
        return replace(self, lower=lower, upper=upper)
