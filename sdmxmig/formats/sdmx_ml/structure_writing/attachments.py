"""The attachments of constraints: artefacts of one kind, sets of data or metadata, or files; and services."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from sdmxmig.formats.sdmx_ml.elements import add, add_reference
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.model.references import Ref
from sdmxmig.model.structures import Constraint

STRUCTURES = ("DataStructure", "MetadataStructure", "Dataflow", "Metadataflow", "ProvisionAgreement")
SETS, FILES = ("DataSet", "MetadataSet"), "files"
ATTACHABLE = {
    "ContentConstraint": ("DataProvider", *SETS, FILES, *STRUCTURES),
    "AttachmentConstraint": (*SETS, FILES, *STRUCTURES),
    "DataConstraint": ("DataProvider", FILES, "DataStructure", "Dataflow", "ProvisionAgreement"),
    "MetadataConstraint": (
        *("MetadataProvider", "MetadataSet", FILES, "MetadataStructure", "Metadataflow"),
        "MetadataProvisionAgreement",
    ),
    "AvailabilityConstraint": ("DataStructure", "Dataflow", "ProvisionAgreement"),
}
"""What each kind of constraint may be attached to; what it is called elsewhere is another kind."""
ALONE = ("DataProvider", "MetadataProvider")
ALONE_ON_CONTENT = (*SETS, FILES)
"""What there may be one of only: always, and in constraints of SDMX 2.1 on content."""
WITHOUT_SERVICES = (*ALONE, *SETS, FILES)
QUERYABLE = {"rest": (True, False), "soap": (False, True), "rest+soap": (True, True), "query": (False, False)}
"""Whether a data source is a REST service, and whether a web service of the older kind."""
DESCRIBED = {"wsdl": "WSDLURL", "wadl": "WADLURL"}


def add_attachment(writing: Writing, element: etree._Element, constraint: Constraint, kind: str) -> None:
    """Add what a constraint of a `kind` is attached to; then the services that are queried for it.

    Raises `SdmxmigError` for what constraints of this kind are not attached to.
    """
    attached = [ref.kind for ref in constraint.attached] + [kind for kind, _, _ in constraint.sets]
    attached += [FILES for source, _ in constraint.sources if source == "simple"]
    if not attached and not constraint.sources:
        return
    check(writing, constraint, kind, attached)
    holder = writing.add(element, "ConstraintAttachment")
    for ref in constraint.attached:
        writing.reference(holder, ref.kind, ref)
    for name, provider, set_id in constraint.sets:
        add_set(writing, writing.add(holder, name), provider, set_id)
    add_data_sources(writing, holder, writing.dialect.structure, constraint.sources)


def check(writing: Writing, constraint: Constraint, kind: str, attached: list[str]) -> None:
    """Refuse attachments that the schema does not have."""
    kinds, known = sorted(set(attached)), ATTACHABLE[kind]
    if len(kinds) != 1 or kinds[0] not in known:
        what = f"the attachment to {', '.join(kinds) or 'services alone'}"
        raise writing.refusal(what, f"Attach it to artefacts of one kind: {', '.join(known)}.")
    if constraint.sets and not writing.dialect.has_final:
        raise writing.refusal("the attachment to sets of a provider", "Since SDMX 3.0 a metadata set has a name (URN).")
    if any(ref.kind == "MetadataSet" for ref in constraint.attached):
        if writing.dialect.has_final:
            raise writing.refusal("the attachment to metadata sets by name", "There they have a provider and an id.")
        if not writing.dialect.structures.has_data_sources:
            raise writing.refusal("the attachment to metadata sets", "Write SDMX-ML 3.0.")
    alone = (*ALONE, *(ALONE_ON_CONTENT if kind == "ContentConstraint" else ()))
    if kinds[0] in alone and len(attached) > 1:
        raise writing.refusal(f"the attachment to more than one of {kinds[0]}", "Name one.")
    has_services = any(source != "simple" for source, _ in constraint.sources)
    if has_services and (kind == "AttachmentConstraint" or kinds[0] in WITHOUT_SERVICES):
        raise writing.refusal("services to be queried", "Attach the constraint to structures, flows or agreements.")


def add_set(writing: Writing, holder: etree._Element, provider: Ref | None, set_id: str) -> None:
    """Add which set of data or metadata is meant: by its provider and id (SDMX 2.1)."""
    if provider is None:
        raise writing.refusal(f"the set {set_id} without a provider", "Name its provider.")
    add_reference(holder, writing.dialect, namespace=writing.dialect.common, name="DataProvider", ref=provider)
    add(holder, writing.dialect.common, "ID", set_id)


def add_data_sources(
    writing: Writing, holder: etree._Element, namespace: str, sources: Iterable[tuple[str, str]]
) -> None:
    """Add files and services; the description of a service follows it.

    Raises `SdmxmigError` for a kind of source that does not exist.
    """
    for kind, address in sources:
        if kind == "simple":
            add(holder, namespace, "SimpleDataSource", address)
        elif kind in QUERYABLE:
            source = add(holder, namespace, "QueryableDataSource")
            for name, yes in zip(("isRESTDatasource", "isWebServiceDatasource"), QUERYABLE[kind], strict=True):
                source.set(name, "true" if yes else "false")
            add(source, writing.dialect.common, "DataURL", address)
        elif kind in DESCRIBED and len(holder) and can_describe(holder[-1], kind):
            add(holder[-1], writing.dialect.common, DESCRIBED[kind], address)
        else:
            raise writing.refusal(f"the data source {kind}", f"It is simple or one of {', '.join(QUERYABLE)}.")


def can_describe(source: etree._Element, kind: str) -> bool:
    """Whether a description may follow what stands in a source: each once, the one by WSDL first."""
    stands = [etree.QName(child).localname for child in source]
    order = list(DESCRIBED.values())
    after = order[order.index(DESCRIBED[kind]) :]
    return etree.QName(source).localname == "QueryableDataSource" and not set(after).intersection(stands)
