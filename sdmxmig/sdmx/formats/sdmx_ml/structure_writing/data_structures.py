"""Data structures and metadata structures: component lists, attribute relationships, targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.representations import add_representation
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.structures import data_structures as structures
from sdmxmig.sdmx.formats.structures.metadata_structures import TARGETS
from sdmxmig.sdmx.formats.structures.representations import of_record
from sdmxmig.sdmx.formats.wire import Field, Form, Key, rows
from sdmxmig.sdmx.formats.wire.data_structures import SHAPES
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import MetadataTarget

AddFields = Callable[[Writing, etree._Element, Key, Any], None]


def add_section(writing: Writing, element: etree._Element, row: Field, record: Any, add_fields: AddFields) -> None:
    content = writing.add(element, row.ml)
    add_fields(writing, content, row.of, record)
    if not len(content):
        element.remove(content)


def add_components(
    writing: Writing, element: etree._Element, row: Field, structure: DataStructure, add_fields: AddFields
) -> None:
    structures.check(structure, writing.refusal)
    if writing.dialect.has_final:
        check_21(writing, structure)
    if structure.components:
        add_fields(writing, writing.add(element, row.ml), row.of, structure)


def check_21(writing: Writing, structure: DataStructure) -> None:
    """Refuse parts that a data structure cannot have in SDMX 2.1."""
    if structure.components and [measure.id for measure in structure.measures] != ["OBS_VALUE"]:
        hint = "SDMX 2.1 knows exactly one, OBS_VALUE; write SDMX-ML 3.0."
        raise writing.refusal("other measures than OBS_VALUE", hint)
    if structure.of_role("metadata"):
        raise writing.refusal("the metadata attributes that are reported with data")
    for group in structure.groups:
        if group.constraint and group.dimensions:
            raise writing.refusal(f"the constraint of the group {group.id}", "Name the dimensions of the group.")
    for component in structure.components:
        if component.concept_roles and component.role == "measure":
            raise writing.refusal(f"the concept roles of {component.id}", "It cannot have any.")
        if component.measures not in ((), ("OBS_VALUE",)):
            raise writing.refusal(f"the measures that {component.id} speaks about")


def add_component_list(
    writing: Writing, element: etree._Element, row: Field, structure: DataStructure, add_fields: AddFields
) -> None:
    """Add a list of components with its notes."""
    notes, components = structures.of_list(structure, row.name)
    if not components and not row.required:
        if notes:
            noun = f"{row.ml.removesuffix('List').lower()}s"
            raise writing.refusal(f"the annotations of its {noun}", f"It has no {noun}.")
        return
    holder = writing.add(element, row.ml, attributes={"id": row.default})
    writing.notes(holder, notes)
    known_elements = rows(SHAPES, row.of, family="ml", version=writing.dialect.sdmx_version)
    for component in components:
        elements = [str(known.of) for known in known_elements if known.name == component.role]
        name = elements[-1 if structures.has_own_element(component) else 0]
        add_fields(writing, writing.add(holder, name), name, component)


def add_component_notes(writing: Writing, element: etree._Element, _: Field, component: Component) -> None:
    writing.notes(element, [*structures.component_notes(component), *component.annotations])


def add_represented(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    shape = of_record(record)
    if writing.dialect.has_final and isinstance(record, Component) and structures.has_optional_value(record):
        shape = replace(shape, min_occurs="1")
    add_representation(writing, element, row.ml, shape)


def add_position(writing: Writing, element: etree._Element, _: Field, component: Component) -> None:
    dimensions = enumerate(cast(DataStructure, writing.artefact).dimensions, start=1)
    element.set("position", next(str(place) for place, dimension in dimensions if dimension is component))


def add_relationship(
    writing: Writing, element: etree._Element, row: Field, component: Component, add_fields: AddFields
) -> None:
    relationship = structures.relationship(cast(DataStructure, writing.artefact), component, writing.refusal)
    add_fields(writing, writing.add(element, row.ml), structures.Relationship, relationship)


def add_dimensions(
    writing: Writing, element: etree._Element, row: Field, relationship: structures.Relationship
) -> None:
    for dimension in relationship.dimensions:
        writing.local(element, row.ml, dimension)
        if dimension in relationship.optional:
            element[-1].set("optional", "true")


def add_target_objects(writing: Writing, element: etree._Element, row: Field, target: MetadataTarget) -> None:
    """Add the objects to which metadata may be attached."""
    for name, kind, representation in target.objects:
        is_other = kind in TARGETS
        attributes = {"id": name} if is_other else {"id": name, "objectType": kind}
        target_element = writing.add(element, kind if is_other else row.ml, attributes=attributes)
        local = writing.add(target_element, "LocalRepresentation")
        if representation and not is_other:
            writing.reference(local, "Enumeration", Ref.parse(representation))
        else:
            writing.add(local, "TextFormat", attributes={"textType": representation or "IdentifiableReference"})


def add_constant(_: Writing, element: etree._Element, row: Field, __: Any) -> None:
    if row.default:
        element.set(row.ml[1:], row.default)


def add_either(_: Writing, element: etree._Element, row: Field, record: Any) -> None:
    element.set(row.ml[1:], row.choices[0 if getattr(record, row.name) else 1])


FORMS: dict[Form, Callable[[Writing, etree._Element, Field, Any], None]] = {
    Form.PASSED_OVER: add_constant,
    Form.NO_NOTES: lambda *_: None,
    Form.EITHER: add_either,
    Form.POSITION: add_position,
    Form.COMPONENT_NOTES: add_component_notes,
    **dict.fromkeys((Form.REPRESENTATION, Form.METADATA_REPRESENTATION), add_represented),
    Form.DIMENSIONS: add_dimensions,
    Form.TARGET_OBJECTS: add_target_objects,
}
OF_FIELDS: dict[Form, Callable[..., None]] = {
    Form.SECTION: add_section,
    Form.COMPONENTS: add_components,
    Form.COMPONENT_LIST: add_component_list,
    Form.RELATIONSHIP: add_relationship,
}
"""The forms that hold records."""
