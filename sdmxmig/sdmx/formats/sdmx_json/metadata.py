"""Reference metadata in SDMX-JSON: strict reading and writing of 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

import msgspec

from sdmxmig.io.intake.json import parse_json
from sdmxmig.primitives.errors import InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, attempt_each
from sdmxmig.sdmx.formats.metadata_versions import (
    convert_all_to_version_3,
    is_array,
    is_xhtml,
    merge_arrays,
    restore_version_3,
    split_values,
)
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.headers import explain_missing_content
from sdmxmig.sdmx.formats.sdmx_json.nodes import Node
from sdmxmig.sdmx.formats.sdmx_json.structure_reading import read_message
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.artefacts import (
    read_annotations,
    read_heading,
    read_period,
    read_text_format,
)
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.json_objects import Message, Part, report_other_content
from sdmxmig.sdmx.formats.sdmx_json.structure_words import CONTAINERS, OLD_CONTAINERS
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import (
    Json,
    Writing,
    encode_message,
    start,
    write_text_format,
)
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS
from sdmxmig.sdmx.formats.sdmx_json.walk import replace_forbidden_content
from sdmxmig.sdmx.formats.structures.representations import Representation
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.metadata import MetadataSet, Report, ReportedAttribute, Target
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header

SETS_MEMBER = "metadataSets"


def read_metadata(name: str, content: bytes, version: str, faults: Faults | None = None) -> tuple[MetadataSet, ...]:
    """Read the metadata sets of a message in order.

    A message that names the schema of another 2.x version is read as that version. Ignores members starting with
    ``x-``; null means absent. XHTML texts are structured unless their format says otherwise. `headers.read_notes`
    reads the errors.

    Raises `InputError` with a JSON pointer, or records the fault and leaves out the set, target or attribute.
    """
    parsed = parse_json(replace_forbidden_content(name, content, faults), name, DecimalText)
    if type(parsed) is not dict:
        raise InputError("A message must be an object.", Place(name, key="/"))
    root = Part(parsed, Message(name, version, faults=faults), "")
    root.message = read_message(root, "metadata")
    if root.message.is_old:
        raise root.error("Reference metadata in SDMX-JSON 1.0 cannot be read.", "Ask for SDMX-JSON 2.0 or SDMX-ML.")
    data = root.part("data")
    root.ignore("errors")
    root.close()
    if data is None or not data.has(SETS_MEMBER):
        raise root.error(explain_missing_content(Node(parsed, name), "metadata"))
    sets = tuple(data.each(read_metadata_set, SETS_MEMBER))
    report_other_content(data, "structures", (*CONTAINERS.values(), *OLD_CONTAINERS.values()))
    data.close()
    return sets


class DecimalText(str):
    """A number with a fraction or exponent, as text."""

    __slots__ = ()


def read_metadata_set(part: Part) -> MetadataSet:
    head = read_heading(part, "MetadataSet")
    version = part.text("version")
    if version and not words.THREE_NUMBERS.fullmatch(version):
        part.deviation(f"“{version}” is not a version of a set.", "Write three numbers, such as 1.0.0.", at="version")
    named = [part.reference(member, kind) for kind, member in words.DESCRIBED.items()]
    if all(named):
        part.wrong("The set follows a metadataflow and a provision agreement.", "Name one of them.")
    describes = next(filter(None, named), None)
    properties, action = read_properties(part)
    targets, attributes = tuple(read_targets(part)), read_attributes(part)
    part.close()
    for what, content in (("metadataflow", describes), ("targets", targets), ("attributes", attributes)):
        if not content and not head.details.external:
            part.wrong(f"“{what}” is missing.")
    metadata_set = MetadataSet(
        describes,
        (Report(targets, attributes),) if targets or attributes else (),
        action=action,
        properties=properties,
        **head.shared(),
    )
    return restore_version_3(metadata_set)


def read_properties(part: Part) -> tuple[dict[str, str], str]:
    properties = {name: read_period(part, member) for member, name in words.PERIODS.items()}
    for member in words.PERIODS:
        if words.REPORTING.fullmatch(part.text(member)):
            part.wrong(f"“{part.text(member)}” is not a date.", "Write it as 2026, 2026-01 or 2026-01-31.", at=member)
    properties["publicationYear"] = part.matched("publicationYear", words.YEAR)
    properties["publicationPeriod"] = read_period(part, "publicationPeriod", observed=True)
    word = part.text("action")
    if word and word not in words.ACTIONS:
        part.wrong(f"“{word[:80]}” is not an action.", did_you_mean(word, words.ACTIONS), at="action")
    return {name: value for name, value in properties.items() if value}, words.ACTIONS.get(word, "")


def read_targets(part: Part) -> Iterator[Target]:
    def target(pair: tuple[int, str]) -> Target:
        number, urn = pair
        part.urn(urn, at=f"targets/{number}", raw=True)
        return Target(urn)

    return attempt_each(part.message.faults, target, enumerate(part.strings("targets")))


def read_attributes(part: Part) -> tuple[ReportedAttribute, ...]:
    return merge_arrays(part.each(read_attribute, "attributes"))


def read_attribute(part: Part) -> ReportedAttribute:
    attribute_id = part.matched("id", words.ID, needed=True)
    form = part.part("format")
    data_type, facets, sentinels = read_text_format(form, "basic", "") if form else ("", (), ())
    values, types, text = read_value(part)
    structured = Text()
    if text and (data_type == words.XHTML or (not data_type and is_xhtml(text))):
        text, structured, data_type = Text(), text, ""
    elif data_type == words.STRING and is_xhtml(text):
        data_type = ""  # stated only to exclude structured text
    notes, attributes_below = read_annotations(part), read_attributes(part)
    part.close()
    return ReportedAttribute(
        attribute_id,
        values,
        text=text,
        structured=structured,
        attributes=attributes_below,
        annotations=notes,
        types=types,
        data_type=data_type,
        facets=facets,
        sentinels=sentinels,
    )


def read_value(part: Part) -> tuple[tuple[str, ...], tuple[str, ...], Text]:
    content = part.value.get("value")
    part.ignore("value")
    if content is None:
        return (), (), Text()
    if type(content) is dict:
        return (), (), read_languages(part.one("value"))
    if type(content) is bool:
        return ("true" if content else "false",), (words.BOOLEAN,), Text()
    if type(content) in (int, DecimalText):
        return (str(content),), (words.METADATA_NUMBER,), Text()
    if type(content) is not str:
        raise build_value_error(part)
    return (content,), (), Text()


def build_value_error(part: Part) -> InputError:
    hint = "Repeat the attribute for each value."
    return part.error("A value must be a text, a number, true or false, or texts by language.", hint, at="value")


def read_languages(part: Part) -> Text:
    for language in part.members():
        if not words.LANGUAGE.fullmatch(language):
            part.surplus(f"“{language[:80]}” is not a language.", at=language)
    return Text(
        tuple((language, part.text(language)) for language in part.members() if words.LANGUAGE.fullmatch(language))
    )


def write_metadata(sets: Iterable[MetadataSet], header: Header, version: str) -> bytes:
    """Write metadata sets as one message in order, converting SDMX 2.1 sets to SDMX 3.

    An array is a repeated attribute; structured text is marked by its format. Version 1.0 is omitted.

    Raises `SdmxmigError` for different sets with one name, and for content that SDMX-JSON does not support: sets
    without structure, targets or attributes, wildcard targets, mixed content in one attribute.
    """
    languages: set[str] = set()
    # a set has the heading of an artefact
    written = [
        write_metadata_set(Writing(version, cast("Artefact", named_set), languages=languages), named_set)
        for named_set in convert_all_to_version_3(sets, header.provider)
    ]
    dialect = replace(VERSIONS[version], schema=words.METADATA_SCHEMAS[version], occurs_in_format=False)
    return encode_message(dialect, header, languages=languages, data={"metadataSets": written})


def write_metadata_set(writing: Writing, metadata_set: MetadataSet) -> Json:
    members = start(writing)
    if members["version"] == words.UNVERSIONED:
        del members["version"]
    else:
        writing.checked(members["version"], words.THREE_NUMBERS, "the version")
    report = metadata_set.reports[0] if metadata_set.reports else None
    if metadata_set.describes is None or report is None or not report.targets or not report.attributes:
        hint = "A set needs a structure, targets and attributes."
        raise writing.refusal("the incomplete report", hint)
    members |= write_properties(writing, metadata_set)
    members[words.DESCRIBED[metadata_set.describes.kind]] = writing.urn(metadata_set.describes, *words.DESCRIBED)
    members["targets"] = [write_target(writing, described_object) for described_object in report.targets]
    members["attributes"] = list(write_attributes(writing, report.attributes))
    return members


def write_properties(writing: Writing, metadata_set: MetadataSet) -> Json:
    members: Json = {}
    if metadata_set.action:
        if metadata_set.action not in words.WORD_OF:
            raise writing.refusal(f"the action “{metadata_set.action}”", f"Write one of {', '.join(words.WORD_OF)}.")
        members["action"] = words.WORD_OF[metadata_set.action]
    properties = dict(metadata_set.properties)
    for member, name in words.PERIODS.items():
        if value := properties.pop(name, ""):
            if words.REPORTING.fullmatch(value):
                raise writing.refusal(f"“{value}” as {name}", "Write it as 2026, 2026-01 or 2026-01-31.")
            members[member] = writing.period(value)
    if value := properties.pop("publicationYear", ""):
        members["publicationYear"] = writing.checked(value, words.YEAR, "the year of publication")
    if value := properties.pop("publicationPeriod", ""):
        members["publicationPeriod"] = writing.period(value, observed=True)
    for name in properties:
        raise writing.refusal(f"the property {name}")
    return members


def write_target(writing: Writing, target: Target) -> str:
    urn = writing.write_any_urn(target.value, "the URN of a target")
    kind = urn.partition("=")[0].rpartition(".")[2]
    if kind not in words.METADATA_KINDS_OF[writing.version] or "*" in urn:
        raise writing.refusal(f"“{urn}” as the URN of a target", "The official schema does not know it.")
    return urn


def write_attributes(writing: Writing, reported_attributes: Iterable[ReportedAttribute]) -> Iterator[Json]:
    for reported in reported_attributes:
        if len(reported.values) < 2:
            yield write_attribute(writing, reported)
        elif is_array(reported):
            yield from (write_attribute(writing, single) for single in split_values(reported))
        else:
            what = f"the several values of {reported.id}, which has a format, annotations or attributes below it too"
            raise writing.refusal(what, "Give each value its own attribute.")


def write_attribute(writing: Writing, reported: ReportedAttribute) -> Json:
    if sum(map(bool, (reported.values, reported.text, reported.structured))) > 1:
        hint = "An attribute has values, or text, or structured text."
        raise writing.refusal(f"more than one kind of content in {reported.id}", hint)
    members: Json = {"id": writing.checked(reported.id, words.ID, "the id of an attribute")}
    members |= writing.notes(reported.annotations)
    if shape := write_shape(writing, reported):
        members["format"] = shape
    if reported.values:
        members["value"] = write_value(writing, reported)
    elif reported.text or reported.structured:
        members["value"] = writing.texts("value", reported.text or reported.structured)["values"]
    if reported.attributes:
        members["attributes"] = list(write_attributes(writing, reported.attributes))
    return members


def write_shape(writing: Writing, reported: ReportedAttribute) -> Json:
    """Describe the format of an attribute; marks structured text, and text that looks like it."""
    type_ = reported.data_type
    if reported.structured:
        if type_ not in ("", words.XHTML):
            raise writing.refusal(f"the type {type_} of the structured text {reported.id}", "Leave the type out.")
        type_ = words.XHTML
    elif reported.text and is_xhtml(reported.text):
        type_ = type_ or words.STRING
    if reported.text and type_ == words.XHTML:
        raise writing.refusal(f"the type {type_} of the plain text {reported.id}", "Give it as structured text.")
    shape = Representation(
        None, type_, facets=reported.facets, sentinels=reported.sentinels, owner=reported.id, place="metadata"
    )
    return write_text_format(writing, "basic", shape)


def write_value(writing: Writing, reported: ReportedAttribute) -> str | bool | msgspec.Raw:
    if len(reported.types) not in (0, len(reported.values)):
        raise writing.refusal(f"the types of {reported.id}", "Give one for each value, or none.")
    type_ = reported.types[0] if reported.types else words.TEXT
    text = reported.values[0]
    if type_ == words.METADATA_NUMBER:
        return writing.number(text, f"the number {reported.id}")
    if type_ == words.BOOLEAN:
        return writing.flag(text, f"the truth value {reported.id}")
    return text
