"""Representations as fields, and reduced to what all versions since SDMX 2.1 allow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.formats.structures.notes import take_record, write_note
from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Sentinel
from sdmxmig.sdmx.model.data_structures import CODE_TYPES, TIME_TYPES, Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, MetadataAttribute, MetadataStructure

MULTILINGUAL = "isMultiLingual"
FACET_ROWS = read_csv_rows(Path(__file__).with_name("facets.csv"))
"""The facets of SDMX, with the kind of their values and their names in XML Schema."""
FACET_KINDS = {row["facet"]: row["kind"] for row in FACET_ROWS}
FACETS = tuple(name for name in FACET_KINDS if name != MULTILINGUAL)
TIME_FACETS = ("startTime", "endTime")


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


def read_representation(record: Component | Item | MetadataAttribute) -> Representation:
    names = ("codelist", "data_type", "facets", "min_occurs", "max_occurs", "sentinels")
    fields: dict[str, Any] = {name: getattr(record, name) for name in names}
    place = "concept"
    if isinstance(record, MetadataAttribute):
        place, fields = "metadata", fields | {"min_occurs": "1", "max_occurs": "1"}
    elif isinstance(record, Component):
        place = record.role if record.role in ("dimension", "time") else "component"
        fields["data_type"] = record.data_type or ("ObservationalTimePeriod" if place == "time" else "")
    return Representation(**fields, owner=record.id, place=place)


def list_fields(shape: Representation, default: str = "") -> dict[str, Any]:
    """Return the fields of a record with this representation; `default` is the data type if none is stated."""
    names = ("codelist", "facets", "sentinels")
    occurs = {name: getattr(shape, name) for name in ("min_occurs", "max_occurs") if getattr(shape, name) != "1"}
    data_type = shape.data_type or ("" if shape.codelist else default)
    return {"data_type": data_type, **{name: getattr(shape, name) for name in names}, **occurs}


ORIGINAL_NOTE = "ORIGINAL_REPRESENTATION"
OBSERVED_TIME_TYPE = "ObservationalTimePeriod"
DECIMAL, INTEGER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", r"[+-]?\d+"
POSITIVE_NUMBER = r"\+?0*[1-9]\d*"
DURATION = r"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
SHAPES = {
    "flag": "true|false|1|0",
    "number": DECIMAL,
    "positive": POSITIVE_NUMBER,
    "duration": DURATION,
    "period": r"\d{4}.*",
    "text": r"(?s:.*)",
}

Shaped = TypeVar("Shaped", Component, Item, MetadataAttribute)


def map_each(artefact: Artefact, change: Callable[[Any], Any]) -> Artefact:
    match artefact:
        case DataStructure() as structure:
            components = tuple(map(change, structure.components))
            return artefact if components == structure.components else replace(structure, components=components)
        case ItemScheme() as scheme if scheme.ref.kind == "ConceptScheme":
            items = tuple(map(change, scheme.items))
            return artefact if items == scheme.items else replace(scheme, items=items)
        case MetadataStructure() as structure:
            attributes = map_tree(structure.attributes, change)
            reports = (replace(report, attributes=map_tree(report.attributes, change)) for report in structure.reports)
            return replace(structure, attributes=attributes, reports=tuple(reports))
    return artefact


def map_tree(attributes: tuple[MetadataAttribute, ...], change: Callable[[Any], Any]) -> tuple[MetadataAttribute, ...]:
    return tuple(
        replace(attribute, children=map_tree(attribute.children, change)) if attribute.children else attribute
        for attribute in map(change, attributes)
    )


def take_shape(record: Representation | Component | Item | MetadataAttribute) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("codelist", "data_type", "facets")}


def reduce_representation(shaped: Shaped) -> Shaped:
    """Reduce a representation to what every version supports, with a note of the original."""
    what = read_representation(shaped)
    codelist = None if what.place == "time" else what.codelist
    shape: dict[str, Any] = {
        "codelist": codelist,
        "data_type": find_data_type(what),
        "facets": tuple(list_fitting_facets(what)),
    }
    if shape == take_shape(what):
        return shaped
    before = Representation(what.codelist, shaped.data_type, facets=what.facets)
    return replace(shaped, **shape, annotations=(write_note(ORIGINAL_NOTE, before), *shaped.annotations))


def restore_representation(shaped: Shaped) -> Shaped:
    """Restore the representation in a note, unless it was changed since."""
    before, other_notes = take_record(shaped.annotations, ORIGINAL_NOTE, Representation)
    if before is None:
        return shaped
    restored = replace(shaped, **take_shape(before), annotations=other_notes)
    return restored if take_shape(reduce_representation(restored)) == take_shape(shaped) else shaped


def find_data_type(what: Representation) -> str:
    if what.place == "time":
        return what.data_type if what.data_type in TIME_TYPES and not what.codelist else OBSERVED_TIME_TYPE
    if what.codelist is None:
        return what.data_type
    return "" if is_measured(what) or what.data_type not in CODE_TYPES else what.data_type


def is_measured(what: Representation) -> bool:
    return what.codelist is not None and what.codelist.kind == "ConceptScheme"


def list_fitting_facets(what: Representation) -> Iterator[tuple[str, str]]:
    """Yield facets that the schemas accept; unknown ones stay, to be rejected by name."""
    for name, value in what.facets:
        if name not in FACET_KINDS:
            yield name, value
            continue
        shape = SHAPES[FACET_KINDS[name]]
        if (what.place == "time" and name not in TIME_FACETS) or is_measured(what):
            continue
        if what.codelist and what.place != "time":
            shape = INTEGER if shape == DECIMAL else shape
            if name in ("decimals", MULTILINGUAL):
                continue
        if re.fullmatch(shape, value, re.ASCII):
            yield name, value
