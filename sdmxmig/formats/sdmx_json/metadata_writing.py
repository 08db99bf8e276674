"""Reference metadata as SDMX-JSON 2.0 and 2.1: valid, in the order of the reports, with nothing lost in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from sdmxmig.errors import SdmxmigError
from sdmxmig.formats.metadata_values import is_array, is_xhtml, one_by_one
from sdmxmig.formats.metadata_versions import called, in_version_3
from sdmxmig.formats.sdmx_json import metadata_words as spelling
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.meta import errors_of, meta_of
from sdmxmig.formats.sdmx_json.structure_writing.representations import formatted
from sdmxmig.formats.sdmx_json.structure_writing.writing import MAIN, Json, Writing, encoded, start
from sdmxmig.model.metadata import MetadataSet, ReportedAttribute, Target
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Artefact
from sdmxmig.model.submission import Header


def write_metadata(sets: Iterable[MetadataSet], header: Header, version: str) -> bytes:
    """Write metadata sets as one message, in their order.

    Those of SDMX 2.1 become those of SDMX 3 (`formats.metadata_versions`). An array stands as the same attribute again
    and again; structured text is marked by its format. A set of version 1.0 has no version.

    Raises `SdmxmigError` for two different sets of one name, and for what the version of SDMX-JSON cannot say: a set
    without what it follows, targets or attributes, targets with wildcards, contents of two kinds in one attribute.
    """
    languages: set[str] = set()
    known: dict[Ref | None, MetadataSet] = {}
    written: list[Json] = []
    for one in (made for given in sets for made in in_version_3(given, header.provider)):
        before = known.setdefault(one.ref, one)
        if before != one:
            hint = "Give each a name of its own."
            raise SdmxmigError(f"There are two different sets called {called(one)}.", one.place, hint)
        if before is one:
            # a set has the heading of any artefact
            written.append(metadata_set(Writing(version, cast("Artefact", one), languages=languages), one))
    dialect = spelling.metadata_version(version)
    message: Json = {"$schema": dialect.schema} if dialect.schema_in_root else {}
    message["meta"] = {"schema": dialect.schema} | meta_of(header, languages, dialect, MAIN)
    message["data"] = {"metadataSets": written}
    message["errors"] = errors_of(header.notes, MAIN)
    return encoded(message)


def metadata_set(writing: Writing, one: MetadataSet) -> Json:
    """A set with its only report."""
    found = start(writing)
    if found["version"] == spelling.UNVERSIONED:
        del found["version"]
    else:
        writing.checked(found["version"], spelling.THREE_NUMBERS, "the version")
    report = one.reports[0] if one.reports else None
    if one.describes is None or report is None or not report.targets or not report.attributes:
        hint = "A set says what it follows, what it is about, and has attributes."
        raise writing.refusal("the incomplete report", hint)
    found |= facts(writing, one)
    found[spelling.DESCRIBED[one.describes.kind]] = writing.urn(one.describes, *spelling.DESCRIBED)
    found["targets"] = [target(writing, each) for each in report.targets]
    found["attributes"] = list(attributes(writing, report.attributes))
    return found


def facts(writing: Writing, one: MetadataSet) -> Json:
    """What a set says of its content as a whole: action, reporting period and publication."""
    found: Json = {}
    if one.action:
        if one.action not in spelling.WORD_OF:
            raise writing.refusal(f"the action “{one.action}”", f"Write one of {', '.join(spelling.WORD_OF)}.")
        found["action"] = spelling.WORD_OF[one.action]
    left = dict(one.properties)
    for member, name in spelling.PERIODS.items():
        if value := left.pop(name, ""):
            if words.REPORTING.fullmatch(value):
                raise writing.refusal(f"“{value}” as {name}", "Write it as 2026, 2026-01 or 2026-01-31.")
            found[member] = writing.period(value)
    if value := left.pop("publicationYear", ""):
        found["publicationYear"] = writing.checked(value, spelling.YEAR, "the year of publication")
    if value := left.pop("publicationPeriod", ""):
        found["publicationPeriod"] = writing.period(value, observed=True)
    for name in left:
        raise writing.refusal(f"the property {name}")
    return found


def target(writing: Writing, given: Target) -> str:
    """The URN of what a report is about; wildcards and value lists are unknown to the schemas."""
    urn = writing.any_urn(given.value, "the URN of a target")
    kind = urn.partition("=")[0].rpartition(".")[2]
    if kind not in spelling.KINDS_OF[writing.version] or "*" in urn:
        raise writing.refusal(f"“{urn}” as the URN of a target", "The official schema does not know it.")
    return urn


def attributes(writing: Writing, given: Iterable[ReportedAttribute]) -> Iterator[Json]:
    """Attributes in their order, those with several values once for each."""
    for one in given:
        if len(one.values) < 2:
            yield attribute(writing, one)
        elif is_array(one):
            yield from (attribute(writing, each) for each in one_by_one(one))
        else:
            what = f"the several values of {one.id}, which has a format, annotations or attributes below it too"
            raise writing.refusal(what, "Give each value an attribute of its own.")


def attribute(writing: Writing, one: ReportedAttribute) -> Json:
    """One attribute with those below it."""
    if sum(map(bool, (one.values, one.text, one.structured))) > 1:
        hint = "An attribute has values, or text, or structured text."
        raise writing.refusal(f"more than one kind of content in {one.id}", hint)
    found: Json = {"id": writing.checked(one.id, words.ID, "the id of an attribute")}
    found |= writing.notes(one.annotations)
    if shape := shape_of(writing, one):
        found["format"] = shape
    if one.values:
        found["value"] = value(writing, one)
    elif one.text or one.structured:
        found["value"] = writing.texts("value", one.text or one.structured)["values"]
    if one.attributes:
        found["attributes"] = list(attributes(writing, one.attributes))
    return found


def shape_of(writing: Writing, one: ReportedAttribute) -> Json:
    """The format of an attribute. Structured text is marked by its type, and so is text that could be taken for it."""
    type_ = one.data_type
    if one.structured:
        if type_ not in ("", spelling.XHTML):
            raise writing.refusal(f"the type {type_} of the structured text {one.id}", "Leave the type out.")
        type_ = spelling.XHTML
    elif one.text and is_xhtml(one.text):
        type_ = type_ or spelling.STRING
    if one.text and type_ == spelling.XHTML:
        raise writing.refusal(f"the type {type_} of the plain text {one.id}", "Give it as structured text.")
    found = formatted(writing, "basic", owner=one.id, data_type=type_, facets=one.facets)
    if one.sentinels:
        found["sentinelValues"] = [
            {"value": each.value, **writing.names(each.name, each.description, each.value)} for each in one.sentinels
        ]
    return found


def value(writing: Writing, one: ReportedAttribute) -> str | bool | msgspec.Raw:
    """A plain value of the type that it came with."""
    if len(one.types) not in (0, len(one.values)):
        raise writing.refusal(f"the types of {one.id}", "Give one for each value, or none.")
    type_ = one.types[0] if one.types else spelling.TEXT
    text = one.values[0]
    if type_ == spelling.NUMBER:
        return writing.number(text, f"the number {one.id}")
    if type_ == spelling.BOOLEAN:
        return writing.flag(text, f"the truth value {one.id}")
    return text
