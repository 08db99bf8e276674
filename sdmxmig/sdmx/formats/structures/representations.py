"""Representations as fields: an enumeration, or a data type with facets."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

from sdmxmig.sdmx.model.artefacts import Item, Sentinel
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import MetadataAttribute

MULTILINGUAL = "isMultiLingual"
FACETS = (
    *("isSequence", "interval", "startValue", "endValue", "timeInterval", "startTime", "endTime", "minLength"),
    *("maxLength", "minValue", "maxValue", "decimals", "pattern"),
)


@dataclass(frozen=True, slots=True)
class Representation:
    """The representation of a component, concept or metadata attribute.

    For writing, `owner` names it and `place` is ``dimension``, ``time``, ``component`` (attributes and measures),
    ``concept`` or ``metadata``, which determines the allowed lists, types and facets.
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
        plain = not (self.codelist or self.data_type or self.facets or self.sentinels)
        return plain and self.min_occurs == self.max_occurs == "1"


NOTHING = Representation()


def of_record(record: Component | Item | MetadataAttribute) -> Representation:
    """The representation of a component, of a concept, or of a metadata attribute."""
    names = ("codelist", "data_type", "facets", "min_occurs", "max_occurs", "sentinels")
    fields: dict[str, Any] = {name: getattr(record, name) for name in names}
    place = "concept"
    if isinstance(record, MetadataAttribute):
        place, fields = "metadata", fields | {"min_occurs": "1", "max_occurs": "1"}
    elif isinstance(record, Component):
        place = record.role if record.role in ("dimension", "time") else "component"
        fields["data_type"] = record.data_type or ("ObservationalTimePeriod" if place == "time" else "")
    return Representation(**fields, owner=record.id, place=place)


def fields_of(shape: Representation, default: str = "") -> dict[str, Any]:
    names = ("codelist", "facets", "sentinels")
    occurs = {name: getattr(shape, name) for name in ("min_occurs", "max_occurs") if getattr(shape, name) != "1"}
    data_type = shape.data_type or ("" if shape.codelist else default)
    return {"data_type": data_type, **{name: getattr(shape, name) for name in names}, **occurs}
