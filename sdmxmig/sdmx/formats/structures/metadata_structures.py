"""Metadata structures between SDMX 2.1 and 3: report structures on targets, or one tree of attributes.

The tree of SDMX 3 becomes the report structure ``REPORT`` on the target ``TARGET``, which is any one ``OBJECT``; the
report of SDMX 2.1 leaves its id and targets in a note, from which they come back. Several reports of SDMX 2.1 become
one tree, which has all their attributes; one that not all of them have may be left out there. Their note keeps them
whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.sdmx.formats.metadata_versions import OBJECT, REPORT, TARGET
from sdmxmig.sdmx.formats.structures.carried import note_of, taken
from sdmxmig.sdmx.formats.structures.refusals import cannot_express
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.structures import MetadataAttribute, MetadataStructure, MetadataTarget, ReportStructure

TARGETS = {
    "KeyDescriptorValuesTarget": ("DIMENSION_DESCRIPTOR_VALUES_TARGET", "KeyValues"),
    "DataSetTarget": ("DATA_SET_TARGET", "DataSetReference"),
    "ConstraintContentTarget": ("CONSTRAINT_CONTENT_TARGET", "AttachmentConstraintReference"),
    "ReportPeriodTarget": ("REPORT_PERIOD_TARGET", "ObservationalTimePeriod"),
}
"""The targets of SDMX 2.1 that are no identifiable objects, with their usual ids and data types."""
IDENTIFIABLE = "IdentifiableObjectTarget"
NOTE = "REPORT_STRUCTURE"
USUAL_TARGET = MetadataTarget(TARGET, ((OBJECT, "Any", ""),))
USUAL = Annotation(NOTE, title="usual")
"""The note on a metadata structure of SDMX 2.1 whose report and target only stand for the tree of SDMX 3."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The targets of a metadata structure of SDMX 2.1, and its report without attributes.

    Several `reports` keep theirs.
    """

    targets: tuple[MetadataTarget, ...] = ()
    report: ReportStructure | None = None
    _: KW_ONLY
    reports: tuple[ReportStructure, ...] = ()


def with_tree(structure: MetadataStructure, version: str) -> MetadataStructure:
    """A metadata structure as SDMX 3 has it, with one tree of attributes; `version` is named in messages.

    Raises `SdmxmigError` if it has several report structures with different attributes of one id.
    """
    if not structure.targets and not structure.reports:
        return structure
    if len(structure.reports) > 1:
        frame, attributes = Frame(structure.targets, reports=structure.reports), united(structure, version)
    else:
        report = structure.reports[0] if structure.reports else None
        frame = Frame(structure.targets, replace(report, attributes=()) if report else None)
        attributes = report.attributes if report else ()
    notes = (note_of(NOTE, frame), *structure.annotations)
    return replace(structure, attributes=attributes, targets=(), reports=(), annotations=notes)


def united(structure: MetadataStructure, version: str) -> tuple[MetadataAttribute, ...]:
    """The attributes of all reports of a metadata structure as one tree.

    Raises `SdmxmigError` if two of them have the same id and are not the same.
    """
    try:
        return merged([report.attributes for report in structure.reports])
    except ValueError as error:
        hint = "SDMX 3 has one tree of attributes: make a metadata structure of each report structure."
        raise cannot_express(version, structure, f"the attributes {error} of several report structures", hint) from None


def merged(trees: Sequence[tuple[MetadataAttribute, ...]]) -> tuple[MetadataAttribute, ...]:
    """Trees of attributes as one: in the order in which they come, those of one id together with all below them.

    Raises `ValueError` with the id of attributes that are not the same.
    """
    alike_by_id: dict[str, list[MetadataAttribute]] = {}
    for tree in trees:
        for attribute in tree:
            alike_by_id.setdefault(attribute.id, []).append(attribute)
    return tuple(as_one(attributes, len(trees)) for attributes in alike_by_id.values())


def as_one(attributes: Sequence[MetadataAttribute], trees: int) -> MetadataAttribute:
    """One attribute for those of one id in so many trees: it may occur as often as any of them."""
    first = attributes[0]
    plain = {replace(attribute, children=(), min_occurs="", max_occurs="", annotations=()) for attribute in attributes}
    if len(plain) > 1 or len(attributes) > trees:
        raise ValueError(first.id)
    least = min((attribute.min_occurs for attribute in attributes), key=times) if len(attributes) == trees else "0"
    most = max((attribute.max_occurs for attribute in attributes), key=times)
    notes = tuple(dict.fromkeys(note for attribute in attributes for note in attribute.annotations))
    children = merged([attribute.children for attribute in attributes])
    return replace(first, children=children, min_occurs=least, max_occurs=most, annotations=notes)


def times(occurs: str) -> float:
    """How often something may occur."""
    return float(occurs) if occurs.isdecimal() else math.inf


def with_report(structure: MetadataStructure) -> MetadataStructure:
    """A metadata structure as SDMX 2.1 has it, with targets and report structures."""
    if structure.targets or structure.reports:
        return structure
    frame, other_notes = taken(structure.annotations, NOTE, Frame)
    if frame is not None and frame.reports and can_return(frame, structure):
        return replace(structure, attributes=(), targets=frame.targets, reports=frame.reports, annotations=other_notes)
    if frame is not None and not frame.reports and (frame.report or not structure.attributes):
        reports = (replace(frame.report, attributes=structure.attributes),) if frame.report else ()
        return replace(structure, attributes=(), targets=frame.targets, reports=reports, annotations=other_notes)
    if not structure.attributes:
        return structure
    report = ReportStructure(REPORT, (TARGET,), attributes=structure.attributes)
    notes = (USUAL, *structure.annotations)
    return replace(structure, attributes=(), targets=(USUAL_TARGET,), reports=(report,), annotations=notes)


def can_return(frame: Frame, structure: MetadataStructure) -> bool:
    """Whether a tree of attributes is still that which several reports became."""
    try:
        return merged([report.attributes for report in frame.reports]) == structure.attributes
    except ValueError:
        return False


def without_usual_report(structure: MetadataStructure) -> MetadataStructure:
    """A metadata structure that was read from SDMX 2.1, whose report may only stand for the tree of SDMX 3."""
    if USUAL not in structure.annotations or structure.targets != (USUAL_TARGET,) or len(structure.reports) != 1:
        return structure
    report = structure.reports[0]
    if report != ReportStructure(REPORT, (TARGET,), attributes=report.attributes):
        return structure
    place = structure.annotations.index(USUAL)
    notes = structure.annotations[:place] + structure.annotations[place + 1 :]
    return replace(structure, attributes=report.attributes, targets=(), reports=(), annotations=notes)
