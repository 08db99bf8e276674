"""Files are laid on another machine whole, under a name that was free, and only if it is the machine that is meant."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ssh_server import SshServer, needs_sshd, ssh_server
from test_transports import CONTENT, dispatch, send, settings

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import READY, RECEIVED, UNCERTAIN, Channel
from sdmxmig.transmission.transports import TRANSPORTS

pytestmark = needs_sshd


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server() as running:
        yield running


def channel(server: SshServer, folder: Path, **more: str) -> Channel:
    known = {"user": server.user, "key_file": str(server.folder / "own"), "host_key": server.host_key, **more}
    return TRANSPORTS["sftp"](settings(f"sftp://127.0.0.1:{server.port}{folder}", folder, more=known))


def test_uploaded_file_is_complete_and_alone(server: SshServer, tmp_path: Path) -> None:
    reached = channel(server, tmp_path)
    assert reached.ask(dispatch(UNCERTAIN)).state == READY
    assert send(reached).state == RECEIVED
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"DF_POP_XA.csv": CONTENT}
    assert send(reached).state == RECEIVED, "it is there already"
    assert reached.ask(dispatch(UNCERTAIN)).state == RECEIVED


def test_partial_file_of_an_earlier_attempt_is_written_again(server: SshServer, tmp_path: Path) -> None:
    (tmp_path / f".DF_POP_XA.csv.{dispatch().id[:12]}.part").write_bytes(b"REF_")
    assert send(channel(server, tmp_path)).state == RECEIVED
    assert [path.name for path in tmp_path.iterdir()] == ["DF_POP_XA.csv"]


def test_server_with_other_host_key_receives_no_file(server: SshServer, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="differs from the recorded key"):
        send(channel(server, tmp_path, host_key="SHA256:another"))
    assert [*tmp_path.iterdir()] == []


def test_refused_login_is_reported(server: SshServer, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="refused the login"):
        send(channel(server, tmp_path, key_file=str(server.folder / "host")))
    with pytest.raises(SdmxmigError, match="private key cannot be read"):
        send(channel(server, tmp_path, key_file=str(server.folder / "own.pub")))


def test_key_with_passphrase_is_opened_by_the_secret(server: SshServer, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copy(server.folder / "own", own)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "canary", "-f", own], check=True)  # what Settings give
    known = {"user": server.user, "key_file": str(own), "host_key": server.host_key}
    address = f"sftp://127.0.0.1:{server.port}{tmp_path}"
    assert send(TRANSPORTS["sftp"](settings(address, tmp_path, more=known, credential="registry"))).state == RECEIVED
    with pytest.raises(SdmxmigError, match="private key cannot be read"):
        send(TRANSPORTS["sftp"](settings(address, tmp_path, more=known)))


def test_delivery_to_unreachable_server_stays_ready(tmp_path: Path) -> None:
    with ssh_server() as gone:
        reached = channel(gone, tmp_path)
    assert send(reached).state == READY


def test_listing_leaves_out_partial_files(server: SshServer, tmp_path: Path) -> None:
    for name in ("theirs.csv", ".DF_POP_XA.csv.0123.part"):
        (tmp_path / name).write_bytes(b"theirs")
    (tmp_path / "folder").mkdir()
    listing = channel(server, tmp_path).listing
    assert list(listing()) == ["theirs.csv"]
