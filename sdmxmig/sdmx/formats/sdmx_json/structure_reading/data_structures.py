"""Data structures and metadata structures: component lists, attribute relationships, targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.faults import attempt, each
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.item_schemes import minor_notes, occurrences, representation
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.structures.data_structures import (
    IDENTIFIABLE,
    TARGETS,
    ComponentList,
    Relationship,
    assembled,
    from_component_notes,
)
from sdmxmig.sdmx.formats.structures.representations import NOTHING, fields_of
from sdmxmig.sdmx.formats.wire import SDMX_OF, Field, Form, Key, rows
from sdmxmig.sdmx.formats.wire.data_structures import SHAPES

ReadRecord = Callable[[Part, Key], Any]
TARGETS_OF = {f"{kind[0].lower()}{kind[1:]}s": kind for kind in (IDENTIFIABLE, *TARGETS)}


def components(part: Part, row: Field, read_record: ReadRecord) -> dict[str, Any]:
    content = part.part(row.json)
    if content is None:
        return {"components": ()}
    metadata = None if part.message.is_old else part.reference("metadata", "MetadataStructure")
    return assembled(read_record(content, row.of), metadata)


def component_list(part: Part, row: Field, read_record: ReadRecord) -> ComponentList | None:
    listing = part.one(row.json) if row.required else part.part(row.json)
    if listing is None:
        return None
    fixed_id(listing, row)
    notes = minor_notes(listing)
    children: list[tuple[Part, str]] = []
    for known in rows(SHAPES, row.of, family="json", version=SDMX_OF[part.message.version]):
        if known.form is Form.PARTS:
            children += [(child, str(known.of)) for child in listing.parts(known.json)]
        elif child := listing.one(known.json) if known.required else listing.part(known.json):
            children.append((child, str(known.of)))
    faults = part.message.faults
    if row.name == "DimensionList":
        faults, children = None, in_order(listing, children)  # without a dimension, the key differs
    components = tuple(each(faults, lambda child: read_record(*child), children))
    listing.close()
    return notes, components


def in_order(part: Part, children: list[tuple[Part, str]]) -> list[tuple[Part, str]]:
    """Sort dimensions in key order.

    Positions are optional. Since 2.0 they must match the order of the list; in 1.0 they define it.
    """
    is_old = part.message.is_old
    positions = [child.position() if is_old or name != "TimeDimension" else None for child, name in children]
    present = [position for position in positions if position is not None]
    if is_old:
        places = [place if position is None else position for place, position in enumerate(positions)]
        return [child for _, child in sorted(zip(places, children, strict=True), key=lambda pair: pair[0])]
    if present != sorted(set(present)):
        hint = "Put the dimensions in the order of their positions."
        raise part.error("The positions of the dimensions are not in order.", hint, at="dimensions")
    return children


def fixed_id(part: Part, row: Field) -> dict[str, Any]:
    if part.message.is_old:
        part.matched("id", words.ID)
    else:
        part.choice("id", row.default, row.default)
    return {}


def component_id(part: Part, row: Field) -> str:
    if row.default == "TIME_PERIOD" and not part.message.is_old:
        part.choice(row.json, row.default, row.default)
    concept = part.reference("conceptIdentity", "Concept")
    if concept is None or not concept.item:
        raise part.error("“conceptIdentity” is missing.")
    return part.matched(row.json, words.NCNAME) or row.default or concept.item


def represented(part: Part, row: Field) -> dict[str, Any]:
    local = part.part(row.json)
    read = attempt(part.message.faults, lambda part: representation(part, row.pattern, row.default), local)
    shape = read or NOTHING
    if (shape.min_occurs, shape.max_occurs) != ("1", "1") and row.what:
        raise part.error(row.what, at=row.json)
    return fields_of(shape, row.default if row.pattern == "time" else "")


def relationship(part: Part, row: Field, read_record: ReadRecord) -> dict[str, Any]:
    child = part.one(row.json)
    relationship: Relationship = read_record(child, Relationship)
    if relationship.attachment:
        return relationship.attachment
    raise child.error("This does not say one thing that the attribute describes.")


def described_dimensions(part: Part, row: Field) -> dict[str, Any]:
    dimensions, flags = part.strings(row.json, words.NCNAME), part.raw("areDimensionsOptional")
    if flags and (len(flags) != len(dimensions) or any(type(flag) is not bool for flag, _ in flags)):
        raise part.error("This has to say true or false for each dimension.", at="areDimensionsOptional")
    optional = tuple(name for name, (flag, _) in zip(dimensions, flags, strict=False) if flag)
    return {"dimensions": dimensions, "optional": optional}


def target_objects(part: Part, _: Field) -> tuple[tuple[str, str, str], ...]:
    names = [name for name in part.members() if name in TARGETS_OF]
    return tuple(target_object(child, TARGETS_OF[name]) for name in names for child in part.parts(name))


def target_object(part: Part, kind: str) -> tuple[str, str, str]:
    """Return id, type and representation of a target object."""
    usual_id, usual_type = TARGETS.get(kind, ("", ""))
    is_object = kind == IDENTIFIABLE
    object_id = part.matched("id", words.NCNAME, needed=not usual_id) or usual_id
    object_type = part.needed("objectType") if is_object else kind
    representation = ""
    if local := part.part("localRepresentation"):
        listed, form = local.reference("enumeration"), local.part("textFormat")
        data_type = form.text("textType") if form else ""
        representation = listed.urn if listed else "" if is_object else data_type or usual_type
        if form:
            form.close()
        local.close()
    no_notes(part)
    part.close()
    return object_id, object_type, representation


def no_notes(part: Part) -> dict[str, Any]:
    if minor_notes(part):
        raise part.error("Annotations and links have no place here in the model.")
    return {}


def passed_over(part: Part, row: Field) -> dict[str, Any]:
    if row.default:
        return fixed_id(part, row)
    part.text(row.json)
    return {}


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    Form.PASSED_OVER: passed_over,
    Form.POSITION: lambda _, __: {},  # read by the list
    Form.EITHER: lambda part, row: part.choice(row.json, row.default, *row.choices) == row.choices[0],
    Form.COMPONENT_ID: component_id,
    Form.COMPONENT_NOTES: lambda part, row: from_component_notes(minor_notes(part), row.default),
    **dict.fromkeys((Form.REPRESENTATION, Form.METADATA_REPRESENTATION), represented),
    Form.DIMENSIONS: described_dimensions,
    Form.OCCURRENCES: lambda part, _: dict(zip(("min_occurs", "max_occurs"), occurrences(part), strict=True)),
    Form.NO_NOTES: lambda part, _: no_notes(part),
    Form.TARGET_OBJECTS: target_objects,
}
OF_RECORDS: dict[Form, Callable[..., Any]] = {
    Form.COMPONENTS: components,
    Form.COMPONENT_LIST: component_list,
    Form.RELATIONSHIP: relationship,
}
"""Readers of forms that contain records."""
