"""The header and footer of a message, in schema order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lxml import etree

from sdmxmig.primitives.errors import InputError, SdmxmigError, did_you_mean
from sdmxmig.sdmx.formats.faults import Faults, attempt
from sdmxmig.sdmx.formats.message_header import HEADER_TITLES
from sdmxmig.sdmx.formats.sdmx_ml.dialects import HEADER_FACTS, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.elements import Part, join_lines, open_message
from sdmxmig.sdmx.formats.sdmx_ml.markup import (
    ADDRESS,
    DATE_OR_TIME,
    DATE_TIME,
    ID,
    PERIOD,
    TIME_ZONE,
    add,
    add_reference,
    add_texts,
    check_text,
    start_message,
    to_bytes,
)
from sdmxmig.sdmx.model.artefacts import Contact
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import ErrorMessage, Header, Note, Party, StructureUse

KINDS_WITH_DATASETS = ("data", "metadata")
ELEMENT_BY_KIND = {
    "Dataflow": "StructureUsage",
    "DataStructure": "Structure",
    "ProvisionAgreement": "ProvisionAgreement",
    "Metadataflow": "StructureUsage",
    "MetadataStructure": "Structure",
    "MetadataProvisionAgreement": "ProvisionAgreement",
}
MISSPELT_ELEMENTS = {"ProvisionAgreement": "ProvisionAgrement"}
"""Header elements misspelt in the 2.1 schemas."""

CONTACT_DETAILS = {"telephone": "Telephone", "fax": "Fax", "x400": "X400", "uri": "URI", "email": "Email"}
PROVIDER_SCHEMES = {"MetadataProvider": "METADATA_PROVIDERS", "DataProvider": "DATA_PROVIDERS"}
"""Metadata provider kinds and their scheme ids."""

SEVERITIES = ("Error", "Warning", "Information")


def add_header(root: etree._Element, dialect: Dialect, header: Header, kind: str = "structure") -> etree._Element:
    """Add the header; `kind` is ``structure``, ``data``, ``metadata`` or ``registry``.

    Structures, action and dataset ids are written for data and metadata only. Raises `SdmxmigError` for invalid ids and
    dates, and unsupported fields.
    """
    check_losses(header, dialect, kind)
    element = add(root, dialect.message, "Header")
    add(element, dialect.message, "ID", check_text(header.id, ID, "the id of a message"))
    add(element, dialect.message, "Test", "true" if header.test else "false")
    add(element, dialect.message, "Prepared", check_text(header.prepared, DATE_OR_TIME, "a time of preparation"))
    add_party(element, dialect, "Sender", header.sender)
    for receiver in header.receivers:
        add_party(element, dialect, "Receiver", receiver)
    add_texts(element, dialect.common, "Name", header.name)
    if kind in KINDS_WITH_DATASETS:
        add_datasets(element, dialect, header, kind)
    dates = {"Extracted": header.extracted, "EmbargoDate": header.embargo}
    periods = {"ReportingBegin": header.reporting_begin, "ReportingEnd": header.reporting_end}
    for name in ("Extracted", "ReportingBegin", "ReportingEnd", "EmbargoDate"):
        if dates.get(name):
            add(element, dialect.message, name, check_text(dates[name], DATE_TIME, f"a date and time for {name}"))
        elif periods.get(name):
            add(element, dialect.message, name, check_text(periods[name], PERIOD, f"a period for {name}"))
    add_texts(element, dialect.message, "Source", header.source)
    return element


def check_losses(header: Header, dialect: Dialect, kind: str) -> None:
    if kind == "registry" and len(header.receivers) != 1:
        hint = "Name the registry as the only receiver."
        raise SdmxmigError(f"A message to or from a registry has one receiver, not {len(header.receivers)}.", hint=hint)
    for name, fact in HEADER_TITLES.items():
        if getattr(header, name) and name not in HEADER_FACTS[kind]:
            hint = f"Leave {name} out of the header."
            raise SdmxmigError(f"The header of a {kind} message of {dialect.name} cannot express {fact}.", hint=hint)
    kinds = tuple(PROVIDER_SCHEMES) if kind == "metadata" else ("DataProvider",)
    if header.provider and header.provider.kind not in kinds:
        message = f"The header of a {kind} message names a {kinds[0]}, not {header.provider}."
        raise SdmxmigError(message, hint="Leave provider out of the header, or name another one.")


def add_party(element: etree._Element, dialect: Dialect, name: str, party: Party) -> None:
    party_id = check_text(party.id, ID, f"the id of a {name.lower()}")
    holder = add(element, dialect.message, name, attributes={"id": party_id})
    add_texts(holder, dialect.common, "Name", party.name)
    for contact in party.contacts:
        add_contact(holder, dialect, contact)
    if party.timezone:
        if name != "Sender":
            raise SdmxmigError(f"A receiver such as {party.id} has no time zone.", hint="Leave its timezone out.")
        add(holder, dialect.message, "Timezone", check_text(party.timezone, TIME_ZONE, "a time zone"))


def add_contact(holder: etree._Element, dialect: Dialect, contact: Contact) -> None:
    if contact.id:
        raise SdmxmigError(f"A contact in a header has no id such as “{contact.id}”.", hint="Leave its id out.")
    element = add(holder, dialect.message, "Contact")
    add_texts(element, dialect.common, "Name", contact.name)
    add_texts(element, dialect.message, "Department", contact.department)
    add_texts(element, dialect.message, "Role", contact.role)
    for kind, value in contact.details:
        if kind not in CONTACT_DETAILS:
            raise SdmxmigError(f"A contact has no {kind}.", hint=did_you_mean(kind, CONTACT_DETAILS))
        text = check_text(value, ADDRESS, "the address of a contact") if kind == "uri" else value
        add(element, dialect.message, CONTACT_DETAILS[kind], text)


def add_datasets(element: etree._Element, dialect: Dialect, header: Header, kind: str) -> None:
    for use in header.structures:
        add_structure(element, dialect, use)
    if header.provider:
        provider = header.provider if kind == "data" else find_provider(header.provider, dialect)
        add_reference(element, dialect, namespace=dialect.message, name=provider.kind, ref=provider)
    if header.dataset_action:
        add(element, dialect.message, "DataSetAction", header.dataset_action)
    for dataset_id in header.dataset_ids:
        add(element, dialect.message, "DataSetID", check_text(dataset_id, ID, "the id of a dataset"))


def find_provider(provider: Ref, dialect: Dialect) -> Ref:
    """Return the metadata provider: a data provider in SDMX 2.1, later a metadata provider of the same name."""
    kind = "DataProvider" if dialect.has_final else "MetadataProvider"
    is_usual = provider.id == PROVIDER_SCHEMES[provider.kind]
    return replace(provider, kind=kind, id=PROVIDER_SCHEMES[kind] if is_usual else provider.id)


def add_structure(element: etree._Element, dialect: Dialect, use: StructureUse) -> None:
    attributes = {
        "structureID": use.id,
        "namespace": use.namespace,
        "dimensionAtObservation": use.dimension_at_observation,
    }
    structure = add(element, dialect.message, "Structure", attributes=attributes)
    if use.ref is not None:
        name = ELEMENT_BY_KIND[use.ref.kind]
        add_reference(
            structure,
            dialect,
            namespace=dialect.common,
            name=MISSPELT_ELEMENTS.get(name, name) if dialect.has_final else name,
            ref=use.ref,
        )


def add_footer(root: etree._Element, dialect: Dialect, notes: Iterable[Note]) -> None:
    """Add the sender's notes as footer; raise `SdmxmigError` for a missing text or unknown severity."""
    footer_notes = tuple(notes)
    namespace = dialect.namespace("message/footer")
    footer = add(root, namespace, "Footer") if footer_notes else root
    for note in footer_notes:
        if note.severity and note.severity not in SEVERITIES:
            hint = f"It is one of {', '.join(SEVERITIES)}."
            raise SdmxmigError(f"“{note.severity}” is not a severity of a note in a footer.", hint=hint)
        add_note(footer, dialect, namespace=namespace, name="Message", note=note)


