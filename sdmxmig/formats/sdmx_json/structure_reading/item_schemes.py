"""Item schemes: codelists, value and geographic lists, concepts, organisations, categories, VTL definitions."""

from __future__ import annotations

import re
from dataclasses import replace

from sdmxmig.formats.faults import attempt
from sdmxmig.formats.sdmx_json import structure_words as words
from sdmxmig.formats.sdmx_json.structure_reading.notes import annotations_of, heading, links
from sdmxmig.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.formats.sdmx_json.structure_reading.representations import representation
from sdmxmig.formats.structures.notes import Notes
from sdmxmig.formats.structures.representations import NOTHING
from sdmxmig.formats.wire import Form
from sdmxmig.formats.wire.items import DATAFLOWS, WAYS, own_rows
from sdmxmig.model.artefacts import Annotation, Contact, Extension, IsoConcept, Item, ItemScheme, Link, VtlWay
from sdmxmig.model.references import ITEM_KINDS, LISTS_OF_CODES, Ref

Pairs = tuple[tuple[str, str], ...]
NO_LINKS: tuple[Link, ...] = ()
DETAIL_OF = {member: kind for kind, member in words.CONTACT_DETAILS.items()}


def item_scheme(part: Part, kind: str) -> ItemScheme:
    """An item scheme of any kind with its items."""
    head = heading(part, kind)
    item_kind = ITEM_KINDS[kind]
    if kind in words.GEO_TYPES:
        part.choice("geoType", kind, kind)
    partial = part.flag("isPartial") if kind != "ValueList" else head.notes.flag("IS_PARTIAL")
    read = part.each(lambda part: read_items(part, item_kind, head.ref), words.ITEM_MEMBERS[item_kind])
    items = [item for branch in read for item in branch]
    extensions = tuple(part.each(extension, "codelistExtensions")) if kind in words.WITH_EXTENSIONS else ()
    properties = own_members(part, kind)
    part.close()
    return ItemScheme(
        items=tuple(items),
        status=head.notes.title("STATUS"),
        source=head.notes.english("SOURCE"),
        partial=partial,
        extensions=extensions,
        properties=properties,
        **head.shared(),
    )


def own_members(part: Part, kind: str) -> Pairs:
    """The properties that only schemes or items of one kind have."""
    properties: list[tuple[str, str]] = []
    for row in own_rows(kind):
        if row.form is Form.REFERENCES:
            properties += [(row.name, ref.urn) for ref in part.references(row.json)]
        elif row.form is Form.REFERENCE:
            ref = part.reference(row.json)
            properties += [(row.name, ref.urn)] if ref else []
        elif row.form is Form.FLAG:
            if not part.has(row.json):
                raise part.error(f"“{row.json}” is missing.")
            properties.append((row.name, "true" if part.flag(row.json) else "false"))
        elif part.has(row.json) or (row.required and row.optional_in != "json"):
            properties.append((row.name, part.needed(row.json)))
        else:
            part.forget(row.json)
    return tuple(properties)


def read_items(part: Part, kind: str, scheme: Ref, parent: str = "") -> list[Item]:
    """An item; for a category also those below it, each after the one above."""
    item = read_item(part, kind, scheme, parent)
    path = f"{parent}.{item.id}" if parent else item.id
    member = words.ITEM_MEMBERS[kind]
    branches = part.each(lambda child: read_items(child, kind, scheme, path), member) if kind in words.NESTED else ()
    branch = [item, *(item for items in branches for item in items)]
    part.close()
    return branch


def read_item(part: Part, kind: str, scheme: Ref, parent: str) -> Item:
    """An item without the items below it, which are read after it."""
    pattern = words.NCNAME if kind in words.NCNAME_ITEMS else words.ID
    item_id = part.needed("id") if kind == "ValueItem" else part.matched("id", pattern, needed=True)
    if kind != "ValueItem" and not part.has("name") and not part.has("names"):
        part.wrong("“name” is missing.")
    notes = Notes(annotations_of(part))
    if kind in words.WITH_PARENT:
        parent = parent_of(part, kind, pattern)
    core, iso = NOTHING, None
    properties: Pairs = ()
    if kind == "Concept":
        core = attempt(part.message.faults, representation, part.part("coreRepresentation")) or NOTHING
        iso = iso_reference(part)
    elif kind == "VtlMapping":
        properties = vtl_mapping(part)
    else:
        properties = own_members(part, kind)
    contacts = tuple(part.each(contact, "contacts")) if kind in words.WITH_CONTACTS else ()
    uri, addresses = "", NO_LINKS
    if kind != "ValueItem" and part.has("links"):
        path = f"{parent}.{item_id}" if kind in words.NESTED and parent else item_id
        uri, addresses = links(part, replace(scheme, kind=LISTS_OF_CODES.get(kind, kind), item=path).urn)
    elif kind != "ValueItem":
        part.forget("links")
    uri = uri or notes.title("URI")
    return Item(
        id=item_id,
        name=part.words("name"),
        description=part.words("description"),
        parent=parent or notes.title("PARENT"),
        status=notes.title("STATUS"),
        source=notes.english("SOURCE"),
        valid_from=notes.title("VALID_FROM"),
        valid_to=notes.title("VALID_TO"),
        codelist=core.codelist,
        data_type=core.data_type,
        annotations=(*notes.remaining, *old_iso_reference(part, kind)),
        facets=core.facets,
        max_occurs=core.max_occurs,
        iso=iso,
        contacts=contacts,
        properties=properties,
        uri=uri,
        min_occurs=core.min_occurs,
        sentinels=core.sentinels,
        links=addresses,
        to_vtl=way(part, "to_vtl", properties[1][0]) if kind == "VtlMapping" else None,
        from_vtl=way(part, "from_vtl", properties[1][0]) if kind == "VtlMapping" else None,
    )


