"""Items of schemes: codes, concepts, organisations, categories, VTL definitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.representations import representation
from sdmxmig.sdmx.formats.sdmx_json.structure_writing.writing import Json, Writing
from sdmxmig.sdmx.formats.structures.notes import item_notes
from sdmxmig.sdmx.formats.structures.representations import of_record
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.formats.wire.items import CONTACT_DETAILS, NESTED, WITH_PARENT
from sdmxmig.sdmx.model.artefacts import Annotation, Contact, Extension, Item, ItemScheme

BY_URN = ("Concept", "OrganisationUnit")
"""Items whose parents SDMX-JSON 1.0 expects as addresses; an annotation is clearer."""
FieldsOf = Callable[[Writing, Key, Any], Json]


def items(writing: Writing, row: Field, scheme: ItemScheme, fields_of: FieldsOf) -> Json:
    if row.ml in NESTED:
        listed = nested(writing, row, scheme, fields_of)
    else:
        listed = [item_of(writing, row.ml, item, fields_of) for item in scheme.items]
    return {row.json: listed} if listed else {}


def nested(writing: Writing, row: Field, scheme: ItemScheme, fields_of: FieldsOf) -> list[Json]:
    """Categories inside the ones above them; an item's path is that of its parent and its id."""
    known: dict[str, Json] = {"": {row.json: []}}
    for item in scheme.items:
        path = f"{item.parent}.{item.id}" if item.parent else item.id
        if item.parent not in known:
            hint = "Put each category after the one above it, which it names by its path, such as A.B."
            raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
        known[path] = item_of(writing, row.ml, replace(item, parent=""), fields_of, path=path)
        if len(known[path].keys() & {"structuralMetadata", "provisioningMetadata"}) > 1:
            raise writing.refusal(f"structures and flows of {path} at once", "Name one of them.")
        known[item.parent].setdefault(row.json, []).append(known[path])
    return list(known[""][row.json])


def item_of(writing: Writing, kind: str, item: Item, fields_of: FieldsOf, *, path: str = "") -> Json:
    """An item with its names and notes, and the fields of its kind."""
    pattern = words.NCNAME if kind in words.NCNAME_ITEMS else words.ID
    members: Json = {"id": item.id if kind == "ValueItem" else writing.checked(item.id, pattern, "an id")}
    members |= writing.names(item.name, item.description, "" if kind == "ValueItem" else item.id)
    as_note = bool(item.parent) and (kind not in WITH_PARENT or (writing.is_10 and kind in BY_URN))
    has_uri = bool(words.ADDRESS.fullmatch(item.uri))
    uri_notes = [Annotation("URI", title=item.uri)] if item.uri and not has_uri else []
    members |= writing.notes([*item_notes(item, parent_as_note=as_note), *uri_notes, *item.annotations])
    if has_uri:
        self_link = {"rel": "self", "urn": item_urn(writing, kind, path or item.id)}
        members |= writing.links(item.links, self_link | {"uri": item.uri})
    else:
        members |= writing.links(item.links)
    if kind == "VtlMapping":
        check_mapping(writing, item)
    return members | fields_of(writing, kind, replace(item, parent="") if as_note else item)


def item_urn(writing: Writing, kind: str, path: str) -> str:
    """Return the URN of an item; VTL mappings have none of their own kind."""
    if kind == "VtlMapping":
        raise writing.refusal(f"the URI of {path}")
    return writing.urn(replace(writing.artefact.ref, kind=kind, item=path))


def check_mapping(writing: Writing, item: Item) -> None:
    mapped = [name for name, _ in item.properties if name != "alias"]
    if len(mapped) != 1 or len(item.properties) == 1:
        raise writing.refusal(f"the mapping {item.id}", "It has one alias and maps one thing.")


def details(writing: Writing, _: Field, contact: Contact) -> Json:
    """The ways to reach somebody, by their kinds, in the order in which these first appear."""
    members: Json = {}
    for kind, value in contact.details:
        if kind not in CONTACT_DETAILS:
            raise writing.refusal(f"the {kind} of a contact", f"It is one of {', '.join(CONTACT_DETAILS)}.")
        if kind == "uri":
            writing.checked(value, words.ADDRESS, "an address of a contact")
        if kind == "email" and "@" not in value:
            raise writing.refusal(f"“{value}” as an e-mail address")
        members.setdefault(CONTACT_DETAILS[kind][1], []).append(value)
    return members


def selection(writing: Writing, row: Field, extension: Extension) -> Json:
    """Which codes are taken from a codelist, or left out, and which bring their children."""
    if not extension.members and not extension.include:
        raise writing.refusal(f"leaving nothing out of {extension.codelist.short}", "Name the codes that are left out.")
    cascade = dict(extension.cascade)
    chosen: Json = {}
    for member in extension.members:
        writing.checked(member, words.MEMBER, f"a code of {extension.codelist.short}")
        if member.endswith("%") and member in cascade:
            raise writing.refusal(f"the cascade of {member}", "Only single codes bring their children.")
        how = cascade.get(member)
        selected = {"value": member, "cascadeValues": True if how == "true" else how} if how else member
        listed = chosen.setdefault("wildcardedMemberValues" if member.endswith("%") else "memberValues", [])
        if selected in listed:
            raise writing.refusal(f"the code {member} twice")
        listed.append(selected)
    return {row.json if extension.include else "exclusiveCodeSelection": chosen} if chosen else {}


FORMS: dict[Form, Callable[[Writing, Field, Any], Json]] = {
    Form.CORE: lambda writing, row, record: representation(writing, row.json, of_record(record)),
    Form.TRUTH: lambda writing, row, record: {
        row.json: writing.flag(getattr(record, row.name), f"{row.name} of {record.id}")
    },
    Form.EMPTY: lambda _, row, record: {row.json: {}} if getattr(record, row.name) else {},
    Form.FIXED: lambda _, row, __: {row.json: row.default},
    Form.CONTACT_DETAILS: details,
    Form.SELECTION: selection,
}
