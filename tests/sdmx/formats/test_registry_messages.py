"""Dialogues with a registry: valid in every version, read back as they were, by us and by a second reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import made_artefacts as rich
import pytest
from folders import SHARED
from made_dialogues import AGREEMENT, BODIES, FLOW, HEADER, LISTS, OFFICE, REGISTRATION, SUBSCRIPTION, SUCCESS

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats.faults import Faults
from sdmxmig.sdmx.formats.sdmx_ml.dialects import DIALECTS, SDMX_21, SDMX_30, SDMX_31, Dialect
from sdmxmig.sdmx.formats.sdmx_ml.registry import read_registry, write_registry
from sdmxmig.sdmx.formats.sdmx_ml.xsd import problems
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.messages import (
    Body,
    Events,
    Registration,
    RegistrationFound,
    RegistrationQuery,
    RegistrationRequest,
    RegistrationsFound,
    RegistrationSubmission,
    RegistryEvent,
    RegistryMessage,
    Selector,
    Status,
    StructureAnswer,
    StructureResult,
    StructureSubmission,
    SubmittedStructure,
    SubscriptionQuery,
    SubscriptionsFound,
)
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.structures import Artefact, CubeRegion, Member, Selection
from sdmxmig.sdmx.model.submission import Header, Note, Party

each_version = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.id)


def back(body: Body | None, dialect: Dialect, header: Header = HEADER) -> RegistryMessage:
    """The message after writing, checking and parsing it."""
    content = write_registry(RegistryMessage(header, body), dialect)
    assert problems(content) == []
    return read_registry("message.xml", content)


def written(body: Body, dialect: Dialect = SDMX_31) -> str:
    return write_registry(RegistryMessage(HEADER, body), dialect).decode()


def str_of(artefact: Artefact) -> str:
    return str(artefact.ref)


def by_kind(body: Body) -> object:
    if isinstance(body, StructureSubmission | RegistryEvent):
        return replace(body, artefacts=tuple(sorted(body.artefacts, key=str_of)))
    return body


@each_version
@pytest.mark.parametrize("name", BODIES)
def test_written_messages_are_valid_and_come_back(dialect: Dialect, name: str) -> None:
    found = back(BODIES[name], dialect)
    assert found.header == HEADER
    assert found.body is not None
    assert by_kind(found.body) == by_kind(BODIES[name])


@each_version
def test_every_kind_of_events_can_be_subscribed_to(dialect: Dialect) -> None:
    from sdmxmig.sdmx.formats.wire.dialogues import KINDS, PATTERNS, REFERENCES

    for kind, words in KINDS.items():
        about = [word for word in words if word not in (*REFERENCES, "Registration") or kind == "structure"]
        chosen = tuple(
            Selector(one, urn=f"urn:example:{one}") if words[one] in PATTERNS else Selector(one) for one in about
        )
        events = Events(kind, ("%",) if kind == "structure" else (), selectors=chosen)
        body = SubscriptionQuery(OFFICE)
        given = SubscriptionsFound(SUCCESS, (replace(SUBSCRIPTION, events=(events,)),))
        found = back(given, dialect).body
        assert isinstance(found, SubscriptionsFound)
        assert set(found.subscriptions[0].events[0].selectors) == set(chosen)
        assert back(body, dialect).body == body


@each_version
def test_metadata_are_registered_and_found_too(dialect: Dialect) -> None:
    kind = "ContentConstraint" if dialect is SDMX_21 else "DataConstraint"
    constraint = Ref(kind, "SDMXMIG", id="CC", version="1.0.0")
    body = RegistrationsFound(
        SUCCESS, (RegistrationFound(REGISTRATION, False, is_metadata=True, constraints=(constraint,)),)
    )
    assert back(body, dialect).body == body
    about = Ref("Metadataflow", "SDMXMIG", id="MDF", version="1.0.0")
    selection = Selection("CONTACT", (Member("x"),), role="component")
    region = CubeRegion((selection,), report="R", target="T") if dialect is SDMX_21 else CubeRegion((selection,))
    query = RegistrationQuery("MetadataSets", about, regions=(region,))
    assert back(query, dialect).body == query


@each_version
def test_all_kinds_of_structures_can_be_submitted(dialect: Dialect) -> None:
    from sdmxmig.sdmx.formats.sdmx_ml import structure_writing
    from sdmxmig.sdmx.formats.sdmx_ml.structure_reading import read_structures

    artefacts = tuple(rich.EVERYWHERE.values())
    alone = read_structures("x.xml", structure_writing.write_structures(artefacts, HEADER, dialect))
    found = back(StructureSubmission(artefacts), dialect).body
    assert isinstance(found, StructureSubmission)
    assert sorted(found.artefacts, key=str_of) == sorted(alone, key=str_of)


@each_version
def test_a_message_may_have_no_body_and_a_footer(dialect: Dialect) -> None:
    header = replace(HEADER, notes=(Note("1", Text.of(en="Read.", fr="Lu."), severity="Information"),))
    message = back(None, dialect, header)
    assert (message.header, message.body) == (header, None)


def test_merging_is_spelt_as_appending_before_3_1() -> None:
    body = StructureSubmission(location="x", action="M")
    assert back(body, SDMX_31).body == body
    assert back(body, SDMX_30).body == replace(body, action="A")


def test_pysdmx_reads_the_same_answer() -> None:
    from pysdmx.io import read_sdmx

    content = written(BODIES["structure answer"], SDMX_21)  # of 3.0 and 3.1 it wants an element that these do not have
    first, second = read_sdmx(content, validate=True).submission or ()
    assert (first.action, first.short_urn, first.status) == ("Append", str(rich.CODELIST.ref), "Success")
    assert (second.action, second.short_urn, second.status) == ("Delete", str(FLOW), "Failure")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample messages are not here")
def test_sample_submission_survives_a_round_trip() -> None:
    path = SHARED / "sdmx-ml-2.1/reader/submission_append.xml"
    message = read_registry(path.name, path.read_bytes())
    assert isinstance(message.body, StructureAnswer)
    assert [str(result.structure.artefact) for result in message.body.results] == [
        "DataStructure=BIS:BIS_DER(1.0)",
        "Dataflow=BIS:WEBSTATS_DER_DATAFLOW(1.0)",
    ]
    assert {result.status.status for result in message.body.results} == {"Success"}
    for dialect in DIALECTS:
        assert back(message.body, dialect, message.header) == message


# -- what cannot be said, and what is wrong -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (StructureSubmission(LISTS, "https://example.org"), "also the address"),
        (StructureSubmission(LISTS, action="X"), "“X” is not an action"),
        (StructureSubmission(LISTS, action=""), "no action"),
        (StructureAnswer(()), "without anything in it"),
        (StructureAnswer((StructureResult(SubmittedStructure(FLOW), Status("Sucess")),)), "“Sucess” is not a status"),
        (
            StructureAnswer((StructureResult(SubmittedStructure(FLOW), Status("Success", (Note("1", Text()),))),)),
            "no text",
        ),
        (RegistrationSubmission((RegistrationRequest(Registration(AGREEMENT, ()), "A"),)), "0 sources"),
        (RegistrationSubmission((RegistrationRequest(replace(REGISTRATION, valid_from="soon"), "A"),)), "“soon”"),
        (RegistrationSubmission((RegistrationRequest(replace(REGISTRATION, id="a b"), "A"),)), "“a b”"),
        (
            RegistrationSubmission((RegistrationRequest(Registration(AGREEMENT, (("ftp", "x"),)), "A"),)),
            "data source ftp",
        ),
        (RegistrationQuery("Sets"), "cannot be asked for"),
        (RegistrationQuery("AllSets", Ref("Codelist", "A", id="B", version="1.0")), "cannot be asked for"),
        (SubscriptionsFound(SUCCESS, (replace(SUBSCRIPTION, events=()),)), "names the events"),
        (SubscriptionsFound(SUCCESS, (replace(SUBSCRIPTION, events=(Events("news"),)),)), "no news events"),
        (SubscriptionsFound(SUCCESS, (replace(SUBSCRIPTION, events=(Events("structure"),)),)), "some agencies"),
        (RegistryEvent("2026-01-01T10:00:00Z", "R", subscription="urn:x"), "one artefact or one registration"),
        (StructureSubmission(location="http://a b"), "cannot be an address"),
        (SubscriptionsFound(SUCCESS, (replace(SUBSCRIPTION, valid=("2026", "2027")),)), "cannot be a day"),
        (
            SubscriptionsFound(SUCCESS, (replace(SUBSCRIPTION, events=(Events("structure", ("A B",)),)),)),
            "cannot be an agency",
        ),
        (
            RegistrationSubmission(
                (RegistrationRequest(Registration(AGREEMENT, (("rest", "x"), ("wsdl", "x"), ("wsdl", "y"))), "A"),)
            ),
            "data source wsdl",
        ),
    ],
)
def test_unsupported_content_is_refused(body: Body, message: str) -> None:
    with pytest.raises(SdmxmigError, match=message):
        written(body)


@pytest.mark.parametrize("receivers", [(), (Party("A"), Party("B"))])
def test_a_registry_is_the_only_receiver(receivers: Sequence[Party]) -> None:
    with pytest.raises(SdmxmigError, match="has one receiver"):
        back(BODIES["location"], SDMX_30, replace(HEADER, receivers=tuple(receivers)))


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("structure answer", 'status="Success"', 'status="Sucess"', "StatusMessage> says “Sucess”"),
        ("structure answer", 'status="Success"', "", "lacks the attribute status"),
        ("structure answer", ".Codelist=", ".Codlist=", "is not a URN of SDMX"),
        ("structure answer", "<reg:SubmissionResult>", '<reg:SubmissionResult><X xmlns=""/>', "holds <X>"),
        ("structures", "<str:Codelists>", "<str:Codelists><str:Dataflow/>", "does not belong in <Codelists>"),
        ("structures", "<str:Codelists>", "<str:Codlists/><str:Codelists>", "does not belong in <Structures>"),
        ("structures", 'externalDependencies="true"', 'externalDependencies="perhaps"', "Write true or false"),
        ("location", "StructureLocation", "Location", "neither structures nor the address"),
        ("registrations", 'action="Append"', 'action="Add"', "says “Add”"),
        ("registrations", 'indexTimeSeries="true"', 'indexTimeSeries="x"', "Write true or false"),
        ("registration query", "AllSets", "Sets", "says “Sets”"),
        ("subscriptions", "<reg:All/>", "", "neither which artefacts nor that all"),
        ("subscriptions", "<reg:Version>1.0</reg:Version>", "", "lacks <Version>"),
        ("subscriptions", "SubmitSubscriptionsRequest", "SubmitSubscriptionRequest", "does not belong there"),
        ("subscriptions", "<mes:ID>MSG-1</mes:ID>", "<mes:Id>MSG-1</mes:Id>", "Id does not belong in Header"),
    ],
)
def test_faults_have_a_place_or_are_listed(name: str, old: str, new: str, message: str) -> None:
    content = written(BODIES[name]).replace(old, new)
    assert content != written(BODIES[name])
    with pytest.raises(InputError) as caught:
        read_registry("message.xml", content.encode())
    assert message in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.place is not None
    assert caught.value.place.line > 1
    faults = Faults()
    read_registry("message.xml", content.encode(), faults)
    assert message in f"{faults.listed[0].message} {faults.listed[0].hint}"


def test_a_lenient_reading_leaves_out_the_smallest_part() -> None:
    content = written(BODIES["structure answer"]).replace('status="Failure"', 'status="Failed"')
    faults = Faults()
    found = read_registry("message.xml", content.encode(), faults).body
    assert isinstance(found, StructureAnswer)
    assert [result.structure.artefact for result in found.results] == [rich.CODELIST.ref]
    assert len(faults.listed) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<a/>", "not a message of a known version"),
        (b"<a", "well formed"),
        (b'<Structure xmlns="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"/>', "not read as a dialogue"),
        (b'<RegistryInterface xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message"/>', "SDMX-ML 2.0"),
        (b'<RegistryInterface xmlns="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"/>', "no Header"),
    ],
)
def test_other_files_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_registry("message.xml", content)
