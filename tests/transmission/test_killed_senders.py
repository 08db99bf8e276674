"""A sender killed during a delivery is found by the next command, and the file is not resent blindly."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_delivery import Office, office_at

from sdmxmig.sdmx.model.delivery import READY, RECEIVED, SENDING, UNCERTAIN, Channel, Dispatch, Outcome
from sdmxmig.transmission.delivery import queue
from sdmxmig.transmission.delivery.ledger import find_lease, find_tampered_line, list_dispatches
from sdmxmig.transmission.delivery.sending import Receiver, Sender, send_queued, settle
from sdmxmig.workspace.tasks import delivery_setup
from sdmxmig.workspace.tasks.delivery_setup import is_gone, name_worker

needs_processes = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="no process is seen here")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_at(tmp_path / "queue.sqlite", tmp_path) as made:
        yield made
        assert find_tampered_line(made.ledger) == 0


def ended_worker() -> str:
    """The name of a worker that was, of a process that has ended."""
    with subprocess.Popen(["sleep", "60"]) as child:
        name = name_worker(child.pid)
        assert not is_gone(name)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(name), "it has ended, and nobody has taken note of it yet"
    return name


@needs_processes
def test_ended_worker_is_recognised() -> None:
    name = ended_worker()
    assert is_gone(name)
    machine, room, _, begun = name.split(":")
    own = str(os.getpid())
    assert not is_gone(name_worker(os.getpid()))
    assert is_gone(":".join([machine, room, own, f"{begun}0"])), "the number came again"
    for other in (
        ":".join([f"{machine}-2", room, name.split(":")[2], begun]),
        ":".join([machine, f"{room}0", name.split(":")[2], begun]),
        f"{machine}:1",
        machine,
        "",
        f"{machine}:{room}:x:{begun}",
    ):
        assert not is_gone(other), "nobody can tell"


@needs_processes
def test_senders_in_other_namespaces_are_not_treated_as_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, gone = str(os.getpid()), ended_worker()
    (tmp_path / "self" / "ns").mkdir(parents=True)
    (tmp_path / "self" / "ns" / "pid").symlink_to(f"pid:[{gone.split(':')[1]}]")
    (tmp_path / own).mkdir()
    (tmp_path / own / "stat").write_bytes((Path("/proc") / own / "stat").read_bytes())
    monkeypatch.setattr(delivery_setup, "PROCESS_FOLDER", tmp_path)
    assert not is_gone(gone)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "stat").write_bytes((Path("/proc") / own / "stat").read_bytes())
    assert is_gone(gone)


def taken_by(office: Office, worker: str) -> Dispatch:
    office.promise()
    taken = queue.take_next(office.ledger, office.moment(), worker, office.habits, target="UNSD")
    assert taken is not None
    return taken


@pytest.mark.parametrize(
    ("boot", "state"), [("first", UNCERTAIN), ("second", SENDING)], ids=["its sender is gone", "it was another machine"]
)
def test_delivery_of_killed_sender_is_uncertain_at_first(office: Office, boot: str, state: str) -> None:
    taken = taken_by(office, "gone")
    office.boot = boot
    channel = Channel(send=office.send, ask=office.ask)
    sender = Sender(worker="b", now=office.moment, chance=lambda: 1.0, is_gone=lambda worker: worker == "gone")
    reached = {"UNSD": Receiver("UNSD", channel, habits=office.habits)}
    assert [each.state for each in send_queued(office.ledger, office.folder, reached, sender)] == [state][
        : state != SENDING
    ]
    assert office.states() == [state]
    if state == UNCERTAIN:
        quiet = find_lease(office.ledger, taken.id)
        assert quiet.seconds == office.seconds + office.habits.quiet
        office.asked = [Outcome(state=READY)]
        office.pass_time(office.habits.quiet - 1)
        assert [*send_queued(office.ledger, office.folder, reached, sender)] == []
        office.pass_time(1)
        assert [each.state for each in send_queued(office.ledger, office.folder, reached, sender)][-1] == RECEIVED
    assert len(office.got) == (state == UNCERTAIN)


@pytest.mark.parametrize(("late", "states"), [(RECEIVED, [RECEIVED]), (READY, [UNCERTAIN]), (UNCERTAIN, [UNCERTAIN])])
def test_returning_sender_only_reports_its_outcome(office: Office, late: str, states: list[str]) -> None:
    taken = taken_by(office, "slow")
    office.pass_time(office.habits.lease)
    assert [each.state for each in queue.recover(office.ledger, office.moment(), office.habits, target="UNSD")]
    channel = Receiver("UNSD", Channel(send=office.send, ask=office.ask), habits=office.habits)
    sender = Sender(worker="slow", now=office.moment, chance=lambda: 1.0)
    for _ in range(2):  # and so does another one that thinks the same
        settle(office.ledger, office.folder, channel, sender, dispatch=taken, outcome=Outcome(state=late))
    assert [each.state for each in list_dispatches(office.ledger)] == states
