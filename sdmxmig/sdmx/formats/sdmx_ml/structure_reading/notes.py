"""Fields common to all artefacts: identity, names, annotations, links and validity."""

from __future__ import annotations

from dataclasses import replace

from sdmxmig.sdmx.formats.sdmx_ml.parts import NO_TEXT, Part
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import AGENCY, VERSION, from_urn
from sdmxmig.sdmx.formats.structures.notes import (
    MIDNIGHT,
    NEVER_FINAL,
    THREE_NUMBERS,
    Heading,
    Notes,
    link_notes,
    unwrapped,
)
from sdmxmig.sdmx.model.artefacts import Annotation, Details, Link, Text
from sdmxmig.sdmx.model.references import Ref


def annotations_of(part: Part) -> tuple[Annotation, ...]:
    holder = part.part("com:Annotations")
    if holder is None:
        return ()
    annotations = tuple(holder.each(annotation, "com:Annotation", is_aside=True))
    holder.close()
    return annotations


def annotation(part: Part) -> Annotation:
    """One note."""
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
        value="" if part.message.is_21 else part.text("com:AnnotationValue"),
        urls=Text(tuple(languages)) if languages else NO_TEXT,
    )
    part.close()
    return unwrapped(annotation)


def links(part: Part) -> tuple[Link, ...]:
    if part.message.is_21 or not part.has("com:Link"):
        return ()
    return tuple(part.each(link_of, "com:Link", is_aside=True))


def link_of(part: Part) -> Link:
    link = Link(part.given("rel"), part.needed("url"), urn=part.attribute("urn"), type=part.attribute("type"))
    part.close()
    return link


def minor_notes(part: Part) -> tuple[Annotation, ...]:
    part.attribute("urn")
    uri = part.attribute("uri")
    annotations = annotations_of(part)
    addresses = [*links(part), *([Link("uri", uri)] if uri else [])]
    return annotations + link_notes(addresses)


def heading(part: Part, kind: str) -> Heading:
    """Identity, names, notes and validity of an artefact."""
    notes = Notes(annotations_of(part))
    details = Details(
        valid_from=moment(part.attribute("validFrom")),
        valid_to=moment(part.attribute("validTo")),
        uri=part.attribute("uri"),
        external=part.flag("isExternalReference"),
        structure_url=part.attribute("structureURL"),
        service_url=part.attribute("serviceURL"),
        partial_language=part.flag("isPartialLanguage") if part.message.version == "3.1" else False,
        links=links(part),
    )
    if part.message.version != "3.1" and notes.flag("IS_PARTIAL_LANGUAGE"):
        details = replace(details, partial_language=True)
    details = replace(details, links=(*details.links, *notes.links(whole=not part.message.is_21)))
    ref, final = identity(part, kind, notes)
    details = replace(details, final=final)
    return Heading(
        ref,
        part.words("com:Name"),
        description=part.words("com:Description"),
        notes=notes,
        details=details,
        place=part.origin,
    )


def identity(part: Part, kind: str, notes: Notes) -> tuple[Ref, bool | None]:
    """The name of an artefact, and SDMX 2.1's final flag where the version cannot say it."""
    agency, artefact_id = part.needed("agencyID"), part.checked_id(part.needed("id"))
    urn, version = part.attribute("urn"), part.attribute("version")
    if not AGENCY.fullmatch(agency):
        raise part.error(f"has “{agency}” for an agency.")
    if urn and not version and not part.message.is_21:  # the attributes count; only what they leave out is taken here
        version = from_urn(urn, part).version
    version = version or "1.0"
    if not VERSION.fullmatch(version):
        raise part.error(f"has “{version}” for a version.", "Write X.Y.Z, for a draft X.Y.Z-draft.")
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


def moment(text: str) -> str:
    match = MIDNIGHT.fullmatch(text)
    return match[1] if match else text
