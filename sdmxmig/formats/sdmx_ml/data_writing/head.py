"""The beginning of a data message: root, namespaces and header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lxml import etree

from sdmxmig.formats.sdmx_ml.dialects import Dialect
from sdmxmig.formats.sdmx_ml.elements import add, add_header, add_reference, add_texts, start_message, to_bytes
from sdmxmig.model.artefacts import Text
from sdmxmig.model.submission import Header, Party

if TYPE_CHECKING:
    from sdmxmig.formats.sdmx_ml.data_writing import Message

ELEMENTS = {"Dataflow": "StructureUsage", "DataStructure": "Structure", "ProvisionAgreement": "ProvisionAgreement"}
MISSPELT = {"ProvisionAgreement": "ProvisionAgrement"}
"""How the schemas of 2.1 spell an element of the header."""

DETAILS = {"telephone": "Telephone", "fax": "Fax", "x400": "X400", "uri": "URI", "email": "Email"}


def message_head(message: Message, header: Header) -> bytes:
    """The text of a message before its first dataset; every structure and dataset is named in the header."""
    dialect = message.dialect
    if message.generic:
        prefixes = {"g": dialect.generic}
    else:
        prefixes = {"ss": dialect.specific}
        prefixes |= {f"ns{structure_id[1:]}": space for space, (structure_id, _) in message.structures.items()}
    root = start_message(dialect, message.root, prefixes)
    element = add_header(root, dialect, header)
    add_parties(element, dialect, header.parties)
    add_texts(element, dialect.common, "Name", header.name)
    add_structures(element, message)
    if header.provider:
        add_reference(element, dialect, dialect.message, "DataProvider", header.provider)
    if len(set(message.actions)) == 1:
        add(element, dialect.message, "DataSetAction", message.actions[0])
    for name in message.names:
        add(element, dialect.message, "DataSetID", name)
    dates = (header.extracted, header.reporting_begin, header.reporting_end, header.embargo)
    for name, date in zip(("Extracted", "ReportingBegin", "ReportingEnd", "EmbargoDate"), dates, strict=True):
        if date:
            add(element, dialect.message, name, date)
    add_texts(element, dialect.message, "Source", header.sources or Text.of(en=header.source))
    text = to_bytes(root)
    return text[: text.rindex(f"</mes:{message.root}>".encode())]


def add_parties(element: etree._Element, dialect: Dialect, parties: Sequence[Party]) -> None:
    """Give sender and receivers the names and contacts that are known of them, by their ids."""
    known = {party.id: party for party in parties}
    for child in element:
        party = known.get(child.get("id", ""))
        if party is None:
            continue
        child[:] = []  # names in all languages instead of the one that stands there
        add_texts(child, dialect.common, "Name", party.name)
        for contact in party.contacts:
            holder = add(child, dialect.message, "Contact")
            add_texts(holder, dialect.common, "Name", contact.name)
            add_texts(holder, dialect.message, "Department", contact.department)
            add_texts(holder, dialect.message, "Role", contact.role)
            for kind, value in contact.details:
                add(holder, dialect.message, DETAILS[kind], value)


def add_structures(element: etree._Element, message: Message) -> None:
    """Name the structures of the datasets, each with the dimension at observation."""
    dialect = message.dialect
    for namespace, (structure_id, ref) in message.structures.items():
        given = {"structureID": structure_id, "namespace": namespace, "dimensionAtObservation": message.dimension}
        if message.generic:
            del given["namespace"]
        structure = add(element, dialect.message, "Structure", attributes=given)
        name = ELEMENTS[ref.kind]
        add_reference(structure, dialect, dialect.common, MISSPELT.get(name, name) if dialect.has_final else name, ref)
