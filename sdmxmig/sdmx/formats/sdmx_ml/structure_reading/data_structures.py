"""Data structures and metadata structures: component lists, attribute relationships, targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.faults import attempt, each
from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.notes import minor_notes
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import local_id, optional_reference, reference
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.representations import representation
from sdmxmig.sdmx.formats.structures.data_structures import ComponentList, Relationship, assembled, from_component_notes
from sdmxmig.sdmx.formats.structures.metadata_structures import IDENTIFIABLE, TARGETS
from sdmxmig.sdmx.formats.structures.representations import NOTHING, fields_of
from sdmxmig.sdmx.formats.wire import Field, Form, Key, rows
from sdmxmig.sdmx.formats.wire.data_structures import SHAPES
from sdmxmig.sdmx.model.data_structures import Component

ReadRecord = Callable[[Part, Key], Any]


def components(part: Part, row: Field, read_record: ReadRecord) -> dict[str, Any]:
    content = part.part(row.ml)
    if content is None:
        return {"components": ()}
    lists = read_record(content, row.of)
    if lists["DimensionList"] is None:
        raise content.error("lacks <DimensionList>.")
    whole = Part(part.element, part.message)  # of which the metadata structure is read later
    return assembled(lists, optional_reference(whole, "Metadata", "MetadataStructure"))


def component_list(part: Part, row: Field, read_record: ReadRecord) -> ComponentList | None:
    """The components of one list in their order, with the notes on the list."""
    listing = part.part(row.ml)
    if listing is None:
        return None
    elements = [known.ml for known in rows(SHAPES, row.of, family="ml", version=part.message.version)]

    def component(named: tuple[str, Part]) -> Component:
        name, child = named
        if name not in elements:
            raise child.error(f"is no {row.ml.removesuffix('List').lower()}.")
        made: Component = read_record(child, name)
        return made

    listing.attribute("id")
    notes = minor_notes(listing)
    faults = None if row.ml == "DimensionList" else part.message.faults  # without a dimension the key is another one
    components = tuple(each(faults, component, listing.children()))
    listing.close()
    return notes, components


def component_id(part: Part, row: Field) -> str:
    whole = Part(part.element, part.message)
    component_id = part.attribute("id") or row.default or reference(whole.one("ConceptIdentity"), "Concept").item
    return part.checked_id(component_id)


def represented(part: Part, row: Field) -> dict[str, Any]:
    local, listed = part.part(row.ml), row.kinds[0] if row.kinds else "Codelist"
    shape = attempt(part.message.faults, lambda part: representation(part, row.default, listed), local) or NOTHING
    return fields_of(shape, row.default if row.pattern == "time" else "")


def represented_once(part: Part, row: Field) -> dict[str, Any]:
    return {name: field for name, field in represented(part, row).items() if not name.endswith("occurs")}


def relationship(part: Part, row: Field, read_record: ReadRecord) -> dict[str, Any]:
    child = part.one(row.ml)
    relationship: Relationship = read_record(child, Relationship)
    if relationship.attachment:
        return relationship.attachment
    raise child.error("does not say one thing that the attribute describes.")


def described_dimensions(part: Part, row: Field) -> dict[str, Any]:
    flags = [(dimension.flag("optional"), local_id(dimension)) for dimension in part.parts(row.ml)]
    return {"dimensions": tuple(name for _, name in flags), "optional": tuple(name for flag, name in flags if flag)}


def target_object(part: Part) -> tuple[str, str, str]:
    """One object of a target: its id, type and representation."""
    usual_id, usual_type = TARGETS.get(part.name, ("", "IdentifiableReference"))
    object_id = part.attribute("id") or usual_id
    kind = part.needed("objectType") if part.name == IDENTIFIABLE else part.name
    shape = representation(part.part("LocalRepresentation"), usual_type, "ItemScheme")
    if minor_notes(part) or shape.facets:
        raise part.error("has annotations, links or facets, which cannot be kept there.")
    part.close()
    if shape.codelist:
        return part.checked_id(object_id), kind, shape.codelist.urn
    return part.checked_id(object_id), kind, "" if part.name == IDENTIFIABLE else shape.data_type


def no_notes(part: Part, _: Field) -> dict[str, Any]:
    if minor_notes(part):
        raise part.error("has annotations or links, which cannot be kept there.", "Put them on the artefact.")
    return {}


def passed_over(part: Part, row: Field) -> dict[str, Any]:
    part.attribute(row.ml[1:])
    return {}


def either(part: Part, row: Field) -> bool:
    word = part.attribute(row.ml[1:], row.default) if row.default else part.needed(row.ml[1:])
    return part.choice(word, *row.choices) == row.choices[0]


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    **dict.fromkeys((Form.PASSED_OVER, Form.POSITION), passed_over),
    Form.NO_NOTES: no_notes,
    Form.EITHER: either,
    Form.COMPONENT_ID: component_id,
    Form.COMPONENT_NOTES: lambda part, row: from_component_notes(minor_notes(part), row.default),
    Form.REPRESENTATION: represented,
    Form.METADATA_REPRESENTATION: represented_once,
    Form.DIMENSIONS: described_dimensions,
    Form.TARGET_OBJECTS: lambda part, _: tuple(target_object(child) for child in part.parts(IDENTIFIABLE, *TARGETS)),
}
OF_RECORDS: dict[Form, Callable[..., Any]] = {
    Form.COMPONENTS: components,
    Form.COMPONENT_LIST: component_list,
    Form.RELATIONSHIP: relationship,
}
"""The forms that hold records, which they read by the function that is given to them."""
