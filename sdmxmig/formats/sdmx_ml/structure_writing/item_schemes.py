"""Item schemes: codelists, value lists, geographic lists, concepts, organisations, categories and VTL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import repeat

from lxml import etree

from sdmxmig.formats.sdmx_ml.elements import add_texts
from sdmxmig.formats.sdmx_ml.structure_writing.properties import add_properties, add_ways, properties
from sdmxmig.formats.sdmx_ml.structure_writing.representations import add_representation
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing, start
from sdmxmig.formats.structures.notes import item_notes
from sdmxmig.formats.structures.representations import of_concept
from sdmxmig.model.artefacts import Contact, Extension, Item, ItemScheme
from sdmxmig.model.references import ITEM_KINDS

NESTED = ("Category", "ReportingCategory")
CODES = ("Code", "GeoFeatureSetCode", "GeoGridCode")
ADDRESSES = {"telephone": "Telephone", "fax": "Fax", "x400": "X400", "uri": "URI", "email": "Email"}
FIXED_GEO_TYPES = ("GeographicCodelist", "GeoGridCodelist")
VTL_MAPPINGS = {
    "Dataflow": "VtlDataflowMapping",
    "GenericDataflow": "VtlDataflowMapping",
    "Codelist": "VtlCodelistMapping",
    "Concept": "VtlConceptMapping",
    "ConceptScheme": "VtlConceptMapping",
}
"""How a mapping of VTL is called in its URN, by what it maps."""


def add_item_scheme(writing: Writing, holder: etree._Element, scheme: ItemScheme) -> None:
    """Add an item scheme of any kind with its items."""
    kind = scheme.ref.kind
    known = properties(writing, scheme.ref.id, scheme.properties, kind)
    attributes = dict(known.attributes)
    if kind in FIXED_GEO_TYPES:
        attributes["geoType"] = kind
    element = start(writing, holder, attributes=attributes)
    if ITEM_KINDS[kind] in NESTED:
        add_nested(writing, element, scheme)
    else:
        count = len(scheme.items)
        holders = writing.batches.holders(element, count) if writing.batches else repeat(element, count)
        for holder_of_item, item in zip(holders, scheme.items, strict=True):
            add_item(writing, holder_of_item, ITEM_KINDS[kind], item)
    if scheme.extensions and (writing.dialect.has_final or ITEM_KINDS[kind] not in CODES):
        raise writing.refusal("the codes taken from other codelists")
    for extension in scheme.extensions:
        add_extension(writing, element, extension)
    add_properties(writing, element, known)


def add_nested(writing: Writing, element: etree._Element, scheme: ItemScheme) -> None:
    """Add categories inside the ones above them; an item's path is that of its parent and its id."""
    holders: Mapping[str, etree._Element] = {"": element}
    known: dict[str, etree._Element] = dict(holders)
    later: list[tuple[etree._Element, Item]] = []
    for item in scheme.items:
        if item.parent not in known:
            hint = "Put each category after the one above it, which it names by its path, such as A.B."
            raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
        path = f"{item.parent}.{item.id}" if item.parent else item.id
        known[path] = start_item(writing, known[item.parent], ITEM_KINDS[scheme.ref.kind], replace(item, id=path))
        known[path].set("id", item.id)
        later.append((known[path], item))
    for holder, item in later:  # what else a reporting category has stands after those below it
        item_properties = properties(writing, item.id, item.properties, ITEM_KINDS[scheme.ref.kind])
        add_properties(writing, holder, item_properties)


def start_item(
    writing: Writing, holder: etree._Element, kind: str, item: Item, attributes: Mapping[str, str] | None = None
) -> etree._Element:
    """Add the element of an item with its notes and names."""
    identity = {"id": item.id, "urn": "" if kind == "ValueItem" else urn(writing, kind, item)}
    element = writing.add(holder, kind, attributes={**identity, "uri": item.uri})
    for name, value in (attributes or {}).items():
        element.set(name, value)
    as_note = bool(item.parent) and kind not in NESTED and not takes_parent(writing, kind, item)
    own_notes = item_notes(item, parent_as_note=as_note)
    writing.notes(element, [*own_notes, *writing.link_notes(item.links), *item.annotations])
    writing.links(element, item.links)
    if kind == "ValueItem" and not item.name:
        add_texts(element, writing.dialect.common, "Description", item.description)
    else:
        writing.names(element, item.id.rpartition(".")[2] if kind in NESTED else item.id, item.name, item.description)
    return element


def urn(writing: Writing, kind: str, item: Item) -> str:
    """The URN of an item."""
    mapped = next((VTL_MAPPINGS[name] for name, _ in item.properties if name in VTL_MAPPINGS), kind)
    kind = mapped if kind == "VtlMapping" else kind
    return writing.dialect.ref(replace(writing.artefact.ref, kind=kind, item=item.id)).urn


def takes_parent(writing: Writing, kind: str, item: Item) -> bool:
    """Whether the schema has a place for the parent of this item."""
    if kind in CODES:
        return bool(re.fullmatch(writing.dialect.structures.code_parents, item.parent))
    return kind in ("Concept", "OrganisationUnit")


def add_item(writing: Writing, scheme: etree._Element, kind: str, item: Item) -> None:
    """Add an item of a flat scheme: its parent, and then the fields of its kind."""
    known = properties(writing, item.id, item.properties, kind)
    element = start_item(writing, scheme, kind=kind, item=item, attributes=known.attributes)
    if item.parent and takes_parent(writing, kind, item):
        writing.local(element, "Parent", item.parent, kind)
    if kind == "Concept":
        add_concept(writing, element, item)
    for contact in item.contacts:
        add_contact(writing, element, contact)
    add_properties(writing, element, known)
    add_ways(writing, element, item)


def add_concept(writing: Writing, element: etree._Element, item: Item) -> None:
    """Add the core representation of a concept and its reference to ISO 11179."""
    add_representation(writing, element, "CoreRepresentation", of_concept(item))
    if item.iso:
        reference = writing.add(element, "ISOConceptReference")
        writing.add(reference, "ConceptAgency", item.iso.agency)
        writing.add(reference, "ConceptSchemeID", item.iso.scheme)
        writing.add(reference, "ConceptID", item.iso.id)


def add_contact(writing: Writing, element: etree._Element, contact: Contact) -> None:
    """Add whom to ask at an organisation."""
    holder = writing.add(element, "Contact", attributes={"id": contact.id})
    add_texts(holder, writing.dialect.common, "Name", contact.name)
    add_texts(holder, writing.dialect.structure, "Department", contact.department)
    add_texts(holder, writing.dialect.structure, "Role", contact.role)
    for kind, value in contact.details:
        if kind not in ADDRESSES:
            raise writing.refusal(f"the {kind} of a contact", f"It is one of {', '.join(ADDRESSES)}.")
        writing.add(holder, ADDRESSES[kind], value)


def add_extension(writing: Writing, element: etree._Element, extension: Extension) -> None:
    """Add a codelist from which codes are taken, and which ones."""
    holder = writing.add(element, "CodelistExtension", attributes={"prefix": extension.prefix})
    writing.reference(holder, "Codelist", extension.codelist)
    if not extension.members:
        if not extension.include:
            hint = "Name the codes that are left out."
            raise writing.refusal(f"leaving nothing out of {extension.codelist.short}", hint)
        return
    name = "InclusiveCodeSelection" if extension.include else "ExclusiveCodeSelection"
    selection = writing.add(holder, name)
    cascade = dict(extension.cascade)
    for member in extension.members:
        writing.add(selection, "MemberValue", member, {"cascadeValues": cascade.get(member, "")})
