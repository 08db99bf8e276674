"""Answers of registries, errors and queries, made by hand."""

from __future__ import annotations

import made

from sdmxmig.sdmx.formats.sdmx_ml.dialects import Dialect
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.submission import ErrorMessage, Header, Note, Party, Registration

HEADER = Header("MSG-1", "2026-11-20T08:00:00Z", sender=Party("SDMXMIG"), receivers=(Party("REGISTRY"),))
FLOW = Ref("Dataflow", "SDMXMIG", id="DF_POP", version="1.0.0")
AGREEMENT = Ref("ProvisionAgreement", "SDMXMIG", id="PA_POP", version="1.0.0")
REGISTRATIONS = (
    Registration(AGREEMENT, "https://example.org/a?x=1&y=2", id="R-1", prepared="2026-01-01T12:00:00Z"),
    Registration(AGREEMENT, "https://example.org/b", id="R-2", prepared="2026-02-01T00:00:01Z"),
)


def registry_message(body: str, dialect: Dialect) -> bytes:
    """A message to or from a registry."""
    names = f'xmlns:m="{dialect.message}" xmlns:r="{dialect.namespace("registry")}" xmlns:c="{dialect.common}"'
    header = (
        "<m:Header><m:ID>M1</m:ID><m:Test>false</m:Test><m:Prepared>2026-01-01T10:00:00</m:Prepared>"
        "<m:Sender id='REGISTRY'/><m:Receiver id='GE1'/></m:Header>"
    )
    return f"<?xml version='1.0'?>\n<m:RegistryInterface {names}>\n{header}\n{body}\n</m:RegistryInterface>".encode()


def answer(dialect: Dialect) -> bytes:
    """The answer of a registry to two structures, of which it takes one."""

    def named(ref: Ref) -> str:
        parts = f'agencyID="{ref.agency}" id="{ref.id}" version="{ref.version}" class="{ref.kind}"'
        return ref.urn if dialect.by_urn else f'<Ref xmlns="" {parts} package="datastructure"/>'

    taken, refused = (
        f"<r:SubmissionResult>\n<r:SubmittedStructure action='Append'><r:MaintainableObject>{named(ref)}"
        f"</r:MaintainableObject></r:SubmittedStructure>\n{status}\n</r:SubmissionResult>"
        for ref, status in (
            (STRUCTURE, '<r:StatusMessage status="Success"/>'),
            (FLOW, f'<r:StatusMessage status="Failure">\n{REASON}</r:StatusMessage>'),
        )
    )
    return registry_message(f"<m:SubmitStructureResponse>\n{taken}\n{refused}\n</m:SubmitStructureResponse>", dialect)


REASON = """<r:MessageText code="100"><c:Text xml:lang="en">Its structure is missing.</c:Text>
<c:Text xml:lang="fr">Sans structure.</c:Text></r:MessageText>"""
STRUCTURE = Ref("DataStructure", "SDMXMIG", id="DSD_POP", version="1.0.0")
ERRORS = ErrorMessage(
    (Note("100", Text.of(en=made.AWKWARD, fr="Pas de résultat\nici")), Note("", Text.of(en="No code.")))
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
