"""Fields common to all artefacts, and representations (an enumeration, or a type with facets)."""

from __future__ import annotations

import re
from dataclasses import replace

from sdmxmig.primitives.errors import did_you_mean
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.headers import UNKNOWN_ZONE
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.json_objects import Part
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import is_moment
from sdmxmig.sdmx.formats.structures.notes import (
    MIDNIGHT,
    NEVER_FINAL,
    THREE_NUMBERS,
    Heading,
    Notes,
    is_described,
    link_notes,
    unwrap_note,
)
from sdmxmig.sdmx.formats.structures.representations import FACET_KINDS, NOTHING, Representation
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Link, Sentinel, Text
from sdmxmig.sdmx.model.data_structures import parse_whole_number
from sdmxmig.sdmx.model.references import BASE_KINDS, Ref


def read_annotations(part: Part) -> tuple[Annotation, ...]:
    return tuple(part.each(read_annotation, "annotations", is_aside=True))


def read_annotation(part: Part) -> Annotation:
    """Read an annotation; its links become addresses, one for all languages and others by language, without titles."""
    address, languages = "", []
    for link in part.parts("links"):
        read = read_link(link)
        language = link.text("hreflang")
        if language or address:
            languages.append((language, read.url))
        else:
            address = read.url
    annotation = Annotation(
        part.text("type"),
        part.words("text"),
        title=part.text("title"),
        url=address,
        id=part.text("id"),
        value=part.text("value"),
        urls=Text(tuple(languages)),
    )
    part.close()
    return unwrap_note(annotation)


def read_link(part: Part) -> Link:
    href, urn, uri = part.text("href"), part.text("urn"), part.text("uri")
    if not (href or urn or uri):
        raise part.error("A link needs “href” or “urn”.")
    link = Link(
        part.needed("rel"),
        href or uri or urn,
        urn=urn,
        type=part.text("type"),
        title=part.words("title"),
        language=part.text("hreflang"),
    )
    part.close()
    return link


def read_addresses(part: Part) -> list[tuple[Part, Link]]:
    return list(part.each(lambda child: (child, read_link(child)), "links", is_aside=True))


def read_links(part: Part, own_urn: str) -> tuple[str, tuple[Link, ...]]:
    uri, links_read = "", []
    for child, link in read_addresses(part):
        href, more = child.text("href"), child.text("uri")
        names_only = (not href and link.urn == own_urn) or (href and href == more)
        if link.rel == "self" and not uri and names_only and not is_described(link):
            uri = more
            continue
        links_read.append(link)
        if more and href:
            links_read.append(Link(link.rel, more, type="uri"))
    return uri, tuple(links_read)


def read_minor_notes(part: Part) -> tuple[Annotation, ...]:
    """Read annotations; links of parts without a link field become annotations of type LINK."""
    annotations = read_annotations(part)
    addresses = []
    for child, link in read_addresses(part):
        href, uri = child.text("href"), child.text("uri")
        if link.rel == "self" and not href and not is_described(link):
            addresses += [Link("uri", uri)] if uri else []
        else:
            addresses.append(link)
    return annotations + link_notes(addresses)


def read_heading(part: Part, kind: str) -> Heading:
    notes = Notes(read_annotations(part))
    ref, final = read_identity(part, kind, notes)
    if not part.has("name") and not part.has("names"):
        part.deviation("“name” is missing.")
    name, description = part.words("name"), part.words("description")
    named = replace(ref, kind=BASE_KINDS.get(kind, kind))
    if part.message.is_old:  # there, drafts have the plain version number
        named = replace(named, version=named.version.removesuffix("-draft"))
    uri, addresses = read_links(part, named.urn)
    details = Details(
        read_moment(part, "validFrom"),
        read_moment(part, "validTo"),
        uri=uri or notes.title("URI"),
        external=part.flag("isExternalReference"),
        structure_url=notes.title("STRUCTURE_URL"),
        service_url=notes.title("SERVICE_URL"),
        partial_language=part.flag("isPartialLanguage") or notes.flag("IS_PARTIAL_LANGUAGE"),
        final=final,
    )
    for link in list(addresses):
        if (link.rel, link.type, link.urn) == ("structure", "structureURL", "") and not details.structure_url:
            details = replace(details, structure_url=link.url)
        elif (link.rel, link.type, link.urn) == ("service", "serviceURL", "") and not details.service_url:
            details = replace(details, service_url=link.url)
        else:
            details = replace(details, links=(*details.links, link))
    return Heading(ref, name, description=description, notes=notes, details=details, place=part.place)


