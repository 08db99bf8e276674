"""Registry, error and query messages in SDMX-ML (see `detect`).

Registry messages of SDMX-ML 2.1, 3.0 and 3.1. Query messages of SDMX-ML 2.0 and 2.1 as short texts.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lxml import etree

from sdmxmig.sdmx.formats.faults import Faults, attempt, each
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import note_of, read_error, write_error
from sdmxmig.sdmx.formats.sdmx_ml.headers import read_header, read_notes
from sdmxmig.sdmx.formats.sdmx_ml.parts import LANGUAGE, Part, open_message
from sdmxmig.sdmx.formats.sdmx_ml.registry_writing import write_registry
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import records
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.item_schemes import read_items
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.message import completed
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.records import data_sources
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import named_as_drafts, reference
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.walk import READERS, collections
from sdmxmig.sdmx.formats.wire import Field, Form
from sdmxmig.sdmx.formats.wire.dialogues import BODIES, EVENTS, KINDS, PATTERNS, SHAPES
from sdmxmig.sdmx.formats.wire.tables import RecordReader
from sdmxmig.sdmx.model.messages import Body, Events, Query, Registration, RegistrationQuery, RegistryMessage, Selector
from sdmxmig.sdmx.model.references import ITEM_KINDS
from sdmxmig.sdmx.model.structures import Artefact
from sdmxmig.sdmx.model.submission import Header, Note, Party

__all__ = ["read_error", "read_query", "read_registry", "write_error", "write_registry"]


LETTERS = {
    dialect.sdmx_version: {word: letter for letter, word in dialect.actions if (letter, word) != ("M", "Append")}
    for dialect in DIALECTS
}
"""SDMX's letters for the actions of each version, by their words."""
ANY = "%"


def read_registry(name: str, content: bytes, faults: Faults | None = None) -> RegistryMessage:
    """Read a registry request or response.

    Raises `InputError` with line and element, or records the fault and leaves out the smallest affected request, result
    or artefact.
    """
    root = open_message(name, content, faults)
    if root.name not in ("RegistryInterface", *BODIES) or root.message.version == "2.0":
        hint = "A message to or from a registry begins with <RegistryInterface> of SDMX-ML 2.1, 3.0 or 3.1."
        raise root.error(f"of SDMX-ML {root.message.version} is not read as a dialogue with a registry.", hint)
    root.part("mes:Header")
    whole_header = attempt(faults, lambda _: read_header(name, io.BytesIO(content), faults), root)
    header = whole_header or Header("", "", sender=Party(""))
    if root.part("foot:Footer"):
        header = replace(header, notes=read_notes(name, io.BytesIO(content)))
    body = attempt(faults, body_of, root)
    return RegistryMessage(header, named_as_drafts(body, root.message.drafts), place=root.place)


def body_of(root: Part) -> Body | None:
    part = root.part(*(f"mes:{name}" for name in BODIES))
    root.close()
    if part is None:
        return None
    is_submission, location = part.name == "SubmitStructureRequest", part.element.findtext("{*}StructureLocation")
    if is_submission and not location and not part.has("Structures"):
        raise part.error("has neither structures nor the address where they are.")
    body: Body = query(part) if part.name == "QueryRegistrationRequest" else READER.record(part, BODIES[part.name])
    return body


def query(part: Part) -> RegistrationQuery:
    fields = READER.fields(part, RegistrationQuery)
    of_metadata = part.parts("reg:MetadataTargetRegion")
    if of_metadata and fields["sets"] != "MetadataSets" and not part.message.is_21:
        raise of_metadata[0].error("is of metadata, while other sets are asked for.", "Ask for MetadataSets.")
    keys = tuple(part.each(named_record, "reg:DataKeySet", "reg:MetadataKeySet"))
    regions = (*part.each(named_record, "reg:CubeRegion"), *each(part.message.faults, named_record, of_metadata))
    part.close()
    return RegistrationQuery(**fields, keys=keys, regions=regions)


def named_record(part: Part) -> Any:
    return records.read_record(part, part.name)


def inside(part: Part, path: str) -> Part | None:
    outer, _, name = path.rpartition("/")
    holder = part.part(outer) if outer else part
    if holder is None or not outer:
        return part.part(name) if holder else None
    child = holder.one(name)
    holder.close()
    return child


