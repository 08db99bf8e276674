"""Pages of other sites in the same browser cannot change or read anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from browsing import needs_browser
from case_tables import text_from
from served import Served, served
from small_validation import bare_workspace

from sdmxmig.workspace.tasks.history import hash_own_files, read_history

HOSTILE = text_from("web/cases/hostile_pages_hostile.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bare_workspace(tmp_path_factory.mktemp("attacked") / "ws")


@pytest.fixture(scope="module")
def bench(folder: Path) -> Iterator[Served]:
    with served(folder, folder.parent / "state", enter=False) as running:
        yield running


@pytest.fixture(scope="module")
def hostile(bench: Served) -> Iterator[int]:
    """The port of a server of somebody else."""

    class Hostile(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(HOSTILE.replace("PORT", str(bench.port)).replace("KEY", bench.key).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@needs_browser
@pytest.mark.parametrize("has_come_in", [False, True])
@pytest.mark.parametrize(
    "host", ["127.0.0.1", *(pytest.param(name, marks=pytest.mark.long) for name in ("localhost", "evil.example"))]
)
def test_foreign_page_cannot_act_or_read(
    bench: Served, folder: Path, hostile: int, browser: Any, host: str, has_come_in: bool
) -> None:
    before = (hash_own_files(folder), len(read_history(folder)))
    context = browser.new_context()
    if has_come_in:
        if not bench.cookie:  # the key was in the page of a stranger, who could not use it up
            bench.enter()
        name, _, value = bench.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "sameSite": "Strict"}])
    page = context.new_page()
    page.goto(f"http://{host}:{hostile}/")
    page.wait_for_function("window.results !== undefined", timeout=60_000)
    assert page.evaluate("window.results") == []
    frames = [frame for frame in page.frames if frame != page.main_frame]
    assert not any("office" in frame.content() for frame in frames)
    page.get_by_role("button", name="go").click()
    page.wait_for_url(f"http://127.0.0.1:{bench.port}/**")
    refused = "did not come from a page" if has_come_in and host == "127.0.0.1" else "Open the workbench as you did"
    assert refused in page.content()
    context.close()
    assert (hash_own_files(folder), len(read_history(folder))) == before
    if has_come_in:
        assert b'"job": null' in bench.ask(bench.head("GET /home.json", "Connection: close"))
