"""Workbenches in this process that browsers can reach, and pages of signed-in visitors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from small_validation import NOW

from sdmxmig.web.application import build_application
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.proxy import build_proxy
from sdmxmig.web.server import LOOPBACK, build_access, listen
from sdmxmig.web.workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PREFIX = "/office"
"""Below which path people behind a proxy reach the workbench."""


@contextmanager
def serve_page(folder: Path, *, at_start: bool = False, secret: Path | None = None) -> Iterator[Workbench]:
    """A workbench of this folder on its own port, with a fixed clock.

    With the file of a `secret` it believes what requests say of people who know it, as behind a proxy.
    """
    listening = listen(0)
    port = listening.getsockname()[1]
    if secret:
        access = build_access(build_proxy(f"http://{LOOPBACK}:{port}{PREFIX}", secret), port)
    else:
        access = BrowserAccess(port, hosts=(f"{LOOPBACK}:{port}", f"localhost:{port}"))
    workbench = Workbench(
        folder, access, now=lambda: NOW, base=folder if at_start else folder.parent, at_start=at_start
    )
    server = uvicorn.Server(uvicorn.Config(build_application(workbench), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield workbench
    finally:
        server.should_exit = True
        thread.join(10)


def address(workbench: Workbench) -> str:
    return f"http://{workbench.access.hosts[0]}"


def page_of(browser: Browser, *workbenches: Workbench, **options: Any) -> Page:
    """A page of a browser that has come in at these workbenches."""
    context = browser.new_context(**options)
    for workbench in workbenches:
        context.add_cookies(
            [{"name": workbench.access.cookie, "value": workbench.access.session, "url": address(workbench)}]
        )
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page
