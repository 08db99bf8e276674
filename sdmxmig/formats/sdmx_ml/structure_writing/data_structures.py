"""Data structures: dimensions, groups, attributes and measures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lxml import etree

from sdmxmig.formats.sdmx_ml.structure_writing.representations import add_representation
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.formats.structures.representations import of_component
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.data_structures import Component, DataStructure, Group

ROLES = ("dimension", "time", "measure", "attribute", "metadata")
START_DAY = "REPORTING_YEAR_START_DAY"


def add_data_structure(writing: Writing, holder: etree._Element, structure: DataStructure) -> None:
    """Add a data structure, its components in the order which the schema wants."""
    check(writing, structure)
    spelling = writing.dialect.structures
    evolving = structure.evolving and spelling.has_evolving_structures
    attributes = {"evolvingStructure": "true"} if evolving else {}
    element = start(writing, holder, attributes=attributes, notes=notes(writing, structure))
    if structure.components:
        content = writing.add(element, "DataStructureComponents")
        add_dimensions(writing, content, structure)
        for group in structure.groups:
            add_group(writing, content, group)
        add_attributes(writing, content, structure)
        add_measures(writing, content, structure)
    if structure.metadata and not writing.dialect.has_final:
        writing.reference(element, "Metadata", structure.metadata)


def notes(writing: Writing, structure: DataStructure) -> Iterator[Annotation]:
    """Notes of the metadata structure (as the .Stat Suite has it) and of evolution, where the version has no place."""
    if structure.metadata and writing.dialect.has_final:
        yield Annotation("METADATA", title=writing.dialect.ref(structure.metadata).urn)
    if structure.evolving and not writing.dialect.structures.has_evolving_structures:
        yield Annotation("EVOLVING_STRUCTURE", title="true")


def check(writing: Writing, structure: DataStructure) -> None:
    """Refuse parts that a data structure cannot have in this version."""
    for component in structure.components:
        if component.role not in ROLES:
            raise writing.refusal(f"the role {component.role} of {component.id}", f"It is one of {', '.join(ROLES)}.")
    if structure.time and structure.time.id != "TIME_PERIOD":
        hint = "The time dimension is always called TIME_PERIOD."
        raise writing.refusal(f"the time dimension {structure.time.id}", hint)
    if not writing.dialect.has_final:
        return
    if structure.components and [measure.id for measure in structure.measures] != ["OBS_VALUE"]:
        hint = "SDMX 2.1 knows exactly one, OBS_VALUE; write SDMX-ML 3.0."
        raise writing.refusal("other measures than OBS_VALUE", hint)
    if structure.of_role("metadata"):
        raise writing.refusal("the metadata attributes that are reported with data")


def add_dimensions(writing: Writing, content: etree._Element, structure: DataStructure) -> None:
    """Add the dimensions, time last; in 3.x the time dimension has no position."""
    holder = add_list(writing, content, structure, "DimensionList")
    for position, component in enumerate(structure.dimensions, start=1):
        is_time = component.role == "time"
        by_concepts = component.codelist is not None and component.codelist.kind == "ConceptScheme"
        place = {} if is_time and writing.dialect.by_urn else {"position": str(position)}
        name = "TimeDimension" if is_time else "MeasureDimension" if by_concepts else "Dimension"
        element = add_component(writing, holder, name=name, component=component, extra=place)
        add_concept_roles(writing, element, component, allowed=not is_time)


def add_list(writing: Writing, content: etree._Element, structure: DataStructure, name: str) -> etree._Element:
    """Add a list of components with its notes."""
    element = writing.add(content, name, attributes={"id": f"{name.removesuffix('List')}Descriptor"})
    writing.notes(element, dict(structure.list_notes).get(name, ()))
    return element


def add_component(
    writing: Writing, holder: etree._Element, name: str, component: Component, extra: Mapping[str, str]
) -> etree._Element:
    """Add one component with its notes, concept and representation."""
    element = writing.add(holder, name, attributes={"id": component.id, **extra})
    usage_notes = tuple(component_notes(component)) if writing.dialect.has_final else ()
    writing.notes(element, [*usage_notes, *component.annotations])
    writing.reference(element, "ConceptIdentity", component.concept)
    shape = of_component(component)
    if any(note.type == "MIN_OCCURS" for note in usage_notes):
        shape = replace(shape, min_occurs="1")
    add_representation(writing, element, "LocalRepresentation", shape)
    return element


def component_notes(component: Component) -> Iterator[Annotation]:
    """Notes of optional measures, optional values and the measure that an attribute describes, for 2.1."""
    if component.role == "measure" and not component.mandatory:
        yield Annotation("USAGE", title="optional")
    if component.role in ("attribute", "measure") and (component.min_occurs, component.max_occurs) == ("0", "1"):
        yield Annotation("MIN_OCCURS", title="0")
    if component.measures == ("OBS_VALUE",):
        yield Annotation("MEASURE_RELATIONSHIP", title="OBS_VALUE")


def add_concept_roles(writing: Writing, element: etree._Element, component: Component, *, allowed: bool) -> None:
    """Add the roles that a component plays, such as being the frequency."""
    if component.concept_roles and not allowed:
        raise writing.refusal(f"the concept roles of {component.id}", "It cannot have any.")
    for role in component.concept_roles:
        writing.reference(element, "ConceptRole", role)


def add_group(writing: Writing, content: etree._Element, group: Group) -> None:
    """Add a part of the key that attributes may describe; in 2.1 a constraint may say which."""
    element = writing.add(content, "Group", attributes={"id": group.id})
    writing.notes(element, group.annotations)
    if group.constraint:
        if group.dimensions:
            raise writing.refusal(f"the constraint of the group {group.id}", "Name the dimensions of the group.")
        writing.reference(element, "AttachmentConstraint", group.constraint)
    for dimension in group.dimensions:
        writing.local(writing.add(element, "GroupDimension"), "DimensionReference", dimension)


def add_attributes(writing: Writing, content: etree._Element, structure: DataStructure) -> None:
    """Add the attributes, and those of the metadata structure that are reported with the data."""
    components = structure.of_role("attribute", "metadata")
    if not components:
        return
    holder = add_list(writing, content, structure, "AttributeList")
    for component in components:
        if component.role == "metadata":
            element = writing.add(holder, "MetadataAttributeUsage")
            writing.notes(element, component.annotations)
            writing.add(element, "MetadataAttributeReference", component.id)
            add_relationship(writing, element, structure, component)
            continue
        is_start_day = writing.dialect.has_final and component.id == START_DAY and component.data_type == "MonthDay"
        plain = not (component.facets or component.concept_roles or component.codelist)
        name = "ReportingYearStartDay" if is_start_day and plain else "Attribute"
        element = add_component(writing, holder, name=name, component=component, extra=usage(writing, component))
        add_concept_roles(writing, element, component, allowed=True)
        add_relationship(writing, element, structure, component)
        add_measure_relationship(writing, element, component)


def usage(writing: Writing, component: Component) -> dict[str, str]:
    """Whether a value has to be given, in the dialect's words."""
    name, mandatory, optional = writing.dialect.structures.usage
    return {name: mandatory if component.mandatory else optional}


