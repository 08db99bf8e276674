"""Messages to and from registries, and query messages, in SDMX-ML.

Registrations of data are written, and answers to submitted structures are read. Query messages of SDMX-ML 2.0 and 2.1
become short texts.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from lxml import etree

from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.elements import add, add_reference, start_message, to_bytes
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_header, note_of
from sdmxmig.sdmx.formats.sdmx_ml.headers import read_header
from sdmxmig.sdmx.formats.sdmx_ml.parts import LANGUAGE, Part, open_message
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.sdmx.model.messages import Query, Registration, StructureResult
from sdmxmig.sdmx.model.submission import Header

ANSWER, STATUSES = "SubmitStructureResponse", ("Success", "Warning", "Failure")
NOT_INDEXED = dict.fromkeys(("indexTimeSeries", "indexDataSet", "indexAttributes", "indexReportingPeriod"), "false")


def read_answer(name: str, content: bytes, faults: Faults | None = None) -> tuple[StructureResult, ...]:
    """Read what a registry answers to submitted structures.

    Raises `InputError` with line and element, or records the fault and leaves out the result.
    """
    root = open_message(name, content, faults)
    body = root.part(f"mes:{ANSWER}")
    if body is None:
        raise root.error("is no answer of a registry to structures.", f"Such an answer holds <{ANSWER}>.")
    return tuple(body.each(result, "reg:SubmissionResult"))


def result(part: Part) -> StructureResult:
    artefact = part.one("reg:SubmittedStructure").one("reg:MaintainableObject")
    status = part.one("reg:StatusMessage")
    part.close()
    word = status.choice(status.needed("status"), *STATUSES)
    return StructureResult(reference(artefact, ""), word, tuple(map(note_of, status.parts("reg:MessageText"))))


def write_registrations(registrations: Iterable[Registration], header: Header, dialect: Dialect) -> bytes:
    """Write registrations as the answer to a query for them.

    Raises `SdmxmigError` for an invalid header and for characters that XML does not allow.
    """
    registry = dialect.namespace("registry")
    root = start_message(dialect, "RegistryInterface", {"reg": registry, "str": dialect.structure})
    add_header(root, dialect, header, "registry")
    body = add(root, dialect.message, "QueryRegistrationResponse")
    add(body, registry, "StatusMessage", attributes={"status": "Success"})
    for registration in registrations:
        found = add(body, registry, "QueryResult", attributes={"timeSeriesMatch": "false"})
        times = dict.fromkeys(("validFrom", "lastUpdated"), registration.prepared)
        attributes = {"id": registration.id, **times, **NOT_INDEXED}
        element = add(add(found, registry, "DataResult"), registry, "Registration", attributes=attributes)
        add_reference(element, dialect, namespace=registry, name="ProvisionAgreement", ref=registration.agreement)
        service = {"isRESTDatasource": "true", "isWebServiceDatasource": "false"}
        source = add(add(element, registry, "Datasource"), registry, "QueryableDataSource", attributes=service)
        add(source, dialect.common, "DataURL", registration.address)
    return to_bytes(root)


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
