"""Messages of registries in SDMX-ML: registrations of data to write, and answers to structures to read."""

from __future__ import annotations

from collections.abc import Iterable

from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.formats.sdmx_ml.elements import Part, open_message
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import add_header, read_note
from sdmxmig.sdmx.formats.sdmx_ml.markup import add, add_reference, start_message, to_bytes
from sdmxmig.sdmx.formats.sdmx_ml.structure_reading.artefacts import read_reference
from sdmxmig.sdmx.model.submission import Header, Registration, StructureResult

ANSWER, STATUSES = "SubmitStructureResponse", ("Success", "Warning", "Failure")
UNINDEXED_FLAGS = dict.fromkeys(("indexTimeSeries", "indexDataSet", "indexAttributes", "indexReportingPeriod"), "false")


def read_answer(name: str, content: bytes, faults: Faults | None = None) -> tuple[StructureResult, ...]:
    """Read the answer to submitted structures; raise `InputError` with its place, or records the fault."""
    root = open_message(name, content, faults)
    body = root.part(f"mes:{ANSWER}")
    if body is None:
        raise root.error("is not an answer of a registry to structures.", f"Such an answer contains <{ANSWER}>.")
    return tuple(body.each(read_result, "reg:SubmissionResult"))


def read_result(part: Part) -> StructureResult:
    artefact = part.one("reg:SubmittedStructure").one("reg:MaintainableObject")
    status = part.one("reg:StatusMessage")
    part.close()
    word = status.choice(status.needed("status"), *STATUSES)
    return StructureResult(read_reference(artefact, ""), word, tuple(map(read_note, status.parts("reg:MessageText"))))


def write_registrations(registrations: Iterable[Registration], header: Header, dialect: Dialect) -> bytes:
    """Write registrations as the answer to a query; raise `SdmxmigError` for an invalid header or text."""
    registry = dialect.namespace("registry")
    root = start_message(dialect, "RegistryInterface", {"reg": registry, "str": dialect.structure})
    add_header(root, dialect, header, "registry")
    body = add(root, dialect.message, "QueryRegistrationResponse")
    add(body, registry, "StatusMessage", attributes={"status": "Success"})
    for registration in registrations:
        found = add(body, registry, "QueryResult", attributes={"timeSeriesMatch": "false"})
        times = dict.fromkeys(("validFrom", "lastUpdated"), registration.prepared)
        attributes = {"id": registration.id, **times, **UNINDEXED_FLAGS}
        element = add(add(found, registry, "DataResult"), registry, "Registration", attributes=attributes)
        add_reference(element, dialect, namespace=registry, name="ProvisionAgreement", ref=registration.agreement)
        service = {"isRESTDatasource": "true", "isWebServiceDatasource": "false"}
        source = add(add(element, registry, "Datasource"), registry, "QueryableDataSource", attributes=service)
        add(source, dialect.common, "DataURL", registration.address)
    return to_bytes(root)
