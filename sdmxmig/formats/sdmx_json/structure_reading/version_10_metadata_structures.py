"""Metadata structures of SDMX-JSON 1.0: targets and reports."""

from __future__ import annotations

from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.data_structures import metadata_attribute
from sdmxmig.formats.sdmx_json.structure_reading.notes import heading, minor_notes
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.structures.metadata_structures import IDENTIFIABLE, TARGETS
from sdmxmig.model.structures import MetadataStructure, MetadataTarget, ReportStructure

KINDS = {f"{kind[0].lower()}{kind[1:]}s": kind for kind in (IDENTIFIABLE, *TARGETS)}


def metadata_structure(part: Part, kind: str) -> MetadataStructure:
    """The targets to which metadata may be attached, and the reports on these."""
    head = heading(part, kind)
    targets: tuple[MetadataTarget, ...] = ()
    reports: tuple[ReportStructure, ...] = ()
    if content := part.part("metadataStructureComponents"):
        targets = tuple(content.each(metadata_target, "metadataTargets"))
        reports = tuple(content.each(report_structure, "reportStructures"))
        content.close()
    part.close()
    return MetadataStructure(
        attributes=(),
        targets=targets,
        reports=reports,
        **head.shared(),
    )


def metadata_target(part: Part) -> MetadataTarget:
    """A target: the objects to which metadata may be attached, in the order of the members."""
    target_id = part.matched("id", words.ID, needed=True)
    objects = [
        target_object(child, KINDS[name]) for name in part.members() if name in KINDS for child in part.parts(name)
    ]
    target = MetadataTarget(target_id, tuple(objects), annotations=minor_notes(part))
    part.close()
    return target


def target_object(part: Part, kind: str) -> tuple[str, str, str]:
    """One object of a target: its id, type and representation."""
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
    if minor_notes(part):
        raise part.error("Annotations and links have no place here in the model.")
    part.close()
    return object_id, object_type, representation


def report_structure(part: Part) -> ReportStructure:
    """A report: its attributes, and the targets for which it is made, which are named by their URNs."""
    report_id = part.matched("id", words.ID, needed=True)
    attributes = tuple(part.each(metadata_attribute, "metadataAttributes"))
    targets = tuple(ref.item or ref.id for ref in part.references("metadataTargets", "MetadataTarget"))
    report = ReportStructure(report_id, targets, attributes=attributes, annotations=minor_notes(part))
    part.close()
    return report
