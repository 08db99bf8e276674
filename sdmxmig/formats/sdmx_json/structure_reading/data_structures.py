"""Data structures and metadata structures."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.formats.faults import attempt
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.notes import heading, minor_notes
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.sdmx_json.structure_reading.representations import occurrences, representation
from sdmxmig.formats.structures import data_structures as structures
from sdmxmig.formats.structures.data_structures import ListNotes, Parts, with_series
from sdmxmig.formats.structures.representations import NOTHING
from sdmxmig.model.data_structures import Component, DataStructure, Group
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import MetadataAttribute, MetadataStructure

NOWHERE = Ref("", "", id="", version="")


def data_structure(part: Part, kind: str) -> DataStructure:
    """A data structure definition with its components and groups."""
    head = heading(part, kind)
    evolving = part.flag("evolvingStructure") or head.notes.flag("EVOLVING_STRUCTURE")
    metadata = part.reference("metadata", "MetadataStructure")
    notes: ListNotes = []
    parts: Parts = ((), ())
    if content := part.part("dataStructureComponents"):
        parts = components(content, notes, metadata)
    part.close()
    return structures.data_structure(head, parts, notes, evolving=evolving, metadata=metadata)


def listed(part: Part, name: str, notes: ListNotes) -> Part | None:
    """A list of components; its notes are kept apart."""
    member, list_id = words.LISTS[name]
    listing = part.one(member) if name == "DimensionList" else part.part(member)
    if listing is None:
        return None
    listing.choice("id", list_id, list_id)
    if annotations := minor_notes(listing):
        notes.append((name, annotations))
    return listing


def components(part: Part, notes: ListNotes, metadata: Ref | None) -> Parts:
    """The components in the order dimensions, time, measures, attributes; and the groups."""
    components: list[Component] = []
    dimensions = listed(part, "DimensionList", notes)
    attributes, measures = listed(part, "AttributeList", notes), listed(part, "MeasureList", notes)
    if dimensions:
        listing = dimensions.parts("dimensions")
        check_positions(dimensions, listing)
        components += [dimension(part) for part in listing]
        if time := dimensions.part("timeDimension"):
            time.choice("id", "TIME_PERIOD", "TIME_PERIOD")
            components.append(basic(time, "time", "TIME_PERIOD"))
            time.close()
        dimensions.close()
    key = {component.id for component in components if component.role == "dimension"}
    if measures:
        components += measures.each(measure, "measures")
        measures.close()
    if attributes:
        attribute_components = [*attributes.each(attribute, "attributes")]
        attribute_components += [metadata_usage(part, metadata) for part in attributes.parts("metadataAttributeUsages")]
        components += [with_series(component, key) for component in attribute_components]
        attributes.close()
    groups = tuple(part.each(group, "groups"))
    part.close()
    return tuple(components), groups


def check_positions(part: Part, listing: list[Part]) -> None:
    """Positions are optional; given ones have to be in the order of the list, which is the order of the key."""
    present = [position for part in listing if (position := part.position()) is not None]
    if present != sorted(set(present)):
        hint = "Put the dimensions in the order of their positions."
        raise part.error("The positions of the dimensions are not in order.", hint, at="dimensions")


def group(part: Part) -> Group:
    """A part of the key, by the dimensions that it fixes."""
    group_id = part.matched("id", words.ID, needed=True)
    group = Group(group_id, part.strings("groupDimensions", words.NCNAME), annotations=minor_notes(part))
    part.close()
    return group


def basic(part: Part, role: str, default: str = "") -> Component:
    """The fields that every component has: id, concept, representation, roles and notes."""
    concept = part.reference("conceptIdentity", "Concept")
    if concept is None or not concept.item:
        raise part.error("“conceptIdentity” is missing.")
    sort = {"time": "time", "dimension": "simple"}.get(role, "basic")
    data_type = "ObservationalTimePeriod" if role == "time" else "String"
    local = part.part("localRepresentation")
    shape = attempt(part.message.faults, lambda part: representation(part, sort, data_type), local) or NOTHING
    if (shape.min_occurs, shape.max_occurs) != ("1", "1") and sort != "basic":
        raise part.error("A dimension has one value.", at="localRepresentation")
    roles = part.references("conceptRoles", "Concept") if role != "time" else ()
    return Component(
        part.matched("id", words.NCNAME) or default or concept.item,
        role,
        concept=concept,
        codelist=shape.codelist,
        data_type=shape.data_type or (data_type if role == "time" and not shape.codelist else ""),
        facets=shape.facets,
        min_occurs=shape.min_occurs,
        max_occurs=shape.max_occurs,
        concept_roles=roles,
        annotations=minor_notes(part),
        sentinels=shape.sentinels,
    )


def dimension(part: Part) -> Component:
    """A dimension."""
    part.forget("position")
    dimension = basic(part, "dimension")
    part.close()
    return dimension


def measure(part: Part) -> Component:
    """A measure."""
    measure = replace(basic(part, "measure"), mandatory=is_mandatory(part))
    part.close()
    return measure


def is_mandatory(part: Part) -> bool:
    """Whether a value has to be given."""
    return part.choice("usage", "optional", "mandatory", "optional") == "mandatory"


def attribute(part: Part) -> Component:
    """An attribute with what it describes."""
    attribute = replace(basic(part, "attribute"), mandatory=is_mandatory(part))
    attribute = attached(part.one("attributeRelationship"), attribute)
    attribute = replace(attribute, measures=part.strings("measureRelationship", words.NCNAME))
    part.close()
    return attribute


def metadata_usage(part: Part, metadata: Ref | None) -> Component:
    """An attribute of the metadata structure that is reported with the data."""
    attribute_id = part.matched("metadataAttributeReference", words.NESTED_ID, needed=True)
    where = metadata or NOWHERE
    concept = Ref("MetadataAttribute", where.agency, id=where.id, version=where.version, item=attribute_id)
    component = Component(attribute_id, "metadata", concept=concept, annotations=minor_notes(part))
    attached_component = attached(part.one("attributeRelationship"), component)
    part.close()
    return attached_component


def attached(part: Part, component: Component) -> Component:
    """The attribute with what it describes."""
    dimensions = part.strings("dimensions", words.NCNAME)
    own_group = part.matched("group", words.ID)
    others = []
    for name, attachment in (("dataflow", "dataset"), ("observation", "observation")):
        if relation := part.part(name):
            relation.close()
            others.append(attachment)
    flags = part.raw("areDimensionsOptional")
    part.close()
    if bool(dimensions) + bool(own_group) + len(others) != 1:
        raise part.error("This does not say one thing that the attribute describes.")
    if flags and (len(flags) != len(dimensions) or any(type(flag) is not bool for flag, _ in flags)):
        raise part.error("This has to say true or false for each dimension.", at="areDimensionsOptional")
    if dimensions:
        optional = tuple(name for name, (flag, _) in zip(dimensions, flags, strict=False) if flag)
        return replace(component, attachment="dimensions", dimensions=dimensions, optional=optional)
    if own_group:
        return replace(component, attachment="group", group=own_group)
    return replace(component, attachment=others[0])


def metadata_structure(part: Part, kind: str) -> MetadataStructure:
    """A metadata structure definition: its tree of attributes."""
    head = heading(part, kind)
    attributes: tuple[MetadataAttribute, ...] = ()
    if content := part.part("metadataStructureComponents"):
        if listing := content.part("metadataAttributeList"):
            listing.choice("id", "MetadataAttributeDescriptor", "MetadataAttributeDescriptor")
            if minor_notes(listing):
                raise listing.error("The notes on this list have no place in the model.", at="annotations")
            attributes = tuple(metadata_attribute(child) for child in listing.parts("metadataAttributes"))
            listing.close()
        content.close()
    part.close()
    return MetadataStructure(
        attributes=attributes,
        **head.shared(),
    )


def metadata_attribute(part: Part) -> MetadataAttribute:
    """An attribute of metadata with those below it."""
    concept = part.reference("conceptIdentity", "Concept")
    if concept is None or not concept.item:
        raise part.error("“conceptIdentity” is missing.")
    shape = representation(part.part("localRepresentation"))
    if (shape.min_occurs, shape.max_occurs) != ("1", "1"):
        raise part.error("How often a metadata attribute may occur stands at itself.", at="localRepresentation")
    least, most = occurrences(part)
    attribute = MetadataAttribute(
        id=part.matched("id", words.NCNAME) or concept.item,
        concept=concept,
        codelist=shape.codelist,
        data_type=shape.data_type,
        facets=shape.facets,
        min_occurs=least,
        max_occurs=most,
        presentational=part.flag("isPresentational"),
        children=tuple(metadata_attribute(child) for child in part.parts("metadataAttributes")),
        annotations=minor_notes(part),
        sentinels=shape.sentinels,
    )
    part.close()
    return attribute