def add_relationship(writing: Writing, element: etree._Element, structure: DataStructure, component: Component) -> None:
    """Add what an attribute describes: the dataset, a group, some dimensions, the series or the observation."""
    relationship = writing.add(element, "AttributeRelationship")
    words = dict(writing.dialect.structures.attachments)
    if component.attachment not in words:
        what = f"the attachment “{component.attachment}” of {component.id}"
        raise writing.refusal(what, f"Write one of {', '.join(words)}.")
    name = words[component.attachment]
    if component.optional and (writing.dialect.has_final or component.attachment != "dimensions"):
        raise writing.refusal(f"the optional dimensions of {component.id}")
    if name == "Dimension":
        add_described(writing, relationship, structure, component)
    elif name == "Group":
        writing.local(relationship, name, component.group)
    elif name == "PrimaryMeasure":
        writing.local(relationship, name, structure.measure.id)
    else:
        writing.add(relationship, name)


def add_described(
    writing: Writing, relationship: etree._Element, structure: DataStructure, component: Component
) -> None:
    """Add the dimensions that an attribute describes; in 2.1 there may be groups beside them."""
    chosen = structure.series_key if component.attachment == "series" else component.dimensions
    if not chosen:
        raise writing.refusal(f"{component.id} describing no dimension", "Name its dimensions.")
    for dimension in chosen:
        writing.local(relationship, "Dimension", dimension)
        if dimension in component.optional:
            relationship[-1].set("optional", "true")
    for group in component.group.split():
        writing.local(relationship, "AttachmentGroup", group)


def add_measure_relationship(writing: Writing, element: etree._Element, component: Component) -> None:
    """Add the measures that an attribute speaks about; in 2.1 there is only one."""
    if not component.measures:
        return
    if writing.dialect.has_final:
        if component.measures != ("OBS_VALUE",):
            raise writing.refusal(f"the measures that {component.id} speaks about")
        return
    holder = writing.add(element, "MeasureRelationship")
    for measure in component.measures:
        writing.add(holder, "Measure", measure)


def add_measures(writing: Writing, content: etree._Element, structure: DataStructure) -> None:
    """Add the measures; in 2.1 exactly one."""
    if not structure.measures:
        if dict(structure.list_notes).get("MeasureList"):
            raise writing.refusal("the annotations of its measures", "It has no measures.")
        return
    is_21 = writing.dialect.has_final
    holder = add_list(writing, content, structure, "MeasureList")
    for component in structure.measures:
        place = {} if is_21 else usage(writing, component)
        element = add_component(
            writing, holder, name=writing.dialect.structures.measure, component=component, extra=place
        )
        add_concept_roles(writing, element, component, allowed=not is_21)
