"""Items of schemes: codes, concepts, organisations, categories, VTL definitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sdmxmig.sdmx.formats.faults import attempt
from sdmxmig.sdmx.formats.sdmx_json import structure_words as words
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.notes import annotations_of, links
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.parts import Part
from sdmxmig.sdmx.formats.sdmx_json.structure_reading.representations import representation
from sdmxmig.sdmx.formats.structures.notes import Notes, item_fields
from sdmxmig.sdmx.formats.structures.representations import NOTHING, fields_of
from sdmxmig.sdmx.formats.wire import Field, Form, Key
from sdmxmig.sdmx.formats.wire.items import CONTACT_DETAILS, DATAFLOWS, NESTED
from sdmxmig.sdmx.model.artefacts import Annotation, Item, Link
from sdmxmig.sdmx.model.references import LISTS_OF_CODES

DETAIL_OF = {member: detail for detail, (_, member) in CONTACT_DETAILS.items()}
NO_LINKS: tuple[Link, ...] = ()
ReadFields = Callable[[Part, Key], dict[str, Any]]


def items(part: Part, row: Field, read_fields: ReadFields, parent: str = "") -> tuple[Item, ...]:
    branches = part.each(lambda child: branch(child, row, read_fields, parent), row.json)
    return tuple(item for items_of_branch in branches for item in items_of_branch)


def branch(part: Part, row: Field, read_fields: ReadFields, parent: str) -> tuple[Item, ...]:
    item = read_item(part, row.ml, read_fields, parent)
    path = f"{parent}.{item.id}" if parent else item.id
    items_below = items(part, row, read_fields, path) if row.ml in NESTED else ()
    part.close()
    return (item, *items_below)


def read_item(part: Part, kind: str, read_fields: ReadFields, parent: str) -> Item:
    """Read an item; its children follow."""
    pattern = words.NCNAME if kind in words.NCNAME_ITEMS else words.ID
    item_id = part.needed("id") if kind == "ValueItem" else part.matched("id", pattern, needed=True)
    if kind != "ValueItem" and not part.has("name") and not part.has("names"):
        part.deviation("“name” is missing.")
    notes = Notes(annotations_of(part))
    fields: dict[str, Any] = {"parent": parent} | read_fields(part, kind)
    uri, addresses = "", NO_LINKS
    if kind != "ValueItem" and part.has("links"):
        path = f"{parent}.{item_id}" if parent else item_id
        own_kind = LISTS_OF_CODES.get(kind, kind)
        uri, addresses = links(part, replace(part.message.being_read, kind=own_kind, item=path).urn)
    elif kind != "ValueItem":
        part.forget("links")
    uri = uri or notes.title("URI")
    name, description = part.words("name"), part.words("description")
    fields |= item_fields(notes, fields["parent"])
    if part.message.is_old and kind == "Concept" and (address := part.text("isoConceptReference")):
        fields["annotations"] += (Annotation("ISO_CONCEPT_REFERENCE", title=address),)  # it has no parts there
    item = Item(item_id, name, description=description, uri=uri, links=addresses, **fields)
    if kind == "VtlMapping":
        check_mapping(part, item)
    return item


def check_mapping(part: Part, item: Item) -> None:
    mapped = [name for name, _ in item.properties if name != "alias"]
    if len(mapped) != 1:
        raise part.error("A mapping of VTL maps one thing: a dataflow, a codelist or a concept.")
    if mapped[0] not in DATAFLOWS and (item.to_vtl or item.from_vtl):
        raise part.error("Only dataflows are mapped with a method.", at=f"{'to' if item.to_vtl else 'from'}VtlMapping")


def core(part: Part, row: Field) -> dict[str, Any]:
    return fields_of(attempt(part.message.faults, representation, part.part(row.json)) or NOTHING)


def truth(part: Part, row: Field) -> str:
    if row.required and not part.has(row.json):
        raise part.error(f"“{row.json}” is missing.")
    return "true" if part.flag(row.json) else "false"


def empty(part: Part, row: Field) -> tuple[str, ...]:
    child = part.part(row.json)
    if child:
        child.close()
    return ("",) if child else ()


def fixed(part: Part, row: Field) -> dict[str, Any]:
    part.choice(row.json, row.default, row.default)
    return {}


def details(part: Part, _: Field) -> tuple[tuple[str, str], ...]:
    listed = ((DETAIL_OF[member], part.strings(member)) for member in part.members() if member in DETAIL_OF)
    return tuple((detail, value) for detail, values in listed for value in values)


def selection(part: Part, row: Field) -> dict[str, Any]:
    """Read the codes that a codelist extension includes or excludes, and cascades."""
    inclusive, exclusive = part.part(row.json), part.part("exclusiveCodeSelection")
    if inclusive and exclusive:
        raise part.error("Codes can be either included or excluded.")
    chosen = inclusive or exclusive
    members: list[str] = []
    cascade: list[tuple[str, str]] = []
    for name in chosen.members() if chosen else ():
        if chosen and name == "wildcardedMemberValues":
            members += chosen.strings(name, words.MEMBER)
        elif chosen and name == "memberValues":
            for value, pointer in chosen.raw(name):
                selected = Part({"value": value} if type(value) is str else value, part.message, pointer)
                members.append(selected.matched("value", words.ID, needed=True))
                how = cascade_of(selected)
                selected.close()
                cascade += [(members[-1], how)] if how else []
    if chosen:
        chosen.close()
    return {"include": exclusive is None, "members": tuple(members), "cascade": tuple(cascade)}


def cascade_of(part: Part) -> str:
    """Whether a value includes its children; some writers send this boolean as text."""
    cascade = part.value.get("cascadeValues")
    part.forget("cascadeValues")
    if cascade is None or cascade is False or cascade == "false":
        return ""
    if cascade is True or cascade == "true":
        return "true"
    if cascade != "excluderoot":
        raise part.error("This has to be true, false or “excluderoot”.", at="cascadeValues")
    return "excluderoot"


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    Form.CORE: core,
    Form.TRUTH: truth,
    Form.EMPTY: empty,
    Form.FIXED: fixed,
    Form.CONTACT_DETAILS: details,
    Form.SELECTION: selection,
}