def add_note(parent: etree._Element, dialect: Dialect, namespace: str, name: str, note: Note) -> None:
    if not note.text:
        raise SdmxmigError(f"The note {note.code} has no text.", hint="Describe it in words.")
    element = add(parent, namespace, name, attributes={"severity": note.severity})
    element.set("code", note.code)  # mandatory, even if empty
    add_texts(element, dialect.common, "Text", note.text)


ERROR_HINT = "Correct the error that the service reports, and send the request again."


def read_error(name: str, content: bytes, faults: Faults | None = None) -> ErrorMessage:
    """Read the errors of a service. Raises `InputError` with line and element, or records unknown content."""
    root = open_message(name, content, faults)
    if root.name != "Error":
        raise root.error("is not an error message.", "An error message begins with <Error>.")
    message = ErrorMessage(tuple(root.each(read_note, "mes:ErrorMessage")), root.place)
    attempt(faults, Part.close, root)
    return message


def read_note(part: Part) -> Note:
    note = Note(part.attribute("code"), join_lines(part.words("com:Text")))
    part.close()
    return note


def write_error(message: ErrorMessage, dialect: Dialect) -> bytes:
    """Write an error message. Raises `SdmxmigError` for missing errors or texts and invalid characters."""
    if not message.errors:
        raise SdmxmigError("There is no error to report.", hint="Give at least one code with a text.")
    root = start_message(dialect, "Error", {})
    for note in message.errors:
        add_note(root, dialect, namespace=dialect.message, name="ErrorMessage", note=note)
    return to_bytes(root)


def build_answer_error(name: str, content: bytes) -> InputError:
    message = read_error(name, content)
    return InputError(f"A service answered with an error instead: {message}", message.place, ERROR_HINT)
