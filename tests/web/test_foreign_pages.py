"""Pages of results written by other programs are shown without active content or network access."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from browsing import needs_browser
from served import Served, served
from small_validation import bare_workspace

from sdmxmig.web.screens.report import is_local_page
from sdmxmig.workspace.results import Results

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = {
    "script": "<script>setTimeout(() => location = 'http://127.0.0.1:PORT/' + document.body.innerText, 1)</script>",
    "handler": "<img src='data:,' onerror=\"location='http://127.0.0.1:PORT/'\">",
    "refresh": "<META HTTP-EQUIV='&#114;efresh' content='0;url=http://127.0.0.1:PORT/'>",
    "preconnect": "<LINK rel=preconnect href='http://127.0.0.1:PORT/'>",
    "frame": "<iframe src='http://127.0.0.1:PORT/'></iframe>",
    "picture": "<img src='http://127.0.0.1:PORT/'>",
}
ENTITLED = "brief-draft.en.html"


def test_hidden_redirects_of_a_page_are_detected() -> None:
    ours = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'"><p>&lt;link</p>'
    assert is_local_page(ours.encode())
    hidden = [
        PAGES["refresh"].encode(),
        PAGES["preconnect"].encode(),
        PAGES["refresh"].encode("utf-16"),
        b"\xff",
        b"\0",
    ]
    hidden += [ours.replace("<p>", '<meta content="0" http-equiv=refresh>').encode()]
    assert not any(map(is_local_page, hidden))


@pytest.fixture(scope="module")
def reached() -> Iterator[tuple[int, list[str]]]:
    """The port of a server of somebody else, and what it was asked for."""
    paths: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, paths
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, reached: tuple[int, list[str]]) -> Iterator[Served]:
    folder = bare_workspace(tmp_path_factory.mktemp("strange") / "ws")
    results = Results(folder, folder / "out")
    pages = {f"{name}.html": text.replace("PORT", str(reached[0])).encode() for name, text in PAGES.items()}
    with results.writing():
        results.put("report", {**pages, ENTITLED: b"<h1>ours</h1>"})
    with served(folder, folder.parent / "state") as running:
        yield running


@needs_browser
def test_foreign_page_sends_no_request(bench: Served, reached: tuple[int, list[str]], browser: Browser) -> None:
    from playwright.sync_api import Error

    context = browser.new_context()
    name, _, value = bench.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "sameSite": "Strict"}])
    shown = []
    for file in (*(f"{each}.html" for each in PAGES), ENTITLED):
        page = context.new_page()
        with contextlib.suppress(Error):  # what is saved is no page to go to
            page.goto(f"http://{bench.host}/report/file/of/{file}")
            shown.append(file)
        page.wait_for_timeout(200)
        page.close()
    assert reached[1] == []
    assert shown == ["script.html", "handler.html", "frame.html", "picture.html", ENTITLED]
