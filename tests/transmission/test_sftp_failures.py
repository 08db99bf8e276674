"""An SFTP server that fails at any step: certain results are reported, and existing files never replaced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from failing_sftp import DENIED, FAILED, HOST_KEY, Faults, failing_sftp
from test_transports import CONTENT, dispatch, receiver, saying, send, settings

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, SENT, UNCERTAIN, Channel
from sdmxmig.transmission.transports import TRANSPORTS, sftp

NAME = "DF_POP_XA.csv"


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def there(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def reached(faults: Faults, there: Path) -> Iterator[Channel]:
    with failing_sftp(there.parent, faults) as port:
        yield channel_at(port, there)


def channel_at(port: int, folder: Path, host_key: str = HOST_KEY) -> Channel:
    known = {"user": "office", "host_key": host_key}
    address = f"sftp://127.0.0.1:{port}/in"
    return TRANSPORTS["sftp"](settings(address, folder, more=known, credential="registry"))


BEFORE = {
    "writing is not allowed": (Faults({"open": DENIED}), True),
    "looking is not allowed": (Faults({"stat": DENIED}), True),
    "its disk is full": (Faults({"write": FAILED}), False),
    "the line is cut while it is written": (Faults(cut_before="write"), False),
    "the line is cut before it is opened": (Faults(cut_before="open"), False),
    "taking its name is refused": (Faults({"rename": FAILED}), False),
    "taking its name is not allowed": (Faults({"rename": DENIED}), True),
}


@pytest.mark.parametrize("what", BEFORE)
def test_failure_before_the_transfer_is_retried(what: str, there: Path) -> None:
    faults, pauses = BEFORE[what]
    with failing_sftp(there.parent, faults) as port:
        outcome = send(channel_at(port, there))
        assert (outcome.state, outcome.pauses) == (READY, pauses), outcome.reason
        assert not (there / NAME).exists()
        faults.answers, faults.cut_before = {}, ""
        assert send(channel_at(port, there)).state == RECEIVED
    assert [path.name for path in there.iterdir()] == [NAME]


def test_missing_folder_waits_for_a_person(reached: Channel, there: Path) -> None:
    there.rmdir()
    outcome = send(reached)
    assert (outcome.state, outcome.pauses) == (READY, True)


def test_connection_lost_during_rename_is_uncertain(there: Path) -> None:
    for faults, asked in ((Faults(cut_before="rename"), READY), (Faults(cut_behind="rename"), RECEIVED)):
        with failing_sftp(there.parent, faults) as port:
            assert send(channel_at(port, there)).state == UNCERTAIN
            faults.cut_before = faults.cut_behind = ""
            assert channel_at(port, there).ask(dispatch(UNCERTAIN)).state == asked


@pytest.mark.parametrize("kind", ["another file", "a link to another file", "a link to nothing", "a folder"])
def test_existing_entry_of_equal_name_is_left_unchanged(kind: str, reached: Channel, there: Path) -> None:
    theirs = there.parent / "theirs"
    if kind == "another file":
        (there / NAME).write_bytes(b"theirs")
    elif kind == "a folder":
        (there / NAME).mkdir()
    else:
        (there / NAME).symlink_to(theirs)
        if kind == "a link to another file":
            theirs.write_bytes(b"theirs")
    before = sorted((path.name, path.is_symlink()) for path in there.parent.rglob("*"))
    outcome = send(reached)
    assert outcome.state == UNCERTAIN, outcome.reason
    assert NAME in outcome.reason
    assert sorted((path.name, path.is_symlink()) for path in there.parent.rglob("*")) == before
    assert reached.ask(dispatch(UNCERTAIN)).state == UNCERTAIN
    assert not theirs.exists() or theirs.read_bytes() == b"theirs"


def test_link_to_an_identical_file_counts_as_received(reached: Channel, there: Path) -> None:
    (there.parent / "taken").write_bytes(CONTENT)
    (there / NAME).symlink_to(there.parent / "taken")
    assert send(reached).state == RECEIVED


def test_partial_file_that_cannot_be_removed_is_reported(reached: Channel, faults: Faults, there: Path) -> None:
    (there / f".{NAME}.{dispatch().id[:12]}.part").write_bytes(b"REF_")
    faults.answers = {"remove": DENIED}
    outcome = send(reached)
    assert (outcome.state, outcome.pauses) == (READY, True)


def test_file_that_cannot_be_checked_after_transfer_is_uncertain(reached: Channel, faults: Faults) -> None:
    faults.answers = {"open to read": DENIED}
    outcome = send(reached)
    assert outcome.state == UNCERTAIN
    assert "cannot be read back" in outcome.reason


def test_truncated_upload_is_not_renamed(reached: Channel, faults: Faults, there: Path) -> None:
    faults.answers = {"keeps": 4}
    outcome = send(reached)
    assert outcome.state == READY
    assert "4 of 24 bytes" in outcome.reason
    assert not (there / NAME).exists()


def test_silent_server_is_abandoned_after_a_timeout(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp, "CONNECT_SECONDS", 0.5)
    with failing_sftp(there.parent, Faults(silent="write")) as port:
        assert send(channel_at(port, there)).state == READY


def test_server_without_sftp_receives_no_file(tmp_path: Path) -> None:
    with receiver(saying(200)) as address:
        port = int(address.rpartition(":")[2].partition("/")[0])
        assert send(channel_at(port, tmp_path)).state == READY


def test_denied_listing_and_status_are_reported_without_change(reached: Channel, faults: Faults) -> None:
    faults.answers = {"list": DENIED, "stat": DENIED}
    with pytest.raises(SdmxmigError, match="cannot be listed"):
        list(reached.listing())
    for state in (UNCERTAIN, SENT):
        assert reached.ask(dispatch(state)).state == state
