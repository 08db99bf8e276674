"""Queued submissions reach their receiver once; uncertain ones are queried, and never resent blindly."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from case_tables import as_list, cases_from

from sdmxmig.primitives.errors import InputError, OutputError, SdmxmigError
from sdmxmig.sdmx.model.delivery import (
    ACCEPTED,
    ASKABLE,
    DEAD,
    KEYED,
    PERSON,
    READY,
    RECEIVED,
    REJECTED,
    SENDING,
    SENT,
    UNCERTAIN,
    Channel,
    Dispatch,
    Outcome,
    Parcel,
    RetryPolicy,
)
from sdmxmig.transmission.delivery import queue, spool
from sdmxmig.transmission.delivery.ledger import (
    Ledger,
    find_dispatch,
    find_tampered_line,
    list_dispatches,
    open_ledger,
    open_transaction,
)
from sdmxmig.transmission.delivery.sending import Receiver, Sender, send_queued
from sdmxmig.transmission.delivery.spool import Moment

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@dataclass
class Office:
    """A queue with a manual clock, and a receiver with set answers."""

    folder: Path
    ledger: Ledger
    now: datetime = START
    seconds: float = 0.0
    boot: str = "first"
    answers: list[Outcome | Exception] = field(default_factory=list)
    asked: list[Outcome] = field(default_factory=list)
    got: list[tuple[str, bytes]] = field(default_factory=list)
    habits: RetryPolicy = field(default_factory=lambda: RetryPolicy(repeat=ASKABLE, quiet=60.0))

    def moment(self) -> Moment:
        return Moment(wall=self.now, seconds=self.seconds, boot=self.boot)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds

    def send(self, dispatch: Dispatch, pieces: Iterator[bytes]) -> Outcome:
        content = b"".join(pieces)
        answer = self.answers.pop(0) if self.answers else Outcome(state=RECEIVED, answer=b"received")
        if isinstance(answer, Exception):
            raise answer
        self.got.append((dispatch.id, content))
        return answer

    def ask(self, _: Dispatch) -> Outcome:
        return self.asked.pop(0)

    def promise(self, content: bytes = b"1", *, flow: str = "DF_POP", period: str = "2025", **more: str) -> Dispatch:
        parcel = parcel_of(content, flow=flow, period=period, **more)
        return queue.enqueue(self.ledger, self.folder, parcel, [content], now=self.now)

    def work(self) -> list[str]:
        receiver = Receiver("UNSD", Channel(send=self.send, ask=self.ask), habits=self.habits)
        sender = Sender(worker="a", now=self.moment, chance=lambda: 1.0)
        return [dispatch.state for dispatch in send_queued(self.ledger, self.folder, {"UNSD": receiver}, sender)]

    def states(self) -> list[str]:
        return [dispatch.state for dispatch in list_dispatches(self.ledger)]


def parcel_of(content: bytes, **more: str) -> Parcel:
    fields = {"flow": "DF_POP", "area": "XA", "period": "2025", "submission": "XA-UNSD-1", "target": "UNSD", **more}
    sha256 = hashlib.sha256(content).hexdigest()
    return Parcel(**fields, content=sha256, name="a.csv", media_type="text/csv", size=len(content))  # type: ignore[arg-type]


@contextmanager
def office_at(address: Path, folder: Path) -> Iterator[Office]:
    with open_ledger(address) as ledger:
        yield Office(folder / "spool", ledger)


@pytest.fixture
def address(tmp_path: Path) -> Path:
    return tmp_path / "queue.sqlite"


@pytest.fixture
def office(address: Path, tmp_path: Path) -> Iterator[Office]:
    with office_at(address, tmp_path) as made:
        yield made
        assert find_tampered_line(made.ledger) == 0


def test_queued_submission_is_sent_once_and_receipt_stored(office: Office) -> None:
    promised = office.promise(b"REF_AREA,OBS_VALUE\nXA,1\n")
    assert office.work() == [RECEIVED]
    assert office.work() == []
    assert office.got == [(promised.id, b"REF_AREA,OBS_VALUE\nXA,1\n")]
    (received,) = list_dispatches(office.ledger)
    assert b"".join(spool.read_pieces(office.folder, received.receipt)) == b"received"


def test_same_content_is_queued_once_until_another_is_sent(office: Office) -> None:
    first = office.promise(b"1")
    assert office.promise(b"1").id == first.id
    office.work()
    assert office.promise(b"1").id == first.id, "it is there already"
    office.promise(b"2")
    office.work()
    back = office.promise(b"1")
    assert back.id != first.id, "data may go back to what they were"
    office.work()
    assert [content for _, content in office.got] == [b"1", b"2", b"1"]


@cases_from("transmission/cases/newer_submission_replaces_a_waiting_one.csv", states=as_list)
def test_newer_submission_replaces_waiting_one(office: Office, waiting: str, newer: str, states: list[str]) -> None:
    office.promise(b"1", action=waiting)
    office.promise(b"2", action=newer)
    assert office.states() == states


@pytest.mark.parametrize(
    ("first", "states"),
    [
        (Outcome(state=READY, reason="503"), [READY, READY]),
        (Outcome(state=UNCERTAIN, reason="cut"), [UNCERTAIN, READY]),
        (Outcome(state=SENT), [SENT, READY]),
        (Outcome(state=REJECTED, answer=b"no"), [REJECTED, RECEIVED]),
    ],
)
def test_delivery_does_not_overtake_an_open_one(office: Office, first: Outcome, states: list[str]) -> None:
    office.answers = [first]
    office.promise(b"1")
    office.promise(b"2", period="2026")
    office.work()
    assert office.states() == states


def test_busy_receiver_is_retried_after_its_pause(office: Office) -> None:
    office.answers = [Outcome(state=READY, reason="503"), Outcome(state=READY, reason="429", wait=600.0)]
    office.promise()
    assert office.work() == [READY]
    assert office.work() == [], "not yet"
    office.pass_time(2)
    assert office.work() == [READY]
    office.pass_time(599)
    assert office.work() == []
    office.pass_time(1)
    assert office.work() == [RECEIVED]


def test_delivery_stops_after_many_attempts_until_resumed(office: Office) -> None:
    office.habits = RetryPolicy(attempts=3)
    office.answers = [Outcome(state=READY, reason="503")] * 3
    promised = office.promise()
    for _ in range(3):
        office.work()
        office.pass_time(1000)
    (dead,) = list_dispatches(office.ledger)
    assert (dead.state, dead.needs_person, dead.reason) == (DEAD, True, "It was tried 3 times. 503")
    queue.record_decision(office.ledger, promised, state=READY, reason="They are back.", now=office.now)
    assert office.work() == [RECEIVED]


def test_delivery_ends_two_days_after_its_first_attempt(office: Office) -> None:
    office.habits = RetryPolicy(attempts=100)
    office.answers = [Outcome(state=READY)] * 2
    office.promise()
    office.pass_time(3600 * 100)
    assert office.work() == [READY]
    office.pass_time(3600 * 48)
    assert office.work() == [DEAD]


def test_refused_credential_stops_deliveries_to_its_receiver(office: Office) -> None:
    office.answers = [Outcome(state=READY, reason="401", pauses=True)]
    office.promise()
    office.promise(flow="DF_IMM")
    assert office.work() == [READY]
    assert office.work() == []
    assert queue.find_pause_reason(office.ledger, "UNSD") == "401"
    assert list_dispatches(office.ledger)[0].attempts == 0
    queue.resume(office.ledger, "UNSD")
    assert office.work() == [RECEIVED, RECEIVED]


def test_uncertain_delivery_is_queried_after_the_quiet_time(office: Office) -> None:
    office.answers = [TimeoutError("no answer")]
    office.asked = [Outcome(state=RECEIVED, answer=b"version 3")]
    office.promise()
    assert office.work() == [UNCERTAIN]
    office.pass_time(59)
    assert office.work() == [], "it might be about to take effect"
    office.pass_time(1)
    assert office.work() == [RECEIVED]
    assert len(office.got) == 0, "it was not sent again"


def test_delivery_missing_at_the_receiver_is_sent_again(office: Office) -> None:
    office.answers = [ConnectionResetError("cut")]
    office.asked = [Outcome(state=READY, reason="It has no such version.")]
    office.promise()
    office.work()
    office.pass_time(60)
    assert office.work() == [READY, RECEIVED]


def test_clock_jump_does_not_shorten_the_quiet_time(office: Office) -> None:
    office.answers = [TimeoutError()]
    office.promise()
    office.work()
    office.now += timedelta(days=365)
    assert office.work() == []
    office.now -= timedelta(days=800)
    office.asked = [Outcome(state=RECEIVED)]
    office.seconds += 60
    assert office.work() == [RECEIVED]


def test_uncertain_delivery_with_idempotency_key_is_repeated(office: Office) -> None:
    office.habits = RetryPolicy(repeat=KEYED, quiet=60.0, attempts=2)
    office.answers = [TimeoutError(), TimeoutError(), TimeoutError()]
    office.promise()
    office.work()
    office.pass_time(60)
    assert office.work() == [READY, UNCERTAIN]
    office.pass_time(60)
    assert office.work() == [UNCERTAIN], "not for ever"
    assert list_dispatches(office.ledger)[0].needs_person


def test_uncertain_delivery_waits_if_queries_are_impossible(office: Office) -> None:
    office.habits = RetryPolicy(repeat=PERSON, quiet=60.0)
    office.answers = [TimeoutError()]
    promised = office.promise()
    office.work()
    office.pass_time(60)
    assert office.work() == [UNCERTAIN]
    assert office.work() == []
    assert list_dispatches(office.ledger)[0].needs_person
    with pytest.raises(SdmxmigError):
        queue.record_decision(office.ledger, promised, state=SENDING, reason="", now=office.now)
    queue.record_decision(office.ledger, promised, state=RECEIVED, reason="They have it.", now=office.now)
    assert office.work() == []
    assert len(office.got) == 0


def test_delivery_in_progress_is_queried_until_final(office: Office) -> None:
    office.answers = [Outcome(state=SENT, answer=b"job 7")]
    office.asked = [Outcome(state=SENT), Outcome(state=ACCEPTED, answer=b"loaded")]
    office.promise()
    assert office.work() == [SENT]
    office.pass_time(60)
    assert office.work() == [SENT]
    assert office.work() == []
    office.pass_time(60)
    assert office.work() == [ACCEPTED]


@pytest.mark.parametrize("boot", ["first", "second"])
def test_interrupted_sender_leaves_an_uncertain_dispatch(tmp_path: Path, boot: str, address: str) -> None:
    with office_at(address, tmp_path) as before:
        before.promise()
        assert queue.take_next(before.ledger, before.moment(), "a", before.habits, target="UNSD")
    with office_at(address, tmp_path) as office:
        office.boot, office.asked = boot, [Outcome(state=RECEIVED)]
        assert office.work() == [], "the other one may still be at work"
        office.pass_time(3600)
        assert office.work() == [UNCERTAIN]
        office.pass_time(60)
        assert office.work() == [RECEIVED]
        assert office.got == []


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"2"), lambda path: path.unlink()])
def test_damaged_bytes_are_not_sent(office: Office, spoil: Callable[[Path], object]) -> None:
    promised = office.promise(b"1")
    spoil(spool.build_path(office.folder, promised.parcel.content))
    assert office.work() == [DEAD]
    assert office.got == []


@pytest.mark.parametrize("at", range(0, 5000, 512))
def test_truncated_queued_file_is_detected_at_any_length(tmp_path: Path, at: int) -> None:
    content = bytes(range(256)) * 20
    sha256 = hashlib.sha256(content).hexdigest()
    spool.store_content(tmp_path, sha256, [content])
    path = spool.build_path(tmp_path, sha256)
    path.write_bytes(content[:at])
    with pytest.raises(spool.DamagedSpoolFile):
        spool.check(tmp_path, sha256)


def test_bytes_with_another_hash_are_refused(tmp_path: Path) -> None:
    with pytest.raises(spool.DamagedSpoolFile, match="changed while"):
        spool.store_content(tmp_path, "00" * 32, [b"1"])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


TAMPERING = {
    "a line is changed": "UPDATE journal SET line = replace(line, 'ready', 'dead') WHERE number = 1",
    "a line lacks what every line says": "UPDATE journal SET line = replace(line, 'number', 'numbfr') WHERE number = 1",
    "a line is no line": "UPDATE journal SET line = '[1, 2' WHERE number = 2",
    "a moment is none": 'UPDATE journal SET line = replace(line, \'"at": "2\', \'"at": "x\') WHERE number = 1',
    "a line is gone": "DELETE FROM journal WHERE number = 2",
    "the last line is gone": "DELETE FROM journal WHERE number = (SELECT max(number) FROM journal)",
    "a state is changed": "UPDATE dispatch SET state = 'ready'",
    "a dispatch is gone": "DELETE FROM dispatch",
    "all lines are gone": "DELETE FROM journal",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampered_journal_is_detected(address: Path, tmp_path: Path, what: str) -> None:
    with office_at(address, tmp_path) as office:
        office.promise()
        office.work()
        assert find_tampered_line(office.ledger) == 0
        with open_transaction(office.ledger):
            office.ledger.rows(TAMPERING[what])
        assert find_tampered_line(office.ledger) > 0


def test_dispatch_is_found_by_prefix_of_its_id(office: Office) -> None:
    promised = office.promise()
    assert find_dispatch(office.ledger, promised.id[:8]) == promised
    for name in ("", "x"):
        with pytest.raises(SdmxmigError, match="There is no delivery"):
            find_dispatch(office.ledger, name)


def test_full_disk_is_reported_and_keeps_the_queue(office: Office) -> None:
    office.promise()
    office.ledger.rows("PRAGMA max_page_count = 12")

    def fill() -> None:
        for number in range(100):
            office.promise(flow=f"DF_{number}")

    with pytest.raises(OutputError, match="full"):
        fill()
    office.ledger.rows("PRAGMA max_page_count = 1000")
    waiting = len(office.states())
    assert office.work() == [RECEIVED] * waiting


def test_file_other_than_a_queue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(InputError, match="not a queue"), open_ledger(path):
        pass
    with pytest.raises(OutputError), open_ledger(tmp_path / "queue.sqlite" / "below"):
        pass


def test_dispatch_is_taken_by_only_one_worker(address: Path, tmp_path: Path) -> None:
    with office_at(address, tmp_path) as office:
        for number in range(20):
            office.promise(flow=f"DF_{number}")
        taken: list[str] = []

        def take_all(worker: str) -> None:
            with open_ledger(address) as ledger:
                while dispatch := queue.take_next(ledger, office.moment(), worker, office.habits, target="UNSD"):
                    taken.append(dispatch.id)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(take_all, "abcd"))
    assert sorted(taken) == sorted({*taken})
    assert len(taken) == 20


def test_concurrent_requests_queue_one_dispatch(address: Path, tmp_path: Path) -> None:
    with office_at(address, tmp_path):
        pass

    def promise(_: int) -> str:
        with office_at(address, tmp_path) as office:
            return office.promise().id

    with ThreadPoolExecutor(4) as pool:
        assert len({*pool.map(promise, range(8))}) == 1


SAMPLE = 80


@pytest.mark.parametrize(
    "kills", [pytest.param(SAMPLE, id="sample"), pytest.param(2000, marks=pytest.mark.long, id="all")]
)
def test_killed_senders_neither_lose_nor_duplicate_deliveries(kills: int) -> None:
    command = [sys.executable, "-m", "benchmarks.killed_deliveries", "--kills", str(kills)]
    counts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert counts["points"] >= 25
    assert counts["kills"] >= kills
    assert counts["promised"] > kills / 4
    assert {name: count for name, count in counts.items() if count and name in FAULTS} == {}


FAULTS = (
    *("promised and not in the queue", "promised and never taken", "not settled at the end"),
    *("taken twice", "altered journals"),
)
