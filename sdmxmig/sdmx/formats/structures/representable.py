"""Representations reduced to what all versions since SDMX 2.1 allow.

Older structures give times a codelist or text type, or invalid facets. The annotation `ORIGINAL` keeps the original,
restored on reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from sdmxmig.sdmx.formats.structures.carried import note_of, taken
from sdmxmig.sdmx.formats.structures.data_types import CODE_TYPES, TIMES
from sdmxmig.sdmx.formats.structures.representations import FACETS, MULTILINGUAL, Representation, of_record
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.structures import Artefact, MetadataAttribute, MetadataStructure

ORIGINAL = "ORIGINAL_REPRESENTATION"
OBSERVED = "ObservationalTimePeriod"
TIME_TYPES = (*TIMES, "DateTime", "TimeRange")
OF_TIMES = ("startTime", "endTime")
"""The facets that times may have."""
DECIMAL, INTEGER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", r"[+-]?\d+"
POSITIVE = r"\+?0*[1-9]\d*"
DURATION = r"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
SHAPES = {
    **dict.fromkeys(("isSequence", MULTILINGUAL), "true|false|1|0"),
    **dict.fromkeys(("interval", "startValue", "endValue", "minValue", "maxValue"), DECIMAL),
    **dict.fromkeys(("minLength", "maxLength", "decimals"), POSITIVE),
    "timeInterval": DURATION,
    **dict.fromkeys(OF_TIMES, r"\d{4}.*"),
    "pattern": r"(?s:.*)",
}

Shaped = TypeVar("Shaped", Component, Item, MetadataAttribute)


def representable(artefact: Artefact) -> Artefact:
    return with_each(artefact, held)


def as_it_was(artefact: Artefact) -> Artefact:
    return with_each(artefact, given_back)


def with_each(artefact: Artefact, change: Callable[[Any], Any]) -> Artefact:
    """An artefact whose components, concepts and metadata attributes have each been changed by a function."""
    match artefact:
        case DataStructure() as structure:
            components = tuple(map(change, structure.components))
            return artefact if components == structure.components else replace(structure, components=components)
        case ItemScheme() as scheme if scheme.ref.kind == "ConceptScheme":
            items = tuple(map(change, scheme.items))
            return artefact if items == scheme.items else replace(scheme, items=items)
        case MetadataStructure() as structure:
            attributes = in_tree(structure.attributes, change)
            reports = (replace(report, attributes=in_tree(report.attributes, change)) for report in structure.reports)
            return replace(structure, attributes=attributes, reports=tuple(reports))
    return artefact


def in_tree(attributes: tuple[MetadataAttribute, ...], change: Callable[[Any], Any]) -> tuple[MetadataAttribute, ...]:
    return tuple(
        replace(attribute, children=in_tree(attribute.children, change)) if attribute.children else attribute
        for attribute in map(change, attributes)
    )


def held(shaped: Shaped) -> Shaped:
    """A component, concept or attribute with a representation that every version has, and a note of the original."""
    what = of_record(shaped)
    facets = tuple(fitting_facets(what))
    type_ = data_type(what)
    codelist = None if what.place == "time" else what.codelist
    if (codelist, type_, facets) == (what.codelist, what.data_type, what.facets):
        return shaped
    before = Representation(codelist=what.codelist, data_type=shaped.data_type, facets=what.facets)
    notes: tuple[Annotation, ...] = (note_of(ORIGINAL, before), *shaped.annotations)
    return replace(shaped, codelist=codelist, data_type=type_, facets=facets, annotations=notes)


def given_back(shaped: Shaped) -> Shaped:
    """A component, concept or attribute with the representation of its note, unless it was changed since."""
    if not any(note.type == ORIGINAL for note in shaped.annotations):
        return shaped
    before, other_notes = taken(shaped.annotations, ORIGINAL, Representation)
    if before is None:
        return shaped
    shape = (before.codelist, before.data_type, before.facets)
    restored = replace(shaped, codelist=shape[0], data_type=shape[1], facets=shape[2], annotations=other_notes)
    again = held(restored)
    same = (again.codelist, again.data_type, again.facets) == (shaped.codelist, shaped.data_type, shaped.facets)
    return restored if same else shaped


def data_type(what: Representation) -> str:
    if what.place == "time":
        return what.data_type if what.data_type in TIME_TYPES and not what.codelist else OBSERVED
    if what.codelist is None:
        return what.data_type
    return "" if is_measured(what) or what.data_type not in CODE_TYPES else what.data_type


def is_measured(what: Representation) -> bool:
    return what.codelist is not None and what.codelist.kind == "ConceptScheme"


def fitting_facets(what: Representation) -> Iterator[tuple[str, str]]:
    """The facets that have a place and a value that the schemas take; unknown ones stay, to be refused by name."""
    for name, value in what.facets:
        if name not in (*FACETS, MULTILINGUAL):
            yield name, value
            continue
        shape = SHAPES[name]
        if (what.place == "time" and name not in OF_TIMES) or is_measured(what):
            continue
        if what.codelist and what.place != "time":
            shape = INTEGER if shape == DECIMAL else shape
            if name in ("decimals", MULTILINGUAL):
                continue
        if re.fullmatch(shape, value, re.ASCII):
            yield name, value
