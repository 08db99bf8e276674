"""Data structures and metadata structures: component lists, attribute relationships, targets and representations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from lxml import etree

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.structures import data_structures as structures
from sdmxmig.sdmx.formats.structures.data_structures import TARGETS
from sdmxmig.sdmx.formats.structures.representations import CODE_TYPES, FACETS, MULTILINGUAL, Representation, of_record
from sdmxmig.sdmx.formats.wire import Field, Form, Key, rows
from sdmxmig.sdmx.formats.wire.data_structures import SHAPES
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Level, MetadataTarget

TEXTS = ("", "String", "Alpha", "AlphaNumeric", "Numeric")


def add_representation(writing: Writing, parent: etree._Element, name: str, what: Representation) -> None:
    """Add a representation, unless empty.

    Raises `SdmxmigError` for unsupported lists, types, multiple values and sentinels.
    """
    if what.is_empty:
        return
    check(writing, what)
    occurs = {"minOccurs": what.min_occurs, "maxOccurs": what.max_occurs}
    element = writing.add(parent, name, attributes={key: value for key, value in occurs.items() if value != "1"})
    facets = written_facets(writing, what)
    if what.codelist:
        writing.reference(element, "Enumeration", what.codelist)
        if what.data_type or facets:
            writing.add(element, "EnumerationFormat", attributes={"textType": what.data_type, **facets})
        return
    text_format = writing.add(element, "TextFormat", attributes={"textType": what.data_type, **facets})
    for sentinel in what.sentinels:
        meaning = writing.add(text_format, "SentinelValue")
        meaning.set("value", sentinel.value)
        writing.names(meaning, sentinel.value, sentinel.name, sentinel.description)


def check(writing: Writing, what: Representation) -> None:
    """Reject a representation that the version does not support here."""
    is_21 = writing.dialect.has_final
    if (what.min_occurs != "1" or what.max_occurs != "1") and (is_21 or what.place in ("dimension", "time")):
        raise writing.refusal(f"several values of {what.owner}")
    if what.sentinels and (is_21 or what.codelist):
        raise writing.refusal(f"the values with a meaning of their own of {what.owner}")
    if what.codelist and what.codelist.kind not in lists_at(what.place, is_21=is_21):
        raise writing.refusal(f"the {what.codelist.kind} as representation of {what.owner}")
    simple = what.place in ("dimension", "time") or (is_21 and what.place == "component")
    if what.data_type == "XHTML" and (simple or what.codelist):
        raise writing.refusal(f"the type XHTML of {what.owner}")
    if what.codelist and what.data_type and what.data_type not in CODE_TYPES:
        raise writing.refusal(f"the type {what.data_type} of the codes of {what.owner}", "Name a type that codes have.")
    if what.data_type == "GeospatialInformation" and is_21:
        raise writing.refusal(f"the type GeospatialInformation of {what.owner}")


def lists_at(place: str, *, is_21: bool) -> tuple[str, ...]:
    if is_21:
        return ("Codelist", "ConceptScheme") if place == "dimension" else ("Codelist",)
    codelists = ("Codelist", "GeographicCodelist", "GeoGridCodelist")
    return codelists if place in ("dimension", "metadata") else (*codelists, "ValueList")


def written_facets(writing: Writing, what: Representation) -> dict[str, str]:
    """Return facets as attributes; 3.0 texts are multilingual by default."""
    facets = checked(writing, what.owner, what.facets)
    is_text = what.codelist is None and what.data_type in TEXTS and what.place not in ("dimension", "time")
    if facets.get(MULTILINGUAL) == "true":
        if (
            what.codelist
            or what.place in ("dimension", "time")
            or (writing.dialect.has_final and what.place == "component")
        ):
            raise writing.refusal(f"texts in several languages for {what.owner}")
        return facets
    facets.pop(MULTILINGUAL, None)
    if is_text and not writing.dialect.structures.is_one_language_by_default:
        facets[MULTILINGUAL] = "false"
    return facets


def checked(writing: Writing, owner: str, facets: Iterable[tuple[str, str]]) -> dict[str, str]:
    known = dict(facets)
    for name in known:
        if name not in (*FACETS, MULTILINGUAL):
            raise writing.refusal(f"the facet {name} of {owner}", did_you_mean(name, (*FACETS, MULTILINGUAL)))
    return known


def add_coding_format(writing: Writing, parent: etree._Element, level: Level) -> None:
    facets: Mapping[str, str] = checked(writing, level.id, level.facets)
    if level.data_type or facets:
        writing.add(parent, "CodingFormat", attributes={"textType": level.data_type, **facets})


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
