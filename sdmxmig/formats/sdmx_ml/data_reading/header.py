"""The header of a data message, in every version of SDMX-ML."""

from __future__ import annotations

import re

from sdmxmig.errors import DeclarationError, InputError
from sdmxmig.formats.sdmx_ml.data_reading.tree import Node
from sdmxmig.model.artefacts import Contact
from sdmxmig.model.references import Ref
from sdmxmig.model.submission import Header, Party, StructureUse
from sdmxmig.places import Place

KINDS = {
    "Structure": "DataStructure",
    "StructureUsage": "Dataflow",
    "ProvisionAgreement": "ProvisionAgreement",
    "ProvisionAgrement": "ProvisionAgreement",  # so spelt in the schema of 2.1
    "DataProvider": "DataProvider",
}
DETAILS = {"Telephone": "telephone", "Fax": "fax", "X400": "x400", "URI": "uri", "Email": "email"}
NAMED_STRUCTURE = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.\w+\.(\w+)=([\w.@-]+):([\w@$-]+)(?:\(([^()]+)\))?")


def header_of(node: Node, name: str) -> Header:
    """The header that an element ``Header`` holds; `name` is the file's, for messages.

    Raises `InputError` for a reference that names nothing.
    """
    sender = node.first("Sender")
    parties = tuple(party_of(party) for tag in ("Sender", "Receiver") for party in node.all(tag))
    sources = node.texts("Source")
    provider = node.first("DataProvider")
    return Header(
        id=node.said("ID"),
        prepared=node.said("Prepared"),
        sender=sender.attributes.get("id", "") if sender else "",
        receivers=tuple(party.attributes.get("id", "") for party in node.all("Receiver")),
        test=node.said("Test").lower() in ("true", "1"),
        sender_name=str(sender.texts("Name")) if sender else "",
        source=str(sources),
        parties=parties,
        name=node.texts("Name"),
        sources=sources,
        extracted=node.said("Extracted"),
        reporting_begin=node.said("ReportingBegin"),
        reporting_end=node.said("ReportingEnd"),
        embargo=node.said("EmbargoDate"),
        provider=reference(provider, "DataProvider", name) if provider else None,
        dataset_action=node.said("DataSetAction"),
        dataset_ids=tuple(child.text.strip() for child in node.all("DataSetID")),
        structures=structures_of(node, name),
    )


def party_of(node: Node) -> Party:
    """A sender or receiver."""
    return Party(node.attributes.get("id", ""), node.texts("Name"), tuple(map(contact_of, node.all("Contact"))))


def contact_of(node: Node) -> Contact:
    """Whom to ask at a sender or receiver."""
    details = tuple((DETAILS[child.tag], child.text.strip()) for child in node if child.tag in DETAILS)
    return Contact(node.texts("Name"), node.texts("Department"), node.texts("Role"), details)


def structures_of(node: Node, name: str) -> tuple[StructureUse, ...]:
    """The structures that the header names; in SDMX-ML 2.0 the one key family, without an id of its own."""
    found = []
    for structure in node.all("Structure"):
        named = next((child for child in structure if child.tag in KINDS), None)
        found.append(
            StructureUse(
                structure.attributes.get("structureID", ""),
                reference(named, KINDS[named.tag], name) if named else None,
                structure.attributes.get("namespace", ""),
                structure.attributes.get("dimensionAtObservation", ""),
            )
        )
    if node.said("KeyFamilyRef"):
        ref = Ref("DataStructure", node.said("KeyFamilyAgency"), node.said("KeyFamilyRef"), "")
        found.append(StructureUse("", ref))
    return tuple(found)


def reference(node: Node, kind: str, name: str) -> Ref:
    """What an element refers to: by a ``Ref`` inside, by a ``URN`` inside, or by its own text.

    Raises `InputError` at the element if it names nothing.
    """
    inner = node.first("Ref")
    if inner:
        own = inner.attributes
        if "maintainableParentID" in own:
            version = own.get("maintainableParentVersion", "1.0")
            return Ref(kind, own.get("agencyID", ""), own["maintainableParentID"], version, own.get("id", ""))
        if own.get("id"):
            return Ref(kind, own.get("agencyID", ""), own["id"], own.get("version", "1.0"))
    text = node.said("URN") or node.text.strip()
    hint = f"A URN of a {kind} is wanted."
    try:
        found = Ref.parse(text, kind=kind)
        if found.kind in KINDS.values():
            return found
    except DeclarationError as error:
        hint = error.hint
    place = Place(name, line=node.line, column=node.column)
    raise InputError(f"{node.tag} names no {kind}: “{text}”.", place, hint)


def named_in(text: str) -> Ref | None:
    """The structure that a namespace names, such as that of a dataset's own schema; None if it names none.

    >>> print(named_in("urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=ESTAT:STS:compact"))
    DataStructure=ESTAT:STS()
    """
    found = NAMED_STRUCTURE.match(text)
    if not found:
        return None
    kind, agency, own, version = found.groups()
    kind = "DataStructure" if kind == "KeyFamily" else kind
    return Ref(kind, agency, own, version or "") if kind in KINDS.values() else None
