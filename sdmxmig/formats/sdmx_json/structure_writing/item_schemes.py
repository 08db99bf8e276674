"""Item schemes: codelists, value lists, geographic lists, concepts, organisations, categories and VTL."""

from __future__ import annotations

import re
from dataclasses import replace

from sdmxmig.errors import did_you_mean
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_writing.representations import representation
from sdmxmig.formats.sdmx_json.structure_writing.writing import Json, Writing, start
from sdmxmig.formats.structures.notes import item_notes
from sdmxmig.formats.structures.representations import of_concept
from sdmxmig.formats.wire import Form
from sdmxmig.formats.wire.items import WAYS, own_rows
from sdmxmig.model.artefacts import Annotation, Contact, Extension, Item, ItemScheme
from sdmxmig.model.references import ITEM_KINDS, Ref

Pairs = tuple[tuple[str, str], ...]


def item_scheme(writing: Writing, scheme: ItemScheme) -> Json:
    """An item scheme of any kind with its items."""
    kind = scheme.ref.kind
    members = start(writing)
    if scheme.partial and kind != "ValueList":
        members["isPartial"] = True
    if kind in words.GEO_TYPES:
        members["geoType"] = kind
    members |= own_members(writing, scheme.ref.id, scheme.properties, kind)
    item_kind = ITEM_KINDS[kind]
    items = (
        nested(writing, item_kind, scheme)
        if item_kind in words.NESTED
        else [item_of(writing, item_kind, i) for i in scheme.items]
    )
    if items:
        members[words.ITEM_MEMBERS[item_kind]] = items
    if scheme.extensions:
        if kind not in words.WITH_EXTENSIONS:
            raise writing.refusal("the codes taken from other codelists")
        members["codelistExtensions"] = [
            extension(writing, codelist_extension) for codelist_extension in scheme.extensions
        ]
    return members


def own_members(writing: Writing, owner: str, pairs: Pairs, kind: str) -> Json:
    """The properties that only schemes or items of one kind have.

    Raises `SdmxmigError` for a property that the kind does not have, and for one that is missing.
    """
    by_name = {row.name: row for row in own_rows(kind)}
    members: Json = {}
    for name, value in pairs:
        if name not in by_name:
            raise writing.refusal(f"the property {name} of {owner}", did_you_mean(name, by_name))
        row = by_name[name]
        if row.form is Form.REFERENCES:
            members.setdefault(row.json, []).append(writing.urn(Ref.parse(value)))
        elif row.json in members:
            raise writing.refusal(f"two properties {name} of {owner}")
        elif row.form is Form.REFERENCE:
            members[row.json] = writing.urn(Ref.parse(value))
        else:
            members[row.json] = writing.flag(value, f"{name} of {owner}") if row.form is Form.FLAG else value
    for row in by_name.values():
        if row.required and row.optional_in != "json" and row.json not in members:
            raise writing.refusal(f"the missing {row.name} of {owner}", "SDMX wants one.")
    return members


def nested(writing: Writing, kind: str, scheme: ItemScheme) -> list[Json]:
    """Categories inside the ones above them; an item's path is that of its parent and its id."""
    member = words.ITEM_MEMBERS[kind]
    known: dict[str, Json] = {"": {member: []}}
    for item in scheme.items:
        path = f"{item.parent}.{item.id}" if item.parent else item.id
        if item.parent not in known:
            hint = "Put each category after the one above it, which it names by its path, such as A.B."
            raise writing.refusal(f"the category {item.id} below “{item.parent}”, which is not there", hint)
        known[path] = item_of(writing, kind, replace(item, parent=""), path)
        if len(known[path].keys() & {"structuralMetadata", "provisioningMetadata"}) > 1:
            raise writing.refusal(f"structures and flows of {path} at once", "Name one of them.")
        known[item.parent].setdefault(member, []).append(known[path])
    return list(known[""][member])


def item_of(writing: Writing, kind: str, item: Item, path: str = "") -> Json:
    """An item with its names and notes, and the fields of its kind."""
    members: Json = {"id": item.id if kind == "ValueItem" else writing.checked(item.id, pattern_of(kind), "an id")}
    members |= writing.names(item.name, item.description, "" if kind == "ValueItem" else item.id)
    as_note = bool(item.parent) and kind not in words.WITH_PARENT
    has_uri = bool(words.ADDRESS.fullmatch(item.uri))
    uri_notes = [Annotation("URI", title=item.uri)] if item.uri and not has_uri else []
    members |= writing.notes([*item_notes(item, parent_as_note=as_note), *uri_notes, *item.annotations])
    if has_uri:
        self_link = {"rel": "self", "urn": item_urn(writing, kind, path or item.id)}
        members |= writing.links(item.links, self_link | {"uri": item.uri})
    else:
        members |= writing.links(item.links)
    if item.parent and kind in words.WITH_PARENT:
        members["parent"] = writing.checked(item.parent, pattern_of(kind), f"the parent of {item.id}")
    if kind == "Concept":
        return members | concept(writing, item)
    if item.contacts:
        members["contacts"] = [contact(writing, item_contact) for item_contact in item.contacts]
    if kind == "VtlMapping":
        return members | vtl_mapping(writing, item)
    return members | own_members(writing, item.id, item.properties, kind)


