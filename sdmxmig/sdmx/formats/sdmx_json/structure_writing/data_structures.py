"""Data structures and metadata structures: component lists, attribute relationships and representations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing
from sdmxmig.sdmx.formats.structures import data_structures as structures
from sdmxmig.sdmx.formats.structures.representations import Representation, of_record
from sdmxmig.sdmx.formats.wire import SDMX_OF, Field, Form, Key, about, rows
from sdmxmig.sdmx.formats.wire.data_structures import SHAPES
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.structures import Level, MetadataAttribute

SHAPE_AT = {"dimension": "simple", "time": "time"}
"""The sort of format at each place; elsewhere basic."""
WITH_VALUE_LISTS = ("component", "concept")


def representation(writing: Writing, name: str, what: Representation) -> Json:
    """Write a representation, unless empty.

    Raises `SdmxmigError` for types, facets and lists that the schema does not allow here.
    """
    if what.is_empty:
        return {}
    members: Json = {}
    if what.codelist:
        if what.sentinels or what.place == "time":
            raise writing.refusal(f"values with a meaning of their own, or a list of times, for {what.owner}")
        kinds = ("Codelist", "ValueList") if what.place in WITH_VALUE_LISTS else ("Codelist",)
        kinds = ("Codelist", "ConceptScheme") if writing.is_10 else kinds
        members["enumeration"] = writing.urn(what.codelist, *kinds)
        if what.data_type or what.facets:
            members["enumerationFormat"] = text_format(writing, "coded", what)
    else:
        called = "textFormat" if writing.is_10 else "format"
        members[called] = text_format(writing, SHAPE_AT.get(what.place, "basic"), what)
    if (what.min_occurs, what.max_occurs) != ("1", "1") and what.place not in WITH_VALUE_LISTS:
        raise writing.refusal(f"several values of {what.owner}")
    return {name: members | occurrences(writing, what.min_occurs, what.max_occurs, what.owner)}


def occurrences(writing: Writing, least: str, most: str, owner: str) -> Json:
    """Return the members for how often something may occur; none for exactly once."""
    members: Json = {}
    if least != "1":
        members["minOccurs"] = writing.number(least, f"the minOccurs of {owner}", whole=True)
        if least.startswith("-"):
            raise writing.refusal(f"{least} occurrences of {owner}")
    if most != "1":
        unbounded = most == "unbounded"
        members["maxOccurs"] = most if unbounded else writing.number(most, f"the maxOccurs of {owner}", positive=True)
    return members


def text_format(writing: Writing, sort: str, what: Representation) -> Json:
    members = formatted(writing, sort, owner=what.owner, data_type=what.data_type, facets=what.facets)
    if what.sentinels:
        members["sentinelValues"] = [
            {"value": sentinel.value, **writing.names(sentinel.name, sentinel.description, sentinel.value)}
            for sentinel in what.sentinels
        ]
    return members


def formatted(writing: Writing, sort: str, owner: str, data_type: str, facets: tuple[tuple[str, str], ...]) -> Json:
    """Write a data type with the facets that the schema allows in this sort of format."""
    shape = words.SHAPES[sort]
    if data_type and data_type not in shape.types:
        raise writing.refusal(f"the type {data_type} of {owner}", did_you_mean(data_type, shape.types))
    members: Json = {"textType" if writing.is_10 else "dataType": data_type} if data_type else {}
    for name, value in facets:
        if name not in shape.facets:
            raise writing.refusal(f"the facet {name} of {owner}", did_you_mean(name, shape.facets))
        members[name] = facet(writing, name, value=value, shape=shape, what=f"the {name} of {owner}")
    return members


def facet(writing: Writing, name: str, value: str, shape: words.Shape, what: str) -> object:
    kind = words.FACETS[name]
    if kind == "number":
        return writing.number(value, what, whole=shape.whole, positive=shape.positive and name != "interval")
    if kind == "positive":
        return writing.number(value, what, positive=True)
    if kind == "flag":
        return writing.flag(value, what)
    if kind == "period":
        return writing.period(value)
    return writing.checked(value, words.DURATION, what) if kind == "duration" else value


def coding_format(writing: Writing, level: Level) -> Json:
    if not (level.data_type or level.facets):
        return {}
    return {
        "codingFormat": formatted(writing, "coding", owner=level.id, data_type=level.data_type, facets=level.facets)
    }


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
    """Return both bounds even where they are the default, because pysdmx requires them."""
    always: Json = {"minOccurs": 1, "maxOccurs": 1}
    return always | occurrences(writing, attribute.min_occurs, attribute.max_occurs, attribute.id)


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
