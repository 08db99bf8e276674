"""Data structures and metadata structures: dimensions, groups, attributes and measures."""

from __future__ import annotations

from collections.abc import Iterator

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.representations import occurrences, representation
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.formats.structures.representations import of_component, of_metadata
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.data_structures import Component, DataStructure, Group
from sdmxmig.model.structures import MetadataAttribute, MetadataStructure

ROLES = ("dimension", "time", "measure", "attribute", "metadata")


def data_structure(writing: Writing, structure: DataStructure) -> Json:
    """A data structure with its components."""
    check(writing, structure)
    members = start(writing, notes(writing, structure))
    if structure.evolving and not writing.is_20():
        members["evolvingStructure"] = True
    if structure.components or structure.groups:
        content: Json = {}
        if attributes := attribute_list(writing, structure):
            content["attributeList"] = attributes
        content["dimensionList"] = dimension_list(writing, structure)
        if structure.groups:
            content["groups"] = [group(writing, structure_group) for structure_group in structure.groups]
        measures = [measure(writing, component) for component in structure.measures]
        if measures or dict(structure.list_notes).get("MeasureList"):
            head = listed(writing, structure, "MeasureList")
            content["measureList"] = head | ({"measures": measures} if measures else {})
        members["dataStructureComponents"] = content
    if structure.metadata:
        members["metadata"] = writing.urn(structure.metadata, "MetadataStructure")
    return members


def notes(writing: Writing, structure: DataStructure) -> Iterator[Annotation]:
    """A note that a structure may evolve, where the version has no place for it."""
    if structure.evolving and writing.is_20():
        yield Annotation("EVOLVING_STRUCTURE", title="true")


def check(writing: Writing, structure: DataStructure) -> None:
    """Refuse parts that a data structure cannot have."""
    for component in structure.components:
        if component.role not in ROLES:
            raise writing.refusal(f"the role {component.role} of {component.id}", f"It is one of {', '.join(ROLES)}.")
    times = structure.of_role("time")
    if len(times) > 1 or (times and times[0].id != "TIME_PERIOD"):
        raise writing.refusal("other time dimensions than TIME_PERIOD", "There is one, with this name.")
    if structure.list_notes and not structure.components:
        raise writing.refusal("notes on lists that are empty")


def listed(writing: Writing, structure: DataStructure, name: str) -> Json:
    """A list of components with its notes."""
    return {"id": words.LISTS[name][1], **writing.notes(dict(structure.list_notes).get(name, ()))}


def dimension_list(writing: Writing, structure: DataStructure) -> Json:
    """The dimensions with their positions, time apart."""
    members = listed(writing, structure, "DimensionList")
    dimensions = []
    for position, component in enumerate(structure.of_role("dimension")):
        head = {"id": component.id, "position": position}
        dimensions.append(component_of(writing, component, head) | concept_roles(writing, component))
    if dimensions:
        members["dimensions"] = dimensions
    if structure.time:
        if structure.time.concept_roles:
            raise writing.refusal("the concept roles of the time dimension", "It cannot have any.")
        members["timeDimension"] = component_of(writing, structure.time, {"id": structure.time.id})
    return members


def component_of(writing: Writing, component: Component, head: Json) -> Json:
    """A component with its notes, concept and representation."""
    writing.checked(component.id, words.NCNAME, f"the id of a {component.role}")
    members = {**head, **writing.notes(component.annotations)}
    members["conceptIdentity"] = writing.urn(component.concept, "Concept")
    return members | representation(writing, "localRepresentation", of_component(component))


def concept_roles(writing: Writing, component: Component) -> Json:
    """The roles that a component plays, such as being the frequency."""
    roles = [writing.urn(role, "Concept") for role in component.concept_roles]
    if len(set(roles)) != len(roles):
        raise writing.refusal(f"a concept role of {component.id} twice")
    return {"conceptRoles": roles} if roles else {}


def group(writing: Writing, group: Group) -> Json:
    """A part of the key that attributes may describe."""
    members: Json = {"id": writing.checked(group.id, words.ID, "the id of a group"), **writing.notes(group.annotations)}
    return members | {"groupDimensions": local_ids(writing, group.dimensions, f"the group {group.id}")}


