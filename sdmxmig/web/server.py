"""Start and end of the workbench, and connections with time limits."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import threading
import time
import webbrowser
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.web.application import build_application
from sdmxmig.web.guard import ADMITTED_KEY, ENTRY_PATH, BrowserAccess
from sdmxmig.web.pages import load_people
from sdmxmig.web.proxy import Proxy
from sdmxmig.web.workbench import Workbench
from sdmxmig.workspace.folder import PEOPLE_FILE
from sdmxmig.workspace.tasks.approvals import ANSWERS
from sdmxmig.workspace.tasks.history import settle
from sdmxmig.workspace.tasks.messages import build_system_error
from sdmxmig.workspace.tasks.new_workspace import add_recent_workspace, find_state_folder, is_workspace

LOOPBACK = "127.0.0.1"
FIRST_PORT = 20_000
"""The first of the ports that are free on most machines and not assigned automatically."""
BACKLOG = 128
LOG_LEVEL = "critical"
MAX_HEAD_BYTES = 32 * 1024
MAX_CONCURRENT = 256
LAST_CHECK_SECONDS = 1.0
EXIT_WORDS = 3
Beside = Callable[["ASGIApp", int], "ASGIApp"]


def serve(
    folder: Path,
    port: int,
    tell: Callable[[str], None],
    *,
    browse: bool,
    recent: bool,
    clicked: bool,
    proxy: Proxy | None,
    beside: Beside | None,
) -> None:
    """Serve a workspace until ended.

    `tell` receives the one-time address; `browse` opens it. Raises `SdmxmigError` if it cannot start; if `clicked`
    (started without a terminal), the browser shows the reason.
    """
    with contextlib.closing(listen(port) if port else listen_on_usual_port()) as listening:
        port = listening.getsockname()[1]
        access = (
            build_access(proxy, port)
            if proxy
            else BrowserAccess(port, hosts=(f"{LOOPBACK}:{port}", f"localhost:{port}"))
        )
        open_folder = open_workbench_or_start if clicked else open_workbench
        workbench = open_folder(folder, access, recent=recent)
        address = proxy.address if proxy else f"http://{LOOPBACK}:{port}{ENTRY_PATH}?key={access.key}"
        if proxy and load_people(workbench, of_workspace=True) is None:
            raise build_people_error(workbench)
        application: ASGIApp = build_application(workbench, is_made_ready=True)
        served = beside(application, port) if beside else application
        server = uvicorn.Server(build_config(served, date_header=beside is not None))
        workbench.end = None if proxy else functools.partial(schedule_end, server)
        tell(address)
        if browse:
            webbrowser.open(address)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                server.run(sockets=[listening])
        finally:
            workbench.jobs.stop_all()


def build_access(proxy: Proxy, port: int) -> BrowserAccess:
    return BrowserAccess(port, hosts=proxy.hosts, scheme=proxy.scheme, proxy=proxy)


def build_people_error(workbench: Workbench) -> SdmxmigError:
    folder = workbench.base if workbench.at_start else workbench.folder
    hint = f'Add people and their roles, such as: [people] "statistician" = ["{ANSWERS}"]'
    return SdmxmigError(f"{PEOPLE_FILE} is missing, so nobody can sign in.", Place(str(folder / PEOPLE_FILE)), hint)


def schedule_end(server: uvicorn.Server) -> None:
    def end() -> None:
        server.should_exit = True

    timer = threading.Timer(LAST_CHECK_SECONDS, end)
    timer.daemon = True
    timer.start()


def build_config(asgi: Callable[..., object], *, date_header: bool = True) -> uvicorn.Config:
    return uvicorn.Config(
        asgi,
        log_level=LOG_LEVEL,
        access_log=False,
        server_header=False,
        date_header=date_header,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        http=BoundedConnection,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        limit_concurrency=MAX_CONCURRENT,
        timeout_graceful_shutdown=EXIT_WORDS,
    )


def open_workbench(folder: Path, access: BrowserAccess, *, recent: bool) -> Workbench:
    """Return a workbench with the folder's workspace, or with the start screen."""
    folder = folder.resolve()
    if not folder.is_dir():
        raise SdmxmigError(f"There is no folder “{folder}”.", hint="Name a workspace, or a folder for new ones.")
    has_workspace = is_workspace(folder)
    base = folder.parent if has_workspace else folder
    if recent or not has_workspace:
        return Workbench(base, access, base=base, at_start=True)
    workbench = Workbench(folder, access, base=base)
    workbench.session()
    settle(workbench.folder, workbench.now())
    if access.proxy is None:
        add_recent_workspace(workbench.folder)
    return workbench


def open_workbench_or_start(folder: Path, access: BrowserAccess, *, recent: bool) -> Workbench:
    try:
        return open_workbench(folder, access, recent=recent)
    except (SdmxmigError, OSError) as error:
        trouble = build_system_error(error) if isinstance(error, OSError) else error
        base = next(parent for parent in folder.absolute().parents if parent.is_dir())
        return Workbench(base, access, base=base, at_start=True, trouble=trouble)


def listen_on_usual_port() -> socket.socket:
    """Open a socket on the first free port from the usual one, since browsers store form input by port."""
    first = FIRST_PORT + zlib.crc32(str(find_state_folder()).encode()) % 10_000
    for port in range(first, first + 8):
        with contextlib.suppress(SdmxmigError):
            return listen(port)
    return listen(0)


def listen(port: int, address: str = LOOPBACK) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)
    try:
        listening.bind((address, port))
    except (OSError, OverflowError) as error:
        listening.close()
        if address != LOOPBACK:
            message = f"{address}, port {port}, cannot be used ({error})."
            raise SdmxmigError(message, hint="Name another one.") from None
        message = f"Port {port} cannot be used ({error})."
        raise SdmxmigError(message, hint="Leave out --port to use a free one.") from None
    listening.listen(BACKLOG)
    return listening


HEAD_SECONDS = 15.0
CLOSING_SECONDS = 2.0
"""Seconds to read the answer after an unwanted body."""
MAX_CONNECTIONS = 64


class BoundedConnection(H11Protocol):
    """A browser connection that is closed if its request does not arrive in time."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.since = time.monotonic()
        self.timer: asyncio.TimerHandle | None = None
        self.is_known = False

    @property
    def is_waiting(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            others = [cast("BoundedConnection", each) for each in self.connections if each is not self]
            # Closing connections are still counted until the loop runs, and would be closed twice.
            waiting = [each for each in others if each.is_waiting and not each.transport.is_closing()]
            if waiting:
                min(waiting, key=lambda each: (each.is_known, each.since)).transport.abort()
        self.close_in(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        try:
            super().data_received(data)
        except h11.ProtocolError:
            self.transport.abort()
        if not self.is_waiting:
            self.keep_open()
        elif self.timeout_keep_alive_task is None:
            self.close_in(HEAD_SECONDS)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.since = time.monotonic()
        self.is_known = self.is_known or ADMITTED_KEY in self.scope
        if self.conn.their_state is h11.SEND_BODY:
            self.flow.pause_reading()
            self.close_in(CLOSING_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self.keep_open()
        super().connection_lost(exc)

    def close_in(self, seconds: float) -> None:
        if self.timer is None:
            self.timer = self.loop.call_later(seconds, self.transport.abort)

    def keep_open(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
