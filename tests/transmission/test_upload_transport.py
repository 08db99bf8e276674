"""A file for manual upload waits under its name until a person confirms its arrival."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest
from test_transports import CONTENT, KEY, SHA256, dispatch, send, settings

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import READY, TRANSITIONS, UNCERTAIN, WAITING
from sdmxmig.transmission.transports import TRANSPORTS

NAME = "MIGR_IMM1CTZ_A_EL_2024_0000.XML"
WHERE = "https://portal.example.org/upload"


def lying(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_file_waits_with_its_hash_and_destination(tmp_path: Path) -> None:
    channel = TRANSPORTS["upload"](settings(WHERE, tmp_path))
    assert channel.ask(dispatch(UNCERTAIN, NAME)).state == READY
    outcome = send(channel, NAME)
    assert (outcome.state, outcome.answer) == (WAITING, b""), "the receiver has said nothing yet"
    assert f"Deliver uploads/{KEY[:12]}/{NAME} to {WHERE}" in outcome.reason
    assert lying(tmp_path) == {
        f"uploads/{KEY[:12]}/{NAME}": CONTENT,
        f"uploads/{KEY[:12]}/{NAME}.sha256": f"{SHA256}  {NAME}\n".encode(),
    }
    assert channel.ask(dispatch(UNCERTAIN, NAME)).state == WAITING
    assert send(channel, NAME).state == WAITING, "again, after a cut"


def test_packed_archive_has_one_file_and_is_reproducible(tmp_path: Path) -> None:
    channel = TRANSPORTS["upload"](settings(WHERE, tmp_path, more={"pack": "zip"}))
    assert send(channel, NAME).state == WAITING
    path = tmp_path / "uploads" / KEY[:12] / "MIGR_IMM1CTZ_A_EL_2024_0000.zip"
    with zipfile.ZipFile(path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {NAME: CONTENT}
    first = path.read_bytes()
    assert hashlib.sha256(first).hexdigest() in path.with_name(f"{path.name}.sha256").read_text()
    send(channel, NAME)
    assert path.read_bytes() == first


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a/b.csv", "..", "", "a\\b.csv", "a\nb.csv", "a\0b"])
def test_file_name_cannot_escape_the_upload_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SdmxmigError, match="not a file name"):
        send(TRANSPORTS["upload"](settings(WHERE, tmp_path)), name)
    assert lying(tmp_path) == {}


def test_unwritable_folder_is_retried_later(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file")
    assert send(TRANSPORTS["upload"](settings(WHERE, tmp_path)), NAME).state == READY


def test_delivery_waiting_for_a_person_does_not_continue() -> None:
    assert "sending" not in TRANSITIONS[WAITING]
    assert "sent" not in TRANSITIONS[WAITING]
