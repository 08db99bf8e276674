"""Metadata sets with their reports and targets."""

from __future__ import annotations

from lxml import etree

from sdmxmig.formats.sdmx_ml.elements import add, add_reference, add_texts
from sdmxmig.formats.sdmx_ml.metadata_writing.attributes import add_attributes
from sdmxmig.formats.sdmx_ml.metadata_writing.writing import SetWriting
from sdmxmig.formats.sdmx_ml.set_facts import DATE_TIME, PERIOD, PROPERTIES
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, identity, moment, own_notes
from sdmxmig.model.artefacts import Details
from sdmxmig.model.metadata import Report, Target
from sdmxmig.model.structures import Metadataflow


def add_set_of_version_3(writing: SetWriting, root: etree._Element) -> None:
    """Add a named set with its only report.

    Raises `SdmxmigError` for a set that is told without what it follows, its targets or its attributes.
    """
    metadata_set, dialect = writing.metadata_set, writing.dialect
    if metadata_set.ref is None:
        raise writing.refusal("the missing name", "Give the set one (ref).")
    # The heading is spelt like that of any artefact.
    heading = Metadataflow(
        metadata_set.ref,
        metadata_set.name,
        structure=None,
        targets=(),
        description=metadata_set.description,
        annotations=metadata_set.annotations,
        details=metadata_set.details,
        place=metadata_set.place,
    )
    beside = Writing(dialect, heading)
    attributes = {**identity(beside), **facts(writing)}
    element = add(root, dialect.message, "MetadataSet", attributes=attributes)
    writing.notes(element, [*own_notes(beside, "MetadataSet"), *metadata_set.annotations])
    beside.links(element, metadata_set.details.links)
    beside.names(element, metadata_set.ref.id, metadata_set.name, metadata_set.description)
    if not metadata_set.reports:
        if metadata_set.describes is not None:
            raise writing.refusal(f"the {metadata_set.describes.kind} without a report")
        return
    report = metadata_set.reports[0]
    if metadata_set.describes is None or not report.targets or not report.attributes:
        hint = "A set says what it follows, what it is about, and has attributes."
        raise writing.refusal("the incomplete report", hint)
    writing.reference(element, metadata_set.describes.kind, metadata_set.describes)
    for target in report.targets:
        writing.add(element, "Target", writing.urn(target.value))
    add_attributes(writing, element, report.attributes)


def add_set_of_version_21(writing: SetWriting, root: etree._Element, structure_id: str) -> None:
    """Add a set with its reports; `structure_id` is by what the header calls the structure that it follows."""
    metadata_set, dialect = writing.metadata_set, writing.dialect
    since, until = metadata_set.details.valid_from, metadata_set.details.valid_to
    if metadata_set.description or metadata_set.details != Details(valid_from=since, valid_to=until):
        raise writing.refusal("the description or the addresses", "Give the set a name (ref), with which they travel.")
    attributes = {"structureRef": structure_id, **facts(writing)}
    for name, value in (("validFromDate", moment(since)), ("validToDate", moment(until))):
        if value and not DATE_TIME.fullmatch(value):
            raise writing.refusal(f"“{value}” as {name}", "Write it like 2026-01-31T12:00:00.")
        attributes[name] = value
    element = add(root, dialect.message, "MetadataSet", attributes=attributes)
    writing.notes(element, metadata_set.annotations)
    add_texts(element, dialect.common, "Name", metadata_set.name)
    if metadata_set.provider is not None:
        writing.reference(element, "DataProvider", metadata_set.provider)
    for report in metadata_set.reports:
        add_report(writing, element, report)


def facts(writing: SetWriting) -> dict[str, str]:
    """The XML attributes of a set: its properties and its action.

    Raises `SdmxmigError` for an action or property that SDMX does not know.
    """
    metadata_set = writing.metadata_set
    words = dict(writing.dialect.actions)
    if metadata_set.action and metadata_set.action not in words:
        raise writing.refusal(f"the action “{metadata_set.action}”", f"Write one of {', '.join(words)}.")
    for name, value in metadata_set.properties.items():
        if name not in PROPERTIES:
            raise writing.refusal(f"the property {name}", f"Known are: {', '.join(PROPERTIES)}.")
        if value and not PROPERTIES[name].fullmatch(value):
            raise writing.refusal(f"“{value}” as {name}", "Write it as the schema of SDMX wants it.")
    properties = {name: metadata_set.properties.get(name, "") for name in PROPERTIES}
    return {"setID": properties.pop("setID"), "action": words.get(metadata_set.action, ""), **properties}


def add_report(writing: SetWriting, holder: etree._Element, report: Report) -> None:
    """Add a report of SDMX 2.1."""
    element = writing.add(holder, "Report", attributes={"id": writing.checked_id(report.id, "a report")})
    writing.notes(element, report.annotations)
    target = writing.add(element, "Target", attributes={"id": writing.checked_id(report.target_id, "a target")})
    ids = [target.id for target in report.targets]
    if not ids or len(set(ids)) < len(ids):
        raise writing.refusal(f"the targets of the report {report.id}", "It has some, each with an id of its own.")
    for described_object in report.targets:
        value = writing.add(
            target, "ReferenceValue", attributes={"id": writing.checked_id(described_object.id, "a target")}
        )
        add_reference_value(writing, value, described_object)
    if not report.attributes:
        raise writing.refusal(f"the report {report.id} without attributes", "Give it one.")
    add_attributes(writing, element, report.attributes)


def add_reference_value(writing: SetWriting, holder: etree._Element, target: Target) -> None:
    """Add one object of the target of a report of SDMX 2.1."""
    match target.kind:
        case "object":
            add(writing.add(holder, "ObjectReference"), "", "URN", writing.urn(target.value))
        case "period" if PERIOD.fullmatch(target.value):
            writing.add(holder, "ReportPeriod", target.value)
        case "constraint" if target.ref:
            writing.reference(holder, "ConstraintContentReference", target.ref)
        case "dataset" if target.ref:
            data_set = writing.add(holder, "DataSetReference")
            add_reference(
                data_set, writing.dialect, namespace=writing.dialect.common, name="DataProvider", ref=target.ref
            )
            writing.common(data_set, "ID", writing.checked_id(target.value, "a dataset"))
        case "key" if target.key:
            add_key(writing, writing.add(holder, "DataKey"), target)
        case _:
            raise writing.refusal(f"the target {target.id}", f"It does not say which {target.kind} it is.")


def add_key(writing: SetWriting, element: etree._Element, target: Target) -> None:
    """Add the values of dimensions that name a part of the data, one of each."""
    for dimension, values in target.key:
        if len(values) != 1:
            raise writing.refusal(f"the {len(values)} values of {dimension} in a key", "Give it one.")
        pair = add(element, writing.dialect.common, "KeyValue", attributes={"id": dimension})
        writing.common(pair, "Value", values[0])
