"""Streaming reader of reference metadata messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from sdmxmig.io.intake.xml import iterate_xml
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, Surplus, attempt, attempt_each, report_fault, use_no_collector
from sdmxmig.sdmx.formats.metadata_versions import merge_arrays, restore_version_3, restore_version_21
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DATE_TIME, PERIOD, PROPERTIES, SDMX_21
from sdmxmig.sdmx.formats.sdmx_ml.elements import (
    LANGUAGE,
    Message,
    Names,
    Part,
    find_line,
    open_root,
)
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import build_answer_error
from sdmxmig.sdmx.formats.sdmx_ml.markup import LANGUAGE as LANGUAGE_TAG
from sdmxmig.sdmx.formats.sdmx_ml.markup import NotXhtmlError, read_markup
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import (
    read_annotations,
    read_heading,
    read_moment,
    read_ref,
    read_reference,
)
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.records import read_target_urn
from sdmxmig.sdmx.formats.xml_repair import repair_text
from sdmxmig.sdmx.model.artefacts import Details, Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.references import Ref

PARTS_OF_MESSAGE = ("mes:Header", "mes:MetadataSet", "mes:Footer")
PARTS_OF_SET = (
    "com:Annotations",
    "com:Link",
    "com:Name",
    "com:Description",
    "DataProvider",
    "Metadataflow",
    "MetadataProvisionAgreement",
    "Target",
)
MARKUP_LIMIT = 20_000
"""Maximum number of elements of a structured text."""
SPECIFIC = "StructureSpecificMetadata"
DESCRIBED_KINDS = {
    "com:Structure": "MetadataStructure",
    "com:StructureUsage": "Metadataflow",
    "com:ProvisionAgrement": "ProvisionAgreement",  # misspelt in the schema of 2.1
    "com:ProvisionAgreement": "ProvisionAgreement",
}


def read_metadata(name: str, content: bytes, faults: Faults | None = None) -> tuple[MetadataSet, ...]:
    """Read the metadata sets of SDMX-ML 2.1, 3.0 or 3.1 in order.

    Texts, ids and order are preserved. With `faults`, unreadable sets, reports and attributes are recorded and left
    out.

    Raises `InputError` with line and element for malformed, unexpected or missing content.
    """
    walk = MetadataStream(name, content if faults is None else repair_text(name, content, faults), faults)
    sets: list[MetadataSet] = []
    try:
        with use_no_collector():
            sets.extend(walk.sets())
    except InputError as error:
        if not walk.has_begun:
            raise
        report_fault(faults, error)
    return tuple(sets)


class MetadataStream:
    def __init__(self, name: str, content: bytes, faults: Faults | None) -> None:
        self.name = name
        self.content = content
        self.faults = faults
        self.message = Message(name, "", names=Names(""), faults=faults)
        self.has_begun = False
        self.space = ""
        self.structures: dict[str, Ref] = {}

    def sets(self) -> Iterator[MetadataSet]:
        depth = 0
        for event, element in iterate_xml(self.content, self.name):
            if event == "end":
                depth -= 1
                if depth == 1:
                    yield from self.ended(element)
                    element.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub lacks it
                continue
            depth += 1
            if depth == 1:
                self.has_begun = True
                self.begin(element)

    def begin(self, root: etree._Element) -> None:
        folder, version, local = open_root(self.name, root)
        place = Place(self.name, line=find_line(root))
        if version == "2.0":
            hint = "It names what it is about without agencies and versions; send it as SDMX-ML 2.1 or later."
            raise InputError("Reference metadata of SDMX-ML 2.0 are not supported.", place, hint)
        if local == "Error":
            raise build_answer_error(self.name, self.content)
        if local != "GenericMetadata" and (local, version) != (SPECIFIC, "2.1"):
            hint = "A message of reference metadata begins with <GenericMetadata>."
            raise InputError(f"<{local}> contains no reference metadata of SDMX-ML {version}.", place, hint)
        names = Names(folder)
        if local == SPECIFIC:
            names.prefixes[""] = ""
            self.space = f"{{{folder}/metadata/structurespecific}}"
        else:
            names.prefixes = {**names.prefixes, f"{folder}/metadata/generic": ""}
            del names.prefixes[f"{folder}/structure"]
        self.message = Message(self.name, version, names=names, faults=self.faults)

    def ended(self, element: etree._Element) -> Iterator[MetadataSet]:
        match self.message.names[element.tag]:
            case "mes:Header":
                if self.message.is_21:
                    self.structures.update(Part(element, self.message).each(read_structure, "mes:Structure"))
            case "mes:MetadataSet":
                metadata_set = attempt(self.faults, self.set_of, element)
                yield from [metadata_set] if metadata_set else []
            case "mes:Footer":
                pass
            case _:
                self.refuse_unknown(element, "a message", PARTS_OF_MESSAGE)

    def set_of(self, element: etree._Element) -> MetadataSet:
        known = (*PARTS_OF_SET, "Report" if self.message.is_21 else "Attribute")
        for child in list(element):
            if self.message.names[child.tag] not in known:
                self.refuse_unknown(child, "<MetadataSet>", known)
                element.remove(child)
        part = Part(element, self.message)
        if self.message.is_21:
            return restore_version_21(read_version_21(part, self.structures, self.space))
        return restore_version_3(read_version_3_set(part))

    def refuse_unknown(self, element: etree._Element, holder: str, known: tuple[str, ...]) -> None:
        local = str(element.tag).rpartition("}")[2]
        hint = did_you_mean(local, [name.rpartition(":")[2] for name in known])
        what = f"<{local}> does not belong in {holder} of SDMX-ML {self.message.version}."
        report_fault(self.faults, Surplus(what, self.message.place(element), hint))


def read_structure(part: Part) -> tuple[str, Ref]:
    structure_id = part.needed("structureID")
    named = part.one(*DESCRIBED_KINDS)
    kind = DESCRIBED_KINDS[part.message.names[str(named.element.tag)]]
    structure = read_reference(named, kind)
    if structure.kind != kind:
        raise named.error(f"names a {structure.kind}.")
    return structure_id, structure


ATTRIBUTES = ("ReportedAttribute", "Attribute")
TYPE_ATTRIBUTE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ATTRIBUTE_XPATH = f"{{{SDMX_21.namespace('metadata/structurespecific')}}}isMetadataAttribute"
ACTION_LETTERS = {"Information": "I", "Append": "A", "Merge": "M", "Replace": "R", "Delete": "D"}


def read_version_3_set(part: Part) -> MetadataSet:
    has_attributes = part.has("Attribute")
    attributes = merge_arrays(part.each(read_attribute, "Attribute"))
    head = read_heading(part, "MetadataSet")
    properties, action = read_properties(part, "")
    described = part.part("Metadataflow", "MetadataProvisionAgreement")
    targets = tuple(Target(urn) for urn in part.each(read_target_urn, "Target"))
    part.close()
    ref = read_reference(described, described.name) if described else None
    if described and ref and ref.kind != described.name:
        raise described.error(f"names a {ref.kind}.")
    if ref and not (targets and has_attributes):
        part.wrong(f"lacks <{'Attribute' if targets else 'Target'}>.")
    if not ref and (targets or has_attributes):
        raise part.error("lacks <Metadataflow> or <MetadataProvisionAgreement>.")
    return MetadataSet(
        ref,
        (Report(targets, attributes),) if ref else (),
        action=action,
        properties=properties,
        **head.shared(),
    )


def read_version_21(part: Part, structures: Mapping[str, Ref], space: str) -> MetadataSet:
    """Read an SDMX 2.1 metadata set; `space` is the namespace of structure-specific attributes."""
    if not part.has("Report"):
        part.wrong("lacks <Report>.")
    reports = tuple(part.each(read_report, "Report"))
    notes = read_annotations(part)
    name = read_languages(part, "com:Name")
    provider = part.part("DataProvider")
    structure_id = part.needed(f"{space}structureRef")
    if structure_id not in structures:
        raise part.error(f"follows the structure “{structure_id}”, which the header does not have.")
    properties, action = read_properties(part, space)
    details = Details(
        valid_from=read_moment(read_property(part, f"{space}validFromDate", DATE_TIME)),
        valid_to=read_moment(read_property(part, f"{space}validToDate", DATE_TIME)),
    )
    part.close()
    return MetadataSet(
        structures[structure_id],
        reports,
        name=name,
        annotations=notes,
        details=details,
        provider=read_reference(provider, "DataProvider") if provider else None,
        action=action,
        properties=properties,
        place=part.place,
    )


def read_properties(part: Part, space: str) -> tuple[dict[str, str], str]:
    properties = {name: read_property(part, f"{space}{name}", form) for name, form in PROPERTIES.items()}
    action = part.attribute(f"{space}action")
    known = {name: value for name, value in properties.items() if value}
    return known, ACTION_LETTERS[part.choice(action, *ACTION_LETTERS)] if action else ""


def read_property(part: Part, name: str, form: re.Pattern[str]) -> str:
    value = part.attribute(name).strip()
    if value and not form.fullmatch(value):
        part.wrong(f"has “{value[:80]}” for {name.rpartition('}')[2]}.", "Write it as the SDMX schema requires.")
        return ""
    return value


def read_report(part: Part) -> Report:
    report_id = read_id(part)
    notes = read_annotations(part)
    target, attributes = part.one("Target"), part.one("AttributeSet")
    part.close()
    target_id = read_id(target)
    targets = tuple(read_target(part) for part in target.parts("ReferenceValue"))
    target.close()
    if not targets:
        raise target.error("lacks <ReferenceValue>.")
    ids = [target.id for target in targets if target.id]
    if len({*ids}) < len(ids):
        raise target.error("has two <ReferenceValue> with the same id.")
    return Report(targets, read_attribute_set(attributes), id=report_id, target_id=target_id, annotations=notes)


def read_target(part: Part) -> Target:
    target_id = read_id(part)
    value = part.one(
        "ObjectReference",
        "DataKey",
        "DataSetReference",
        "ConstraintContentReference",
        "ReportPeriod",
    )
    part.close()
    match value.name:
        case "ObjectReference":
            return Target(read_object_urn(value), id=target_id)
        case "DataKey":
            return Target(kind="key", id=target_id, key=read_data_key(value))
        case "DataSetReference":
            provider = read_reference(value.one("com:DataProvider"), "DataProvider")
            target = Target(value.check_id(value.text("com:ID")), "dataset", id=target_id, ref=provider)
            value.close()
            return target
        case "ConstraintContentReference":
            return Target(kind="constraint", id=target_id, ref=read_reference(value, "AttachmentConstraint"))
    period = value.content().strip()
    if not PERIOD.fullmatch(period):
        value.wrong(f"has “{period[:80]}” for a period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
    return Target(period, "period", id=target_id)


def read_object_urn(part: Part) -> str:
    ref = part.part("Ref")
    if ref is None:
        urn = read_target_urn(part.one("URN"))
    else:
        urn = read_ref(ref, "").urn
        part.text("URN")  # the same reference again
    part.close()
    return urn


def read_data_key(part: Part) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not part.flag("include", default=True):
        raise part.error("has include=“false”; a key includes what it names.")
    pairs = tuple(read_key_value(child) for child in part.parts("com:KeyValue"))
    part.close()
    return pairs


def read_key_value(part: Part) -> tuple[str, tuple[str, ...]]:
    if not part.flag("include", default=True):
        raise part.error("has include=“false”; a key includes what it names.")
    pair = part.check_id(part.needed("id")), (part.one("com:Value").content(),)
    part.close()
    return pair


def read_attribute(part: Part) -> ReportedAttribute:
    is_21 = part.message.is_21
    attribute_id = read_own_name(part) or part.needed("id")
    notes = read_annotations(part)
    if is_21:
        values = tuple([part.attribute("value")] if "value" in part.element.attrib else [])
        inner_set = part.part("AttributeSet")
        attributes_below = read_attribute_set(inner_set) if inner_set else ()
    else:
        values = tuple(part.texts("Value"))
        if len(values) > 1 and part.message.version != "3.0":
            part.wrong("has several <Value>, but only one is allowed.", "Repeat the attribute instead.")
        attributes_below = merge_arrays(part.each(read_attribute, "Attribute"))
    text, structured = read_languages(part, "com:Text"), read_structured_texts(part)
    part.close()
    if not is_21 and any(len(dict(content)) < len(content.values) for content in (text, structured)):
        raise part.error("has two texts of one language.", "Merge them.")
    if (text and structured) or (not is_21 and values and (text or structured)):
        raise part.error("has more than one kind of <Value>, <Text> and <StructuredText>.", "Write one of them.")
    return ReportedAttribute(
        part.check_id(attribute_id),
        values,
        text=text,
        structured=structured,
        attributes=attributes_below,
        annotations=notes,
    )


def read_own_name(part: Part) -> str:
    if str(part.element.tag).startswith("{"):
        if part.message.names[part.element.tag] not in ATTRIBUTES:
            raise part.error("is in the place of an attribute.", did_you_mean(part.name, ATTRIBUTES))
        return ""
    part.flag(ATTRIBUTE_XPATH)
    return part.attribute("id") or (read_type_name(part) if part.name == "ReportedAttribute" else part.name)


def read_type_name(part: Part) -> str:
    return str(part.element.get(TYPE_ATTRIBUTE, "")).rpartition(":")[2].rpartition(".")[2]


def read_id(part: Part) -> str:
    part_id = part.attribute("id")
    if str(part.element.tag).startswith("{"):
        return part.check_id(part_id or part.needed("id"))
    part_id = part_id or read_type_name(part)
    return part.check_id(part_id) if part_id else ""


def read_attribute_set(part: Part) -> tuple[ReportedAttribute, ...]:
    attribute_parts = [child for _, child in part.children()]
    if not attribute_parts:
        part.wrong("contains no attribute.")
    attributes = attempt_each(part.message.faults, read_attribute, attribute_parts)
    part.close()
    return merge_arrays(attributes)


def read_languages(part: Part, name: str) -> Text:
    texts = []
    for child in part.parts(name) if part.has(name) else ():
        language = read_language(child)
        texts.append((language, child.content()))
    return Text(tuple(texts))


def read_language(part: Part) -> str:
    language = part.attribute(LANGUAGE, "en")
    if not LANGUAGE_TAG.fullmatch(language):
        part.wrong(f"has “{language[:80]}” for a language.", "Write a tag such as en or pt-BR.")
    return language


def read_structured_texts(part: Part) -> Text:
    texts = []
    for child in part.parts("com:StructuredText") if part.has("com:StructuredText") else ():
        language = read_language(child)
        if sum(1 for _ in child.element.iter()) > MARKUP_LIMIT:
            raise child.error(f"has more than {MARKUP_LIMIT:,} elements.", "Shorten it.")
        for _ in child.children():  # read as markup
            pass
        child.close(text=True)
        try:
            texts.append((language, read_markup(child.element)))
        except NotXhtmlError as error:
            hint = "Structured text is XHTML, with the namespace http://www.w3.org/1999/xhtml."
            raise child.error(f"contains <{error.name}>, which is not XHTML.", hint, error.element) from error
    return Text(tuple(texts))