def pattern_of(kind: str) -> re.Pattern[str]:
    """What the ids of items of a kind look like."""
    return words.NCNAME if kind in words.NCNAME_ITEMS else words.ID


def item_urn(writing: Writing, kind: str, path: str) -> str:
    """The URN of an item; a mapping of VTL is called by what it maps there, so that it has none of its own kind."""
    if kind == "VtlMapping":
        raise writing.refusal(f"the URI of {path}")
    return writing.urn(replace(writing.artefact.ref, kind=kind, item=path))


def concept(writing: Writing, item: Item) -> Json:
    """The core representation of a concept, and its reference to ISO 11179."""
    members = representation(writing, "coreRepresentation", of_concept(item))
    if item.properties:
        raise writing.refusal(f"the properties of {item.id}")
    if item.iso:
        parts = (item.iso.agency, item.iso.scheme, item.iso.id)
        names = ("conceptAgency", "conceptSchemeID", "conceptID")
        members["isoConceptReference"] = dict(zip(names, parts, strict=True))
    return members


def contact(writing: Writing, contact: Contact) -> Json:
    """Whom to ask at an organisation; the kinds of details come in the order in which they first appear."""
    members: Json = {"id": writing.checked(contact.id, words.ID, "the id of a contact")} if contact.id else {}
    members |= writing.texts("name", contact.name)
    members |= {**writing.texts("department", contact.department), **writing.texts("role", contact.role)}
    for kind, value in contact.details:
        if kind not in words.CONTACT_DETAILS:
            raise writing.refusal(f"the {kind} of a contact", f"It is one of {', '.join(words.CONTACT_DETAILS)}.")
        if kind == "uri":
            writing.checked(value, words.ADDRESS, "an address of a contact")
        if kind == "email" and "@" not in value:
            raise writing.refusal(f"“{value}” as an e-mail address")
        members.setdefault(words.CONTACT_DETAILS[kind], []).append(value)
    return members


def extension(writing: Writing, extension: Extension) -> Json:
    """A codelist from which codes are taken, and which ones."""
    members: Json = {"prefix": extension.prefix} if extension.prefix else {}
    members["codelist"] = writing.urn(extension.codelist, "Codelist")
    if not extension.members and not extension.include:
        raise writing.refusal(f"leaving nothing out of {extension.codelist.short}", "Name the codes that are left out.")
    cascade = dict(extension.cascade)
    selection: Json = {}
    for member in extension.members:
        writing.checked(member, words.MEMBER, f"a code of {extension.codelist.short}")
        if member.endswith("%") and member in cascade:
            raise writing.refusal(f"the cascade of {member}", "Only single codes bring their children.")
        how = cascade.get(member)
        selected = {"value": member, "cascadeValues": True if how == "true" else how} if how else member
        listed = selection.setdefault("wildcardedMemberValues" if member.endswith("%") else "memberValues", [])
        if selected in listed:
            raise writing.refusal(f"the code {member} twice")
        listed.append(selected)
    if selection:
        members["inclusiveCodeSelection" if extension.include else "exclusiveCodeSelection"] = selection
    return members


def vtl_mapping(writing: Writing, item: Item) -> Json:
    """The artefact to which a VTL mapping gives an alias, and how data are mapped to VTL and back."""
    members: Json = {}
    for name, value in item.properties:
        if name == "alias":
            members["alias"] = value
        elif name == "GenericDataflow" and not value:
            members["genericDataflow"] = {}
        elif name in words.MAPPED:
            members[words.MAPPED[name]] = writing.urn(Ref.parse(value), name)
        else:
            raise writing.refusal(f"the property {name} of {item.id}")
    mapped = members.keys() & {*words.MAPPED.values(), "genericDataflow"}
    if "alias" not in members or len(mapped) != 1:
        raise writing.refusal(f"the mapping {item.id}", "It has one alias and maps one thing.")
    if mapped & {"codelist", "concept"} and (item.to_vtl or item.from_vtl):
        raise writing.refusal(f"the method of {item.id}", "Only dataflows have one.")
    return members | ways(writing, item)


def ways(writing: Writing, item: Item) -> Json:
    """How data are mapped to VTL and back: methods, and the dimensions that span the space."""
    members: Json = {}
    for name, elements in WAYS.items():
        mapping_name, space_name = (f"{element[0].lower()}{element[1:]}" for element in elements)
        way = getattr(item, name)
        if way is None:
            continue
        keys = [writing.checked(key, words.NCNAME, f"a key of {item.id}") for key in way.keys]
        method = {"method": way.method} if way.method else {}
        members[mapping_name] = {**method, **({space_name: {"keys": keys}} if keys else {})}
    return members
