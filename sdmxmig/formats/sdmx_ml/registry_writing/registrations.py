"""Registrations of data and metadata: submitted, answered, asked for and found."""

from __future__ import annotations

from lxml import etree

from sdmxmig.errors import SdmxmigError, did_you_mean
from sdmxmig.formats.sdmx_ml.registry_writing.dialogue import Dialogue
from sdmxmig.formats.sdmx_ml.structure_writing.constraints import add_data_sources
from sdmxmig.formats.sdmx_ml.structure_writing.records import add_fields
from sdmxmig.formats.sdmx_ml.structure_writing.writing import Writing
from sdmxmig.formats.structures.constraints import Refusals, in_keys, in_region
from sdmxmig.model.artefacts import Text
from sdmxmig.model.references import Ref
from sdmxmig.model.registrations import (
    Registration,
    RegistrationAnswer,
    RegistrationFound,
    RegistrationQuery,
    RegistrationsFound,
    RegistrationSubmission,
)
from sdmxmig.model.structures import Constraint

ABOUT = ("ProvisionAgreement", "DataProvider", "Dataflow", "Metadataflow")
SETS = ("DataSets", "MetadataSets", "AllSets")
INDEXES = {
    "indexTimeSeries": "index_series",
    "indexDataSet": "index_dataset",
    "indexAttributes": "index_attributes",
    "indexReportingPeriod": "index_reporting_period",
}


def writing_about(dialogue: Dialogue, ref: Ref | None) -> Writing:
    """A stand-in artefact through which the writers of constraints describe what a query or registration is about."""
    return Writing(
        dialogue.dialect, Constraint(ref or Ref("RegistrationQuery", "ALL", id="REGISTRATIONS", version="*"), Text())
    )


def check(writing: Writing, refusals: Refusals) -> None:
    """Raise the first of some refusals, if there is one."""
    for what, hint in refusals:
        raise writing.refusal(what, hint)


def add_registration(dialogue: Dialogue, parent: etree._Element, registration: Registration) -> None:
    """Add one registration.

    Raises `SdmxmigError` if it has no source or more than two, or if a date is none.
    """
    attributes = {"id": dialogue.id(registration.id, "the id of a registration")}
    for name, text in (
        ("validFrom", registration.valid_from),
        ("validTo", registration.valid_to),
        ("lastUpdated", registration.last_updated),
    ):
        attributes[name] = dialogue.time(text, f"a time for {name}")
    attributes |= {name: "true" if getattr(registration, flag) else "false" for name, flag in INDEXES.items()}
    element = dialogue.add(parent, "Registration", attributes=attributes)
    dialogue.reference(element, "ProvisionAgreement", registration.agreement)
    holder = dialogue.add(element, "Datasource")
    number = sum(kind not in ("wsdl", "wadl") for kind, _ in registration.sources)
    if not 1 <= number <= 2:
        hint = "Name a file, a service, or one of each."
        raise SdmxmigError(f"The registration of {registration.agreement.short} has {number} sources.", hint=hint)
    for _, address in registration.sources:
        dialogue.address(address)
    add_data_sources(writing_about(dialogue, registration.agreement), holder, registration.sources, add_fields)


def add_submission(dialogue: Dialogue, element: etree._Element, submission: RegistrationSubmission) -> None:
    """Add registrations, each with what to do with it."""
    for request in submission.requests:
        attributes = {"action": dialogue.needed_action(request.action)}
        add_registration(
            dialogue, dialogue.add(element, "RegistrationRequest", attributes=attributes), request.registration
        )


def add_answer(dialogue: Dialogue, element: etree._Element, answer: RegistrationAnswer) -> None:
    """Add what became of each registration."""
    for result in answer.results:
        holder = dialogue.add(element, "RegistrationStatus")
        add_registration(dialogue, holder, result.registration)
        dialogue.status(holder, result.status)


def add_query(dialogue: Dialogue, element: etree._Element, query: RegistrationQuery) -> None:
    """Add which registrations are asked for.

    Raises `SdmxmigError` for sets or artefacts that cannot be asked for, and for what a version cannot say.
    """
    element.set("returnConstraints", "true" if query.with_constraints else "false")
    if query.sets not in SETS:
        raise SdmxmigError(f"“{query.sets}” cannot be asked for.", hint=did_you_mean(query.sets, SETS))
    dialogue.add(element, "QueryType", query.sets)
    if query.about is None:
        dialogue.add(element, "All")
    elif query.about.kind in ABOUT:
        dialogue.reference(element, query.about.kind, query.about)
    else:
        hint = f"Ask for those of one of {', '.join(ABOUT)}."
        raise SdmxmigError(f"The registrations of {query.about} cannot be asked for.", hint=hint)
    if query.period:
        times = (dialogue.time(text, "a time of the reference period") for text in query.period)
        dialogue.add(element, "ReferencePeriod", attributes=dict(zip(("startTime", "endTime"), times, strict=True)))
    writing, version = writing_about(dialogue, query.about), dialogue.dialect.sdmx_version
    for keys in query.keys:
        check(writing, in_keys(keys, family="ml", version=version))
        name = "MetadataKeySet" if keys.reports else "DataKeySet"
        add_fields(writing, dialogue.add(element, name), name, keys)
    for region in query.regions:
        is_metadata = bool(region.report) or (dialogue.dialect.by_urn and query.sets == "MetadataSets")
        check(writing, in_region(region, family="ml", version=version, is_metadata=is_metadata))
        name = "MetadataTargetRegion" if is_metadata else "CubeRegion"
        add_fields(writing, dialogue.add(element, name), name, region)


def add_found(dialogue: Dialogue, element: etree._Element, registrations: RegistrationsFound) -> None:
    """Add the registrations that were asked for."""
    dialogue.status(element, registrations.status)
    for registration_found in registrations.found:
        add_one_found(dialogue, element, registration_found)


def add_one_found(dialogue: Dialogue, element: etree._Element, registration_found: RegistrationFound) -> None:
    """Add one registration, with the constraints of what it registers."""
    query_result = dialogue.add(
        element, "QueryResult", attributes={"timeSeriesMatch": "true" if registration_found.is_series else "false"}
    )
    holder = dialogue.add(query_result, "MetadataResult" if registration_found.is_metadata else "DataResult")
    add_registration(dialogue, holder, registration_found.registration)
    for constraint in registration_found.constraints:
        dialogue.reference(holder, "ContentConstraint" if dialogue.dialect.has_final else "Constraint", constraint)
