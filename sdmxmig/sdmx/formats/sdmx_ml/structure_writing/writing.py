"""The beginning of every artefact (identity, annotations, names), errors for unsupported content, and long item lists.

Items are written in batches, which bounds the tree of a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats import metadata_versions
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.markup import add, add_annotations, add_local, add_reference, add_texts
from sdmxmig.sdmx.formats.structures.notes import (
    THREE_NUMBERS,
    is_described,
    join_note,
    link_notes,
    list_artefact_notes,
)
from sdmxmig.sdmx.formats.structures.representations import FACETS, MULTILINGUAL, Representation
from sdmxmig.sdmx.model.artefacts import Annotation, Link, Text
from sdmxmig.sdmx.model.data_structures import CODE_TYPES
from sdmxmig.sdmx.model.metadata import MetadataSet
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, Level

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Writing:
    """An artefact or metadata set being written, and the SDMX-ML version."""

    dialect: Dialect
    artefact: Artefact
    batches: Batches | None = None

    def refusal(self, what: str, hint: str = "") -> SdmxmigError:
        if isinstance(self.artefact, MetadataSet):
            return metadata_versions.build_refusal(
                self.artefact, self.dialect.name, what, hint or "Leave it out, or change it."
            )
        name = f"{self.artefact.ref.kind} {self.artefact.ref.short}"
        hint = hint or ("Write SDMX-ML 3.0 or 3.1." if self.dialect.has_final else "Leave it out, or change it.")
        return SdmxmigError(f"{self.dialect.name} cannot express {what} of {name}.", self.artefact.place, hint)

    def add(
        self, parent: etree._Element, name: str, text: str = "", attributes: Mapping[str, str] | None = None
    ) -> etree._Element:
        """Add an element, by prefix (``com:Name``) or in the structure namespace; a path adds all its elements."""
        outer, _, name = name.rpartition("/")
        parent = self.add(parent, outer) if outer else parent
        namespace, local = self.dialect.qualified(name)
        return add(parent, namespace, name=local, text=text, attributes=attributes)

    def reference(self, parent: etree._Element, name: str, ref: Ref) -> None:
        namespace, local = self.dialect.qualified(name)
        add_reference(parent, self.dialect, namespace=namespace, name=local, ref=ref)

    def local(self, parent: etree._Element, name: str, local_id: str, kind: str = "") -> None:
        add_local(parent, self.dialect, name=name, local_id=local_id, kind=kind)

    def notes(self, element: etree._Element, annotations: Iterable[Annotation]) -> None:
        is_21 = self.dialect.has_final
        fitting_notes = (join_note(note) if is_21 and (note.value or note.urls) else note for note in annotations)
        add_annotations(element, self.dialect, fitting_notes)

    def names(self, element: etree._Element, fallback: str, name: Text, description: Text) -> None:
        """Add names and descriptions; a name is mandatory, so a missing one is replaced by the id."""
        add_texts(element, self.dialect.common, "Name", name or Text.of(en=fallback))
        add_texts(element, self.dialect.common, "Description", description)

    def links(self, element: etree._Element, links: Iterable[Link]) -> None:
        all_links = tuple(links)
        if not self.dialect.has_final and not any(map(is_described, all_links)):
            for link in all_links:
                attributes = {"rel": link.rel, "url": link.url, "urn": link.urn, "type": link.type}
                add(element, self.dialect.common, "Link", attributes=attributes)

    def link_notes(self, links: Iterable[Link]) -> tuple[Annotation, ...]:
        all_links = tuple(links)
        if self.dialect.has_final:
            return link_notes(all_links)
        return link_notes(all_links, whole=True) if any(map(is_described, all_links)) else ()


def write_moment(text: str) -> str:
    return f"{text}T00:00:00" if DATE.fullmatch(text) else text


def start(writing: Writing, holder: etree._Element, kind: str, notes: Iterable[Annotation]) -> etree._Element:
    artefact = writing.artefact
    element = writing.add(holder, kind, attributes=write_identity(writing))
    writing.notes(element, [*list_own_notes(writing), *notes, *artefact.annotations])
    writing.links(element, artefact.details.links)
    writing.names(element, artefact.ref.id, artefact.name, artefact.description)
    return element


def write_identity(writing: Writing) -> dict[str, str]:
    artefact, dialect, details = writing.artefact, writing.dialect, writing.artefact.details
    ref = dialect.ref(artefact.ref)
    is_fixed = artefact.ref.kind in dialect.fixed_versions
    attributes = {"id": ref.id, "urn": ref.urn, "agencyID": ref.agency}
    attributes["version"] = "" if is_fixed and not dialect.has_final else ref.version
    if dialect.has_final:
        if details.final is False and THREE_NUMBERS.fullmatch(ref.version) and not is_fixed:
            hint = f"Call it {ref.version}-draft."
            raise writing.refusal("a version of three numbers that is not final", hint)
        is_open = is_fixed or artefact.ref.is_draft or details.final is False
        attributes["isFinal"] = "false" if is_open else "true"
    attributes["isExternalReference"] = "true" if details.external else "false"
    attributes |= {
        "validFrom": write_moment(details.valid_from),
        "validTo": write_moment(details.valid_to),
        "uri": details.uri,
    }
    attributes |= {"serviceURL": details.service_url, "structureURL": details.structure_url}
    if details.partial_language and dialect.has_partial_language:
        attributes["isPartialLanguage"] = "true"
    return attributes


def list_own_notes(writing: Writing) -> Iterator[Annotation]:
    artefact, dialect = writing.artefact, writing.dialect
    is_fixed = artefact.ref.kind in dialect.fixed_versions
    yield from list_artefact_notes(
        artefact,
        says_partial_language=dialect.has_partial_language,
        says_final=writing.dialect.has_final and not is_fixed,
        says_version=not is_fixed,
    )
    yield from writing.link_notes(artefact.details.links)


BATCH_SIZE = 5_000

PLACE_ELEMENT = "Batch"


@dataclass(slots=True)
class Batches:
    texts: list[bytes] = field(default_factory=list)

    def holders(self, element: etree._Element, count: int) -> Iterator[etree._Element]:
        """Yield the element for each of `count` items; for few items it is `element` itself."""
        if count <= BATCH_SIZE:
            yield from (element for _ in range(count))
            return
        lineage = [*reversed(list(element.iterancestors())), element]
        before, after = self._around(lineage)
        for start in range(0, count, BATCH_SIZE):
            root, holder = copy_lineage(lineage)
            yield from (holder for _ in range(min(BATCH_SIZE, count - start)))
            text = format_element(root)
            self.texts.append(text[len(before) : len(text) - len(after)])
            etree.SubElement(element, find_sibling_tag(element))

    def _around(self, lineage: list[etree._Element]) -> tuple[bytes, bytes]:
        root, holder = copy_lineage(lineage)
        etree.SubElement(holder, find_sibling_tag(holder))
        before, _, after = split_at_place(format_element(root))
        return before, after

    def filled(self, message: bytes) -> bytes:
        parts = []
        for text in self.texts:
            before, _, message = split_at_place(message)
            parts += [before, text]
        return b"".join([*parts, message])


def copy_lineage(lineage: list[etree._Element]) -> tuple[etree._Element, etree._Element]:
    declared = cast("dict[str, str]", lineage[0].nsmap)  # messages declare no default namespace
    root = holder = etree.Element(lineage[0].tag, nsmap=declared)
    for element in lineage[1:]:
        holder = etree.SubElement(holder, element.tag)
    return root, holder


def find_sibling_tag(element: etree._Element) -> str:
    return f"{{{etree.QName(element).namespace}}}{PLACE_ELEMENT}"


def split_at_place(text: bytes) -> tuple[bytes, bytes, bytes]:
    end = text.index(b"\n", text.index(f":{PLACE_ELEMENT}/>".encode())) + 1
    start = text.rfind(b"\n", 0, end - 1) + 1
    return text[:start], text[start:end], text[end:]


def format_element(root: etree._Element) -> bytes:
    text: bytes = etree.tostring(root, encoding="UTF-8", pretty_print=True)
    return text


TEXT_TYPES = ("", "String", "Alpha", "AlphaNumeric", "Numeric")


def add_representation(writing: Writing, parent: etree._Element, name: str, what: Representation) -> None:
    """Add a representation, unless empty; raise `SdmxmigError` for content that the version does not support."""
    if what.is_empty:
        return
    check(writing, what)
    occurs = {"minOccurs": what.min_occurs, "maxOccurs": what.max_occurs}
    element = writing.add(parent, name, attributes={key: value for key, value in occurs.items() if value != "1"})
    facets = write_facets(writing, what)
    if what.codelist:
        writing.reference(element, "Enumeration", what.codelist)
        if what.data_type or facets:
            writing.add(element, "EnumerationFormat", attributes={"textType": what.data_type, **facets})
        return
    text_format = writing.add(element, "TextFormat", attributes={"textType": what.data_type, **facets})
    for sentinel in what.sentinels:
        meaning = writing.add(text_format, "SentinelValue")
        meaning.set("value", sentinel.value)
        writing.names(meaning, sentinel.value, sentinel.name, sentinel.description)


def check(writing: Writing, what: Representation) -> None:
    is_21 = writing.dialect.has_final
    if (what.min_occurs != "1" or what.max_occurs != "1") and (is_21 or what.place in ("dimension", "time")):
        raise writing.refusal(f"several values of {what.owner}")
    if what.sentinels and (is_21 or what.codelist):
        raise writing.refusal(f"the values with a meaning of their own of {what.owner}")
    if what.codelist and what.codelist.kind not in name_lists(what.place, is_21=is_21):
        raise writing.refusal(f"the {what.codelist.kind} as representation of {what.owner}")
    simple = what.place in ("dimension", "time") or (is_21 and what.place == "component")
    if what.data_type == "XHTML" and (simple or what.codelist):
        raise writing.refusal(f"the type XHTML of {what.owner}")
    if what.codelist and what.data_type and what.data_type not in CODE_TYPES:
        raise writing.refusal(f"the type {what.data_type} of the codes of {what.owner}", "Name a type that codes have.")
    if what.data_type == "GeospatialInformation" and is_21:
        raise writing.refusal(f"the type GeospatialInformation of {what.owner}")


def name_lists(place: str, *, is_21: bool) -> tuple[str, ...]:
    if is_21:
        return ("Codelist", "ConceptScheme") if place == "dimension" else ("Codelist",)
    codelists = ("Codelist", "GeographicCodelist", "GeoGridCodelist")
    return codelists if place in ("dimension", "metadata") else (*codelists, "ValueList")


def write_facets(writing: Writing, what: Representation) -> dict[str, str]:
    """Return facets as attributes; 3.0 texts are multilingual by default."""
    facets = check_facets(writing, what.owner, what.facets)
    is_text = what.codelist is None and what.data_type in TEXT_TYPES and what.place not in ("dimension", "time")
    if facets.get(MULTILINGUAL) == "true":
        if (
            what.codelist
            or what.place in ("dimension", "time")
            or (writing.dialect.has_final and what.place == "component")
        ):
            raise writing.refusal(f"texts in several languages for {what.owner}")
        return facets
    facets.pop(MULTILINGUAL, None)
    if is_text and not writing.dialect.is_one_language_by_default:
        facets[MULTILINGUAL] = "false"
    return facets


def check_facets(writing: Writing, owner: str, facets: Iterable[tuple[str, str]]) -> dict[str, str]:
    known = dict(facets)
    for name in known:
        if name not in (*FACETS, MULTILINGUAL):
            raise writing.refusal(f"the facet {name} of {owner}", did_you_mean(name, (*FACETS, MULTILINGUAL)))
    return known


def add_coding_format(writing: Writing, parent: etree._Element, level: Level) -> None:
    facets: Mapping[str, str] = check_facets(writing, level.id, level.facets)
    if level.data_type or facets:
        writing.add(parent, "CodingFormat", attributes={"textType": level.data_type, **facets})
