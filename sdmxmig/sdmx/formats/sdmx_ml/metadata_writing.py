"""Reference metadata to SDMX-ML 2.1, 3.0 and 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats.faults import check_characters
from sdmxmig.sdmx.formats.metadata_versions import convert_all_to_version_3, convert_to_version_21
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DATE_TIME, PERIOD, PROPERTIES, SDMX_30, URN, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_footer, add_header
from sdmxmig.sdmx.formats.sdmx_ml.markup import add, add_markup, add_texts, start_message, to_bytes
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing, list_own_notes, write_identity, write_moment
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, StructureUse

ID_PATTERN = re.compile(r"[A-Za-z0-9_@$\-]+")
KINDS_21 = ("MetadataStructure", "Metadataflow", "ProvisionAgreement")
HEADER_KINDS = {"MetadataProvisionAgreement": "ProvisionAgreement"}
"""3.0 and 3.1 headers allow one kind of agreement; the set names the right one."""


def write_metadata(sets: Iterable[MetadataSet], header: Header, dialect: Dialect) -> bytes:
    """Write metadata sets as one message in order, converted to the version.

    See `formats.metadata_versions`. If the sets name no structure, the header does.

    Raises `SdmxmigError` for unsupported content, different sets with one name and forbidden characters.
    """
    is_21 = dialect.has_final
    whole_sets = [*map(convert_to_version_21, sets)] if is_21 else convert_all_to_version_3(sets, header.provider)
    structures = {
        ref: f"M{number + 1}"
        for number, ref in enumerate(dict.fromkeys(list_followed_structures(whole_sets, header, dialect)))
    }
    root = start_message(dialect, "GenericMetadata", {"md": dialect.namespace("metadata/generic")})
    add_header(root, dialect, complete_header(whole_sets, header, structures, dialect), "metadata")
    for metadata_set in whole_sets:
        if is_21 and metadata_set.describes:
            add_set_of_version_21(root, dialect, metadata_set, structures[metadata_set.describes])
        else:
            add_set_of_version_3(root, dialect, metadata_set)
    add_footer(root, dialect, header.notes)
    return to_bytes(root)


def list_followed_structures(sets: Sequence[MetadataSet], header: Header, dialect: Dialect) -> list[Ref]:
    """Return the structures of the sets, at least one of which the header names."""
    structures = [metadata_set.describes for metadata_set in sets if metadata_set.describes]
    if dialect.has_final:
        for metadata_set in sets:
            if metadata_set.describes is None or metadata_set.describes.kind not in KINDS_21:
                kind = metadata_set.describes.kind if metadata_set.describes else "missing structure"
                raise choose_writing(dialect, metadata_set).refusal(
                    f"the {kind}", f"It follows a {' or a '.join(KINDS_21)}."
                )
    structures = structures or [use.ref for use in header.structures if use.ref]
    if not structures:
        hint = "Give each set a dataflow or a structure, or name a structure in the header."
        raise SdmxmigError(f"{dialect.name} cannot express metadata without a structure.", hint=hint)
    return structures


def complete_header(
    sets: Sequence[MetadataSet], header: Header, structures: dict[Ref, str], dialect: Dialect
) -> Header:
    uses = tuple(
        StructureUse(
            structure_id, ref if dialect.has_final else replace(ref, kind=HEADER_KINDS.get(ref.kind, ref.kind))
        )
        for ref, structure_id in structures.items()
    )
    actions = {metadata_set.action for metadata_set in sets}
    action = dict(dialect.actions).get(actions.pop(), "") if len(actions) == 1 else ""
    ids = [
        metadata_set.ref.id if metadata_set.ref else metadata_set.properties.get("setID", "") for metadata_set in sets
    ]
    return replace(header, structures=uses, dataset_action=action, dataset_ids=tuple(filter(None, ids)))


def choose_writing(dialect: Dialect, metadata_set: MetadataSet) -> Writing:
    return Writing(dialect, cast("Artefact", metadata_set))


def add_set_of_version_3(root: etree._Element, dialect: Dialect, metadata_set: MetadataSet) -> None:
    writing = choose_writing(dialect, metadata_set)
    if metadata_set.ref is None:
        raise writing.refusal("the missing name", "Give the set one (ref).")
    attributes = {**write_identity(writing), **write_properties(writing, metadata_set)}
    element = add(root, dialect.message, "MetadataSet", attributes=attributes)
    writing.notes(element, [*list_own_notes(writing), *metadata_set.annotations])
    writing.links(element, metadata_set.details.links)
    writing.names(element, metadata_set.ref.id, metadata_set.name, metadata_set.description)
    if not metadata_set.reports:
        if metadata_set.describes is not None:
            raise writing.refusal(f"the {metadata_set.describes.kind} without a report")
        return
    report = metadata_set.reports[0]
    if metadata_set.describes is None or not report.targets or not report.attributes:
        hint = "A set needs a structure, targets and attributes."
        raise writing.refusal("the incomplete report", hint)
    writing.reference(element, f"md:{metadata_set.describes.kind}", metadata_set.describes)
    for target in report.targets:
        writing.add(element, "md:Target", find_target_urn(writing, target.value))
    add_attributes(writing, element, report.attributes)


def add_set_of_version_21(root: etree._Element, dialect: Dialect, metadata_set: MetadataSet, structure_id: str) -> None:
    """Add a set with its reports; `structure_id` is the header's id for its structure."""
    writing = choose_writing(dialect, metadata_set)
    since, until = metadata_set.details.valid_from, metadata_set.details.valid_to
    if metadata_set.description or metadata_set.details != Details(valid_from=since, valid_to=until):
        raise writing.refusal("the description or the addresses", "Give the set a name (ref) to send them.")
    attributes = {"structureRef": structure_id, **write_properties(writing, metadata_set)}
    for name, value in (("validFromDate", write_moment(since)), ("validToDate", write_moment(until))):
        if value and not DATE_TIME.fullmatch(value):
            raise writing.refusal(f"“{value}” as {name}", "Write it like 2026-01-31T12:00:00.")
        attributes[name] = value
    element = add(root, dialect.message, "MetadataSet", attributes=attributes)
    writing.notes(element, metadata_set.annotations)
    add_texts(element, dialect.common, "Name", metadata_set.name)
    if metadata_set.provider is not None:
        writing.reference(element, "md:DataProvider", metadata_set.provider)
    for report in metadata_set.reports:
        add_report(writing, element, report)


