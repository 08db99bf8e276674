"""A disk that fails at any one step of promising and sending, a folder that may not be written, a clock that jumps."""

from __future__ import annotations

import errno
import os
import posix
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest
from test_delivery import Office, office_at
from test_transports import settings

from sdmxmig.primitives.errors import OutputError, SdmxmigError
from sdmxmig.sdmx.model.delivery import ASKABLE, DEAD, READY, RECEIVED, UNCERTAIN, Outcome, RetryPolicy
from sdmxmig.transmission.delivery import queue
from sdmxmig.transmission.delivery.ledger import find_tampered_line, list_dispatches
from sdmxmig.transmission.delivery.sending import Receiver, Sender, send_queued
from sdmxmig.transmission.transports import TRANSPORTS

OF_FILES = ("fsync", "open", "write", "flush", "replace", "chmod", "mkdir", "unlink", "close", "listdir", "scandir")
"""Calls of the system that a disk may refuse; `execute` is that of the database."""
CALLS = 200
"""More calls than promising and sending make, so that the last cases show that nothing more was there to fail."""


@pytest.fixture(autouse=True)
def disks_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere tests do not wait for disks; here that a disk refuses it is what is looked at."""
    monkeypatch.setattr(os, "fsync", posix.fsync)


@contextmanager
def failing_at(number: int) -> Iterator[list[str]]:
    """Let the n-th call of the disk or of the database fail, as on a full disk; gives the calls that were made."""
    calls: list[str] = []

    def watch(frame: FrameType, event: str, function: object) -> None:
        name = getattr(function, "__name__", "") if event == "c_call" else ""
        if name == "execute" or (name in OF_FILES and not isinstance(getattr(function, "__self__", None), str)):
            calls.append(name)
            if len(calls) == number:
                if name == "execute":
                    raise sqlite3.OperationalError("database or disk is full")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sys.setprofile(watch)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def sent_into(office: Office, outbox: Path) -> list[str]:
    """Do what can be done, with a folder as the receiver."""
    channel = TRANSPORTS["folder"](settings(str(outbox), outbox.parent))
    receiver = Receiver("UNSD", channel, habits=RetryPolicy(repeat=ASKABLE, quiet=60.0, lease=100.0))
    sender = Sender(worker="a", now=office.moment, chance=lambda: 1.0)
    return [dispatch.state for dispatch in send_queued(office.ledger, office.folder, {"UNSD": receiver}, sender)]


def gone_on(office: Office, outbox: Path) -> None:
    """Send as somebody would who comes again and again, and looks where it is asked for."""
    for _ in range(6):
        office.pass_time(4000)
        queue.resume(office.ledger, "UNSD")
        for dispatch in list_dispatches(office.ledger, "WHERE state = ?", (DEAD,)):
            queue.record_decision(office.ledger, dispatch, state=READY, reason="There is room again.", now=office.now)
        sent_into(office, outbox)


@pytest.mark.sampled(12)
@pytest.mark.parametrize("number", range(1, CALLS))
def test_failing_disk_neither_loses_nor_duplicates_deliveries(tmp_path: Path, number: int) -> None:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    with office_at(tmp_path / "queue.sqlite", tmp_path) as office:
        promised = ""
        with failing_at(number) as calls, suppress(OutputError, SdmxmigError):
            promised = office.promise(b"1").id
            sent_into(office, outbox)
        if promised:
            assert [dispatch.id for dispatch in list_dispatches(office.ledger)] == [promised], (
                "what was promised is there"
            )
        assert find_tampered_line(office.ledger) == 0
        office.promise(b"1")
        gone_on(office, outbox)
        (dispatch,) = list_dispatches(office.ledger)
        assert (dispatch.state, find_tampered_line(office.ledger)) == (RECEIVED, 0), calls[-1:]
        assert sorted(path.name for path in outbox.iterdir()) == ["a.csv", "a.csv.sha256"]
        assert (outbox / "a.csv").read_bytes() == b"1"
        left = [path for path in office.folder.rglob("*") if path.is_file() and path.name != path.stem]
        assert left == [], "nothing half written stays"


def test_every_disk_call_is_covered_by_a_failure(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    with office_at(tmp_path / "queue.sqlite", tmp_path) as office, failing_at(0) as calls:
        office.promise(b"1")
        sent_into(office, outbox)
    assert {"execute", "fsync", "write", "replace", "open"} <= {*calls}
    assert 50 < len(calls) < CALLS


READ_ONLY: dict[str, Callable[[Office, pytest.MonkeyPatch], object]] = {
    "the queue": lambda office, _: office.ledger.rows("PRAGMA query_only = 1"),
    "the bytes": lambda _, patch: patch.setattr("tempfile.mkstemp", refused),
}


def refused(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


@pytest.mark.parametrize("what", READ_ONLY)
def test_read_only_queue_accepts_no_submission(tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with office_at(tmp_path / "queue.sqlite", tmp_path) as office:
        with monkeypatch.context() as patch:
            READ_ONLY[what](office, patch)
            with pytest.raises(OutputError, match=r"[Rr]ead-?only"):
                office.promise(b"1")
            assert office.states() == []
        office.ledger.rows("PRAGMA query_only = 0")
        office.promise(b"1")
        assert office.work() == [RECEIVED]


def test_receiver_without_space_is_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    with office_at(tmp_path / "queue.sqlite", tmp_path) as office:
        office.promise(b"1")
        with monkeypatch.context() as patch:
            patch.setattr("sdmxmig.io.publishing.files._create_temporary", refused)
            assert sent_into(office, outbox) == [READY]
        office.pass_time(60)
        assert sent_into(office, outbox) == [RECEIVED]


@pytest.mark.parametrize("days", [1, 365])
def test_corrected_clock_does_not_delay_deliveries(tmp_path: Path, days: int) -> None:
    with office_at(tmp_path / "queue.sqlite", tmp_path) as office:
        office.now += timedelta(days=days)
        office.promise(b"1")
        office.answers = [Outcome(state=READY, reason="503")]
        assert office.work() == [READY]
        office.now -= timedelta(days=days)
        office.seconds += 10
        assert office.work() == [RECEIVED], "it does not wait until the wrong day comes"


def test_quiet_time_restarts_if_the_elapsed_time_is_unknown(tmp_path: Path) -> None:
    with office_at(tmp_path / "queue.sqlite", tmp_path) as office:
        office.now += timedelta(days=365)
        office.promise(b"1")
        office.answers = [TimeoutError()]
        assert office.work() == [UNCERTAIN]
        office.now, office.boot = office.now - timedelta(days=365), "second"
        office.seconds = 5.0
        assert office.work() == [UNCERTAIN], "after a start with a clock that is set right"
        assert office.work() == []
        office.pass_time(60)
        office.asked = [Outcome(state=RECEIVED)]
        assert office.work() == [RECEIVED]
