"""Metadata structures between SDMX 2.1 and 3: report structures on targets, or one tree of attributes.

The tree of SDMX 3 becomes the report structure ``REPORT`` on the target ``TARGET``, which is any one ``OBJECT``; the
report of SDMX 2.1 leaves its id and targets in a note, from which they come back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sdmxmig.formats.metadata_versions import OBJECT, REPORT, TARGET
from sdmxmig.formats.structures.carried import note_of, taken
from sdmxmig.formats.structures.refusals import cannot_express
from sdmxmig.model.artefacts import Annotation
from sdmxmig.model.structures import MetadataStructure, MetadataTarget, ReportStructure

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
    """What a metadata structure of SDMX 2.1 has beside attributes: its targets, and its report without attributes."""

    targets: tuple[MetadataTarget, ...] = ()
    report: ReportStructure | None = None


def with_tree(given: MetadataStructure, version: str) -> MetadataStructure:
    """A metadata structure as SDMX 3 has it, with one tree of attributes; `version` is named in messages.

    Raises `SdmxmigError` if it has several report structures.
    """
    if not given.targets and not given.reports:
        return given
    if len(given.reports) > 1 or given.attributes:
        hint = "SDMX 3 has one tree of attributes: make a metadata structure of each report structure."
        raise cannot_express(version, given, "the several report structures", hint)
    report = given.reports[0] if given.reports else None
    frame = Frame(given.targets, replace(report, attributes=()) if report else None)
    attributes = report.attributes if report else ()
    notes = (note_of(NOTE, frame), *given.annotations)
    return replace(given, attributes=attributes, targets=(), reports=(), annotations=notes)


def with_report(given: MetadataStructure) -> MetadataStructure:
    """A metadata structure as SDMX 2.1 has it, with targets and report structures."""
    if given.targets or given.reports:
        return given
    frame, left = taken(given.annotations, NOTE, Frame)
    if frame is not None and (frame.report or not given.attributes):
        reports = (replace(frame.report, attributes=given.attributes),) if frame.report else ()
        return replace(given, attributes=(), targets=frame.targets, reports=reports, annotations=left)
    if not given.attributes:
        return given
    report = ReportStructure(REPORT, (TARGET,), given.attributes)
    notes = (USUAL, *given.annotations)
    return replace(given, attributes=(), targets=(USUAL_TARGET,), reports=(report,), annotations=notes)


def without_usual_report(given: MetadataStructure) -> MetadataStructure:
    """A metadata structure that was read from SDMX 2.1, whose report may only stand for the tree of SDMX 3."""
    if USUAL not in given.annotations or given.targets != (USUAL_TARGET,) or len(given.reports) != 1:
        return given
    report = given.reports[0]
    if report != ReportStructure(REPORT, (TARGET,), report.attributes):
        return given
    place = given.annotations.index(USUAL)
    notes = given.annotations[:place] + given.annotations[place + 1 :]
    return replace(given, attributes=report.attributes, targets=(), reports=(), annotations=notes)
