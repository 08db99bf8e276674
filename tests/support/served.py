"""A workbench in its own process, as people start it, and raw requests to it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)/enter\?key=([\w-]+)")


@dataclass
class Served:
    """A running workbench: process, port, key of its address, and the cookie of a signed-in browser."""

    process: subprocess.Popen[bytes]
    port: int
    key: str
    cookie: str = ""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def enter(self) -> None:
        answer = self.ask(f"GET /enter?key={self.key} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n")
        self.cookie = re.search(rb"set-cookie: ([^;]+)", answer)[1].decode()  # type: ignore[index]

    def head(self, line: str, *more: str, host: str = "", ours: bool = True) -> str:
        """The head of a request; `ours` are the headers of a page of the workbench."""
        own = [f"Cookie: {self.cookie}", "Sec-Fetch-Site: same-origin"] if ours else []
        return "\r\n".join([f"{line} HTTP/1.1", f"Host: {host or self.host}", *own, *more, "", ""])

    def ask(self, request: str | bytes, seconds: float = 20) -> bytes:
        """The answer of the workbench to these bytes until it closes, or falls silent."""
        with self.connection(seconds) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(
                    request if isinstance(request, bytes) else request.encode("utf-8", "surrogateescape")
                )
            return received(connection)

    def connection(self, seconds: float = 20) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


def received(connection: socket.socket) -> bytes:
    """All bytes until the other side closes, or falls silent."""
    parts = []
    with contextlib.suppress(OSError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def status(answer: bytes) -> int:
    """The status of an answer, 0 if missing."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


@contextmanager
def served(folder: Path, state: Path, *, enter: bool = True) -> Iterator[Served]:
    """A workbench with a signed-in user, unless sign-in is left to the test.

    At the end its output must contain no internals, and there must be no bug report.
    """
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "TMPDIR": str(state), "POLARS_MAX_THREADS": "1"}
    state.mkdir(parents=True, exist_ok=True)
    printed = state / "printed"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "sdmxmig", "serve", str(folder)], stdout=file, stderr=file, env=environment
        )
    try:
        while process.poll() is None and not (address := ADDRESS.search(printed.read_bytes())):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        bench = Served(process, int(address[1]), address[2].decode())
        if enter:
            bench.enter()
        yield bench
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(20)
        assert b"Traceback" not in printed.read_bytes(), printed.read_text()
        assert not list(state.glob("sdmxmig-bug-*")), next(state.glob("sdmxmig-bug-*")).read_text()
    finally:
        process.kill()
        process.wait(10)
