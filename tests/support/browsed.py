"""Workbenches in this process that browsers reach, and pages of visitors who have come in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from small_validation import NOW

from sdmxmig.web.application import build_application
from sdmxmig.web.desk import Desk
from sdmxmig.web.guard import Door
from sdmxmig.web.proxy import build_proxy
from sdmxmig.web.server import LOOPBACK, build_door, listen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PREFIX = "/office"
"""Below which path people behind a proxy reach the workbench."""


@contextmanager
def reached(folder: Path, *, at_start: bool = False, secret: Path | None = None) -> Iterator[Desk]:
    """A workbench of this folder whose time stands still, at its own port.

    With the file of a `secret` it believes what requests say of people who know it, as behind a proxy.
    """
    listening = listen(0)
    port = listening.getsockname()[1]
    if secret:
        door = build_door(build_proxy(f"http://{LOOPBACK}:{port}{PREFIX}", secret), port)
    else:
        door = Door(port, hosts=(f"{LOOPBACK}:{port}", f"localhost:{port}"))
    desk = Desk(folder, door, now=lambda: NOW, base=folder if at_start else folder.parent, at_start=at_start)
    server = uvicorn.Server(uvicorn.Config(build_application(desk), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        server.should_exit = True
        thread.join(10)


def address(desk: Desk) -> str:
    return f"http://{desk.door.hosts[0]}"


def page_of(browser: Browser, *desks: Desk, **options: Any) -> Page:
    """A page of a browser that has come in at these workbenches."""
    context = browser.new_context(**options)
    for desk in desks:
        context.add_cookies([{"name": desk.door.cookie, "value": desk.door.session, "url": address(desk)}])
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page
