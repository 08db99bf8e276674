"""Conversion of metadata structures between SDMX 2.1 (reports on targets) and 3 (one attribute tree).

A tree becomes the report ``REPORT`` on target ``TARGET`` with one ``OBJECT``. Several reports become one tree, in which
attributes missing from some reports are optional. Annotations keep the original.
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


@dataclass(frozen=True, slots=True)
class Frame:
    """The targets of a metadata structure of SDMX 2.1, and its report without attributes."""

    targets: tuple[MetadataTarget, ...] = ()
    report: ReportStructure | None = None
    _: KW_ONLY
    reports: tuple[ReportStructure, ...] = ()


def with_tree(structure: MetadataStructure, version: str) -> MetadataStructure:
    """Convert to SDMX 3.

    Raises `SdmxmigError` if reports have different attributes with one id.
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
    try:
        return merged([report.attributes for report in structure.reports])
    except ValueError as error:
        hint = "SDMX 3 has one tree of attributes: make a metadata structure of each report structure."
        raise cannot_express(version, structure, f"the attributes {error} of several report structures", hint) from None


def merged(trees: Sequence[tuple[MetadataAttribute, ...]]) -> tuple[MetadataAttribute, ...]:
    """Merge attribute trees in order.

    Raises `ValueError` with the id of contradictory attributes.
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
    try:
        return merged([report.attributes for report in frame.reports]) == structure.attributes
    except ValueError:
        return False


def without_usual_report(structure: MetadataStructure) -> MetadataStructure:
    if USUAL not in structure.annotations or structure.targets != (USUAL_TARGET,) or len(structure.reports) != 1:
        return structure
    report = structure.reports[0]
    if report != ReportStructure(REPORT, (TARGET,), attributes=report.attributes):
        return structure
    place = structure.annotations.index(USUAL)
    notes = structure.annotations[:place] + structure.annotations[place + 1 :]
    return replace(structure, attributes=report.attributes, targets=(), reports=(), annotations=notes)