def parent_of(part: Part, kind: str, pattern: re.Pattern[str]) -> str:
    """The item above; SDMX-JSON 1.0 names it by its URN, except for codes."""
    if part.message.is_old and kind != "Code" and part.text("parent").startswith("urn:"):
        parent = part.reference("parent", kind)
        return parent.item if parent else ""
    return part.matched("parent", pattern)


def iso_reference(part: Part) -> IsoConcept | None:
    """The ISO 11179 reference of a concept."""
    iso_part = None if part.message.is_old else part.part("isoConceptReference")
    if iso_part is None:
        return None
    iso = IsoConcept(
        iso_part.needed("conceptAgency"), iso_part.needed("conceptID"), scheme=iso_part.needed("conceptSchemeID")
    )
    iso_part.close()
    return iso


def old_iso_reference(part: Part, kind: str) -> tuple[Annotation, ...]:
    """The ISO reference of a concept of SDMX-JSON 1.0 as a note: it is a single address there, without its parts."""
    address = part.text("isoConceptReference") if part.message.is_old and kind == "Concept" else ""
    return (Annotation("ISO_CONCEPT_REFERENCE", title=address),) if address else ()


def vtl_mapping(part: Part) -> Pairs:
    """The artefact to which a VTL mapping gives an alias, as properties."""
    properties = [("alias", part.needed("alias"))]
    for name, member in words.MAPPED.items():
        ref = part.reference(member, name)
        properties += [(name, ref.urn)] if ref else []
    if generic := part.part("genericDataflow"):
        generic.close()
        properties.append(("GenericDataflow", ""))
    if len(properties) != 2:
        raise part.error("A mapping of VTL maps one thing: a dataflow, a codelist or a concept.")
    return tuple(properties)


def way(part: Part, name: str, mapped: str) -> VtlWay | None:
    """How data are mapped to VTL, or come back: a method, and the dimensions that span the space."""
    mapping_name, space_name = (f"{element[0].lower()}{element[1:]}" for element in WAYS[name])
    mapping = part.part(mapping_name)
    if mapping is None:
        return None
    if mapped not in DATAFLOWS:
        raise part.error("Only dataflows are mapped with a method.", at=mapping_name)
    method, space = mapping.text("method"), mapping.part(space_name)
    keys = space.strings("keys", words.NCNAME) if space else ()
    if space:
        space.close()
    mapping.close()
    return VtlWay(method, keys) if method or keys else None


def contact(part: Part) -> Contact:
    """Whom to ask at an organisation; details come in the order of the members."""
    details = []
    for member in part.members():
        if member in DETAIL_OF:
            details += [(DETAIL_OF[member], value) for value in part.strings(member)]
    name, department, role = part.words("name"), part.words("department"), part.words("role")
    contact = Contact(name, department, role=role, details=tuple(details), id=part.matched("id", words.ID))
    part.close()
    return contact


def extension(part: Part) -> Extension:
    """A codelist from which codes are taken, and which."""
    codelist = part.reference("codelist", "Codelist")
    if codelist is None:
        raise part.error("“codelist” is missing.")
    inclusive, exclusive = part.part("inclusiveCodeSelection"), part.part("exclusiveCodeSelection")
    prefix = part.text("prefix")
    part.close()
    if inclusive and exclusive:
        raise part.error("Codes can be either included or excluded.")
    selection = inclusive or exclusive
    members: list[str] = []
    cascade: list[tuple[str, str]] = []
    for name in selection.members() if selection else ():
        if selection and name == "wildcardedMemberValues":
            members += selection.strings(name, words.MEMBER)
        elif selection and name == "memberValues":
            for value, pointer in selection.raw(name):
                selected = {"value": value} if type(value) is str else value
                selected_part = Part(selected, part.message, pointer)
                member, how = selected_part.matched("value", words.ID, needed=True), cascade_of(selected_part)
                selected_part.close()
                members.append(member)
                cascade += [(member, how)] if how else []
    if selection:
        selection.close()
    return Extension(codelist, prefix, include=exclusive is None, members=tuple(members), cascade=tuple(cascade))


def cascade_of(part: Part) -> str:
    """Whether a value includes those below it; some writers send the truth value as a text."""
    cascade = part.value.get("cascadeValues")
    part.forget("cascadeValues")
    if cascade is None or cascade is False or cascade == "false":
        return ""
    if cascade is True or cascade == "true":
        return "true"
    if cascade != "excluderoot":
        raise part.error("This has to be true, false or “excluderoot”.", at="cascadeValues")
    return "excluderoot"
