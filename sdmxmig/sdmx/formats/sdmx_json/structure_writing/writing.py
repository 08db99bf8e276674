"""The beginning of every artefact: identity, names, annotations and links."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.headers import DATE, is_date, write_errors, write_meta
from sdmxmig.sdmx.formats.sdmx_json.versions import JsonVersion
from sdmxmig.sdmx.formats.structures.notes import THREE_NUMBERS, join_note, list_artefact_notes
from sdmxmig.sdmx.formats.structures.representations import FACET_KINDS, Representation
from sdmxmig.sdmx.formats.wire.tables import GEO_TYPES
from sdmxmig.sdmx.model.artefacts import Annotation, Link, Text
from sdmxmig.sdmx.model.references import BASE_KINDS, ITEM_KINDS, PACKAGE_OF, Ref
from sdmxmig.sdmx.model.structures import Artefact, Level
from sdmxmig.sdmx.model.submission import Header

MAIN_LANGUAGE = "en"
"""The preferred language of texts that are also written without a language."""

Json = dict[str, Any]
EMPTY = re.compile("")
UNZONED_MOMENT = re.compile(r".*T[0-9:.]+")
BOOLEAN_WORDS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(slots=True)
class Writing:
    version: str
    artefact: Artefact
    languages: set[str] = field(default_factory=set)

    def refusal(self, what: str, hint: str = "") -> SdmxmigError:
        name = f"{self.artefact.ref.kind} {self.artefact.ref.short}"
        message = f"SDMX-JSON {self.version} cannot express {what} of {name}."
        return SdmxmigError(message, self.artefact.place, hint or "Leave it out, or change it.")

    @property
    def is_before_21(self) -> bool:
        return self.version != "2.1"

    @property
    def is_10(self) -> bool:
        return self.version == "1.0"

    @property
    def is_fixed(self) -> bool:
        return self.artefact.ref.kind in (words.FIXED_IDS if self.is_10 else words.FIXED_VERSIONS)

    def numbered(self, version: str) -> str:
        return self.checked(version.removesuffix("-draft"), words.OLD_VERSION, "a version") if self.is_10 else version

    def checked(self, value: str, pattern: re.Pattern[str], what: str) -> str:
        if not pattern.fullmatch(value):
            raise self.refusal(f"“{value[:80]}” as {what}")
        return value

    def distinct(self, texts: Sequence[str], what: str) -> None:
        if len(set(texts)) != len(texts):
            raise self.refusal(what)

    def urn(self, ref: Ref, *kinds: str) -> str:
        """Build the URN of another artefact; geographic codelists are called codelists in URNs."""
        kind = "ContentConstraint" if self.is_10 and ref.kind == "DataConstraint" else ref.kind
        ref = replace(ref, kind=BASE_KINDS.get(kind, kind), version=self.numbered(ref.version))
        if ref.kind not in (kinds or words.KINDS_OF[self.version]):
            raise self.refusal(f"a reference to {ref}", f"Here it may name: {', '.join(kinds)}." if kinds else "")
        self.checked(ref.agency, words.AGENCY, f"the agency of {ref}")
        self.checked(ref.id, words.ID, f"the id of {ref}")
        self.checked(ref.version, words.WILD_VERSION, f"the version of {ref}")
        is_item = ref.kind in ITEM_KINDS.values()
        if (is_item and not ref.item) or (ref.kind in ITEM_KINDS and ref.item):
            raise self.refusal(f"a reference to {ref}", "Name the scheme, or the scheme and one of its items.")
        fixed = words.FIXED_IDS.get(ref.scheme.kind) if is_item and ref.kind != "Agency" else None
        if fixed and (ref.id, ref.version) != (fixed, "1.0"):
            raise self.refusal(f"a reference to {ref}", f"It must be in {fixed}(1.0).")
        if ref.item:
            single = ref.kind in ("Code", "Concept", "DataProvider", "MetadataProvider")
            self.checked(ref.item, words.ID if single else words.NESTED_ID, f"the item of {ref}")
        return ref.urn

    def write_any_urn(self, urn: str, what: str, *more: str) -> str:
        kind = urn.partition("=")[0].rpartition(".")[2]
        package = urn.partition("=")[0].removeprefix("urn:sdmx:org.sdmx.infomodel.").partition(".")[0]
        known = kind in more or (kind in words.KINDS_OF[self.version] and PACKAGE_OF[kind] == package)
        if not known or not words.WILD_URN.fullmatch(urn):
            raise self.refusal(f"“{urn[:200]}” as {what}", "Write the URN of an artefact or item of SDMX 3.")
        return urn

    def texts(self, name: str, text: Text, fallback: str = "") -> Json:
        text = text or (Text.of({MAIN_LANGUAGE: fallback}) if fallback else text)
        for language, _ in text:
            self.checked(language, words.LANGUAGE, "a language")
        by_language = dict(text)
        if len(by_language) != len(text.values):
            raise self.refusal(f"two texts in one language for {name}")
        self.languages |= set(by_language)
        return {name: text.in_language(MAIN_LANGUAGE), f"{name}s": by_language} if text else {}

    def names(self, name: Text, description: Text, fallback: str = "") -> Json:
        return {**self.texts("name", name, fallback), **self.texts("description", description)}

    def notes(self, annotations: Iterable[Annotation]) -> Json:
        written = [self.note(annotation) for annotation in annotations]
        return {"annotations": written} if written else {}

    def note(self, note: Annotation) -> Json:
        """Write an annotation; store it as a whole if its address is not supported."""
        is_new = self.is_10 and bool(note.value or note.urls)
        if is_new or not all(map(self.is_valid_address, filter(None, (note.url, *dict(note.urls).values())))):
            note = join_note(note)
        plain_members = {"id": note.id, "title": note.title, "type": note.type, "value": note.value}
        members: Json = {name: value for name, value in plain_members.items() if value}
        members |= self.texts("text", note.text)
        links: list[Json] = [{"rel": "self", "href": self.address(note.url)}] if note.url else []
        for language, url in note.urls:
            link: Json = {"rel": "alternate", "href": self.address(url)}
            if language:
                link["hreflang"] = self.small(language)
            elif not links:
                raise self.refusal("an address in no language beside none for all")
            links.append(link)
        return members | ({"links": links} if links else {})

    def is_valid_address(self, address: str) -> bool:
        """Check whether an address satisfies the schema: a URI, in 2.1 also a relative one."""
        return bool((words.ADDRESS if self.is_before_21 else words.LOOSE_ADDRESS).fullmatch(address))

    def address(self, address: str) -> str:
        if not self.is_valid_address(address):
            raise self.refusal(f"“{address[:80]}” as an address")
        return address

    def small(self, language: str) -> str:
        if not words.LANGUAGE.fullmatch(language) or language != language.lower():
            raise self.refusal(f"the language {language} of an address", "Write it in small letters.")
        return language

    def links(self, links: Iterable[Link], self_link: Json | None = None) -> Json:
        all_links = [self_link] if self_link else []
        for link in links:
            members: Json = {"rel": link.rel}
            if link.url and link.url != link.urn:
                members["href"] = self.address(link.url)
            if link.urn:
                members["urn"] = self.write_any_urn(link.urn, "the URN of a link")
                self.checked("*" if "*" in link.urn else "", EMPTY, "the URN of a link")
            members |= self.texts("title", link.title) | ({"type": link.type} if link.type else {})
            if link.language:
                members["hreflang"] = self.small(link.language)
            all_links.append(members)
        return {"links": all_links} if all_links else {}

    def moment(self, text: str) -> str:
        """Write a date and time; ``-00:00`` means unknown offset (RFC 3339), a date becomes midnight."""
        moment = f"{text}T00:00:00" if DATE.fullmatch(text) else text
        moment = f"{moment}-00:00" if UNZONED_MOMENT.fullmatch(moment) else moment
        if not is_moment(moment):
            raise self.refusal(f"“{text}” as a date and time", "Write it as 2026-01-31T12:00:00.")
        return moment

    def period(self, text: str, *, observed: bool = False) -> str:
        if words.YEARS.fullmatch(text) or words.REPORTING.fullmatch(text) or is_date(text):
            return text
        if observed and words.RANGE.fullmatch(text):
            return text
        if "T" not in text:
            raise self.refusal(f"“{text}” as a period", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.")
        return self.moment(text)

    def number(self, text: str, what: str, *, whole: bool = False, positive: bool = False) -> msgspec.Raw:
        pattern = words.WHOLE if whole or positive else words.NUMBER
        if not pattern.fullmatch(text) or text == "-0" or (positive and text.startswith(("-", "0"))):
            raise self.refusal(f"“{text}” as {what}", "Write a whole number above zero." if positive else "")
        return msgspec.Raw(text.encode())

    def flag(self, text: str, what: str) -> bool:
        if text not in BOOLEAN_WORDS:
            raise self.refusal(f"“{text}” as {what}", "Write true or false.")
        return BOOLEAN_WORDS[text]


def is_moment(text: str) -> bool:
    try:
        return text[10:11] == "T" and ":" in text and dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def start(writing: Writing, notes: Iterable[Annotation] = ()) -> Json:
    artefact, details = writing.artefact, writing.artefact.details
    kind = artefact.ref.kind
    fixed = words.FIXED_IDS.get(kind)
    if fixed and artefact.ref.id != fixed:
        raise writing.refusal(f"the id {artefact.ref.id}", f"It is always {fixed}.")
    version = "1.0" if writing.is_fixed else writing.numbered(artefact.ref.version)
    pattern = words.NCNAME if kind in words.NCNAME_IDS else words.ID
    members: Json = {
        "id": writing.checked(artefact.ref.id, pattern, "the id"),
        "agencyID": writing.checked(artefact.ref.agency, words.AGENCY, "the agency"),
        "version": writing.checked(version, words.VERSION, "the version"),
        **writing.names(artefact.name, artefact.description, artefact.ref.id),
    }
    if writing.is_10:
        members["isFinal"] = is_final(writing)
    if details.external:
        members["isExternalReference"] = True
    if details.partial_language and not writing.is_before_21:
        members["isPartialLanguage"] = True
    for name, value in (("validFrom", details.valid_from), ("validTo", details.valid_to)):
        if value:
            members[name] = writing.moment(value)
    members |= writing.notes([*list_own_notes(writing), *notes, *artefact.annotations])
    return members | writing.links([*build_detail_links(writing), *details.links], write_self_link(writing, version))


def is_final(writing: Writing) -> bool:
    """Check whether an artefact is final, which version numbers before SDMX 3 do not show."""
    artefact = writing.artefact
    if artefact.details.final is False and THREE_NUMBERS.fullmatch(artefact.ref.version) and not writing.is_fixed:
        raise writing.refusal("a version of three numbers that is not final", f"Call it {artefact.ref.version}-draft.")
    return not (writing.is_fixed or artefact.ref.is_draft or artefact.details.final is False)


def write_self_link(writing: Writing, version: str) -> Json | None:
    ref = replace(writing.artefact.ref, version=version)
    urn = writing.urn(ref, ref.kind, *words.URN_KINDS)
    uri = writing.artefact.details.uri
    more = {"uri": uri} if words.ADDRESS.fullmatch(uri) else {}
    if ref.kind not in (
        *words.KINDS_OF[writing.version],
        *GEO_TYPES,
    ):  # value lists in 2.0: its schema misspells them
        return {"rel": "self", "href": uri, **more} if more else None
    return {"rel": "self", "urn": urn, "type": ref.kind.lower(), **more}


def build_detail_links(writing: Writing) -> Iterator[Link]:
    details = writing.artefact.details
    if details.structure_url and writing.is_valid_address(details.structure_url):
        yield Link("structure", details.structure_url, type="structureURL")
    if details.service_url and writing.is_valid_address(details.service_url):
        yield Link("service", details.service_url, type="serviceURL")


def list_own_notes(writing: Writing) -> Iterator[Annotation]:
    artefact = writing.artefact
    yield from list_artefact_notes(
        artefact,
        says_partial_language=not writing.is_before_21,
        says_final=writing.is_10 and not writing.is_fixed,
        says_version=not writing.is_fixed,
    )
    details = artefact.details
    if details.uri and not words.ADDRESS.fullmatch(details.uri):
        yield Annotation("URI", title=details.uri)
    for type_, address in (("STRUCTURE_URL", details.structure_url), ("SERVICE_URL", details.service_url)):
        if address and not writing.is_valid_address(address):
            yield Annotation(type_, title=address)


def encode_message(
    dialect: JsonVersion, header: Header, *, languages: Iterable[str], data: Mapping[str, list[Json]]
) -> bytes:
    """Encode a message with one artefact per line, which makes versions comparable."""
    encode = msgspec.json.encode
    meta = encode({"schema": dialect.schema} | write_meta(header, languages, dialect, MAIN_LANGUAGE))
    lines = [encode(name) + b":[\n" + b",\n".join(map(encode, artefacts)) + b"]" for name, artefacts in data.items()]
    notes = write_errors(header.notes, MAIN_LANGUAGE)
    errors = b',\n"errors":' + encode(notes) if notes else b""
    root = b'"$schema":' + encode(dialect.schema) + b",\n" if dialect.schema_in_root else b""
    return b"{" + root + b'"meta":' + meta + b',\n"data":{' + b",\n".join(lines) + b"}" + errors + b"}\n"


SHAPE_BY_ROLE = {"dimension": "simple", "time": "time"}
"""The kind of format at each place; basic elsewhere."""
ROLES_WITH_VALUE_LISTS = ("component", "concept")


def write_representation(writing: Writing, name: str, what: Representation) -> Json:
    """Write a representation, unless empty; raise `SdmxmigError` for content that the schema does not allow."""
    if what.is_empty:
        return {}
    members: Json = {}
    if what.codelist:
        if what.sentinels or what.place == "time":
            raise writing.refusal(f"values with a meaning of their own, or a list of times, for {what.owner}")
        kinds = ("Codelist", "ValueList") if what.place in ROLES_WITH_VALUE_LISTS else ("Codelist",)
        kinds = ("Codelist", "ConceptScheme") if writing.is_10 else kinds
        members["enumeration"] = writing.urn(what.codelist, *kinds)
        if what.data_type or what.facets:
            members["enumerationFormat"] = write_text_format(writing, "coded", what)
    else:
        called = "textFormat" if writing.is_10 else "format"
        members[called] = write_text_format(writing, SHAPE_BY_ROLE.get(what.place, "basic"), what)
    if (what.min_occurs, what.max_occurs) != ("1", "1") and what.place not in ROLES_WITH_VALUE_LISTS:
        raise writing.refusal(f"several values of {what.owner}")
    return {name: members | write_occurrences(writing, what.min_occurs, what.max_occurs, what.owner)}


def write_occurrences(writing: Writing, least: str, most: str, owner: str) -> Json:
    members: Json = {}
    if least != "1":
        members["minOccurs"] = writing.number(least, f"the minOccurs of {owner}", whole=True)
        if least.startswith("-"):
            raise writing.refusal(f"{least} occurrences of {owner}")
    if most != "1":
        unbounded = most == "unbounded"
        members["maxOccurs"] = most if unbounded else writing.number(most, f"the maxOccurs of {owner}", positive=True)
    return members


def write_text_format(writing: Writing, sort: str, what: Representation) -> Json:
    members = write_format(writing, sort, owner=what.owner, data_type=what.data_type, facets=what.facets)
    if what.sentinels:
        members["sentinelValues"] = [
            {"value": sentinel.value, **writing.names(sentinel.name, sentinel.description, sentinel.value)}
            for sentinel in what.sentinels
        ]
    return members


def write_format(writing: Writing, sort: str, owner: str, data_type: str, facets: tuple[tuple[str, str], ...]) -> Json:
    shape = words.SHAPES[sort]
    if data_type and data_type not in shape.types:
        raise writing.refusal(f"the type {data_type} of {owner}", did_you_mean(data_type, shape.types))
    members: Json = {"textType" if writing.is_10 else "dataType": data_type} if data_type else {}
    for name, value in facets:
        if name not in shape.facets:
            raise writing.refusal(f"the facet {name} of {owner}", did_you_mean(name, shape.facets))
        members[name] = write_facet(writing, name, value=value, shape=shape, what=f"the {name} of {owner}")
    return members


def write_facet(writing: Writing, name: str, value: str, shape: words.Shape, what: str) -> object:
    kind = FACET_KINDS[name]
    if kind == "number":
        return writing.number(value, what, whole=shape.whole, positive=shape.positive and name != "interval")
    if kind == "positive":
        return writing.number(value, what, positive=True)
    if kind == "flag":
        return writing.flag(value, what)
    if kind == "period":
        return writing.period(value)
    return writing.checked(value, words.DURATION, what) if kind == "duration" else value


def write_coding_format(writing: Writing, level: Level) -> Json:
    if not (level.data_type or level.facets):
        return {}
    return {
        "codingFormat": write_format(writing, "coding", owner=level.id, data_type=level.data_type, facets=level.facets)
    }
