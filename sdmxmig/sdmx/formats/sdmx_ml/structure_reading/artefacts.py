"""Fields common to all artefacts, and representations (an enumeration, or a type with facets)."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.sdmx.formats.sdmx_ml.parts import NO_TEXT, Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import AGENCY, VERSION, read_reference, read_urn
from sdmxmig.sdmx.formats.structures.notes import (
    MIDNIGHT,
    NEVER_FINAL,
    THREE_NUMBERS,
    Heading,
    Notes,
    link_notes,
    unwrap_note,
)
from sdmxmig.sdmx.formats.structures.representations import FACETS, MULTILINGUAL, NOTHING, Representation
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Link, Sentinel, Text
from sdmxmig.sdmx.model.references import Ref


def read_annotations(part: Part, name: str = "com:Annotations") -> tuple[Annotation, ...]:
    holder = part.part(name)
    if holder is None:
        return ()
    annotations = tuple(holder.each(read_annotation, "com:Annotation", is_aside=True))
    holder.close()
    return annotations


def read_annotation(part: Part) -> Annotation:
    address, languages = "", []
    for url in part.parts("com:AnnotationURL") if part.has("com:AnnotationURL") else ():
        language = url.attribute("{http://www.w3.org/XML/1998/namespace}lang")
        text = url.content()
        if language or address:
            languages.append((language, text))
        else:
            address = text
    annotation = Annotation(
        part.text("com:AnnotationType"),
        part.words("com:AnnotationText"),
        title=part.text("com:AnnotationTitle"),
        url=address,
        id=part.attribute("id"),
        value="" if part.message.version < "3" else part.text("com:AnnotationValue"),
        urls=Text(tuple(languages)) if languages else NO_TEXT,
    )
    part.close()
    return unwrap_note(annotation)


def read_links(part: Part) -> tuple[Link, ...]:
    if part.message.is_21 or not part.has("com:Link"):
        return ()
    return tuple(part.each(read_link, "com:Link", is_aside=True))


def read_link(part: Part) -> Link:
    link = Link(part.given("rel"), part.needed("url"), urn=part.attribute("urn"), type=part.attribute("type"))
    part.close()
    return link


def read_minor_notes(part: Part) -> tuple[Annotation, ...]:
    part.attribute("urn")
    uri = part.attribute("uri")
    annotations = read_annotations(part)
    addresses = [*read_links(part), *([Link("uri", uri)] if uri else [])]
    return annotations + link_notes(addresses)


def read_heading(part: Part, kind: str) -> Heading:
    notes = Notes(read_annotations(part))
    details = Details(
        valid_from=read_moment(part.attribute("validFrom")),
        valid_to=read_moment(part.attribute("validTo")),
        uri=part.attribute("uri"),
        external=part.flag("isExternalReference"),
        structure_url=part.attribute("structureURL"),
        service_url=part.attribute("serviceURL"),
        partial_language=part.flag("isPartialLanguage") if part.message.version == "3.1" else False,
        links=read_links(part),
    )
    if part.message.version != "3.1" and notes.flag("IS_PARTIAL_LANGUAGE"):
        details = replace(details, partial_language=True)
    details = replace(details, links=(*details.links, *notes.links(whole=not part.message.is_21)))
    ref, final = read_identity(part, kind, notes)
    details = replace(details, final=final)
    return Heading(
        ref,
        part.words("com:Name"),
        description=part.words("com:Description"),
        notes=notes,
        details=details,
        place=part.place,
    )


def read_identity(part: Part, kind: str, notes: Notes) -> tuple[Ref, bool | None]:
    agency, artefact_id = part.needed("agencyID"), part.check_id(part.needed("id"))
    urn, version = part.attribute("urn"), part.attribute("version")
    if not AGENCY.fullmatch(agency):
        raise part.error(f"has “{agency}” for an agency.")
    if urn and not version and not part.message.is_21:  # attributes count; this provides only missing parts
        version = read_urn(urn, part).version
    version = version or "1.0"
    if not VERSION.fullmatch(version):
        raise part.error(f"has “{version}” for a version.", "Write X.Y.Z, or X.Y.Z-draft for a draft.")
    final: bool | None = None
    if part.message.is_21 and not part.flag("isFinal") and kind not in NEVER_FINAL:
        if THREE_NUMBERS.fullmatch(version):
            part.message.drafts.add(Ref(kind, agency, id=artefact_id, version=version))
            version = f"{version}-draft"
        else:
            final = False
    elif (not part.message.is_21 or kind in NEVER_FINAL) and notes.flag("IS_FINAL", "false"):
        final = False
    if kind in part.message.fixed_versions:
        version = notes.title("VERSION", VERSION.pattern) or version
    return Ref(kind, agency, id=artefact_id, version=version), final


def read_moment(text: str) -> str:
    match = MIDNIGHT.fullmatch(text)
    return match[1] if match else text


def read_representation(part: Part | None, default: str = "String", enumeration: str = "Codelist") -> Representation:
    if part is None:
        return NOTHING
    text, listed = part.part("TextFormat"), part.part("Enumeration")
    form = part.part("EnumerationFormat")
    least, most = part.attribute("minOccurs", "1"), part.attribute("maxOccurs", "1")
    part.close()
    if not all(value.isdecimal() or value == "unbounded" for value in (least, most)):
        raise part.error(f"may occur “{least}” to “{most}” times.", "Write a number, or unbounded.")
    if (listed is None) == (text is None) or (form is not None and listed is None):
        raise part.error("contains neither one <TextFormat> nor one <Enumeration>.")
    codelist = read_reference(listed, enumeration) if listed else None
    written = text or form
    data_type, facets, sentinels = read_text_format(written, default if text else "") if written else ("", (), ())
    return Representation(codelist, data_type, facets=facets, min_occurs=least, max_occurs=most, sentinels=sentinels)


def read_text_format(part: Part, default: str) -> tuple[str, tuple[tuple[str, str], ...], tuple[Sentinel, ...]]:
    data_type = part.attribute("textType") or default
    facets = []
    for name in [str(name) for name in part.element.attrib]:
        if name in FACETS:
            facets.append((name, part.attribute(name)))
        elif name == MULTILINGUAL and part.flag(MULTILINGUAL):
            facets.append((MULTILINGUAL, "true"))
    sentinels = []
    for sentinel in part.parts("SentinelValue"):
        sentinels.append(
            Sentinel(
                sentinel.attribute("value"), sentinel.words("com:Name"), description=sentinel.words("com:Description")
            )
        )
        sentinel.close()
    part.close()
    return data_type, tuple(facets), tuple(sentinels)