def spoken(part: Part, row: Field) -> tuple[Part, str]:
    if row.ml.startswith("@"):
        return part, part.needed(row.ml[1:]) if row.required else part.attribute(row.ml[1:], row.default)
    child = part.one(row.ml)
    return child, child.content().strip()


def shaped(part: Part, row: Field) -> str:
    is_in_element = row.required and row.ml.startswith("reg:")
    return spoken(part, row)[1] if is_in_element else records.read_text(part, row)


def word(part: Part, row: Field) -> str:
    speaker, text = spoken(part, row)
    return speaker.choice(text, *row.choices)


def action(part: Part, row: Field) -> str:
    speaker, text = spoken(part, row)
    letters = LETTERS[part.message.version]
    return letters[speaker.choice(text, *letters)] if text else ""


def flag(part: Part, row: Field) -> bool:
    if row.required and not part.element.get(row.ml[1:]):
        part.needed(row.ml[1:])
    return part.flag(row.ml[1:])


def maybe(part: Part, row: Field) -> bool | None:
    is_said, value = part.element.get(row.ml[1:]), part.flag(row.ml[1:])
    return value if is_said else None


def messages(part: Part, row: Field) -> tuple[Note, ...]:
    return tuple(note_of(text) for text in part.parts(row.ml))


def sources(part: Part, row: Field) -> tuple[tuple[str, str], ...]:
    holder = part.one(row.ml)
    named = data_sources(holder.parts("reg:SimpleDataSource", "reg:QueryableDataSource"), records.read_record)
    holder.close()
    if not named:
        raise holder.error("names no source.")
    return named


def about(part: Part, row: Field) -> Any:
    named = part.one(row.ml, *(f"reg:{kind}" for kind in row.kinds))
    return None if named.name == "All" else reference(named, named.name)


def found(part: Part, _: Field) -> dict[str, Any]:
    contents = part.one("reg:DataResult", "reg:MetadataResult")
    named = contents.parts("reg:ContentConstraint" if part.message.is_21 else "reg:Constraint")
    fields = {
        "registration": READER.record(contents.one("reg:Registration"), Registration),
        "is_metadata": contents.name == "MetadataResult",
        "constraints": tuple(reference(constraint, "ContentConstraint") for constraint in named),
    }
    contents.close()
    return fields


def artefacts(part: Part, row: Field) -> tuple[Artefact, ...]:
    holder = inside(part, row.ml)
    if holder is None:
        return ()
    known = collections(holder.message.version)
    read: list[Artefact] = []
    for name, collection in holder.children():
        if name not in known:
            collection.surplus(f"does not belong in <{holder.name}>.")
            continue
        artefact_parts = []
        for kind, child in collection.children():
            if kind in known[name]:
                artefact_parts.append(child)
            else:
                child.surplus(f"does not belong in <{collection.name}>.")
        collection.close()
        read += each(holder.message.faults, artefact_of, artefact_parts)
    holder.close()
    return completed(tuple(read), holder.message)


def artefact_of(part: Part) -> Artefact:
    item = ITEM_KINDS.get(part.name, "")
    part.message.items = [
        record for child in part.parts(item) for record in read_items(child, item, records.read_fields)
    ]
    return READERS[part.name](part)


def events_of(part: Part, row: Field) -> tuple[Events, ...]:
    selector = part.one(row.ml)
    chosen = tuple(selector.each(events, *(f"reg:{name}" for name in EVENTS.values())))
    selector.close()
    return chosen


def events(part: Part) -> Events:
    kind = next(kind for kind, name in EVENTS.items() if name == part.name)
    part.attribute("TYPE")
    agencies = tuple(text.strip() or ANY for text in part.texts("reg:AgencyID")) if kind == "structure" else ()
    if all_events := part.part("reg:AllEvents"):
        all_events.close()
        part.close()
        return Events(kind, agencies)
    words = {f"reg:{word}": selector_kind for selector_kind, word in KINDS[kind].items()}
    chosen = part.parts(*words)
    read = selector if kind == "structure" else registered
    if not chosen:
        raise part.error("says neither which events nor that all are meant.")
    events = Events(kind, agencies, selectors=tuple(read(part, words[f"reg:{part.name}"]) for part in chosen))
    part.close()
    return events


