"""Reference metadata to SDMX-JSON 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

import msgspec

from sdmxmig.sdmx.formats.metadata_paths import is_array, is_xhtml, split_values
from sdmxmig.sdmx.formats.metadata_versions import convert_all_to_version_3
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import (
    Json,
    Writing,
    encode_message,
    start,
    write_text_format,
)
from sdmxmig.sdmx.formats.sdmx_json.versions import VERSIONS
from sdmxmig.sdmx.formats.structures.representations import Representation
from sdmxmig.sdmx.model.metadata import MetadataSet, ReportedAttribute, Target
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header


def write_metadata(sets: Iterable[MetadataSet], header: Header, version: str) -> bytes:
    """Write metadata sets as one message in order, converting SDMX 2.1 sets to SDMX 3.

    An array is a repeated attribute; structured text is marked by its format. Version 1.0 is omitted.

    Raises `SdmxmigError` for different sets with one name, and for what SDMX-JSON does not support: sets without
    structure, targets or attributes, wildcard targets, mixed content in one attribute.
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
    members["targets"] = [target(writing, described_object) for described_object in report.targets]
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


def target(writing: Writing, target: Target) -> str:
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
