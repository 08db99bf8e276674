"""Data structures: component lists and attribute relationships; metadata structures of SDMX 2.1 and 3."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.metadata_versions import OBJECT, REPORT, TARGET
from sdmxmig.sdmx.formats.structures.notes import Notes, build_expression_error, take_record, write_note
from sdmxmig.sdmx.model.artefacts import Annotation
from sdmxmig.sdmx.model.data_structures import Component, DataStructure
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import MetadataAttribute, MetadataStructure, MetadataTarget, ReportStructure

Refusal = Callable[[str, str], SdmxmigError]
"""The error for something, with a hint, that the version cannot express."""
ComponentList = tuple[tuple[Annotation, ...], tuple[Component, ...]]
"""The annotations of a list of components, and its components."""
LISTS = {
    "DimensionList": ("dimension", "time"),
    "AttributeList": ("attribute", "metadata"),
    "MeasureList": ("measure",),
}
"""The roles of the components that each list has."""
ATTACHMENTS = ("dataset", "series", "dimensions", "group", "observation")
START_DAY = "REPORTING_YEAR_START_DAY"
NOWHERE = Ref("", "", id="", version="")


@dataclass(frozen=True, slots=True)
class EmptyElement:
    """An element without content, whose presence has a meaning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    owner: str = ""
    dimensions: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    group: str = ""
    dataset: EmptyElement | None = None
    observation: EmptyElement | str | None = None

    @property
    def attachment(self) -> dict[str, Any]:
        """Return the equivalent component fields; none unless the relationship is a single one."""
        things = [name for name in ("dimensions", "group", "dataset", "observation") if getattr(self, name)]
        if len(things) != 1 or (self.groups and not self.dimensions):
            return {}
        return {
            "attachment": things[0],
            "dimensions": self.dimensions,
            "optional": self.optional,
            "group": self.group or " ".join(self.groups),
        }


def find_relationship(structure: DataStructure, component: Component, refusal: Refusal) -> Relationship:
    attachment, owner = component.attachment, component.id
    if attachment not in ATTACHMENTS:
        raise refusal(f"the attachment “{attachment}” of {owner}", f"Write one of {', '.join(ATTACHMENTS)}.")
    dimensions = structure.series_key if attachment == "series" else component.dimensions
    if attachment in ("series", "dimensions") and not dimensions:
        raise refusal(f"{owner} describing no dimension", "Name its dimensions.")
    return Relationship(
        owner=owner,
        dimensions=dimensions,
        optional=component.optional,
        groups=() if attachment == "group" else tuple(component.group.split()),
        group=component.group if attachment == "group" else "",
        dataset=EmptyElement() if attachment == "dataset" else None,
        observation="OBS_VALUE" if attachment == "observation" else None,
    )


def build_structure_fields(lists: Mapping[str, Any], metadata: Ref | None) -> dict[str, Any]:
    listed: dict[str, ComponentList] = {name: lists[name] or ((), ()) for name in LISTS}
    components = {name: components for name, (_, components) in listed.items()}
    dimensions = sorted(components["DimensionList"], key=lambda component: component.role == "time")
    key = {component.id for component in dimensions if component.role == "dimension"}
    attributes = (
        replace(attribute, concept=find_usage_concept(attribute, metadata))
        if attribute.role == "metadata"
        else attribute
        for attribute in components["AttributeList"]
    )
    return {
        "components": (
            *dimensions,
            *components["MeasureList"],
            *(normalise_attachment(attribute, key) for attribute in attributes),
        ),
        "groups": lists["groups"],
        "list_notes": tuple((name, notes) for name, (notes, _) in listed.items() if notes),
    }


def find_usage_concept(attribute: Component, metadata: Ref | None) -> Ref:
    return replace(metadata or NOWHERE, kind="MetadataAttribute", item=attribute.id)


def normalise_attachment(component: Component, key: set[str]) -> Component:
    if component.attachment == "series" and not key:
        return replace(component, attachment="dataset")
    whole = component.attachment == "dimensions" and not component.group and not component.optional
    if whole and len(component.dimensions) == len(key) and set(component.dimensions) == key:
        return replace(component, attachment="series", dimensions=())
    return component


def list_components(structure: DataStructure, name: str) -> ComponentList:
    components = structure.dimensions if name == "DimensionList" else structure.select_role(*LISTS[name])
    return dict(structure.list_notes).get(name, ()), components


def has_own_element(component: Component) -> bool:
    if component.role == "dimension":
        return bool(component.codelist and component.codelist.kind == "ConceptScheme")
    plain = not (component.facets or component.concept_roles or component.codelist)
    return plain and (component.id, component.data_type) == (START_DAY, "MonthDay")


def check(structure: DataStructure, refusal: Refusal) -> None:
    known, times = [role for roles in LISTS.values() for role in roles], structure.select_role("time")
    for component in structure.components:
        if component.role not in known:
            raise refusal(f"the role {component.role} of {component.id}", f"It is one of {', '.join(known)}.")
        if component.role == "time" and (component.id != "TIME_PERIOD" or component is not times[0]):
            raise refusal(f"the time dimension {component.id}", "There is one, which is always called TIME_PERIOD.")
        if component.role == "time" and component.concept_roles:
            raise refusal(f"the concept roles of {component.id}", "It cannot have any.")
        if component.role == "metadata" and component.concept != find_usage_concept(component, structure.metadata):
            hint = "It is an attribute of the structure's own MSD."
            raise refusal(f"{component.id} of {component.concept.short}", hint)


