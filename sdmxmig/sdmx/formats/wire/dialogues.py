"""Wire tables of registry messages, which only SDMX-ML has."""

from __future__ import annotations

from sdmxmig.sdmx.formats.wire import CONTENT, Field, Form, Key, Shape
from sdmxmig.sdmx.model import messages

BODIES: dict[str, type] = {
    "SubmitStructureRequest": messages.StructureSubmission,
    "SubmitStructureResponse": messages.StructureAnswer,
    "SubmitRegistrationsRequest": messages.RegistrationSubmission,
    "SubmitRegistrationsResponse": messages.RegistrationAnswer,
    "QueryRegistrationRequest": messages.RegistrationQuery,
    "QueryRegistrationResponse": messages.RegistrationsFound,
    "SubmitSubscriptionsRequest": messages.SubscriptionSubmission,
    "SubmitSubscriptionsResponse": messages.SubscriptionAnswer,
    "QuerySubscriptionRequest": messages.SubscriptionQuery,
    "QuerySubscriptionResponse": messages.SubscriptionsFound,
    "NotifyRegistryEvent": messages.RegistryEvent,
}
"""The elements of messages to and from registries, with what they hold."""


def moment(name: str, ml: str, what: str, *, required: bool = False) -> Field:
    return Field(name, Form.MOMENT, ml=ml, pattern="DATE_TIME", what=what, required=required)


def shaped(name: str, ml: str, pattern: str, what: str = "an address", *, required: bool = False) -> Field:
    return Field(name, Form.SHAPED, ml=ml, pattern=pattern, what=what, required=required)


def word(name: str, ml: str, choices: tuple[str, ...], what: str) -> Field:
    return Field(name, Form.WORD, ml=ml, choices=choices, what=what, required=True)


def listed(name: str, ml: str, of: type) -> tuple[Field]:
    return (Field(name, Form.EACH, ml=ml, of=of),)


