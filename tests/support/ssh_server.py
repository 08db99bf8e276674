"""An SFTP server of the tests' own: Debian's, on loopback, with a key and its own user."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from case_tables import text_from

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
needs_sshd = pytest.mark.skipif(not SSHD, reason="there is no SSH server")
CONFIGURATION = text_from("support/cases/ssh_server_configuration.txt")
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class SshServer:
    """An SSH server: its port, its folder with keys, and the user who signs in."""

    port: int
    folder: Path
    user: str

    @property
    def host_key(self) -> str:
        """The hash of the server's key, as OpenSSH shows it."""
        blob = base64.b64decode((self.folder / "host.pub").read_text().split()[1])
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


@contextmanager
def ssh_server() -> Iterator[SshServer]:
    """A server on loopback that lets one key in, as whoever runs the tests."""
    import pwd

    with tempfile.TemporaryDirectory(prefix="sdmxmig-ssh-") as name, socket.socket() as free:
        folder = Path(name)
        free.bind(("127.0.0.1", 0))
        server = SshServer(free.getsockname()[1], folder, pwd.getpwuid(os.getuid()).pw_name)
        free.close()
        for key in ("host", "own"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        shutil.copy(folder / "own.pub", folder / "allowed")
        (folder / "configuration").write_text(CONFIGURATION.format(port=server.port, folder=folder))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        with subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "configuration"], stderr=subprocess.DEVNULL) as running:
            try:
                wait_for(server.port)
                yield server
            finally:
                running.terminate()


def wait_for(port: int) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
