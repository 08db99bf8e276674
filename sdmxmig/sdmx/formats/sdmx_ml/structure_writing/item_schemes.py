"""Items of schemes: codes, concepts, organisations, categories, VTL definitions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import repeat
from typing import Any

from lxml import etree

from sdmxmig.sdmx.formats.sdmx_ml.elements import add_texts
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.representations import add_representation
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.sdmx.formats.structures.notes import item_notes
from sdmxmig.sdmx.formats.structures.representations import of_record
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.formats.wire.items import CONTACT_DETAILS, NESTED, SHAPES, of_pairs
from sdmxmig.sdmx.model.artefacts import Contact, Extension, Item, ItemScheme

CODES = ("Code", "GeoFeatureSetCode", "GeoGridCode")
VTL_MAPPINGS = {
    "Dataflow": "VtlDataflowMapping",
    "GenericDataflow": "VtlDataflowMapping",
    "Codelist": "VtlCodelistMapping",
    "Concept": "VtlConceptMapping",
    "ConceptScheme": "VtlConceptMapping",
}
"""How a mapping of VTL is called in its URN, by what it maps."""
AddFields = Callable[[Writing, etree._Element, Key, Any], None]


def add_items(writing: Writing, element: etree._Element, row: Field, scheme: ItemScheme, add_fields: AddFields) -> None:
    kind, count = row.ml, len(scheme.items)
    if kind in NESTED:
        add_nested(writing, element, row, scheme, add_fields=add_fields)
        return
    holders = writing.batches.holders(element, count) if writing.batches else repeat(element, count)
    for holder, item in zip(holders, scheme.items, strict=True):
        add_fields(writing, start_item(writing, holder, kind, item), kind, item)


def add_nested(
    writing: Writing, element: etree._Element, row: Field, scheme: ItemScheme, add_fields: AddFields
) -> None:
    """Add categories inside the ones above them; an item's path is that of its parent and its id."""
    known: dict[str, etree._Element] = {"": element}
    later: list[tuple[etree._Element, Item]] = []
    for item in scheme.items:
        if item.parent not in known:
            hint = "Put each category after the one above it, which it names by its path, such as A.B."
            raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
        path = f"{item.parent}.{item.id}" if item.parent else item.id
        known[path] = start_item(writing, known[item.parent], row.ml, replace(item, id=path))
        known[path].set("id", item.id)
        later.append((known[path], item))
    for holder, item in later:  # what else a reporting category has stands after those below it
        add_fields(writing, holder, row.ml, item)


def start_item(writing: Writing, holder: etree._Element, kind: str, item: Item) -> etree._Element:
    """Add the element of an item with its notes and names."""
    identity = {"id": item.id, "urn": "" if kind == "ValueItem" else urn(writing, kind, item)}
    element = writing.add(holder, kind, attributes={**identity, "uri": item.uri})
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
    mapped = next((VTL_MAPPINGS[name] for name, _ in item.properties if name in VTL_MAPPINGS), kind)
    kind = mapped if kind == "VtlMapping" else kind
    return writing.dialect.ref(replace(writing.artefact.ref, kind=kind, item=item.id)).urn


def takes_parent(writing: Writing, kind: str, item: Item) -> bool:
    if kind in CODES:
        return bool(re.fullmatch(writing.dialect.structures.code_parents, item.parent))
    return kind in ("Concept", "OrganisationUnit")


def add_parent(writing: Writing, element: etree._Element, row: Field, item: Item) -> None:
    if item.parent and takes_parent(writing, row.kinds[0], item):
        writing.local(element, row.ml, item.parent, row.kinds[0])


def add_own(
    writing: Writing, element: etree._Element, row: Field, record: Item | ItemScheme, add_fields: AddFields
) -> None:
    if record.properties or record is not writing.artefact or not writing.artefact.details.external:
        add_fields(writing, element, row.of, of_pairs(record, SHAPES[row.of], writing.refusal))


def add_details(writing: Writing, element: etree._Element, _: Field, contact: Contact) -> None:
    for kind, value in contact.details:
        if kind not in CONTACT_DETAILS:
            raise writing.refusal(f"the {kind} of a contact", f"It is one of {', '.join(CONTACT_DETAILS)}.")
        writing.add(element, CONTACT_DETAILS[kind][0], value)


def add_selection(writing: Writing, element: etree._Element, row: Field, extension: Extension) -> None:
    """Add which codes are taken from a codelist, or left out, and which bring their children."""
    if not extension.members:
        if not extension.include:
            hint = "Name the codes that are left out."
            raise writing.refusal(f"leaving nothing out of {extension.codelist.short}", hint)
        return
    selection = writing.add(element, row.ml if extension.include else "ExclusiveCodeSelection")
    cascade = dict(extension.cascade)
    for member in extension.members:
        writing.add(selection, "MemberValue", member, {"cascadeValues": cascade.get(member, "")})


FORMS: dict[Form, Callable[[Writing, etree._Element, Field, Any], None]] = {
    Form.PARENT: add_parent,
    Form.CORE: lambda writing, element, row, record: add_representation(writing, element, row.ml, of_record(record)),
    Form.CONTACT_DETAILS: add_details,
    Form.SELECTION: add_selection,
}