ACTION = Field("action", Form.ACTION, ml="@action", required=True)
STATUS = Field("status", Form.PART, ml="reg:StatusMessage", of=messages.Status, required=True)
REGISTRATION = Field("registration", Form.PART, ml="reg:Registration", of=messages.Registration, required=True)
ORGANISATION = Field("organisation", Form.REFERENCE, ml="reg:Organisation", kinds=("OrganisationUnit",), required=True)
OWN_ID = shaped("own_id", "reg:SubscriberAssignedID", "ID", "the id of a subscription")
INDEXES = {
    "index_series": "indexTimeSeries",
    "index_dataset": "indexDataSet",
    "index_attributes": "indexAttributes",
    "index_reporting_period": "indexReportingPeriod",
}
STATUSES, SETS = ("Success", "Warning", "Failure"), ("DataSets", "MetadataSets", "AllSets")
ABOUT = ("ProvisionAgreement", "DataProvider", "Dataflow", "Metadataflow")
"""The kinds of artefacts whose registrations can be asked for."""
SHAPES: dict[Key, Shape] = {
    messages.Status: (
        word("status", "@status", STATUSES, "is not a status"),
        Field("notes", Form.MESSAGES, ml="reg:MessageText"),
    ),
    messages.StructureSubmission: (
        Field("action", Form.ACTION, ml="@action", default="Append"),
        Field("external_dependencies", Form.FLAG, ml="@externalDependencies", always=("ml",)),
        shaped("location", "reg:StructureLocation", "ADDRESS"),
        Field("artefacts", Form.ARTEFACTS, ml="Structures"),
        *listed("exceptions", "reg:SubmittedStructure", messages.SubmittedStructure),
    ),
    messages.SubmittedStructure: (
        Field("action", Form.ACTION, ml="@action"),
        Field("external_dependencies", Form.MAYBE, ml="@externalDependencies"),
        Field("artefact", Form.REFERENCE, ml="reg:MaintainableObject", required=True),
    ),
    messages.StructureResult: (
        Field("structure", Form.PART, ml="reg:SubmittedStructure", of=messages.SubmittedStructure, required=True),
        STATUS,
    ),
    messages.StructureAnswer: listed("results", "reg:SubmissionResult", messages.StructureResult),
    messages.Registration: (
        shaped("id", "@id", "ID", "the id of a registration"),
        moment("valid_from", "@validFrom", "a time for validFrom"),
        moment("valid_to", "@validTo", "a time for validTo"),
        moment("last_updated", "@lastUpdated", "a time for lastUpdated"),
        *(Field(name, Form.FLAG, ml=f"@{attribute}", always=("ml",)) for name, attribute in INDEXES.items()),
        Field("agreement", Form.REFERENCE, ml="reg:ProvisionAgreement", kinds=("ProvisionAgreement",), required=True),
        Field("sources", Form.SOURCES, ml="reg:Datasource"),
    ),
    messages.RegistrationRequest: (ACTION, REGISTRATION),
    messages.RegistrationSubmission: listed("requests", "reg:RegistrationRequest", messages.RegistrationRequest),
    messages.RegistrationResult: (REGISTRATION, STATUS),
    messages.RegistrationAnswer: listed("results", "reg:RegistrationStatus", messages.RegistrationResult),
    messages.RegistrationQuery: (
        Field("with_constraints", Form.FLAG, ml="@returnConstraints", always=("ml",)),
        word("sets", "reg:QueryType", SETS, "cannot be asked for"),
        Field("about", Form.ABOUT, ml="reg:All", kinds=ABOUT),
        Field("period", Form.PAIR, ml="reg:ReferencePeriod", of="times"),
    ),
    "times": (
        moment("first", "@startTime", "a time of the reference period", required=True),
        moment("second", "@endTime", "a time of the reference period", required=True),
    ),
    messages.RegistrationFound: (
        Field("is_series", Form.FLAG, ml="@timeSeriesMatch", always=("ml",), required=True),
        Field("registration", Form.FOUND, ml="reg:DataResult"),
    ),
    messages.RegistrationsFound: (
        STATUS,
        *listed("found", "reg:QueryResult", messages.RegistrationFound),
    ),
    messages.Subscription: (
        ORGANISATION,
        shaped("urn", "reg:RegistryURN", "ADDRESS"),
        Field("mail", Form.PAIRS, ml="reg:NotificationMailTo", of="address"),
        Field("http", Form.PAIRS, ml="reg:NotificationHTTP", of="address"),
        OWN_ID,
        Field("valid", Form.PAIR, ml="reg:ValidityPeriod", of="days", required=True),
        Field("events", Form.EVENTS, ml="reg:EventSelector"),
    ),
    "address": (shaped("first", CONTENT, "ADDRESS", required=True), Field("second", Form.FLAG, ml="@isSOAP")),
    "days": (
        shaped("first", "reg:StartDate", "DATE", "a day", required=True),
        shaped("second", "reg:EndDate", "DATE", "a day", required=True),
    ),
    messages.SubscriptionRequest: (
        ACTION,
        Field("subscription", Form.PART, ml="reg:Subscription", of=messages.Subscription, required=True),
    ),
    messages.SubscriptionSubmission: listed("requests", "reg:SubscriptionRequest", messages.SubscriptionRequest),
    messages.SubscriptionResult: (shaped("urn", "reg:SubscriptionURN", "ADDRESS"), OWN_ID, STATUS),
    messages.SubscriptionAnswer: listed("results", "reg:SubscriptionStatus", messages.SubscriptionResult),
    messages.SubscriptionQuery: (ORGANISATION,),
    messages.SubscriptionsFound: (
        STATUS,
        *listed("subscriptions", "reg:Subscription", messages.Subscription),
    ),
    messages.RegistryEvent: (
        shaped("time", "reg:EventTime", "DATE_TIME", "the time of an event", required=True),
        shaped("urn", "reg:ObjectURN", "ADDRESS"),
        shaped("registration_id", "reg:RegistrationID", "ID", "the id of a registration"),
        shaped("subscription", "reg:SubscriptionURN", "ADDRESS", required=True),
        Field("action", Form.ACTION, ml="reg:EventAction", required=True),
        Field("artefacts", Form.ARTEFACTS, ml="reg:StructuralEvent/Structures"),
        Field("registration", Form.INSIDE, ml="reg:RegistrationEvent/reg:Registration", of=messages.Registration),
    ),
}
EVENTS = {
    "structure": "StructuralRepositoryEvents",
    "data": "DataRegistrationEvents",
    "metadata": "MetadataRegistrationEvents",
}
REGISTERED = {
    "Registration": "RegistrationID",
    "ProvisionAgreement": "ProvisionAgreement",
    "DataProvider": "DataProvider",
    "Category": "Category",
}
KINDS = {
    "structure": {
        **{
            kind: kind
            for kind in (
                "AgencyScheme",
                "DataProviderScheme",
                "OrganisationUnitScheme",
                "Dataflow",
                "Metadataflow",
                "CategoryScheme",
                "Categorisation",
                "Codelist",
                "HierarchicalCodelist",
                "ConceptScheme",
                "StructureSet",
                "ReportingTaxonomy",
                "Process",
                "AttachmentConstraint",
                "ContentConstraint",
                "ProvisionAgreement",
                "TransformationScheme",
                "NameAliasScheme",
                "NamePersonalisationScheme",
                "RulesetScheme",
                "UserDefinedOperatorScheme",
            )
        },
        "DataConsumerScheme": "DataConsmerScheme",  # misspelt in the schemas
        "DataStructure": "KeyFamily",
        "MetadataStructure": "MetadataStructureDefinition",
    },
    "data": {**REGISTERED, "Dataflow": "DataflowReference", "DataStructure": "KeyFamilyReference"},
    "metadata": {
        **REGISTERED,
        "Metadataflow": "MetadataflowReference",
        "MetadataStructure": "MetadataStructureDefinitionReference",
    },
}
"""The elements by the kinds of artefacts that they are about, for each kind of events."""

REFERENCES = ("ProvisionAgreement", "DataProvider", "Category")
"""The kinds which the events of data and metadata name as references do."""

PATTERNS = {word for kind in ("data", "metadata") for word in KINDS[kind].values() if word.endswith("Reference")}
"""The elements that hold a URN, or a pattern of agency, id and version."""
