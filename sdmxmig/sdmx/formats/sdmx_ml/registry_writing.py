"""Registry messages to SDMX-ML 2.1, 3.0 or 3.1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from lxml import etree

from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats.sdmx_ml import markup
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.elements import add, start_message, to_bytes
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_footer, add_header, add_note
from sdmxmig.sdmx.formats.sdmx_ml.markup import ADDRESS, ID, ID_OR_ANY, VERSION_OR_ANY, checked
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing import add_collections, records
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.records import add_data_sources
from sdmxmig.sdmx.formats.sdmx_ml.structure_writing.writing import Writing, moment
from sdmxmig.sdmx.formats.structures.constraints import Refusals, in_keys, in_region
from sdmxmig.sdmx.formats.wire import Field, Form
from sdmxmig.sdmx.formats.wire.dialogues import BODIES, EVENTS, KINDS, PATTERNS, REFERENCES, SHAPES
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.messages import (
    Events,
    Registration,
    RegistrationFound,
    RegistrationQuery,
    RegistryEvent,
    RegistryMessage,
    Selector,
    StructureSubmission,
    Subscription,
)
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Constraint

NAMES = {record: name for name, record in BODIES.items()}


class Pair(NamedTuple):
    """A pair as a record."""

    first: Any
    second: Any


def write_registry(message: RegistryMessage, dialect: Dialect) -> bytes:
    """Write a registry message in ``RegistryInterface``.

    Raises `SdmxmigError` for unsupported content and invalid dates, actions and addresses.
    """
    root = start_message(dialect, "RegistryInterface", {"reg": dialect.namespace("registry"), "str": dialect.structure})
    add_header(root, dialect, message.header, "registry")
    if message.body is not None:
        name = NAMES[type(message.body)]
        parts = getattr(message.body, "requests", None), getattr(message.body, "results", None)
        if () in parts:
            raise SdmxmigError(f"A {name} without anything in it cannot be sent.", hint="Put at least one thing in.")
        add_body(dialect, add(root, dialect.message, name), message.body)
    add_footer(root, dialect, message.header.notes)
    return to_bytes(root)


def add_body(dialect: Dialect, element: etree._Element, body: Any) -> None:
    """Add the body of a message.

    Raises `SdmxmigError` for structures given both inline and by address, and for an event about several things.
    """
    if isinstance(body, StructureSubmission) and body.location and body.artefacts:
        hint = "Send the artefacts, or name the place where they are."
        raise SdmxmigError("A submission holds artefacts and also the address where they are.", hint=hint)
    if isinstance(body, RegistryEvent) and (
        bool(body.urn) is bool(body.registration_id) or (body.artefacts and body.registration)
    ):
        raise SdmxmigError("An event is about one artefact or one registration.", hint="Give urn or registration_id.")
    is_query = isinstance(body, RegistrationQuery)
    writing = Writing(dialect, stand_in(body.about if is_query else None))
    WRITER.add_fields(writing, element, type(body), body)
    if is_query:
        add_scope(writing, element, body)


def stand_in(ref: Ref | None) -> Constraint:
    return Constraint(ref or Ref("RegistrationQuery", "ALL", id="REGISTRATIONS", version="*"), Text())


def add_scope(writing: Writing, element: etree._Element, query: RegistrationQuery) -> None:
    """Add the dimension values of the requested registrations."""
    version = writing.dialect.sdmx_version
    for keys in query.keys:
        check(writing, in_keys(keys, family="ml", version=version))
        name = "MetadataKeySet" if keys.reports else "DataKeySet"
        records.add_fields(writing, writing.add(element, f"reg:{name}"), name, keys)
    for region in query.regions:
        is_metadata = bool(region.report) or (writing.dialect.by_urn and query.sets == "MetadataSets")
        check(writing, in_region(region, family="ml", version=version, is_metadata=is_metadata))
        name = "MetadataTargetRegion" if is_metadata else "CubeRegion"
        records.add_fields(writing, writing.add(element, f"reg:{name}"), name, region)


def check(writing: Writing, refusals: Refusals) -> None:
    for what, hint in refusals:
        raise writing.refusal(what, hint)


def add_shaped(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    text = getattr(record, row.name)
    if text or row.required:
        text = moment(text) if row.pattern == "DATE_TIME" else text
        records.put(writing, element, row, checked(text, getattr(markup, row.pattern), row.what))


def add_word(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    word = getattr(record, row.name)
    if word not in row.choices:
        raise SdmxmigError(f"“{word}” {row.what}.", hint=did_you_mean(word, row.choices))
    records.put(writing, element, row, word)


def add_action(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    words, letter = dict(writing.dialect.actions), getattr(record, row.name)
    if not letter and (row.required or row.default):
        raise SdmxmigError("A request has no action.", hint=f"Give one of {', '.join(words)}.")
    if letter and letter not in words:
        raise SdmxmigError(f"“{letter}” is not an action.", hint=f"It is one of {', '.join(words)}.")
    records.put(writing, element, row, words.get(letter, ""))


def add_maybe(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    if getattr(record, row.name) is not None:
        records.put(writing, element, row, "true" if getattr(record, row.name) else "false")


def add_messages(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    namespace, name = writing.dialect.qualified(row.ml)
    for note in getattr(record, row.name):
        add_note(element, writing.dialect, namespace=namespace, name=name, note=note)


def add_reference(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    refer(writing, element, row.ml, getattr(record, row.name))


def refer(writing: Writing, element: etree._Element, name: str, ref: Ref) -> None:
    writing.reference(element, name, ref)
    if not writing.dialect.by_urn:  # some readers require it
        named = element[-1]
        if name == "reg:Organisation":
            named[:] = []
        add(named, "", "URN", writing.dialect.ref(ref).urn)


def add_sources(writing: Writing, element: etree._Element, row: Field, record: Registration) -> None:
    number = sum(kind not in ("wsdl", "wadl") for kind, _ in record.sources)
    if not 1 <= number <= 2:
        hint = "Name a file, a service, or one of each."
        raise SdmxmigError(f"The registration of {record.agreement.short} has {number} sources.", hint=hint)
    for _, address in record.sources:
        checked(address, ADDRESS, "an address")
    about = replace(writing, artefact=stand_in(record.agreement))
    add_data_sources(about, writing.add(element, row.ml), record.sources, records.add_fields)


def add_about(writing: Writing, element: etree._Element, row: Field, record: RegistrationQuery) -> None:
    if record.about is None:
        writing.add(element, row.ml)
    elif record.about.kind in row.kinds:
        refer(writing, element, f"reg:{record.about.kind}", record.about)
    else:
        hint = f"Ask for those of one of {', '.join(row.kinds)}."
        raise SdmxmigError(f"The registrations of {record.about} cannot be asked for.", hint=hint)


def add_found(writing: Writing, element: etree._Element, row: Field, record: RegistrationFound) -> None:
    holder = writing.add(element, "reg:MetadataResult" if record.is_metadata else row.ml)
    WRITER.add_fields(writing, writing.add(holder, "reg:Registration"), Registration, record.registration)
    for constraint in record.constraints:
        name = "ContentConstraint" if writing.dialect.has_final else "Constraint"
        refer(writing, holder, f"reg:{name}", constraint)


def add_artefacts(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    if record.artefacts or (isinstance(record, StructureSubmission) and not record.location):
        add_collections(writing.add(element, row.ml), record.artefacts, writing.dialect)


def add_pairs(writing: Writing, element: etree._Element, row: Field, record: Any) -> None:
    pairs = getattr(record, row.name)
    for pair in pairs if row.form is Form.PAIRS else () if pairs is None else (pairs,):
        WRITER.add_fields(writing, writing.add(element, row.ml), row.of, Pair(*pair))


def add_events(writing: Writing, element: etree._Element, row: Field, record: Subscription) -> None:
    kinds = [events.kind for events in record.events]
    if not kinds or len(set(kinds)) < len(kinds):
        hint = f"Name each of {', '.join(EVENTS)} once at most."
        raise SdmxmigError(f"A subscription of {record.organisation.item} names the events {kinds}.", hint=hint)
    holder = writing.add(element, row.ml)
    for events in record.events:
        add_events_of_kind(writing, holder, events)


def add_events_of_kind(writing: Writing, holder: etree._Element, events: Events) -> None:
    if events.kind not in EVENTS:
        raise SdmxmigError(f"There are no {events.kind} events.", hint=did_you_mean(events.kind, EVENTS))
    if bool(events.agencies) is not (events.kind == "structure"):
        raise SdmxmigError("Events of structures, and only these, are those of some agencies.", hint="Any is %.")
    element = writing.add(holder, f"reg:{EVENTS[events.kind]}")
    for agency in events.agencies:
        writing.add(element, "reg:AgencyID", checked(agency, ID_OR_ANY, "an agency"))
    for selector in events.selectors:
        add_selector(writing, element, events.kind, selector)
    if not events.selectors:
        writing.add(element, "reg:AllEvents")


def add_selector(writing: Writing, element: etree._Element, kind: str, selector: Selector) -> None:
    words = KINDS[kind]
    if selector.kind not in words:
        message = f"Events of {kind} are not about a {selector.kind}."
        raise SdmxmigError(message, hint=did_you_mean(selector.kind, words))
    word = f"reg:{words[selector.kind]}"
    if selector.kind == "Registration":
        text = checked(selector.id, ID, "the id of a registration") if selector.id else ""
        writing.add(element, word, text)
    elif kind != "structure" and selector.kind in REFERENCES:
        refer(writing, element, word, Ref.parse(selector.urn, kind=selector.kind))
    elif selector.urn:
        writing.add(writing.add(element, word), "reg:URN", checked(selector.urn, ADDRESS, "an address"))
    elif words[selector.kind] in PATTERNS:
        attributes = {"agencyID": selector.agency, "id": selector.id, "version": selector.version}
        for name, text in attributes.items():
            checked(text, VERSION_OR_ANY if name == "version" else ID_OR_ANY, f"the {name} of a {selector.kind}")
        writing.add(writing.add(element, word), "reg:Ref", attributes=attributes)
    elif selector.id:
        holder = writing.add(element, word)
        writing.add(holder, "reg:ID", checked(selector.id, ID_OR_ANY, f"the id of a {selector.kind}"))
        if selector.kind != "Categorisation":
            version = checked(selector.version or "%", VERSION_OR_ANY, f"the version of a {selector.kind}")
            writing.add(holder, "reg:Version", version)
    else:
        writing.add(writing.add(element, word), "reg:All")


FORMS: dict[Form, Callable[[Writing, etree._Element, Field, Any], None]] = {
    **records.FORMS,
    **dict.fromkeys((Form.SHAPED, Form.MOMENT), add_shaped),
    Form.WORD: add_word,
    Form.ACTION: add_action,
    Form.MAYBE: add_maybe,
    Form.MESSAGES: add_messages,
    Form.REFERENCE: add_reference,
    Form.SOURCES: add_sources,
    Form.ABOUT: add_about,
    Form.FOUND: add_found,
    Form.ARTEFACTS: add_artefacts,
    **dict.fromkeys((Form.PAIR, Form.PAIRS), add_pairs),
    Form.EVENTS: add_events,
}
WRITER = records.RecordWriter(FORMS, SHAPES)
