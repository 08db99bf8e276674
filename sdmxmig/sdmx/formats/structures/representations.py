"""Representations, data structures and constraints between SDMX 2.1 and 3, with annotations for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from sdmxmig.primitives.text import read_csv_rows
from sdmxmig.sdmx.formats.structures.notes import Notes, take_record, write_note
from sdmxmig.sdmx.model.artefacts import Annotation, Item, ItemScheme, Sentinel
from sdmxmig.sdmx.model.data_structures import CODE_TYPES, TIME_TYPES, Component, DataStructure, Group
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Constraint, MetadataAttribute, MetadataStructure

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


MEASURE_DIMENSION, MEASURE_CONCEPTS = "MEASURE_DIMENSION", "MEASURE_CONCEPTS"
ATTACHMENT_GROUP, CONSTRAINT_GROUP = "ATTACHMENT_GROUP", "CONSTRAINT_GROUP"
BY_CONSTRAINT, REFERENCE_PERIOD = "ATTACHMENT_BY_CONSTRAINT", "REFERENCE_PERIOD"
PERIOD_PATTERN = r"[^/]*/[^/]*"
Schemes = Mapping[Ref, ItemScheme]


@dataclass(frozen=True, slots=True)
class GroupByConstraint:
    place: int
    group: Group


def convert_all_to_3(artefacts: Iterable[Artefact]) -> list[Artefact]:
    all_artefacts = list(artefacts)
    measured = {
        component.codelist
        for data_structure in all_artefacts
        if isinstance(data_structure, DataStructure)
        for component in data_structure.components
        if is_measure_dimension(component)
    }
    lists = {
        item_scheme.ref: build_codelist(item_scheme)
        for item_scheme in all_artefacts
        if isinstance(item_scheme, ItemScheme) and item_scheme.ref in measured
    }
    taken_already = {
        item_scheme.ref: item_scheme for item_scheme in all_artefacts if isinstance(item_scheme, ItemScheme)
    }
    lists = {
        ref: item_scheme
        for ref, item_scheme in lists.items()
        if taken_already.get(item_scheme.ref, item_scheme) == item_scheme
    }
    codelists = [item_scheme for item_scheme in lists.values() if item_scheme.ref not in taken_already]
    return [*(convert_to_3(artefact, lists) for artefact in all_artefacts), *codelists]


def convert_to_3(artefact: Artefact, lists: Schemes) -> Artefact:
    match artefact:
        case DataStructure() as structure:
            return remove_constraint_groups(convert_measure_dimensions(structure, lists))
        case Constraint() as constraint if constraint.period:
            period_note = Annotation(REFERENCE_PERIOD, title="/".join(constraint.period))
            return replace(constraint, period=None, annotations=(period_note, *constraint.annotations))
    return artefact


def is_measure_dimension(component: Component) -> bool:
    return component.role == "dimension" and bool(component.codelist and component.codelist.kind == "ConceptScheme")


def build_codelist(scheme: ItemScheme) -> ItemScheme:
    codes = tuple(Item(item.id, item.name, description=item.description, parent=item.parent) for item in scheme.items)
    concept_note = Annotation(MEASURE_CONCEPTS, title=scheme.ref.urn)
    codelist_ref = replace(scheme.ref, kind="Codelist")
    return ItemScheme(
        codelist_ref,
        scheme.name,
        items=codes,
        description=scheme.description,
        annotations=(concept_note,),
        place=scheme.place,
    )


def convert_measure_dimensions(structure: DataStructure, lists: Schemes) -> DataStructure:
    components = tuple(
        convert_dimension(component, lists) if is_measure_dimension(component) else component
        for component in structure.components
    )
    return structure if components == structure.components else replace(structure, components=components)


def convert_dimension(component: Component, lists: Schemes) -> Component:
    before = Representation(component.codelist, component.data_type, facets=component.facets)
    codelist = lists.get(component.codelist) if component.codelist else None
    return replace(
        component,
        codelist=codelist.ref if codelist else None,
        data_type=component.data_type or ("" if codelist else "String"),
        annotations=(write_note(MEASURE_DIMENSION, before), *component.annotations),
    )


def remove_constraint_groups(structure: DataStructure) -> DataStructure:
    by_constraint = [(place, group) for place, group in enumerate(structure.groups) if group.constraint]
    if not by_constraint and not any(
        component.group and component.attachment == "dimensions" for component in structure.components
    ):
        return structure
    group_ids = {group.id for _, group in by_constraint}
    group_notes = tuple(write_note(CONSTRAINT_GROUP, GroupByConstraint(place, group)) for place, group in by_constraint)
    return replace(
        structure,
        groups=tuple(group for group in structure.groups if not group.constraint),
        components=tuple(convert_attachment(component, group_ids) for component in structure.components),
        annotations=(*group_notes, *structure.annotations),
    )


def convert_attachment(component: Component, removed_groups: Iterable[str]) -> Component:
    """Return an attribute with its SDMX 3 attachment; `removed_groups` are defined by a constraint."""
    if component.attachment == "group" and component.group in removed_groups:
        constraint_notes = (Annotation(BY_CONSTRAINT, title=component.group),)
        return replace(
            component, attachment="series", group="", annotations=(*constraint_notes, *component.annotations)
        )
    if component.attachment == "dimensions" and component.group:
        groups = tuple(Annotation(ATTACHMENT_GROUP, title=group_id) for group_id in component.group.split())
        return replace(component, group="", annotations=(*groups, *component.annotations))
    return component


def restore_from_version_3(artefacts: Iterable[Artefact]) -> tuple[Artefact, ...]:
    all_artefacts = tuple(artefacts)
    schemes = {item_scheme.ref: item_scheme for item_scheme in all_artefacts if isinstance(item_scheme, ItemScheme)}
    derived_codelists = {item_scheme.ref for item_scheme in schemes.values() if matches_scheme(item_scheme, schemes)}
    return tuple(restore_artefact(artefact) for artefact in all_artefacts if artefact.ref not in derived_codelists)


def matches_scheme(codelist: ItemScheme, schemes: Schemes) -> bool:
    if not any(annotation.type == MEASURE_CONCEPTS for annotation in codelist.annotations):
        return False
    scheme = schemes.get(replace(codelist.ref, kind="ConceptScheme"))
    return scheme is not None and build_codelist(scheme) == codelist


def restore_artefact(artefact: Artefact) -> Artefact:
    match artefact:
        case DataStructure() as structure:
            return restore_constraint_groups(structure)
        case Constraint() as constraint if any(
            annotation.type == REFERENCE_PERIOD for annotation in constraint.annotations
        ):
            notes = Notes(constraint.annotations)
            if period := notes.title(REFERENCE_PERIOD, PERIOD_PATTERN):
                start, end = period.split("/")
                return replace(constraint, period=(start, end), annotations=notes.remaining)
    return artefact


def restore_constraint_groups(structure: DataStructure) -> DataStructure:
    components = tuple(convert_component(component, structure) for component in structure.components)
    groups, notes = list(structure.groups), structure.annotations
    while True:
        old_group, notes = take_record(notes, CONSTRAINT_GROUP, GroupByConstraint)
        if old_group is None:
            break
        groups.insert(old_group.place, old_group.group)
    if (components, tuple(groups)) == (structure.components, structure.groups):
        return structure
    return replace(structure, components=components, groups=tuple(groups), annotations=notes)


def convert_component(component: Component, structure: DataStructure) -> Component:
    if not component.annotations:
        return component
    if component.role == "dimension":
        before, other_notes = take_record(component.annotations, MEASURE_DIMENSION, Representation)
        if before is None or before.codelist is None or before.codelist.kind != "ConceptScheme":
            return component
        shape = (before.codelist, before.data_type, before.facets)
        return replace(component, codelist=shape[0], data_type=shape[1], facets=shape[2], annotations=other_notes)
    notes = Notes(component.annotations)
    if component.attachment == "series" and (group := notes.title(BY_CONSTRAINT)):
        return replace(component, attachment="group", group=group, annotations=notes.remaining)
    if component.attachment in ("series", "dimensions"):
        groups = tuple(iter(lambda: notes.title(ATTACHMENT_GROUP, r"[A-Za-z0-9_@$\-]+"), ""))
        if groups:
            dimensions = component.dimensions or structure.series_key
            attached = replace(component, attachment="dimensions", dimensions=dimensions, annotations=notes.remaining)
            return replace(attached, group=" ".join(groups))
    return component