def write_properties(writing: Writing, metadata_set: MetadataSet) -> dict[str, str]:
    words = dict(writing.dialect.actions)
    if metadata_set.action and metadata_set.action not in words:
        raise writing.refusal(f"the action “{metadata_set.action}”", f"Write one of {', '.join(words)}.")
    for name, value in metadata_set.properties.items():
        if name not in PROPERTIES:
            raise writing.refusal(f"the property {name}", f"Possible values: {', '.join(PROPERTIES)}.")
        if value and not PROPERTIES[name].fullmatch(value):
            raise writing.refusal(f"“{value}” as {name}", "Write it as the SDMX schema requires.")
    properties = {name: metadata_set.properties.get(name, "") for name in PROPERTIES}
    return {"setID": properties.pop("setID"), "action": words.get(metadata_set.action, ""), **properties}


def add_report(writing: Writing, holder: etree._Element, report: Report) -> None:
    element = writing.add(holder, "md:Report", attributes={"id": check_id(writing, report.id, "a report")})
    writing.notes(element, report.annotations)
    target = writing.add(element, "md:Target", attributes={"id": check_id(writing, report.target_id, "a target")})
    ids = [target.id for target in report.targets]
    if not ids or len(set(ids)) < len(ids):
        raise writing.refusal(f"the targets of the report {report.id}", "It has some, each with its own id.")
    for described_object in report.targets:
        value = writing.add(
            target, "md:ReferenceValue", attributes={"id": check_id(writing, described_object.id, "a target")}
        )
        add_reference_value(writing, value, described_object)
    if not report.attributes:
        raise writing.refusal(f"the report {report.id} without attributes", "Give it one.")
    add_attributes(writing, element, report.attributes)


