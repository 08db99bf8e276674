"""Data structures and dataflows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sdmxmig.formats.faults import attempt, each
from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.notes import heading, minor_notes
from sdmxmig.formats.sdmx_ml.structure_reading.references import (
    URN,
    from_urn,
    local_id,
    local_ids,
    optional_reference,
    reference,
    references,
)
from sdmxmig.formats.sdmx_ml.structure_reading.representations import representation
from sdmxmig.formats.structures import data_structures as structures
from sdmxmig.formats.structures.data_structures import ListNotes, Parts, with_series
from sdmxmig.formats.structures.notes import Notes
from sdmxmig.formats.structures.representations import NOTHING
from sdmxmig.model.data_structures import Component, DataStructure, Group
from sdmxmig.model.references import Ref

USED_IDS = {
    "TimeDimension": "TIME_PERIOD",
    "PrimaryMeasure": "OBS_VALUE",
    "ReportingYearStartDay": "REPORTING_YEAR_START_DAY",
}
DEFAULT_TYPES = {"TimeDimension": "ObservationalTimePeriod", "ReportingYearStartDay": "MonthDay"}
LISTS = ("DimensionList", "AttributeList", "MeasureList")


def read_data_structure(part: Part) -> DataStructure:
    """A data structure definition with its components and groups."""
    head = heading(part, "DataStructure")
    evolving = (
        part.flag("evolvingStructure") if part.message.version == "3.1" else head.notes.flag("EVOLVING_STRUCTURE")
    )
    metadata = None
    if not part.message.is_21:
        metadata = optional_reference(part, "Metadata", "MetadataStructure")
    elif metadata_urn := head.notes.title("METADATA", URN.pattern):
        metadata = from_urn(metadata_urn, part)
    grouping = part.part("DataStructureComponents")
    list_notes: ListNotes = []
    parts: Parts = ((), ())
    if grouping:
        parts = components(grouping, list_notes, metadata)
    part.close()
    return structures.data_structure(head, parts, list_notes, evolving=evolving, metadata=metadata)


def components(part: Part, list_notes: ListNotes, metadata: Ref | None) -> Parts:
    """The components in the order dimensions, time, measures, attributes; and the groups."""
    lists = {name: part.part(name) for name in LISTS}
    groups = tuple(part.each(group, "Group"))
    part.close()
    if lists["DimensionList"] is None:
        raise part.error("lacks <DimensionList>.")
    by_list: dict[str, list[Component]] = {name: [] for name in LISTS}
    for name, listing in lists.items():
        if listing is None:
            continue
        listing.attribute("id")
        if notes := minor_notes(listing):
            list_notes.append((name, notes))
        readers: dict[str, Callable[[Part], Component]] = {
            "DimensionList": dimension,
            "AttributeList": lambda child: attribute(child, metadata),
            "MeasureList": measure,
        }
        children = [child for _, child in listing.children()]
        faults = None if name == "DimensionList" else part.message.faults  # without a dimension the key is another one
        by_list[name] += each(faults, readers[name], children)
        listing.close()
    dimensions = by_list["DimensionList"]
    dimensions.sort(key=lambda component: component.role == "time")
    key = {component.id for component in dimensions if component.role == "dimension"}
    attributes = [with_series(component, key) for component in by_list["AttributeList"]]
    return (*dimensions, *by_list["MeasureList"], *attributes), groups


def group(part: Part) -> Group:
    """A part of the key, by the dimensions that it fixes."""
    group_id = part.checked_id(part.needed("id"))
    notes = minor_notes(part)
    dimensions = []
    for dimension in part.parts("GroupDimension"):
        dimensions.append(local_id(dimension.one("DimensionReference")))
        dimension.close()
    constraint = None
    if part.message.is_21:
        constraint = optional_reference(part, "AttachmentConstraint", "AttachmentConstraint")
    part.close()
    return Group(group_id, tuple(dimensions), annotations=notes, constraint=constraint)


def basic(part: Part, role: str) -> Component:
    """The fields that every component has: id, concept, representation, roles and notes."""
    concept = reference(part.one("ConceptIdentity"), "Concept")
    component_id = part.attribute("id") or USED_IDS.get(part.name) or concept.item
    listed = "ConceptScheme" if part.name == "MeasureDimension" else "Codelist"
    local, usual = part.part("LocalRepresentation"), DEFAULT_TYPES.get(part.name, "String")
    shape = attempt(part.message.faults, lambda part: representation(part, usual, listed), local) or NOTHING
    notes = Notes(minor_notes(part))
    optional = part.message.is_21 and notes.flag("MIN_OCCURS", "0")
    about = notes.title("MEASURE_RELATIONSHIP") if part.message.is_21 else ""
    return Component(
        part.checked_id(component_id),
        role,
        concept=concept,
        codelist=shape.codelist,
        data_type=shape.data_type or (usual if role == "time" and not shape.codelist else ""),
        facets=shape.facets,
        measures=(about,) if about else (),
        min_occurs="0" if optional else shape.min_occurs,
        max_occurs=shape.max_occurs,
        concept_roles=references(part, "ConceptRole", "Concept"),
        annotations=notes.remaining,
        sentinels=shape.sentinels,
    )


def dimension(part: Part) -> Component:
    """A dimension, measure dimension (SDMX 2.1) or time dimension."""
    known = ("Dimension", "TimeDimension", *(("MeasureDimension",) if part.message.is_21 else ()))
    if part.message.names[str(part.element.tag)] not in known:
        raise part.error("is no dimension.")
    part.attribute("position")
    if part.message.is_21:
        part.attribute("type")
    dimension = basic(part, "time" if part.name == "TimeDimension" else "dimension")
    part.close()
    return dimension


def measure(part: Part) -> Component:
    """A measure; the primary measure of SDMX 2.1."""
    if part.message.names[str(part.element.tag)] != ("PrimaryMeasure" if part.message.is_21 else "Measure"):
        raise part.error("is no measure.")
    measure = basic(part, "measure")
    if part.message.is_21:
        notes = Notes(measure.annotations)
        optional = bool(notes.title("USAGE", "optional"))
        measure = replace(measure, mandatory=not optional, annotations=notes.remaining)
    else:
        measure = replace(
            measure, mandatory=part.choice(part.attribute("usage", "optional"), "mandatory", "optional") == "mandatory"
        )
    part.close()
    return measure


def attribute(part: Part, metadata: Ref | None = None) -> Component:
    """An attribute with what it describes; or one of the metadata structure that is reported with the data."""
    name = part.message.names[str(part.element.tag)]
    if name == "MetadataAttributeUsage" and not part.message.is_21:
        return metadata_usage(part, metadata)
    if name not in ("Attribute", *(("ReportingYearStartDay",) if part.message.is_21 else ())):
        raise part.error("is no attribute.")
    attribute = basic(part, "attribute")
    if part.message.is_21:
        usage = part.choice(part.needed("assignmentStatus"), "Mandatory", "Conditional")
    else:
        usage = part.choice(part.attribute("usage", "optional"), "mandatory", "optional")
    attribute = attached(part.one("AttributeRelationship"), replace(attribute, mandatory=usage.lower() == "mandatory"))
    related = None if part.message.is_21 else part.part("MeasureRelationship")
    if related:
        attribute = replace(attribute, measures=tuple(related.texts("Measure")))
        related.close()
    part.close()
    return attribute


def metadata_usage(part: Part, metadata: Ref | None) -> Component:
    """An attribute of the metadata structure that is reported with the data."""
    attribute_id = part.checked_id(part.text("MetadataAttributeReference").strip())
    where = metadata or Ref("", "", id="", version="")
    concept = Ref("MetadataAttribute", where.agency, id=where.id, version=where.version, item=attribute_id)
    component = Component(attribute_id, "metadata", concept=concept, annotations=minor_notes(part))
    attached_component = attached(part.one("AttributeRelationship"), component)
    part.close()
    return attached_component


def attached(part: Part, component: Component) -> Component:
    """The attribute with what it describes."""
    is_21 = part.message.is_21
    words = (
        {"None": "dataset", "PrimaryMeasure": "observation"}
        if is_21
        else {"Dataflow": "dataset", "Observation": "observation"}
    )
    dimensions, optional = related_dimensions(part)
    groups = local_ids(part, "AttachmentGroup") if is_21 else ()
    own_group = part.part("Group")
    others = [(name, child) for name, child in part.children() if name in words]
    part.close()
    if bool(dimensions) + (own_group is not None) + len(others) != 1 or (groups and not dimensions):
        raise part.error("does not say one thing that the attribute describes.")
    if dimensions:
        return replace(
            component, attachment="dimensions", dimensions=dimensions, group=" ".join(groups), optional=optional
        )
    if own_group is not None:
        return replace(component, attachment="group", group=local_id(own_group))
    name, relation = others[0]
    if name == "PrimaryMeasure":
        local_id(relation)
    else:
        relation.close()
    return replace(component, attachment=words[name])


def related_dimensions(part: Part) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The dimensions that an attribute describes, and those of them that may be left out (SDMX 3)."""
    if part.message.is_21:
        return local_ids(part, "Dimension"), ()
    dimensions, optional = [], []
    for dimension in part.parts("Dimension"):
        may_lack = dimension.flag("optional")
        dimensions.append(local_id(dimension))
        optional += [dimensions[-1]] if may_lack else []
    return tuple(dimensions), tuple(optional)
