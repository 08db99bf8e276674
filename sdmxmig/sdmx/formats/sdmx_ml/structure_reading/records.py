"""Records read from elements, following the wire tables.

Constraints: attachments, values, ranges and counts. Data structures and metadata structures: component lists, attribute
relationships, targets. The maps of SDMX 3: sides, pairs, and dates mapped to periods.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sdmxmig.sdmx.formats.faults import attempt, each
from sdmxmig.sdmx.formats.sdmx_ml.dialects import URN
from sdmxmig.sdmx.formats.sdmx_ml.parts import Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import item_schemes
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.item_schemes import (
    annotations_of,
    heading,
    minor_notes,
    moment,
    representation,
    text_format,
)
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import (
    code_of_hierarchy,
    from_urn,
    local_id,
    local_ids,
    optional_reference,
    reference,
    references,
)
from sdmxmig.sdmx.formats.structures.data_structures import (
    IDENTIFIABLE,
    TARGETS,
    ComponentList,
    Relationship,
    assembled,
    from_component_notes,
)
from sdmxmig.sdmx.formats.structures.notes import COUNTS
from sdmxmig.sdmx.formats.structures.representations import NOTHING, fields_of
from sdmxmig.sdmx.formats.wire import CONTENT, Field, Form, Key, absent_reference, rows
from sdmxmig.sdmx.formats.wire.constraints import ATTACHABLE, ENDS, SETS, time_range
from sdmxmig.sdmx.formats.wire.data_structures import SHAPES as DATA_STRUCTURES_SHAPES
from sdmxmig.sdmx.formats.wire.items import as_pairs
from sdmxmig.sdmx.formats.wire.maps import TIME_MAPS
from sdmxmig.sdmx.formats.wire.tables import ARTEFACTS, NAMELESS, SHAPES, RecordReader, answered, from_notes, noted
from sdmxmig.sdmx.model.data_structures import Component
from sdmxmig.sdmx.model.maps import TimeLink
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Member

CASCADES = {"true": "true", "false": "", "1": "true", "0": "", "excluderoot": "excluderoot"}


def attachment(part: Part, row: Field) -> dict[str, Any]:
    """Read constrained artefacts, files or queries, and sets of data or metadata."""
    holder = part.one(row.ml) if row.required else part.part(row.ml)
    if holder is None:
        return {}
    sets = SETS if part.message.is_21 else ()
    known = {kind for kinds in ATTACHABLE.values() for kind in kinds}.difference(sets)
    attached = tuple(reference(target, target.name) for target in holder.parts(*known))
    sources: list[tuple[str, str]] = []
    for source in holder.parts("SimpleDataSource", "QueryableDataSource"):
        is_file = source.name == "SimpleDataSource"
        sources += [("simple", source.content())] if is_file else read_record(source, "service").sources
    named = tuple((child.name, read_record(child, "DataSet", kind=child.name)) for child in holder.parts(*sets))
    holder.close()
    return {
        "attached": attached,
        "sources": tuple(sources),
        "sets": tuple((kind, data_set.provider, data_set.value) for kind, data_set in named),
    }


def members(part: Part, row: Field) -> tuple[Member, ...]:
    values = tuple(read_record(child, row.of) for child in part.parts(row.ml))
    if part.message.is_21:
        targets = part.parts("com:Object", "com:DataSet", "com:DataKey")
        return values + tuple(read_record(child, child.name, kind=child.name) for child in targets)
    if values and part.has("TimeRange"):
        raise part.error("has both values and a range of periods.")
    return values


def bounds(part: Part, row: Field) -> dict[str, Any]:
    """Read a range of periods; either end may be open."""
    prefix = row.ml.removesuffix("StartPeriod")
    ends: dict[str, tuple[str, bool]] = {}
    for name in ENDS:
        if end := part.part(f"{prefix}{name[0].upper()}{name[1:]}"):
            is_included = end.flag("isInclusive", default=True)
            ends[name] = end.content().strip(), is_included
    fields = time_range(ends)
    if fields is None:
        raise part.error("is neither before, after, nor from one period to another.")
    return fields


def included(part: Part, row: Field) -> bool:
    if not part.flag(row.ml[1:], default=True):
        raise part.error("is not included, which only the whole set can be.", "Put it into a set of its own.")
    return True


def components(part: Part, row: Field) -> dict[str, Any]:
    content = part.part(row.ml)
    if content is None:
        return {"components": ()}
    lists = read_record(content, row.of)
    if lists["DimensionList"] is None:
        raise content.error("lacks <DimensionList>.")
    whole = Part(part.element, part.message)  # the metadata structure in it is read later
    return assembled(lists, optional_reference(whole, "Metadata", "MetadataStructure"))


def component_list(part: Part, row: Field) -> ComponentList | None:
    listing = part.part(row.ml)
    if listing is None:
        return None
    elements = [known.ml for known in rows(DATA_STRUCTURES_SHAPES, row.of, family="ml", version=part.message.version)]

    def component(named: tuple[str, Part]) -> Component:
        name, child = named
        if name not in elements:
            raise child.error(f"is not a {row.ml.removesuffix('List').lower()}.")
        made: Component = read_record(child, name)
        return made

    listing.attribute("id")
    notes = minor_notes(listing)
    faults = None if row.ml == "DimensionList" else part.message.faults  # without a dimension, the key differs
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


def relationship(part: Part, row: Field) -> dict[str, Any]:
    child = part.one(row.ml)
    relationship: Relationship = read_record(child, Relationship)
    if relationship.attachment:
        return relationship.attachment
    raise child.error("does not say one thing that the attribute describes.")


def described_dimensions(part: Part, row: Field) -> dict[str, Any]:
    flags = [(dimension.flag("optional"), local_id(dimension)) for dimension in part.parts(row.ml)]
    return {"dimensions": tuple(name for _, name in flags), "optional": tuple(name for flag, name in flags if flag)}


def target_object(part: Part) -> tuple[str, str, str]:
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


def sides(part: Part, row: Field) -> tuple[Ref | str, ...]:
    lists, types = f"{row.ml}Codelist", f"{row.ml}DataType"
    lists_and_types = tuple(
        reference(side, "Codelist") if side.name == lists else side.content().strip()
        for side in part.parts(lists, types)
    )
    if not lists_and_types:
        raise part.error("lacks a source or a target.")
    return lists_and_types


def time_maps(part: Part, row: Field) -> dict[str, Any]:
    """Read maps of dates to periods, and frequency formats that no such map names."""
    formats = part.message.formats
    formats.clear()
    for child in part.parts(row.ml):
        format_id = child.checked_id(child.needed("id"))
        formats[format_id] = (format_id, child.text("FrequencyId").strip(), child.text("DatePattern"))
        if minor_notes(child):
            raise child.error("has annotations or links, which cannot be kept there.")
        child.close()
    kinds = {name: kind for kind, name in TIME_MAPS.items()}
    times = []
    for child in part.parts(*kinds):
        times.append(TimeLink(kinds[child.name], **read_fields(child, kinds[child.name])))
        child.close()
    used = {format_id for link in times for format_id, _, _ in link.formats}
    return {
        "times": tuple(times),
        "formats": tuple(form for format_id, form in formats.items() if format_id not in used),
    }


def mapped_frequencies(part: Part, row: Field) -> tuple[tuple[str, str, str], ...]:
    mapped = []
    for child in part.parts(row.ml):
        format_id = child.content().strip()
        if format_id not in part.message.formats:
            raise child.error(f"names “{format_id}”, which is not a frequency format of this map.")
        mapped.append(part.message.formats[format_id])
    return tuple(mapped)


def fixed_component(part: Part, _: Field) -> dict[str, Any]:
    component = part.one("Source", "Target")
    return {"component": component.content(), "on_source": component.name == "Source"}


Read = Callable[[Part, Field], Any]


def read_artefact(part: Part, kind: str) -> Artefact:
    if kind == NAMELESS:
        fields = read_fields(part, kind)
        part.close()
        return answered(part.origin, fields)
    head = heading(part, kind)
    fields = read_fields(part, kind)
    noted_rows = noted(kind, "ml", part.message.version)
    carried = from_notes(kind, head.notes, noted_rows, reference=lambda urn: from_urn(urn, part))
    part.close()
    for row in SHAPES[kind]:
        if row.together and bool(fields[row.name].id) != bool(fields[row.together].id):
            raise part.error(f"lacks <{row.together.title()}> or <{row.ml}>.")
    artefact: Artefact = ARTEFACTS[kind](**fields | carried, **head.shared())
    return artefact


def read_id(part: Part, row: Field) -> str:
    text = read_text(part, row)
    if not row.required:
        return text
    return part.checked_id(text if row.ml.startswith("@") else text.strip())


def read_text(part: Part, row: Field) -> str:
    if row.ml == CONTENT:
        return part.element.text or ""
    if not row.ml.startswith("@"):
        return part.one(row.ml).content() if row.required else part.text(row.ml)
    return part.needed(row.ml[1:]) if row.required else part.attribute(row.ml[1:], row.default)


def read_local(part: Part, row: Field) -> str:
    if row.required:
        return local_id(part.one(row.ml))
    named = part.part(row.ml)
    return local_id(named) if named else ""


def read_reference(part: Part, row: Field) -> Ref | None:
    kind = row.kinds[0] if row.kinds else ""
    if row.required:
        return reference(part.one(row.ml), kind)
    named = part.part(row.ml)
    return reference(named, kind) if named else absent_reference(row)


def inner_texts(part: Part, row: Field) -> tuple[str, ...]:
    holder, _, name = row.ml.rpartition("/")
    if not holder:
        return tuple(part.texts(name))
    holder_part = part.part(holder)
    if holder_part is None:
        return ()
    texts = tuple(holder_part.texts(name))
    holder_part.close()
    return texts


def inner_ids(part: Part, row: Field) -> tuple[str, ...]:
    holder, _, name = row.ml.rpartition("/")
    if not holder:
        return local_ids(part, name)
    ids = []
    for child in part.parts(holder):
        ids.append(local_id(child.one(name)))
        child.close()
    return tuple(ids)


def coding_format(part: Part, row: Field) -> dict[str, Any]:
    form = part.part(row.ml)
    data_type, facets, _ = text_format(form, "") if form else ("", (), ())
    return {"data_type": data_type, "facets": facets}


def targets(part: Part, row: Field) -> tuple[str, ...]:
    urns = tuple(part.each(target_urn, row.ml))
    return () if urns == (row.default,) else urns


def target_urn(part: Part) -> str:
    urn = part.content().strip()
    if not URN.fullmatch(urn):
        raise part.error(f"has “{urn[:200]}”, which is not a URN of SDMX.")
    return urn


def read_fields(part: Part, key: Key) -> dict[str, Any]:
    return READER.fields(part, key)


def read_record(part: Part, key: Key, **implied: Any) -> Any:
    return READER.record(part, key, **implied)


FORMS: dict[Form, Read] = {
    Form.ID: read_id,
    **dict.fromkeys((Form.TEXT, Form.CHOICE, Form.NUMBER, Form.VALIDITY, Form.TRUTH), read_text),
    Form.PERIOD: read_text,
    Form.ADDRESS: read_text,
    Form.TEXTS: inner_texts,
    **dict.fromkeys((Form.LOCAL, Form.PARENT), read_local),
    Form.LOCALS: inner_ids,
    Form.FLAG: lambda part, row: part.flag(row.ml[1:], default=bool(row.default)),
    Form.MOMENT: lambda part, row: moment(read_text(part, row)),
    Form.NAME: lambda part, row: part.words(row.ml),
    Form.WORDS: lambda part, row: part.words(row.ml),
    Form.NOTES: lambda part, _: annotations_of(part),
    Form.MINOR_NOTES: lambda part, _: minor_notes(part),
    Form.REFERENCE: read_reference,
    Form.REFERENCES: lambda part, row: references(part, row.ml, row.kinds[0] if row.kinds else ""),
    Form.CODE_OF_HIERARCHY: lambda part, _: code_of_hierarchy(part),
    Form.CODING_FORMAT: coding_format,
    Form.TARGETS: targets,
    Form.ATTACHMENT: attachment,
    Form.MEMBERS: members,
    Form.ROLE: lambda part, row: part.choice(part.attribute(row.ml[1:], row.default), *row.choices),
    Form.CASCADE: lambda part, row: CASCADES[part.choice(part.attribute(row.ml[1:], "false"), *CASCADES)],
    Form.COUNTS: lambda part, _: tuple((name, part.attribute(name)) for name in COUNTS if name in part.element.attrib),
    Form.OBJECT: lambda part, _: reference(part, "").urn,
    Form.BOUNDS: bounds,
    Form.ALWAYS_INCLUDED: included,
    Form.TIME_MAPS: time_maps,
    Form.OWN: lambda part, row: as_pairs(read_fields(part, row.of)),
    Form.SIDES: sides,
    Form.SCHEME: lambda part, row: (reference(part.one(row.ml), ""),),
    Form.ONE_TEXT: lambda part, row: (part.text(row.ml),) if part.has(row.ml) else (),
    Form.MAPPED_COMPONENTS: lambda part, _: {
        "sources": tuple(part.texts("Source")),
        "targets": tuple(part.texts("Target")),
    },
    Form.MAPPED_FREQUENCIES: mapped_frequencies,
    Form.FIXED_COMPONENT: fixed_component,
    **dict.fromkeys((Form.PASSED_OVER, Form.POSITION), passed_over),
    Form.NO_NOTES: no_notes,
    Form.EITHER: either,
    Form.COMPONENT_ID: component_id,
    Form.COMPONENT_NOTES: lambda part, row: from_component_notes(minor_notes(part), row.default),
    Form.REPRESENTATION: represented,
    Form.METADATA_REPRESENTATION: represented_once,
    Form.DIMENSIONS: described_dimensions,
    Form.TARGET_OBJECTS: lambda part, _: tuple(target_object(child) for child in part.parts(IDENTIFIABLE, *TARGETS)),
    Form.COMPONENTS: components,
    Form.COMPONENT_LIST: component_list,
    Form.RELATIONSHIP: relationship,
    Form.SECTION: lambda part, row: READER.part(part, row) or {},
    **item_schemes.FORMS,
}
READER: RecordReader = RecordReader("ml", FORMS)
