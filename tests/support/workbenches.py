"""A workbench in the same process, and a browser that has come in, as far as requests and answers go."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from sdmxmig.web.application import build_application
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.workbench import Workbench

PORT = 8765
HOST = f"127.0.0.1:{PORT}"
NOW = "2026-01-31T12:00:00+00:00"
OURS = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form that a page of the workbench has sent."""


def workbench(folder: Path) -> Workbench:
    """A workbench with a fixed clock."""
    return Workbench(folder, BrowserAccess(PORT, hosts=(HOST, f"localhost:{PORT}")), now=lambda: NOW)


def stranger(at: Workbench) -> TestClient:
    """A visitor who has not signed in."""
    return TestClient(build_application(at), base_url=f"http://{HOST}", follow_redirects=False)


def visitor(at: Workbench) -> TestClient:
    """A browser that came in by the address that works once; its forms are sent from pages of the workbench."""
    client = stranger(at)
    assert client.get(f"/enter?key={at.access.key}").status_code == 303
    client.headers.update(OURS)
    return client