def registered(part: Part, kind: str) -> Selector:
    """Read the registration of an event, or the artefact whose registrations it is about."""
    if kind == "Registration":
        return Selector(kind, id=part.content().strip())
    if part.name not in PATTERNS:
        return Selector(kind, reference(part, kind).urn)
    ref, selector = part.part("reg:Ref"), Selector(kind, part.text("reg:URN"))
    if ref is not None:
        selector = replace(selector, agency=ref.attribute("agencyID", ANY), id=ref.attribute("id", ANY))
        selector = replace(selector, version=ref.attribute("version", "*"))
        ref.close()
    part.close()
    return selector


def selector(part: Part, kind: str) -> Selector:
    all_artefacts, pattern = part.part("reg:All"), part.part("reg:ID")
    id_pattern = (pattern.content().strip() or ANY) if pattern else ""
    version = (part.one("reg:Version").content().strip() or ANY) if id_pattern and kind != "Categorisation" else ""
    selector = Selector(kind, part.text("reg:URN"), id=id_pattern, version=version)
    if all_artefacts:
        all_artefacts.close()
    elif selector == Selector(kind):
        raise part.error("says neither which artefacts nor that all are meant.")
    part.close()
    return selector


def registration_inside(part: Part, row: Field) -> Any:
    child = inside(part, row.ml)
    return READER.record(child, row.of) if child else None


FORMS: dict[Form, Callable[[Part, Field], Any]] = {
    **records.FORMS,
    Form.SHAPED: shaped,
    Form.WORD: word,
    Form.ACTION: action,
    Form.FLAG: flag,
    Form.MAYBE: maybe,
    Form.MESSAGES: messages,
    Form.SOURCES: sources,
    Form.ABOUT: about,
    Form.FOUND: found,
    Form.ARTEFACTS: artefacts,
    Form.EVENTS: events_of,
    Form.INSIDE: registration_inside,
}
READER: RecordReader = RecordReader("ml", FORMS, SHAPES)


OLD_ROOT = "QueryMessage"
WHERE = "Where"
NAMING = ("agencyID", "maintainableParentID", "maintainableParentVersion", "id", "version")


def read_query(name: str, content: bytes, faults: Faults | None = None) -> Query:
    """Read a query message.

    Raises `InputError` with line and element for other content.
    """
    root = open_message(name, content, faults)
    query = root.part("mes:Query")
    if query is None or not (root.name.endswith("Query") or root.name == OLD_ROOT):
        hint = "A query message begins with an element such as <CodelistQuery>, or <QueryMessage> in SDMX-ML 2.0."
        raise root.error("is not a query message.", hint)
    resource = root.name.removesuffix("Query")
    if root.name == OLD_ROOT:
        kinds = [local(child).removesuffix(WHERE) for child in query.element if local(child).endswith(WHERE)]
        resource = " and ".join(dict.fromkeys(kinds))
    parameters = tuple(pair for child in query.element for pair in leaves(child, ""))
    attributes = tuple((f"@{key!s}", str(value)) for key, value in query.element.attrib.items())
    return Query(
        read_header(name, io.BytesIO(content), faults), resource, parameters=attributes + parameters, place=root.place
    )


def leaves(element: etree._Element, path_above: str) -> Iterator[tuple[str, str]]:
    path = f"{path_above}{local(element)}"
    if local(element) == "Ref":
        yield path, named(element)
        return
    for key, value in element.attrib.items():
        if key == LANGUAGE or not str(key).startswith("{"):
            yield f"{path}@{str(key).rpartition('}')[2]}", str(value)
    if not len(element):
        yield path, " ".join((element.text or "").split())
    for child in element:
        yield from leaves(child, f"{path}/")


def named(element: etree._Element) -> str:
    agency, parent, parent_version, named_id, version = (str(element.get(name, "")) for name in NAMING)
    artefact, stated_version = (parent, parent_version) if parent else (named_id, version)
    short = f"{agency}:{artefact}" if agency else artefact
    short += f"({stated_version})" if stated_version else ""
    return f"{short}.{named_id}" if parent else short


def local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
