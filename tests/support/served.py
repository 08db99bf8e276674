"""A workbench in its own process, as people start it, and raw requests to it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)/enter\?key=([\w-]+)")


class Process(Protocol):
    """The process of a workbench under test."""

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def send_signal(self, number: int, /) -> None: ...
    def wait(self, seconds: float, /) -> int: ...

    @property
    def pid(self) -> int: ...


@dataclass
class Served:
    """A workbench that runs: its process, its port, the key of its address, and what a browser says that came in."""

    process: Process
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

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


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
    with looked_after(process, printed, state, enter=enter) as bench:
        yield bench


@contextmanager
def looked_after(process: Process, printed: Path, state: Path, *, enter: bool = True) -> Iterator[Served]:
    """A workbench whose process has been started, until it has said its address and to its end."""
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


@dataclass
class ForkedProcess:
    """A process that is no child of ours."""

    pid: int

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int, /) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self, seconds: float, /) -> int:
        deadline = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("forked", seconds)
            time.sleep(0.005)
        return 0


class ForkServer:
    """Makes workbenches that are there at once, as processes of their own."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("fork_server.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **QUIET}
        )

    @contextmanager
    def served(self, folder: Path, state: Path) -> Iterator[Served]:
        assert self.process.stdin
        assert self.process.stdout
        state.mkdir(parents=True, exist_ok=True)
        printed = state / "printed"
        printed.write_bytes(b"")
        self.process.stdin.write(f"{folder}\t{printed}\t{state}\n".encode())
        self.process.stdin.flush()
        process = ForkedProcess(int(self.process.stdout.readline()))
        with looked_after(process, printed, state) as bench:
            yield bench

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


QUIET = {"POLARS_MAX_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
