"""What values look like, as the model's records hold it piece by piece: codes of a list, or a type with its facets."""

from __future__ import annotations

from dataclasses import dataclass

from sdmxmig.model.artefacts import Sentinel
from sdmxmig.model.references import Ref

MULTILINGUAL = "isMultiLingual"
FACETS = (
    *("isSequence", "interval", "startValue", "endValue", "timeInterval", "startTime", "endTime", "minLength"),
    *("maxLength", "minValue", "maxValue", "decimals", "pattern"),
)


@dataclass(frozen=True, slots=True)
class Representation:
    """The representation of a component, concept or metadata attribute.

    When it is written, `owner` is whose it is, and `place` where it stands: ``dimension``, ``time``, ``component``
    (attributes and measures), ``concept`` or ``metadata``. They differ in the lists, types and facets that the schemas
    take there.
    """

    codelist: Ref | None = None
    data_type: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    min_occurs: str = "1"
    max_occurs: str = "1"
    sentinels: tuple[Sentinel, ...] = ()
    owner: str = ""
    place: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        plain = not (self.codelist or self.data_type or self.facets or self.sentinels)
        return plain and self.min_occurs == self.max_occurs == "1"


NOTHING = Representation()
