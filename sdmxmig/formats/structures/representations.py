"""Representations as the model's records hold them field by field: codes of a list, or a data type with its facets."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.model.artefacts import Item, Sentinel
from sdmxmig.model.data_structures import Component
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import MetadataAttribute

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
    _: KW_ONLY
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
FIELDS = ("codelist", "data_type", "facets", "min_occurs", "max_occurs", "sentinels")


def fields_of(what: Representation) -> dict[str, Any]:
    """A representation as fields of the record that it is of."""
    return {name: getattr(what, name) for name in FIELDS}


def of_component(component: Component) -> Representation:
    """The representation of a component of a data structure; a time dimension always has one."""
    is_time = component.role == "time"
    return Representation(
        component.codelist,
        component.data_type or ("ObservationalTimePeriod" if is_time else ""),
        facets=component.facets,
        min_occurs=component.min_occurs,
        max_occurs=component.max_occurs,
        sentinels=component.sentinels,
        owner=component.id,
        place=component.role if component.role in ("dimension", "time") else "component",
    )


def of_concept(item: Item) -> Representation:
    """The core representation of a concept."""
    return Representation(
        item.codelist,
        item.data_type,
        facets=item.facets,
        min_occurs=item.min_occurs,
        max_occurs=item.max_occurs,
        sentinels=item.sentinels,
        owner=item.id,
        place="concept",
    )


def of_metadata(attribute: MetadataAttribute) -> Representation:
    """The representation of a metadata attribute."""
    return Representation(
        attribute.codelist,
        attribute.data_type,
        facets=attribute.facets,
        sentinels=attribute.sentinels,
        owner=attribute.id,
        place="metadata",
    )
