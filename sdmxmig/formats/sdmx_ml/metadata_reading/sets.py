"""Metadata sets and their reports: their targets, and the metadata structures or flows that they follow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sdmxmig.formats.sdmx_ml.metadata_reading.attributes import attribute_set, id_of, languages
from sdmxmig.formats.sdmx_ml.parts import Part
from sdmxmig.formats.sdmx_ml.set_facts import DATE_TIME, PERIOD, PROPERTIES
from sdmxmig.formats.sdmx_ml.structure_reading.notes import annotations_of, heading, moment
from sdmxmig.formats.sdmx_ml.structure_reading.records import target_urn
from sdmxmig.formats.sdmx_ml.structure_reading.references import from_ref, reference
from sdmxmig.model.artefacts import Details
from sdmxmig.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.model.references import Ref

ACTIONS = {"Information": "I", "Append": "A", "Merge": "M", "Replace": "R", "Delete": "D"}
DESCRIBED = {
    "com:Structure": "MetadataStructure",
    "com:StructureUsage": "Metadataflow",
    "com:ProvisionAgrement": "ProvisionAgreement",  # so spelt in the schema of 2.1
    "com:ProvisionAgreement": "ProvisionAgreement",
}
"""What a header names as the structure of sets."""


def set_of_version_3(part: Part, attributes: Sequence[ReportedAttribute]) -> MetadataSet:
    """A metadata set of SDMX 3, whose attributes have been read."""
    head = heading(part, "MetadataSet")
    properties, action = facts(part, "")
    described = part.part("Metadataflow", "MetadataProvisionAgreement")
    targets = tuple(Target(urn) for urn in part.each(target_urn, "Target"))
    has_attributes = part.has("Attribute")
    part.forget("Attribute")
    part.close()
    ref = reference(described, described.name) if described else None
    if described and ref and ref.kind != described.name:
        raise described.error(f"names a {ref.kind}.")
    if ref and not (targets and has_attributes):
        part.wrong(f"lacks <{'Attribute' if targets else 'Target'}>.")
    if not ref and (targets or has_attributes):
        raise part.error("lacks <Metadataflow> or <MetadataProvisionAgreement>.")
    return MetadataSet(
        ref,
        (Report(targets, tuple(attributes)),) if ref else (),
        action=action,
        properties=properties,
        **head.shared(),
    )


def set_of_version_21(
    part: Part, reports: Sequence[Report], structures: Mapping[str, Ref], space: str = ""
) -> MetadataSet:
    """A metadata set of SDMX 2.1, whose reports have been read; `structures` are those of the header by their ids.

    `space` is the namespace of its attributes in structure-specific messages.
    """
    notes = annotations_of(part)
    name = languages(part, "com:Name")
    provider = part.part("DataProvider")
    structure_id = part.needed(f"{space}structureRef")
    if structure_id not in structures:
        raise part.error(f"follows the structure “{structure_id}”, which the header does not have.")
    properties, action = facts(part, space)
    details = Details(
        valid_from=moment(fact(part, f"{space}validFromDate", DATE_TIME)),
        valid_to=moment(fact(part, f"{space}validToDate", DATE_TIME)),
    )
    if not part.has("Report"):
        part.wrong("lacks <Report>.")
    part.forget("Report")
    part.close()
    return MetadataSet(
        structures[structure_id],
        tuple(reports),
        name=name,
        annotations=notes,
        details=details,
        provider=reference(provider, "DataProvider") if provider else None,
        action=action,
        properties=properties,
        place=part.origin,
    )


def facts(part: Part, space: str) -> tuple[dict[str, str], str]:
    """The XML attributes of a set: its properties and its action."""
    properties = {name: fact(part, f"{space}{name}", form) for name, form in PROPERTIES.items()}
    action = part.attribute(f"{space}action")
    known = {name: value for name, value in properties.items() if value}
    return known, ACTIONS[part.choice(action, *ACTIONS)] if action else ""


def fact(part: Part, name: str, form: re.Pattern[str]) -> str:
    """The value of an attribute that has a form of its own; empty if there is none."""
    value = part.attribute(name).strip()
    if value and not form.fullmatch(value):
        part.wrong(f"has “{value[:80]}” for {name.rpartition('}')[2]}.", "Write it as the schema of SDMX wants it.")
        return ""
    return value


def report_of(part: Part) -> Report:
    """A report of SDMX 2.1."""
    report_id = id_of(part)
    notes = annotations_of(part)
    target, attributes = part.one("Target"), part.one("AttributeSet")
    part.close()
    target_id = id_of(target)
    targets = tuple(reference_value(part) for part in target.parts("ReferenceValue"))
    target.close()
    if not targets:
        raise target.error("lacks <ReferenceValue>.")
    ids = [target.id for target in targets if target.id]
    if len({*ids}) < len(ids):
        raise target.error("has two <ReferenceValue> with the same id.")
    return Report(targets, attribute_set(attributes), id=report_id, target_id=target_id, annotations=notes)


def reference_value(part: Part) -> Target:
    """One object of the target of a report of SDMX 2.1."""
    target_id = id_of(part)
    value = part.one(
        *("ObjectReference", "DataKey", "DataSetReference", "ConstraintContentReference", "ReportPeriod"),
    )
    part.close()
    match value.name:
        case "ObjectReference":
            return Target(object_urn(value), id=target_id)
        case "DataKey":
            return Target(kind="key", id=target_id, key=data_key(value))
        case "DataSetReference":
            provider = reference(value.one("com:DataProvider"), "DataProvider")
            target = Target(value.checked_id(value.text("com:ID")), "dataset", id=target_id, ref=provider)
            value.close()
            return target
        case "ConstraintContentReference":
            return Target(kind="constraint", id=target_id, ref=reference(value, "AttachmentConstraint"))
    period = value.content().strip()
    if not PERIOD.fullmatch(period):
        value.wrong(f"has “{period[:80]}” for a period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
    return Target(period, "period", id=target_id)


def object_urn(part: Part) -> str:
    """The URN of an object, which may be named by a ``Ref`` element instead."""
    ref = part.part("Ref")
    if ref is None:
        urn = target_urn(part.one("URN"))
    else:
        urn = from_ref(ref, "").urn
        part.text("URN")  # it says the same
    part.close()
    return urn


def data_key(part: Part) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The values of dimensions that name a part of the data."""
    if not part.flag("include", default=True):
        raise part.error("has include=“false”; a key includes what it names.")
    pairs = tuple(key_value(child) for child in part.parts("com:KeyValue"))
    part.close()
    return pairs


def key_value(part: Part) -> tuple[str, tuple[str, ...]]:
    """The value of one dimension."""
    if not part.flag("include", default=True):
        raise part.error("has include=“false”; a key includes what it names.")
    pair = part.checked_id(part.needed("id")), (part.one("com:Value").content(),)
    part.close()
    return pair
