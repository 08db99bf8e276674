"""Metadata structures and metadataflows; agreements and categorisations."""

from __future__ import annotations

from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.notes import heading, minor_notes
from sdmxmig.formats.sdmx_ml.structure_reading.references import (
    local_ids,
    reference,
)
from sdmxmig.formats.sdmx_ml.structure_reading.representations import representation
from sdmxmig.formats.structures.metadata_structures import IDENTIFIABLE, TARGETS
from sdmxmig.model.structures import (
    MetadataAttribute,
    MetadataStructure,
    MetadataTarget,
    ReportStructure,
)


def read_metadata_structure(part: Part) -> MetadataStructure:
    """A metadata structure: a tree of attributes (SDMX 3), or targets and reports (SDMX 2.1)."""
    head = heading(part, "MetadataStructure")
    grouping = part.part("MetadataStructureComponents")
    attributes: tuple[MetadataAttribute, ...] = ()
    targets: tuple[MetadataTarget, ...] = ()
    reports: tuple[ReportStructure, ...] = ()
    if grouping and part.message.is_21:
        targets = tuple(metadata_target(part) for part in grouping.parts("MetadataTarget"))
        reports = tuple(report_structure(part) for part in grouping.parts("ReportStructure"))
    elif grouping:
        listed = grouping.one("MetadataAttributeList")
        listed.attribute("id")
        notes = minor_notes(listed)
        attributes = tuple(metadata_attribute(part) for part in listed.parts("MetadataAttribute"))
        listed.close()
        if notes:
            raise listed.error("has annotations or links, which cannot be kept there.", "Put them on the artefact.")
    if grouping:
        grouping.close()
    part.close()
    return MetadataStructure(
        attributes=attributes,
        targets=targets,
        reports=reports,
        **head.shared(),
    )


def metadata_attribute(part: Part) -> MetadataAttribute:
    """An attribute of a metadata structure, with those below it."""
    concept = reference(part.one("ConceptIdentity"), "Concept")
    shape = representation(part.part("LocalRepresentation"))
    attribute = MetadataAttribute(
        part.checked_id(part.attribute("id") or concept.item),
        concept,
        codelist=shape.codelist,
        data_type=shape.data_type,
        facets=shape.facets,
        min_occurs=part.attribute("minOccurs", "1"),
        max_occurs=part.attribute("maxOccurs", "1"),
        presentational=part.flag("isPresentational"),
        children=tuple(metadata_attribute(child) for child in part.parts("MetadataAttribute")),
        annotations=minor_notes(part),
        sentinels=shape.sentinels,
    )
    part.close()
    return attribute


def metadata_target(part: Part) -> MetadataTarget:
    """A target: the objects to which metadata of SDMX 2.1 may be attached."""
    target_id = part.checked_id(part.needed("id"))
    notes = minor_notes(part)
    objects = tuple(target_object(child) for child in part.parts(IDENTIFIABLE, *TARGETS))
    part.close()
    return MetadataTarget(target_id, objects, annotations=notes)


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


def report_structure(part: Part) -> ReportStructure:
    """A report of a metadata structure of SDMX 2.1."""
    report_id = part.checked_id(part.needed("id"))
    notes = minor_notes(part)
    attributes = tuple(metadata_attribute(child) for child in part.parts("MetadataAttribute"))
    targets = local_ids(part, "MetadataTarget")
    part.close()
    return ReportStructure(report_id, targets, attributes=attributes, annotations=notes)