def add_reference_value(writing: Writing, holder: etree._Element, target: Target) -> None:
    match target.kind:
        case "object":
            add(writing.add(holder, "md:ObjectReference"), "", "URN", find_target_urn(writing, target.value))
        case "period" if PERIOD.fullmatch(target.value):
            writing.add(holder, "md:ReportPeriod", target.value)
        case "constraint" if target.ref:
            writing.reference(holder, "md:ConstraintContentReference", target.ref)
        case "dataset" if target.ref:
            data_set = writing.add(holder, "md:DataSetReference")
            writing.reference(data_set, "com:DataProvider", target.ref)
            writing.add(data_set, "com:ID", check_id(writing, target.value, "a dataset"))
        case "key" if target.key:
            add_key(writing, writing.add(holder, "md:DataKey"), target)
        case _:
            raise writing.refusal(f"the target {target.id}", f"It does not state which {target.kind} it is.")


def add_key(writing: Writing, element: etree._Element, target: Target) -> None:
    for dimension, values in target.key:
        if len(values) != 1:
            raise writing.refusal(f"the {len(values)} values of {dimension} in a key", "Give it one.")
        pair = writing.add(element, "com:KeyValue", attributes={"id": dimension})
        writing.add(pair, "com:Value", values[0])


def add_attributes(writing: Writing, holder: etree._Element, attributes: Sequence[ReportedAttribute]) -> None:
    if writing.dialect.has_final and attributes:
        holder = writing.add(holder, "md:AttributeSet")
    for attribute in attributes:
        for single in split_attribute(writing, attribute):
            add_attribute(writing, holder, single)


def split_attribute(writing: Writing, attribute: ReportedAttribute) -> Iterator[ReportedAttribute]:
    if len(attribute.values) < 2 or writing.dialect.id == SDMX_30.id:
        yield attribute
        return
    if attribute.text or attribute.structured or attribute.attributes or attribute.annotations:
        what = f"the several values of {attribute.id}, which has texts, annotations or attributes below it too"
        raise writing.refusal(what, "Give each value its own attribute.")
    for value in attribute.values:
        yield replace(attribute, values=(value,))


def add_attribute(writing: Writing, holder: etree._Element, attribute: ReportedAttribute) -> None:
    values = () if writing.dialect.has_final else attribute.values
    if sum(map(bool, (values, attribute.text, attribute.structured))) > 1:
        hint = "An attribute has values, or text, or structured text."
        raise writing.refusal(f"more than one kind of content in {attribute.id}", hint)
    name = "md:ReportedAttribute" if writing.dialect.has_final else "md:Attribute"
    attributes = {"id": check_id(writing, attribute.id, "an attribute")}
    element = writing.add(holder, name, attributes=attributes)
    writing.notes(element, attribute.annotations)
    for value in attribute.values:
        if writing.dialect.has_final:
            element.set("value", check_characters(value, f"The value of {attribute.id}"))
        else:
            writing.add(element, "md:Value", value)
    add_texts(element, writing.dialect.common, "Text", check_languages(writing, attribute, attribute.text))
    for language, markup in check_languages(writing, attribute, attribute.structured):
        add_texts(element, writing.dialect.common, "StructuredText", Text(((language, ""),)))
        add_markup(
            element[-1],
            check_characters(markup, f"The text of {attribute.id}"),
            f"The structured text of {attribute.id}",
        )
    add_attributes(writing, element, attribute.attributes)


def check_languages(writing: Writing, attribute: ReportedAttribute, text: Text) -> Text:
    languages = [language for language, _ in text]
    if not writing.dialect.has_final and len(set(languages)) < len(languages):
        raise writing.refusal(f"two texts of one language in {attribute.id}", "Merge them.")
    return text


def check_id(writing: Writing, text: str, what: str) -> str:
    if not ID_PATTERN.fullmatch(text):
        raise writing.refusal(f"“{text}” as the id of {what}", "An id has letters, digits, _, @, $ and -.")
    return text


def find_target_urn(writing: Writing, text: str) -> str:
    if not URN.fullmatch(text):
        raise writing.refusal(f"the target “{text}”", "A target is named by its URN.")
    if not writing.dialect.has_final:
        return text
    if "*" in text:
        raise writing.refusal(f"the target “{text}”", "Only SDMX 3 has wildcards: name the objects one by one.")
    return text.replace("-draft)", ")")