def list_component_notes(component: Component) -> Iterator[Annotation]:
    if component.role == "measure" and not component.mandatory:
        yield Annotation("USAGE", title="optional")
    if has_optional_value(component):
        yield Annotation("MIN_OCCURS", title="0")
    if component.measures == ("OBS_VALUE",):
        yield Annotation("MEASURE_RELATIONSHIP", title="OBS_VALUE")


def has_optional_value(component: Component) -> bool:
    return component.role in ("attribute", "measure") and (component.min_occurs, component.max_occurs) == ("0", "1")


def read_component_notes(annotations: tuple[Annotation, ...], role: str) -> dict[str, Any]:
    notes, fields = Notes(annotations), dict[str, Any]()
    if notes.flag("MIN_OCCURS", "0"):
        fields["min_occurs"] = "0"
    if measure := notes.title("MEASURE_RELATIONSHIP"):
        fields["measures"] = (measure,)
    if role == "measure" and notes.title("USAGE", "optional"):
        fields["mandatory"] = False
    return {**fields, "annotations": notes.remaining}


TARGETS = {
    "KeyDescriptorValuesTarget": ("DIMENSION_DESCRIPTOR_VALUES_TARGET", "KeyValues"),
    "DataSetTarget": ("DATA_SET_TARGET", "DataSetReference"),
    "ConstraintContentTarget": ("CONSTRAINT_CONTENT_TARGET", "AttachmentConstraintReference"),
    "ReportPeriodTarget": ("REPORT_PERIOD_TARGET", "ObservationalTimePeriod"),
}
"""Targets of SDMX 2.1 other than identifiable objects, with their usual ids and data types."""
IDENTIFIABLE = "IdentifiableObjectTarget"
NOTE = "REPORT_STRUCTURE"
USUAL_TARGET = MetadataTarget(TARGET, ((OBJECT, "Any", ""),))
USUAL = Annotation(NOTE, title="usual")


@dataclass(frozen=True, slots=True)
class Frame:
    targets: tuple[MetadataTarget, ...] = ()
    report: ReportStructure | None = None
    reports: tuple[ReportStructure, ...] = ()


def convert_to_version_3(structure: MetadataStructure, version: str) -> MetadataStructure:
    """Convert to SDMX 3; raise `SdmxmigError` if reports have different attributes with one id."""
    if not structure.targets and not structure.reports:
        return structure
    if len(structure.reports) > 1:
        frame, attributes = Frame(structure.targets, reports=structure.reports), unite_reports(structure, version)
    else:
        report = structure.reports[0] if structure.reports else None
        frame = Frame(structure.targets, replace(report, attributes=()) if report else None)
        attributes = report.attributes if report else ()
    notes = (write_note(NOTE, frame), *structure.annotations)
    return replace(structure, attributes=attributes, targets=(), reports=(), annotations=notes)


def unite_reports(structure: MetadataStructure, version: str) -> tuple[MetadataAttribute, ...]:
    try:
        return merge_trees([report.attributes for report in structure.reports])
    except ValueError as error:
        hint = "SDMX 3 has one tree of attributes: make a metadata structure of each report structure."
        raise build_expression_error(
            version, structure, f"the attributes {error} of several report structures", hint
        ) from None


def merge_trees(trees: Sequence[tuple[MetadataAttribute, ...]]) -> tuple[MetadataAttribute, ...]:
    """Merge attribute trees in order. Raises `ValueError` with the id of contradictory attributes."""
    alike_by_id: dict[str, list[MetadataAttribute]] = {}
    for tree in trees:
        for attribute in tree:
            alike_by_id.setdefault(attribute.id, []).append(attribute)
    return tuple(merge_attributes(attributes, len(trees)) for attributes in alike_by_id.values())


def merge_attributes(attributes: Sequence[MetadataAttribute], trees: int) -> MetadataAttribute:
    """Merge the attributes with one id, allowing it to occur as often as in any of the trees."""
    first = attributes[0]
    plain = {replace(attribute, children=(), min_occurs="", max_occurs="", annotations=()) for attribute in attributes}
    if len(plain) > 1 or len(attributes) > trees:
        raise ValueError(first.id)
    least = (
        min((attribute.min_occurs for attribute in attributes), key=parse_occurs) if len(attributes) == trees else "0"
    )
    most = max((attribute.max_occurs for attribute in attributes), key=parse_occurs)
    notes = tuple(dict.fromkeys(note for attribute in attributes for note in attribute.annotations))
    children = merge_trees([attribute.children for attribute in attributes])
    return replace(first, children=children, min_occurs=least, max_occurs=most, annotations=notes)


def parse_occurs(occurs: str) -> float:
    return float(occurs) if occurs.isdecimal() else math.inf


def convert_to_version_21(structure: MetadataStructure) -> MetadataStructure:
    if structure.targets or structure.reports:
        return structure
    frame, other_notes = take_record(structure.annotations, NOTE, Frame)
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
        return merge_trees([report.attributes for report in frame.reports]) == structure.attributes
    except ValueError:
        return False


def drop_usual_report(structure: MetadataStructure) -> MetadataStructure:
    if USUAL not in structure.annotations or structure.targets != (USUAL_TARGET,) or len(structure.reports) != 1:
        return structure
    report = structure.reports[0]
    if report != ReportStructure(REPORT, (TARGET,), attributes=report.attributes):
        return structure
    place = structure.annotations.index(USUAL)
    notes = structure.annotations[:place] + structure.annotations[place + 1 :]
    return replace(structure, attributes=report.attributes, targets=(), reports=(), annotations=notes)
