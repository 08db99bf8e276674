"""Fields common to all artefacts, references, and representations (an enumeration, or a type with facets).

References are URNs, or ``Ref`` elements in SDMX 2.1, where only the artefact marks a draft.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any, TypeVar

from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.sdmx_ml.elements import NO_TEXT, Part
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
from sdmxmig.sdmx.model.artefacts import Annotation, Details, ItemScheme, Link, Sentinel, Text
from sdmxmig.sdmx.model.references import ITEM_KINDS, PACKAGE_OF, Ref

URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.(?P<package>[a-z]+)\.(?P<kind>[A-Za-z]+)=.+\(.+\).*")
VERSION = re.compile(r"[0-9*]+[0-9A-Za-z.+*\-]*")
AGENCY = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(?:\.[A-Za-z][A-Za-z0-9_\-]*)*")
KIND_BY_CLASS = {"Attribute": "DataAttribute"}
ITEM_KIND_SET = set(ITEM_KINDS.values())
TYPES_WITHOUT_REFERENCES = (str, bool, type(None), Text, Details, Annotation, Place)
KINDS_WITH_REFERENCES = {"ConceptScheme", "ReportingTaxonomy", "VtlMappingScheme"}


def read_reference(part: Part, kind: str) -> Ref:
    """Read a reference of default `kind`; raise `InputError` for an invalid URN or ``Ref``."""
    if not part.message.is_21:
        return read_urn(part.content(), part)
    ref = part.part("Ref")
    urn = part.text("URN").strip()
    part.close()
    if ref is not None:
        return read_ref(ref, kind)
    if not urn:
        raise part.error("names nothing: it has neither <Ref> nor <URN>.")
    return read_urn(urn, part)


def read_references(part: Part, name: str, kind: str) -> tuple[Ref, ...]:
    return tuple(read_reference(child, kind) for child in part.parts(name))


def read_urn(text: str, part: Part) -> Ref:
    urn = text.strip()
    match = URN.fullmatch(urn)
    kind = match["kind"] if match else ""
    if not match or PACKAGE_OF.get(kind) != match["package"]:
        hint = "A URN begins like urn:sdmx:org.sdmx.infomodel.codelist.Codelist=AGENCY:ID(VERSION)."
        raise part.error(f"has “{urn[:200]}”, which is not a URN of SDMX.", hint)
    try:
        return Ref.parse(urn)
    except DeclarationError as error:
        raise InputError(f"<{part.name}> {error.message}", part.place, error.hint) from error


def read_ref(ref: Part, kind: str) -> Ref:
    """Build a reference from SDMX 2.1 ``Ref`` attributes, with schema defaults."""
    kind = ref.attribute("class") or kind
    kind = KIND_BY_CLASS.get(kind, kind)
    package = ref.attribute("package")
    if kind not in PACKAGE_OF or (package and package != PACKAGE_OF[kind]):
        raise ref.error(f"names an unknown kind of artefact: {package}.{kind}.")
    ref.flag("local")
    agency = ref.needed("agencyID")
    object_id = ref.check_id(ref.needed("id"))
    container = ref.attribute("containerID")
    parent = ref.attribute("maintainableParentID")
    parent_version = ref.attribute("maintainableParentVersion", "1.0")
    version = ref.attribute("version", "1.0")
    ref.close()
    if not AGENCY.fullmatch(agency):
        raise ref.error(f"has “{agency}” for an agency.")
    if not VERSION.fullmatch(parent_version if parent else version):
        raise ref.error(f"has “{parent_version if parent else version}” for a version.")
    if parent:
        item = f"{ref.check_id(container)}.{object_id}" if container else object_id
        return Ref(kind, agency, id=ref.check_id(parent), version=parent_version, item=item)
    if kind in ITEM_KIND_SET:
        raise ref.error("lacks the attribute maintainableParentID.")
    return Ref(kind, agency, id=object_id, version=version)


def read_hierarchy_code(part: Part) -> Ref:
    """Read the code of a hierarchy, by reference or codelist alias (SDMX 2.1)."""
    if not part.has("CodelistAliasRef"):
        return read_reference(part.one("Code"), "Code")
    alias, code_id = part.text("CodelistAliasRef").strip(), read_local_id(part.one("CodeID"))
    if alias not in part.message.aliases:
        raise part.error(f"names a codelist “{alias}”, which is not included.")
    owner = part.message.aliases[alias]
    return Ref("Code", owner.agency, id=owner.id, version=owner.version, item=code_id)


def read_local_id(part: Part) -> str:
    if not part.message.is_21:
        return part.check_id(part.content().strip())
    ref = part.one("Ref")
    part.close()
    _, container, object_id = read_local_ref(ref)
    return f"{container}.{object_id}" if container else object_id


def read_local_ref(ref: Part) -> tuple[str, str, str]:
    ref.flag("local")
    ref.attribute("package")
    identifiers = ref.attribute("class"), ref.attribute("containerID"), ref.check_id(ref.needed("id"))
    ref.close()
    return identifiers


def read_local_ids(part: Part, name: str) -> tuple[str, ...]:
    return tuple(read_local_id(child) for child in part.parts(name))


Value = TypeVar("Value")


def mark_drafts(value: Value, drafts: Collection[Ref]) -> Value:
    if not drafts or isinstance(value, TYPES_WITHOUT_REFERENCES):
        return value
    renamed: Any = value
    if isinstance(value, Ref):
        renamed = _mark_ref(value, drafts)
    elif isinstance(value, tuple):
        renamed = tuple(_mark_member(member, drafts) for member in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        renamed = _mark_record(value, drafts)
    return renamed  # type: ignore[no-any-return]  # it is of the kind of the value


def _mark_member(value: Any, drafts: Collection[Ref]) -> Any:
    if isinstance(value, str) and URN.fullmatch(value):
        try:
            return _mark_ref(Ref.parse(value), drafts).urn
        except (DeclarationError, KeyError):  # a text similar to a URN
            return value
    return mark_drafts(value, drafts)


def _mark_record(value: Any, drafts: Collection[Ref]) -> Any:
    changed = {}
    for field in dataclasses.fields(value):
        original = getattr(value, field.name)
        if field.name == "ref":
            continue
        if field.name == "items" and isinstance(value, ItemScheme) and value.ref.kind not in KINDS_WITH_REFERENCES:
            continue
        changed_value = mark_drafts(original, drafts)
        if changed_value != original:
            changed[field.name] = changed_value
    return dataclasses.replace(value, **changed) if changed else value


def _mark_ref(ref: Ref, drafts: Collection[Ref]) -> Ref:
    return dataclasses.replace(ref, version=f"{ref.version}-draft") if _find_owner(ref) in drafts else ref


def _find_owner(ref: Ref) -> Ref:
    kinds = {"Dimension": "DataStructure", "DataAttribute": "DataStructure", "MetadataAttribute": "MetadataStructure"}
    return dataclasses.replace(ref.scheme, kind=kinds.get(ref.kind, ref.scheme.kind), item="")


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
