"""Dialogues with a registry, one of each kind, errors and queries, made by hand."""

from __future__ import annotations

from dataclasses import replace

import made
import made_artefacts as rich

from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.messages import (
    Body,
    ErrorMessage,
    Events,
    Registration,
    RegistrationAnswer,
    RegistrationFound,
    RegistrationQuery,
    RegistrationRequest,
    RegistrationResult,
    RegistrationsFound,
    RegistrationSubmission,
    RegistryEvent,
    Selector,
    Status,
    StructureAnswer,
    StructureResult,
    StructureSubmission,
    SubmittedStructure,
    Subscription,
    SubscriptionAnswer,
    SubscriptionQuery,
    SubscriptionRequest,
    SubscriptionResult,
    SubscriptionsFound,
    SubscriptionSubmission,
)
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import Header, Note, Party

HEADER = Header("MSG-1", "2026-11-20T08:00:00Z", sender=Party("SDMXMIG"), receivers=(Party("REGISTRY"),))
FLOW = Ref("Dataflow", "SDMXMIG", id="DF_POP", version="1.0.0")
AGREEMENT = Ref("ProvisionAgreement", "SDMXMIG", id="PA_POP", version="1.0.0")
PROVIDER = Ref("DataProvider", "SDMXMIG", id="DATA_PROVIDERS", version="1.0", item="GE1")
OFFICE = Ref("OrganisationUnit", "SDMXMIG", id="UNITS", version="1.0", item="HEAD")
LISTS = (rich.CODELIST, rich.DATAFLOW, rich.DRAFT_CODELIST)
NOTES = (Note("100", Text.of(en=made.AWKWARD, fr="Liste d'essai")), Note("", Text.of(en="And\nmore.")))

REGISTRATION = Registration(
    AGREEMENT,
    (
        ("simple", "https://example.org/a.xml?x=1&y=2"),
        ("rest+soap", "https://example.org/ws"),
        ("wsdl", "https://e.org"),
    ),
    id="R-1",
    valid_from="2026-01-01",
    valid_to="2027-01-01T12:00:00Z",
    last_updated="2026-02-01T00:00:01",
    index_series=True,
    index_reporting_period=True,
)
SELECTORS = (
    Selector("Codelist", id="CL_SEX", version="1.0"),
    Selector("DataStructure"),
    Selector("Categorisation", id="%"),
    Selector("DataConsumerScheme", urn="urn:sdmx:org.sdmx.infomodel.base.DataConsumerScheme=A:DATA_CONSUMERS(1.0)"),
)
REGISTERED = (
    Selector("Registration", id="R-1"),
    Selector("ProvisionAgreement", urn=AGREEMENT.urn),
    Selector("DataProvider", urn=PROVIDER.urn),
)
SUBSCRIPTION = Subscription(
    OFFICE,
    ("2026-01-01", "2026-12-31"),
    events=(
        Events("structure", ("%", "SDMXMIG"), selectors=SELECTORS),
        Events("data", selectors=(*REGISTERED, Selector("Dataflow", agency="SDMXMIG", id="%", version="*"))),
        Events("metadata"),
    ),
    urn="urn:example:subscription:1",
    mail=(("mailto:a@example.org", True), ("mailto:b@example.org", False)),
    http=(("https://example.org/?a=1&b=2", False),),
    own_id="OWN-1",
)
SUCCESS, FAILURE = Status("Success"), Status("Failure", NOTES)

