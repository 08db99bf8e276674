"""A .Stat transfer service accepts files under a number; the outcome is requested by this number.

Tried against a stub alone, which was made after the documentation of the .Stat Suite.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dotstat_stub import Service, serving_dotstat
from test_delivery import Office
from test_transports import KEY, dispatch, settings

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import (
    ACCEPTED,
    READY,
    REJECTED,
    SENDING,
    SENT,
    TRANSITIONS,
    UNCERTAIN,
    Channel,
    Dispatch,
    Outcome,
    RetryPolicy,
)
from sdmxmig.transmission.delivery import spool
from sdmxmig.transmission.delivery.ledger import open_ledger
from sdmxmig.transmission.transports import TRANSPORTS

DATA = b"STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,OBS_VALUE\ndataflow,XA:DF_POP(1.0.0),R,XA,1\n"
OLD = b"DATAFLOW,REF_AREA,OBS_VALUE\nXA:DF_POP(1.0.0),XA,1\n"
SEMICOLONS = DATA.replace(b",", b";")
HEAD = (
    b'<mes:StructureSpecificData xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message" '
    b'xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common"><mes:Header><mes:ID>M1</mes:ID>'
    b"<mes:Test>false</mes:Test><mes:Prepared>2026-03-01T00:00:00Z</mes:Prepared><mes:Sender id='XA'/>"
)
USE = (
    b'<mes:Structure structureID="%(id)b" namespace="urn:a" dimensionAtObservation="TIME_PERIOD"><com:StructureUsage>'
    b"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=XA:%(id)b(1.0.0)</com:StructureUsage></mes:Structure>"
)
TAIL = b"</mes:Header></mes:StructureSpecificData>"
ML = HEAD + USE % {b"id": b"DF_POP"} + TAIL


@pytest.fixture
def service() -> Iterator[Service]:
    with serving_dotstat(Service()) as started:
        yield started


class Kept(dict[str, bytes]):
    """Receipts by their hash, as the spool keeps them."""

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest() if content else ""
        self[digest] = content
        return digest

    def pieces(self, digest: str) -> Iterator[bytes]:
        return iter([self[digest]])


def channel(
    service: Service,
    folder: Path,
    kept: Kept | None = None,
    *,
    kept_by: Callable[[str], Iterator[bytes]] | None = None,
    **fields: object,
) -> Channel:
    usual = {
        "credential": "transfer",
        "more": {"dataspace": "design"},
        "habits": RetryPolicy(lease=20),
        "kept": kept_by or (Kept() if kept is None else kept).pieces,
    }
    return TRANSPORTS["dotstat"](settings(f"{service.address}/3", folder, **(usual | fields)))


def parcel(content: bytes, name: str = "DF_POP_XA.csv") -> Dispatch:
    usual = dispatch(SENDING, name)
    return replace(usual, parcel=replace(usual.parcel, size=len(content)))


def send(channel: Channel, content: bytes = DATA, name: str = "DF_POP_XA.csv") -> Outcome:
    return channel.send(parcel(content, name), iter([content[:20], content[20:]]))


def asked(channel: Channel, kept: Kept, outcome: Outcome) -> Outcome:
    """The answer to a status query about a dispatch in the state of an outcome."""
    assert outcome.state in TRANSITIONS[SENDING]
    return channel.ask(replace(parcel(DATA), state=outcome.state, receipt=kept.put(outcome.answer)))


@pytest.mark.parametrize("version", ["2", "3"])
def test_delivery_stays_sent_until_service_returns_result(service: Service, tmp_path: Path, version: str) -> None:
    kept = Kept()
    of = settings(
        f"{service.address}/{version}/", tmp_path, credential="transfer", more={"dataspace": "design"}, kept=kept.pieces
    )
    way = TRANSPORTS["dotstat"](of)
    outcome, states = send(way), []
    while outcome.state == SENT and len(states) < 5:
        states.append(outcome.state)
        outcome = asked(way, kept, outcome)
    assert states == [SENT, SENT, SENT], "registered, queued, in progress"
    assert outcome.state == ACCEPTED
    assert json.loads(outcome.answer)["executionStatus"] == "Completed", "what it said is the receipt"
    assert service.files == {17: {"space": "design", "name": f"{KEY[:12]}-DF_POP_XA.csv", "content": DATA}}


ENDS = {
    ("Completed", "Success"): ACCEPTED,
    ("Completed", "Warning"): ACCEPTED,
    ("Completed", "Error"): REJECTED,
    ("Failed", "Error"): REJECTED,
    ("Canceled", "None"): REJECTED,
    ("TimedOut", "None"): UNCERTAIN,
    ("Completed", "None"): UNCERTAIN,
    ("Whatever", ""): UNCERTAIN,
}


@pytest.mark.parametrize("ends", ENDS)
def test_result_of_the_service_becomes_the_state(service: Service, tmp_path: Path, ends: tuple[str, str]) -> None:
    service.ends, service.asked = (*ends, "line 3 is bad"), {17: 1}
    kept = Kept()
    way = channel(service, tmp_path, kept)
    outcome = asked(way, kept, send(way))
    assert outcome.state == ENDS[ends]
    assert "line 3 is bad" in outcome.reason


FILES = {
    "data in SDMX-CSV 2": (DATA, SENT),
    "data in SDMX-CSV 1": (OLD, SENT),
    "columns between semicolons": (SEMICOLONS, SENT),
    "data in SDMX-ML": (ML, SENT),
    "two dataflows": (DATA + DATA.splitlines()[1].replace(b"DF_POP", b"DF_MIG") + b"\n", None),
    "two dataflows in SDMX-CSV 1": (OLD + b"XA:DF_MIG(1.0.0),XA,1\n", None),
    "two dataflows in SDMX-ML": (HEAD + USE % {b"id": b"DF_POP"} + USE % {b"id": b"DF_MIG"} + TAIL, None),
    "an archive": (b"PK\x03\x04", None),
    "nothing": (b"", None),
    "a web page": (b"<html></html>", None),
    "a column that never ends": (DATA + b'"' + b"a" * 200_000, None),
}


@pytest.mark.parametrize("file", FILES)
def test_service_receives_only_suitable_files(service: Service, tmp_path: Path, file: str) -> None:
    content, state = FILES[file]
    if state is None:
        with pytest.raises(SdmxmigError):
            send(channel(service, tmp_path), content)
        assert service.files == {}
        return
    assert send(channel(service, tmp_path), content).state == state
    assert [held["content"] for held in service.files.values()] == [content]


ANSWERS = {
    "cut": UNCERTAIN,
    "late": UNCERTAIN,
    "half": UNCERTAIN,
    "half as whole": UNCERTAIN,
    "slow": UNCERTAIN,
    "bomb": UNCERTAIN,
    "a web page": UNCERTAIN,
    "nothing": UNCERTAIN,
    "500": UNCERTAIN,
    "503": READY,
    "429": READY,
    "401": READY,
    "404": READY,
    "elsewhere": READY,
    "no success": REJECTED,
    "400": REJECTED,
    "413": REJECTED,
}


@pytest.mark.parametrize("trick", ANSWERS)
def test_failed_upload_leads_to_the_expected_state(service: Service, tmp_path: Path, trick: str) -> None:
    service.tricks.append(trick)
    way = channel(service, tmp_path, habits=RetryPolicy(lease=0.8 if trick == "slow" else 20))
    outcome = send(way)
    assert (outcome.state, outcome.pauses) == (ANSWERS[trick], trick in ("401", "404", "elsewhere")), outcome.reason
    assert outcome.wait == (7 if trick in ("503", "429") else None)
    assert "canary" not in f"{outcome}"


@pytest.mark.parametrize(
    "trick",
    ["cut", "half as whole", "bomb", "a web page", "nothing", "another number", "500", "401", "404", "elsewhere"],
)
def test_unanswered_status_query_leaves_state_unchanged(service: Service, tmp_path: Path, trick: str) -> None:
    kept = Kept()
    way = channel(service, tmp_path, kept)
    sent = send(way)
    service.tricks.append(trick)
    outcome = asked(way, kept, sent)
    assert (outcome.state, outcome.answer) == (SENT, b""), "the receipt with the number stays"
    assert asked(way, kept, sent).state == SENT


def test_delivery_without_request_number_waits_for_a_person(service: Service, tmp_path: Path) -> None:
    service.tricks.append("cut")
    way = channel(service, tmp_path)
    lost = replace(parcel(DATA), state=send(way).state)
    outcome = way.ask(lost)
    assert outcome.state == UNCERTAIN
    assert [held["name"] in outcome.reason for held in service.files.values()] == [True], "by what to look for it"


@pytest.mark.parametrize("name", ['a".csv', "a\r\nX: b.csv", "../a.csv", "", "a;b.csv"])
def test_file_name_cannot_break_the_upload_form(service: Service, tmp_path: Path, name: str) -> None:
    with pytest.raises(SdmxmigError, match="not a file name"):
        send(channel(service, tmp_path), name=name)
    assert service.files == {}


def test_missing_version_or_data_space_is_refused(service: Service, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="data space"):
        send(channel(service, tmp_path, more={}))
    for end in ("", "/1.2", "/4"):
        of = settings(f"{service.address}{end}", tmp_path, credential="transfer", more={"dataspace": "design"})
        with pytest.raises(SdmxmigError, match="version"):
            send(TRANSPORTS["dotstat"](of))


def test_queue_queries_by_stored_number_until_final(service: Service, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "queue.sqlite") as ledger:
        office = Office(tmp_path / "spool", ledger)
        way = channel(service, tmp_path, kept_by=lambda sha256: spool.read_pieces(office.folder, sha256))
        office.send, office.ask = way.send, way.ask  # type: ignore[method-assign]
        office.promise(DATA)
        service.tricks = ["", "500"]
        states = []
        for _ in range(5):
            office.work()
            states += office.states()
            office.pass_time(61)
    assert states == [SENT, SENT, SENT, SENT, ACCEPTED], "a broken answer in between loses no number"
    assert len(service.files) == 1
