"""Headers of all SDMX-ML versions, read as a tree with line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from sdmxmig.primitives.errors import DeclarationError, InputError, did_you_mean
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Deviation, Faults, Surplus, attempt, report_fault
from sdmxmig.sdmx.formats.message_header import escape_agency_id, escape_id
from sdmxmig.sdmx.formats.sdmx_ml.elements import join_lines
from sdmxmig.sdmx.model.artefacts import Contact, Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Party, StructureUse

KINDS = {
    "Structure": "DataStructure",
    "StructureUsage": "Dataflow",
    "ProvisionAgreement": "ProvisionAgreement",
    "ProvisionAgrement": "ProvisionAgreement",  # misspelt in the schema of 2.1
    "DataProvider": "DataProvider",
}
KINDS_OF_METADATA = {
    "Structure": "MetadataStructure",
    "StructureUsage": "Metadataflow",
    "ProvisionAgreement": "MetadataProvisionAgreement",
    "ProvisionAgrement": "ProvisionAgreement",
    "DataProvider": "DataProvider",
    "MetadataProvider": "MetadataProvider",
}
"""The kinds that header elements refer to, in data and metadata messages."""

KNOWN_ELEMENTS = (
    "ID",
    "Test",
    "Prepared",
    "Sender",
    "Receiver",
    "Name",
    "Structure",
    "DataProvider",
    "MetadataProvider",
    "DataSetAction",
    "DataSetID",
    "Extracted",
    "ReportingBegin",
    "ReportingEnd",
    "EmbargoDate",
    "Source",
)
OLD_ELEMENTS = ("Truncated", "KeyFamilyRef", "KeyFamilyAgency", "DataSetAgency")
"""Elements that exist only in SDMX-ML 2.0 headers."""
PARTY_ELEMENTS = ("Name", "Contact", "Timezone")
DETAILS = {"Telephone": "telephone", "Fax": "fax", "X400": "x400", "URI": "uri", "Email": "email"}
CONTACT_ELEMENTS = ("Name", "Department", "Role", *DETAILS)
NAMED_STRUCTURE = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.\w+\.(\w+)=([\w.@-]+):([\w@$-]+)(?:\(([^()]+)\))?")

Kinds = Mapping[str, str]


def parse_header(node: Node, name: str, kinds: Kinds = KINDS, faults: Faults | None = None) -> Header:
    """Read the header from its element.

    Of SDMX-ML 2.0, reads the first sender and ignores truncation. Raises `InputError` for unknown elements and invalid
    references, or records the fault.
    """
    refuse_unknown(node, (*KNOWN_ELEMENTS, *OLD_ELEMENTS), name, faults)
    senders = node.all("Sender")
    provider = node.first("DataProvider") or node.first("MetadataProvider")
    return Header(
        id=node.text_of("ID"),
        prepared=node.text_of("Prepared"),
        sender=read_party(senders[0], name, faults) if senders else Party(""),
        receivers=tuple(read_party(party, name, faults) for party in node.all("Receiver")),
        test=node.text_of("Test").lower() in ("true", "1"),
        name=node.texts("Name"),
        source=node.texts("Source"),
        extracted=node.text_of("Extracted"),
        reporting_begin=node.text_of("ReportingBegin"),
        reporting_end=node.text_of("ReportingEnd"),
        embargo=node.text_of("EmbargoDate"),
        provider=read_reference(provider, kinds, name, faults),
        dataset_action=node.text_of("DataSetAction"),
        dataset_ids=tuple(child.text.strip() for child in node.all("DataSetID")),
        structures=read_structures(node, kinds, name, faults),
    )


def refuse_unknown(node: Node, names: Sequence[str], name: str, faults: Faults | None) -> None:
    for child in node:
        if child.tag not in names:
            place = Place(name, line=child.line, column=child.column)
            hint = did_you_mean(child.tag, names)
            report_fault(faults, Surplus(f"{child.tag} does not belong in {node.tag}.", place, hint))


def read_party(node: Node, name: str, faults: Faults | None = None) -> Party:
    refuse_unknown(node, PARTY_ELEMENTS, name, faults)
    contacts = tuple(read_contact(contact, name, faults) for contact in node.all("Contact"))
    return Party(
        node.attributes.get("id", ""), node.texts("Name"), contacts=contacts, timezone=node.text_of("Timezone")
    )


def read_contact(node: Node, name: str, faults: Faults | None = None) -> Contact:
    refuse_unknown(node, CONTACT_ELEMENTS, name, faults)
    details = tuple((DETAILS[child.tag], child.text) for child in node if child.tag in DETAILS)
    return Contact(node.texts("Name"), node.texts("Department"), role=node.texts("Role"), details=details)


def read_structures(node: Node, kinds: Kinds, name: str, faults: Faults | None) -> tuple[StructureUse, ...]:
    """Read the structures of a header; SDMX-ML 2.0 has one key family without id."""
    uses: list[StructureUse] = []
    for structure in node.all("Structure"):
        refuse_unknown(structure, tuple(kinds), name, faults)
        named = next((child for child in structure if child.tag in kinds), None)
        use = StructureUse(
            structure.attributes.get("structureID", ""),
            read_reference(named, kinds, name, faults),
            namespace=structure.attributes.get("namespace", ""),
            dimension_at_observation=structure.attributes.get("dimensionAtObservation", ""),
        )
        if use.id and any(structure_use.id == use.id and structure_use != use for structure_use in uses):
            place = Place(name, line=structure.line, column=structure.column)
            message = f"The header lists two structures as “{use.id}”."
            report_fault(faults, InputError(message, place, "Give each its own id."))
        elif use not in uses:
            uses.append(use)
    if node.text_of("KeyFamilyRef"):
        ref = Ref(
            "DataStructure",
            escape_agency_id(node.text_of("KeyFamilyAgency")),
            id=escape_id(node.text_of("KeyFamilyRef")),
            version="",
        )
        uses.append(StructureUse("", ref))
    return tuple(uses)


def read_reference(node: Node | None, kinds: Kinds, name: str, faults: Faults | None) -> Ref | None:
    if node is None:
        return None
    ref = attempt(faults, lambda node: parse_reference(node, kinds.get(node.tag, node.tag), name, kinds), node)
    named = node.first("Ref")  # of SDMX-ML 2.1, which has no version ranges
    if ref and "+" in ref.version and (named or ref.version.count(".") != 2):
        place = Place(name, line=(named or node).line, column=(named or node).column)
        hint = "Name one version, or since SDMX 3.0 a range of three numbers, such as 1.0+.0."
        report_fault(faults, Deviation(f"The version “{ref.version}” of {node.tag} is not valid.", place, hint))
    return ref


def parse_reference(node: Node, kind: str, name: str, kinds: Kinds = KINDS) -> Ref:
    inner = node.first("Ref")
    if inner:
        attributes = inner.attributes
        if "maintainableParentID" in attributes:
            version = attributes.get("maintainableParentVersion", "1.0")
            return Ref(
                kind,
                attributes.get("agencyID", ""),
                id=attributes["maintainableParentID"],
                version=version,
                item=attributes.get("id", ""),
            )
        if attributes.get("id"):
            return Ref(
                kind, attributes.get("agencyID", ""), id=attributes["id"], version=attributes.get("version", "1.0")
            )
    text = node.text_of("URN") or node.text.strip()
    hint = f"Give the URN of a {kind}."
    try:
        ref = Ref.parse(text, kind=kind)
        if ref.kind in kinds.values():
            return ref
    except DeclarationError as error:
        hint = error.hint
    place = Place(name, line=node.line, column=node.column)
    raise InputError(f"{node.tag} names no {kind}: “{text}”.", place, hint)


def parse_namespace(text: str) -> Ref | None:
    """Parse the structure named by a namespace, or return None.

    >>> print(parse_namespace("urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=ESTAT:STS:compact"))
    DataStructure=ESTAT:STS()
    """
    match = NAMED_STRUCTURE.match(text)
    if not match:
        return None
    kind, agency, artefact_id, version = match.groups()
    kind = "DataStructure" if kind == "KeyFamily" else kind
    return Ref(kind, agency, id=artefact_id, version=version or "") if kind in KINDS.values() else None


NODE_LIMIT = 20_000
XML_LANG = "http://www.w3.org/XML/1998/namespace}lang"


@dataclass(slots=True)
class Node:
    tag: str
    attributes: dict[str, str]
    _: KW_ONLY
    line: int
    column: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> list[Node]:
        return [child for child in self.children if child.tag == tag]

    def first(self, tag: str) -> Node | None:
        return next((child for child in self.children if child.tag == tag), None)

    def text_of(self, tag: str) -> str:
        node = self.first(tag)
        return node.text.strip() if node else ""

    def texts(self, tag: str) -> Text:
        """Return the texts by language, English if unstated; repeated languages become lines."""
        return join_lines((child.attributes.get(XML_LANG, "en"), child.text) for child in self.all(tag) if child.text)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.children)
