"""A PostgreSQL server of the tests' own, on loopback, as its own user where the tests run as root."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

INITDB = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
needs_postgres = pytest.mark.skipif(INITDB is None, reason="there is no PostgreSQL server")
USER = "sdmxmig"
PATIENCE = 30.0


@contextmanager
def server() -> Iterator[str]:
    """The address of an empty temporary server, removed at the end."""
    assert INITDB is not None
    as_user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="sdmxmig-pg-", dir="/tmp"))  # where that user may come in
    if as_user:
        shutil.chown(folder, **as_user)
    quiet: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **as_user}
    subprocess.run([INITDB, "-D", folder / "data", "-A", "trust", "-U", USER, "--no-sync"], check=True, **quiet)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "max_connections": "40"}
    options = [text for name, setting in settings.items() for text in ("-c", f"{name}={setting}")]
    running = subprocess.Popen(
        [INITDB.with_name("postgres"), "-D", folder / "data", "-p", str(port), *options], **quiet
    )
    try:
        wait_for(port, running)
        yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
    finally:
        running.terminate()
        running.wait(PATIENCE)
        shutil.rmtree(folder)


def wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(f"postgresql://{USER}@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            if running.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def schema(address: str, name: str) -> str:
    """The address of a part of a database that is as good as an empty one."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
    return f"{address}?options=-csearch_path%3D{name}"