def local_ids(writing: Writing, ids: tuple[str, ...], owner: str) -> list[str]:
    """Ids of components of the same structure, each once."""
    if len(set(ids)) != len(ids):
        raise writing.refusal(f"a component twice in {owner}")
    return [writing.checked(component_id, words.NCNAME, f"a component of {owner}") for component_id in ids]


def usage(component: Component) -> Json:
    """Whether a value has to be given."""
    return {"usage": "mandatory" if component.mandatory else "optional"}


def attribute_list(writing: Writing, structure: DataStructure) -> Json:
    """The attributes, and those of the metadata structure that are reported with the data."""
    attributes = []
    for component in structure.of_role("attribute"):
        members = component_of(writing, component, {"id": component.id, **usage(component)})
        members |= {**concept_roles(writing, component), **relationship(writing, structure, component)}
        if component.measures:
            members["measureRelationship"] = local_ids(writing, component.measures, component.id)
        attributes.append(members)
    used = [metadata_usage(writing, structure, component) for component in structure.of_role("metadata")]
    if not (attributes or used or dict(structure.list_notes).get("AttributeList")):
        return {}
    head = listed(writing, structure, "AttributeList")
    return (
        head | ({"attributes": attributes} if attributes else {}) | ({"metadataAttributeUsages": used} if used else {})
    )


def metadata_usage(writing: Writing, structure: DataStructure, component: Component) -> Json:
    """An attribute of the metadata structure that is reported with the data."""
    where = structure.metadata
    expected = (where.agency, where.id, where.version) if where else ("", "", "")
    named = component.concept
    if (named.agency, named.id, named.version, named.item) != (*expected, component.id):
        raise writing.refusal(f"{component.id} of {named.short}", "It is an attribute of the structure's own MSD.")
    attribute_id = writing.checked(component.id, words.NESTED_ID, "the id of a metadata attribute")
    members = {**writing.notes(component.annotations), "metadataAttributeReference": attribute_id}
    return members | relationship(writing, structure, component)


def relationship(writing: Writing, structure: DataStructure, component: Component) -> Json:
    """What an attribute describes: the dataset, a group, some dimensions, the series or the observation."""
    members: Json
    match component.attachment:
        case "dataset":
            members = {"dataflow": {}}
        case "observation":
            members = {"observation": {}}
        case "group":
            members = {"group": writing.checked(component.group, words.ID, f"the group of {component.id}")}
        case "series" | "dimensions":
            chosen = structure.series_key if component.attachment == "series" else component.dimensions
            if not chosen:
                raise writing.refusal(f"{component.id} describing no dimension", "Name its dimensions.")
            members = {"dimensions": local_ids(writing, chosen, component.id)}
            if component.optional:
                members["areDimensionsOptional"] = [dimension in component.optional for dimension in chosen]
        case unknown:
            raise writing.refusal(f"the attachment “{unknown}” of {component.id}")
    return {"attributeRelationship": members}


def measure(writing: Writing, component: Component) -> Json:
    """A measure."""
    return component_of(writing, component, {"id": component.id, **usage(component)}) | concept_roles(
        writing, component
    )


def metadata_structure(writing: Writing, structure: MetadataStructure) -> Json:
    """A metadata structure, which is one tree of attributes."""
    if structure.targets or structure.reports:
        hint = "SDMX 3 has one tree of attributes and says in the metadataflow what they may describe."
        raise writing.refusal("the targets and report structures", hint)
    members = start(writing)
    if structure.attributes:
        attributes = [metadata_attribute(writing, attribute) for attribute in structure.attributes]
        content = {"id": "MetadataAttributeDescriptor", "metadataAttributes": attributes}
        members["metadataStructureComponents"] = {"metadataAttributeList": content}
    return members


def metadata_attribute(writing: Writing, attribute: MetadataAttribute) -> Json:
    """An attribute of metadata with those below it."""
    members: Json = {"id": writing.checked(attribute.id, words.NCNAME, "the id of a metadata attribute")}
    members |= {
        **writing.notes(attribute.annotations),
        **occurrences(writing, attribute.min_occurs, attribute.max_occurs, attribute.id),
    }
    if attribute.presentational:
        members["isPresentational"] = True
    members["conceptIdentity"] = writing.urn(attribute.concept, "Concept")
    members |= representation(writing, "localRepresentation", of_metadata(attribute))
    if attribute.children:
        members["metadataAttributes"] = [metadata_attribute(writing, child) for child in attribute.children]
    return members