def read_identity(part: Part, kind: str, notes: Notes) -> tuple[Ref, bool | None]:
    pattern = words.NCNAME if kind in words.NCNAME_IDS else words.ID
    artefact_id = part.matched("id", pattern, needed=True)
    agency = part.matched("agencyID", words.AGENCY, needed=True)
    if not part.has("version"):
        version = "1.0"
        part.ignore("version")
    else:
        pattern = words.OLD_VERSION if part.message.is_old else words.VERSION
        version = part.matched("version", pattern, needed=bool(part.text("version")))
    final: bool | None = None
    if part.message.is_old:
        ref = Ref(kind, agency, id=artefact_id, version=version)
        if not part.flag("isFinal") and kind not in NEVER_FINAL:
            if not THREE_NUMBERS.fullmatch(version):
                return ref, False
            ref = part.message.drafts.get(ref, ref)
        return ref, None
    if part.has("isFinal"):  # registries still write it, though versions replaced it
        part.deviation("“isFinal” belongs to SDMX-JSON 1.0.", at="isFinal")
        final = None if part.flag("isFinal") else False
    if notes.flag("IS_FINAL", "false"):
        final = False
    if kind in words.FIXED_VERSIONS:
        if version != "1.0":
            part.deviation(f"The version of a {kind} is always 1.0.", at="version")
        version = notes.title("VERSION", words.OLD_VERSION.pattern + r"(?:-[A-Za-z0-9.-]+)?") or version or "1.0"
    if kind in words.FIXED_IDS and artefact_id != words.FIXED_IDS[kind]:
        part.deviation(f"The id of a {kind} is always {words.FIXED_IDS[kind]}.", at="id")
    return Ref(kind, agency, id=artefact_id, version=version), final


def read_moment(part: Part, name: str) -> str:
    return read_plain(part, name, part.text(name))


def read_plain(part: Part, name: str, text: str) -> str:
    if not text:
        return ""
    match = UNKNOWN_ZONE.fullmatch(text)
    local = match[1] if match else text
    if not is_moment(local) and not is_moment(f"{local}+00:00"):
        part.wrong(f"“{text[:80]}” is not a date and time.", "Write it as 2026-01-31T12:00:00Z.", at=name)
    midnight = MIDNIGHT.fullmatch(local)
    return midnight[1] if midnight else local


def read_period(part: Part, name: str, *, observed: bool = False) -> str:
    text = part.text(name)
    short = words.YEARS.fullmatch(text) or words.REPORTING.fullmatch(text) or re.fullmatch(r"\d{4}-\d\d-\d\d", text)
    if not text or short or (observed and words.RANGE.fullmatch(text)):
        return text
    if "T" not in text:
        raise part.error(
            f"“{text[:80]}” is not a period.", "Write it as 2026, 2026-Q1, 2026-01 or 2026-01-31.", at=name
        )
    read_plain(part, name, text)
    match = UNKNOWN_ZONE.fullmatch(text)
    return match[1] if match else text


Facets = tuple[tuple[str, str], ...]
OLD_LISTS = ("Codelist", "ConceptScheme")


def read_representation(part: Part | None, sort: str = "basic", default: str = "String") -> Representation:
    if part is None:
        return NOTHING
    listed = part.reference("enumeration", *(OLD_LISTS if part.message.is_old else ("Codelist", "ValueList")))
    coded, text = part.part("enumerationFormat"), part.part("textFormat" if part.message.is_old else "format")
    least, most = read_occurrences(part)
    part.close()
    if (listed is None) == (text is None) or (coded and not listed):
        raise part.error("This must have either an “enumeration” or a “format”.")
    written, sort, default = (text, sort, default) if text else (coded, "coded", "")
    data_type, facets, sentinels = read_text_format(written, sort, default) if written else ("", (), ())
    return Representation(listed, data_type, facets=facets, min_occurs=least, max_occurs=most, sentinels=sentinels)


def read_occurrences(part: Part) -> tuple[str, str]:
    most = "unbounded" if part.value.get("maxOccurs") == "unbounded" else part.number("maxOccurs", words.WHOLE) or "1"
    part.ignore("maxOccurs")
    least = part.number("minOccurs", words.WHOLE) or "1"
    if least.startswith("-") or most.startswith(("-", "0")):
        raise part.error(f"This may occur “{least}” to “{most}” times.")
    return least, most


def read_text_format(part: Part, sort: str, default: str) -> tuple[str, Facets, tuple[Sentinel, ...]]:
    shape = words.SHAPES[sort]
    type_name = "textType" if part.message.is_old else "dataType"
    data_type = part.text(type_name) or default
    if data_type and data_type not in shape.types:
        raise part.error(
            f"“{data_type[:80]}” is not a data type here.", did_you_mean(data_type, shape.types), at=type_name
        )
    facets = []
    for name in part.members():
        if name in shape.facets and part.has(name):
            value = read_facet(part, name)
            unreadable = not value and FACET_KINDS[name] != "text"
            if not unreadable and (name != "isMultiLingual" or value == "true"):
                facets.append((name, value))
    part.ignore(*shape.facets)
    sentinels = tuple(read_sentinel(child) for child in part.parts("sentinelValues")) if shape.sentinels else ()
    part.close()
    return data_type, tuple(facets), sentinels


def read_facet(part: Part, name: str) -> str:
    kind = FACET_KINDS[name]
    if kind == "flag":
        return "true" if part.flag(name) else "false"
    if kind in ("number", "positive"):
        value = part.number(name, words.NUMBER if kind == "number" else words.WHOLE)
        if kind == "positive" and value and not parse_whole_number(value):
            raise part.error(f"“{name}” must be above zero.", at=name)
        return value
    if kind == "period":
        return read_period(part, name)
    return part.matched(name, words.DURATION) if kind == "duration" else part.text(name)


def read_sentinel(part: Part) -> Sentinel:
    value = part.text("value") if type(part.value.get("value")) is str else part.number("value")
    sentinel = Sentinel(value, part.words("name"), description=part.words("description"))
    part.close()
    return sentinel
