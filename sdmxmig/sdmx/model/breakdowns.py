"""What data hold: the figures of one flow and period by one or two dimensions, and what there is of each flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.bounds import Bounds


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Published figures of one flow and period by one or two dimensions, in persons.

    `by` are the dimensions and `figures` their codes with the values, in the order of the codelists; `of` says of which
    part of the population, such as ``(("CTZ_STATUS", "FC"),)``; empty is everybody. `whole` is the published total of
    that population, None where there is none. Nothing is added up or rounded. `names` are those of the codes.
    `source_type` names the kind of source, such as a census, where all figures come from one kind that is known.
    `statuses` are the observation statuses among the figures, `kind` is how all of them were had: by a ``census``, as
    an ``estimate``, or empty. `bounds` are codes of which only bounds are published.
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

    def value(self, *codes: str) -> Decimal | None:
        """The figure of these codes, None if it is not published."""
        return next((value for listed_codes, value in self.figures if listed_codes == codes), None)

    def known(self, *codes: str) -> Decimal | Bounds | None:
        """The figure of these codes, else its bounds; None if neither is published."""
        bounds = next((bounds for listed_codes, bounds in self.bounds if listed_codes == codes), None)
        return bounds if (value := self.value(*codes)) is None else value


@dataclass(frozen=True, slots=True)
class Availability:
    """What the data hold of one dataflow: its first and last period, how many values, and the topics of division.

    `topics` are the dimensions, with their names, of which there is a code beside the total.
    """

    flow: str
    name: Text
    _: KW_ONLY
    first: str
    last: str
    values: int
    topics: tuple[tuple[str, Text], ...] = ()