BODIES: dict[str, Body] = {
    "structures": StructureSubmission(
        LISTS,
        "",
        action="R",
        external_dependencies=True,
        exceptions=(
            SubmittedStructure(rich.CODELIST.ref, "D", external_dependencies=False),
            SubmittedStructure(rich.DRAFT_CODELIST.ref),
        ),
    ),
    "location": StructureSubmission(location="https://example.org/structures.xml?a=1&b=2"),
    "structure answer": StructureAnswer(
        (
            StructureResult(SubmittedStructure(rich.CODELIST.ref, "A"), SUCCESS),
            StructureResult(SubmittedStructure(FLOW, "D", external_dependencies=True), FAILURE),
        )
    ),
    "registrations": RegistrationSubmission(
        (RegistrationRequest(REGISTRATION, "A"), RegistrationRequest(Registration(AGREEMENT, (("rest", "x"),)), "D"))
    ),
    "registration answer": RegistrationAnswer((RegistrationResult(REGISTRATION, FAILURE),)),
    "registration query": RegistrationQuery("AllSets"),
    "narrow query": RegistrationQuery(
        "DataSets",
        AGREEMENT,
        period=("2020-01-01", "2026-01-01T00:00:01"),
        keys=(rich.KEYS,),
        regions=(rich.REGION,),
        with_constraints=True,
    ),
    "provider query": RegistrationQuery("DataSets", PROVIDER),
    "found": RegistrationsFound(SUCCESS, (RegistrationFound(REGISTRATION, True), RegistrationFound(REGISTRATION))),
    "nothing found": RegistrationsFound(Status("Warning", NOTES)),
    "subscriptions": SubscriptionSubmission((SubscriptionRequest(SUBSCRIPTION, "R"),)),
    "subscription answer": SubscriptionAnswer(
        (SubscriptionResult(SUCCESS, "urn:example:1", own_id="OWN-1"), SubscriptionResult(FAILURE))
    ),
    "subscription query": SubscriptionQuery(OFFICE),
    "subscriptions found": SubscriptionsFound(SUCCESS, (SUBSCRIPTION, replace(SUBSCRIPTION, urn="", own_id=""))),
    "structural event": RegistryEvent(
        "2026-01-01T10:00:00Z", "R", subscription="urn:example:1", urn=FLOW.urn, artefacts=LISTS
    ),
    "registration event": RegistryEvent(
        "2026-01-01T10:00:00Z", "D", subscription="urn:example:1", registration_id="R-1", registration=REGISTRATION
    ),
}
ERRORS = ErrorMessage(
    (
        Note("100", Text.of(en=made.AWKWARD, fr="Pas de résultat\nici")),
        Note("", Text.of(en="No code.")),
    )
)
QUERY_HEADER = """<m:Header><m:ID>Q1</m:ID><m:Test>false</m:Test><m:Prepared>2026-01-01</m:Prepared>
<m:Sender id="GE1"/><m:Receiver id="ESTAT"/></m:Header>"""


def query(root: str, body: str, version: str = "2_1") -> bytes:
    """A query of a version."""
    base = "http://www.sdmx.org/resources/sdmxml/schemas/v" if version != "2_0" else ""
    base = base or "http://www.SDMX.org/resources/SDMXML/schemas/v"
    names = f'xmlns:m="{base}{version}/message" xmlns:q="{base}{version}/query" xmlns:c="{base}{version}/common"'
    return f"<m:{root} {names}>{QUERY_HEADER}<m:Query>{body}</m:Query></m:{root}>".encode()


FLOW_QUERY = query(
    "DataflowQuery",
    '<q:ReturnDetails detail="Full"><q:References><q:None/></q:References></q:ReturnDetails>'
    '<q:DataflowWhere><q:ID>DF_POP</q:ID><q:Structure><Ref agencyID="A" id="DSD" version="1.0"/></q:Structure>'
    "</q:DataflowWhere>",
)
DATA_QUERY = query(
    "StructureSpecificTimeSeriesDataQuery",
    '<q:ReturnDetails defaultLimit="10"><q:Structure/></q:ReturnDetails><q:DataWhere><q:And><q:Provider>'
    '<Ref agencyID="A" maintainableParentID="DATA_PROVIDERS" maintainableParentVersion="1.0" id="GE1"/></q:Provider>'
    '<q:DimensionValue><q:ID>SEX</q:ID><q:Value operator="equal">F</q:Value></q:DimensionValue></q:And></q:DataWhere>',
)
OLD_QUERY = query(
    "QueryMessage", "<q:DataWhere><q:Dimension id='FREQ'>A</q:Dimension></q:DataWhere><q:CodelistWhere/>", "2_0"
)
