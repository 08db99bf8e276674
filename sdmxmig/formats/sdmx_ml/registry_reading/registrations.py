"""Registrations of data and metadata: submitted, answered, asked for and found."""

from __future__ import annotations

from typing import Any

from sdmxmig.formats.faults import each
from sdmxmig.formats.sdmx_ml.registry_reading.statuses import action_of, status_of
from sdmxmig.formats.sdmx_ml.structure_reading.constraints import data_sources
from sdmxmig.formats.sdmx_ml.structure_reading.notes import moment
from sdmxmig.formats.sdmx_ml.structure_reading.parts import Part
from sdmxmig.formats.sdmx_ml.structure_reading.records import read_record
from sdmxmig.formats.sdmx_ml.structure_reading.references import reference
from sdmxmig.model.registrations import (
    Registration,
    RegistrationAnswer,
    RegistrationFound,
    RegistrationQuery,
    RegistrationRequest,
    RegistrationResult,
    RegistrationsFound,
    RegistrationSubmission,
)

ABOUT = ("ProvisionAgreement", "DataProvider", "Dataflow", "Metadataflow")
SETS = ("DataSets", "MetadataSets", "AllSets")


def registration(part: Part) -> Registration:
    """One registration."""
    holder = part.one("reg:Datasource")
    sources = data_sources(holder.parts("reg:SimpleDataSource", "reg:QueryableDataSource"), read_record)
    holder.close()
    if not sources:
        raise holder.error("names no source.")
    registration = Registration(
        reference(part.one("reg:ProvisionAgreement"), "ProvisionAgreement"),
        sources,
        id=part.attribute("id"),
        valid_from=moment(part.attribute("validFrom")),
        valid_to=moment(part.attribute("validTo")),
        last_updated=moment(part.attribute("lastUpdated")),
        index_series=part.flag("indexTimeSeries"),
        index_dataset=part.flag("indexDataSet"),
        index_attributes=part.flag("indexAttributes"),
        index_reporting_period=part.flag("indexReportingPeriod"),
    )
    part.close()
    return registration


def read_submission(part: Part) -> RegistrationSubmission:
    """Registrations that are submitted."""
    submission = RegistrationSubmission(tuple(part.each(request, "reg:RegistrationRequest")))
    part.close()
    return submission


def request(part: Part) -> RegistrationRequest:
    """One registration and what to do with it."""
    action = action_of(part, part.needed("action"))
    request = RegistrationRequest(registration(part.one("reg:Registration")), action)
    part.close()
    return request


def read_answer(part: Part) -> RegistrationAnswer:
    """What became of registrations that were submitted."""
    answer = RegistrationAnswer(tuple(part.each(result, "reg:RegistrationStatus")))
    part.close()
    return answer


def result(part: Part) -> RegistrationResult:
    """What became of one registration."""
    registration_result = RegistrationResult(
        registration(part.one("reg:Registration")), status_of(part.one("reg:StatusMessage"))
    )
    part.close()
    return registration_result


def read_query(part: Part) -> RegistrationQuery:
    """Which registrations are asked for."""
    sets = part.one("reg:QueryType")
    wanted = sets.choice(sets.content().strip(), *SETS)
    about = part.one("reg:All", *(f"reg:{name}" for name in ABOUT))
    period = part.part("reg:ReferencePeriod")
    of_metadata = part.parts("reg:MetadataTargetRegion")
    if of_metadata and wanted != "MetadataSets" and not part.message.is_21:
        raise of_metadata[0].error("is of metadata, while other sets are asked for.", "Ask for MetadataSets.")
    keys = tuple(part.each(named_record, "reg:DataKeySet", "reg:MetadataKeySet"))
    regions = (*part.each(named_record, "reg:CubeRegion"), *each(part.message.faults, named_record, of_metadata))
    query = RegistrationQuery(
        wanted,
        None if about.name == "All" else reference(about, about.name),
        period=(moment(period.needed("startTime")), moment(period.needed("endTime"))) if period else None,
        keys=keys,
        regions=regions,
        with_constraints=part.flag("returnConstraints"),
    )
    if period:
        period.close()
    part.close()
    return query


def named_record(part: Part) -> Any:
    """A region or set of keys, which the wire tables have under the name of the element."""
    return read_record(part, part.name)


def read_found_registrations(part: Part) -> RegistrationsFound:
    """The registrations that were asked for."""
    status = status_of(part.one("reg:StatusMessage"))
    registrations = RegistrationsFound(status, tuple(part.each(found_registration, "reg:QueryResult")))
    part.close()
    return registrations


def found_registration(part: Part) -> RegistrationFound:
    """One registration that was asked for."""
    part.needed("timeSeriesMatch")
    is_series = part.element.get("timeSeriesMatch", "").strip() in ("true", "1")
    contents = part.one("reg:DataResult", "reg:MetadataResult")
    named = contents.parts("reg:ContentConstraint" if part.message.is_21 else "reg:Constraint")
    registration_found = RegistrationFound(
        registration(contents.one("reg:Registration")),
        is_series,
        is_metadata=contents.name == "MetadataResult",
        constraints=tuple(reference(part, "ContentConstraint") for part in named),
    )
    contents.close()
    part.close()
    return registration_found
