"""Metadata structures: a tree of attributes in SDMX 3, targets and report structures in 2.1."""

from __future__ import annotations

from lxml import etree

from sdmxmig.formats.sdmx_ml.structure_writing.representations import add_representation
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.formats.structures.metadata_structures import TARGETS
from sdmxmig.formats.structures.representations import of_metadata
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import MetadataAttribute, MetadataStructure, MetadataTarget, ReportStructure

"""The targets that are no identifiable object."""


def add_metadata_structure(writing: Writing, holder: etree._Element, structure: MetadataStructure) -> None:
    """Add a metadata structure, which is in the shape of this version (`formats.structures.metadata_structures`)."""
    element = start(writing, holder)
    if structure.targets or structure.reports:
        content = writing.add(element, "MetadataStructureComponents")
        for target in structure.targets:
            add_target(writing, content, target)
        for report in structure.reports:
            add_report(writing, content, report)
    elif structure.attributes:
        content = writing.add(element, "MetadataStructureComponents")
        listed = writing.add(content, "MetadataAttributeList", attributes={"id": "MetadataAttributeDescriptor"})
        for attribute in structure.attributes:
            add_attribute(writing, listed, attribute)


def add_attribute(writing: Writing, holder: etree._Element, attribute: MetadataAttribute) -> None:
    """Add an attribute of metadata with those below it."""
    occurs = {"minOccurs": attribute.min_occurs, "maxOccurs": attribute.max_occurs}
    attributes = {"id": attribute.id, **occurs, "isPresentational": "true" if attribute.presentational else "false"}
    element = writing.add(holder, "MetadataAttribute", attributes=attributes)
    writing.notes(element, attribute.annotations)
    writing.reference(element, "ConceptIdentity", attribute.concept)
    add_representation(writing, element, "LocalRepresentation", of_metadata(attribute))
    for child in attribute.children:
        add_attribute(writing, element, child)


def add_target(writing: Writing, content: etree._Element, target: MetadataTarget) -> None:
    """Add what metadata may be attached to."""
    element = writing.add(content, "MetadataTarget", attributes={"id": target.id})
    writing.notes(element, target.annotations)
    for name, kind, representation in target.objects:
        is_other = kind in TARGETS
        attributes = {"id": name} if is_other else {"id": name, "objectType": kind}
        target_element = writing.add(element, kind if is_other else "IdentifiableObjectTarget", attributes=attributes)
        local = writing.add(target_element, "LocalRepresentation")
        if representation and not is_other:
            writing.reference(local, "Enumeration", Ref.parse(representation))
        else:
            writing.add(local, "TextFormat", attributes={"textType": representation or "IdentifiableReference"})


def add_report(writing: Writing, content: etree._Element, report: ReportStructure) -> None:
    """Add a report: its attributes and the targets for which it is made."""
    element = writing.add(content, "ReportStructure", attributes={"id": report.id})
    writing.notes(element, report.annotations)
    for attribute in report.attributes:
        add_attribute(writing, element, attribute)
    for target in report.targets:
        writing.local(element, "MetadataTarget", target)
