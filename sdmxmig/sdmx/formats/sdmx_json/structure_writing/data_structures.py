"""Data structures and metadata structures: component lists and attribute relationships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.representations import occurrences, representation
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing
from sdmxmig.sdmx.formats.structures import data_structures as structures
from sdmxmig.sdmx.formats.structures.representations import of_record
from sdmxmig.sdmx.formats.wire import SDMX_OF, Field, Form, Key, about, rows
from sdmxmig.sdmx.formats.wire.data_structures import SHAPES
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.structures import MetadataAttribute

FieldsOf = Callable[[Writing, Key, Any], Json]


def section(writing: Writing, row: Field, record: Any, fields_of: FieldsOf) -> Json:
    members = fields_of(writing, row.of, record)
    return {row.json: members} if members.keys() - {"id"} else {}


def components(writing: Writing, row: Field, structure: DataStructure, fields_of: FieldsOf) -> Json:
    structures.check(structure, writing.refusal)
    if structure.list_notes and not structure.components:
        raise writing.refusal("notes on lists that are empty")
    if not (structure.components or structure.groups):
        return {}
    return {row.json: dict(sorted(fields_of(writing, row.of, structure).items()))}


def component_list(writing: Writing, row: Field, structure: DataStructure, fields_of: FieldsOf) -> Json:
    """A list of components with its notes."""
    notes, components = structures.of_list(structure, row.name)
    if not (components or notes or row.required):
        return {}
    members = {"id": row.default, **writing.notes(notes)}
    known_rows = rows(SHAPES, row.of, family="json", version=SDMX_OF[writing.version])
    for known in known_rows:
        of_role = [other for other in known_rows if other.name == known.name]
        held = [
            member
            for member in components
            if member.role == known.name and known is of_role[-1 if structures.has_own_element(member) else 0]
        ]
        if objects := [fields_of(writing, known.of, member) for member in held]:
            members[known.json] = objects if known.form is Form.PARTS else objects[0]
    return {row.json: members}


def relationship(writing: Writing, row: Field, component: Component, fields_of: FieldsOf) -> Json:
    described = structures.relationship(cast(DataStructure, writing.artefact), component, writing.refusal)
    return {row.json: fields_of(writing, structures.Relationship, described)}


def dimensions(writing: Writing, row: Field, described: structures.Relationship) -> Json:
    if not described.dimensions:
        return {}
    what = about(row.what, described)
    writing.distinct(described.dimensions, about(row.unique, described))
    members: Json = {row.json: [writing.checked(name, words.NCNAME, what) for name in described.dimensions]}
    if described.optional:
        members["areDimensionsOptional"] = [name in described.optional for name in described.dimensions]
    return members


def position(writing: Writing, row: Field, component: Component) -> Json:
    dimensions = cast(DataStructure, writing.artefact).dimensions
    return {row.json: next(place for place, dimension in enumerate(dimensions) if dimension is component)}


def occurs(writing: Writing, _: Field, attribute: MetadataAttribute) -> Json:
    return occurrences(writing, attribute.min_occurs, attribute.max_occurs, attribute.id)


FORMS: dict[Form, Callable[[Writing, Field, Any], Json]] = {
    Form.PASSED_OVER: lambda _, row, __: {row.json: row.default} if row.default else {},
    Form.NO_NOTES: lambda *_: {},
    Form.COMPONENT_NOTES: lambda writing, _, component: writing.notes(
        [*structures.component_notes(component), *component.annotations]
    ),
    Form.EITHER: lambda _, row, record: {row.json: row.choices[0 if getattr(record, row.name) else 1]},
    Form.POSITION: position,
    Form.COMPONENT_ID: lambda writing, row, record: {
        row.json: writing.checked(record.id, words.NCNAME, about(row.what, record))
    },
    **dict.fromkeys(
        (Form.REPRESENTATION, Form.METADATA_REPRESENTATION),
        lambda writing, row, record: representation(writing, row.json, of_record(record)),
    ),
    Form.DIMENSIONS: dimensions,
    Form.OCCURRENCES: occurs,
}
OF_FIELDS: dict[Form, Callable[..., Json]] = {
    Form.SECTION: section,
    Form.COMPONENTS: components,
    Form.COMPONENT_LIST: component_list,
    Form.RELATIONSHIP: relationship,
}
"""The forms that hold records."""
