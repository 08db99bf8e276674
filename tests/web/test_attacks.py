"""A served workbench under attack: nothing is changed, nothing breaks, nothing of its inside is shown."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from browsing import CHROMIUM, needs_browser
from served import Served, received, served, status
from small_validation import TABLE, workspace

from sdmxmig.application.history import own_files, read_history


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace(tmp_path_factory.mktemp("attacked") / "ws", TABLE)


@pytest.fixture(scope="module")
def bench(folder: Path) -> Iterator[Served]:
    with served(folder, folder.parent / "state") as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_changes(folder: Path, bench: Served) -> Iterator[None]:
    before = (own_files(folder), len(read_history(folder)))
    yield
    assert (own_files(folder), len(read_history(folder))) == before
    assert status(bench.ask(bench.head("GET /home.json", "Connection: close"))) == 200


HOSTILE = """<!doctype html><title>hostile</title><body><script>
const at = "http://127.0.0.1:PORT";
const results = [];
const form = new URLSearchParams({command: "validate"});
const tries = [
  () => fetch(at + "/home/do/start", {method: "POST", mode: "no-cors", credentials: "include", body: form}),
  () => fetch(at + "/home/do/start", {method: "POST", credentials: "include", body: form}),
  () => fetch(at + "/home.json", {credentials: "include"}).then(a => a.text()).then(t => results.push("read " + t)),
  () => fetch(at + "/data/do/add", {method: "PUT", credentials: "include", body: "x"}),
  () => new Promise(done => { const i = new Image(); i.onload = () => { results.push("image"); done(); };
        i.onerror = done; i.src = at + "/report/file/of/x.png"; document.body.append(i); }),
  () => new Promise(done => { const f = document.createElement("iframe"); f.src = at + "/"; f.onload = done;
        document.body.append(f); }),
  () => new Promise(done => { const s = document.createElement("script"); s.src = at + "/home.json";
        s.onload = () => { results.push("script"); done(); }; s.onerror = done; document.body.append(s); }),
  () => navigator.sendBeacon(at + "/home/do/undo", new URLSearchParams({step: "2"})),
];
(async () => { for (const attempt of tries) { try { await attempt(); } catch {} }
  window.results = results; })();
</script>
<form method="post" action="http://127.0.0.1:PORT/home/do/start"><button name="command" value="validate">go</button>
</form>"""


@needs_browser
def test_a_hostile_page_on_another_port_does_and_learns_nothing(bench: Served) -> None:
    from playwright.sync_api import sync_playwright

    class Hostile(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(HOSTILE.replace("PORT", str(bench.port)).encode())

        def log_message(self, *_: object) -> None:
            pass

    name, _, value = bench.cookie.partition("=")
    server = HTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = browser.new_context()
            context.add_cookies(
                [{"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "sameSite": "Strict"}]
            )
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.wait_for_function("window.results !== undefined", timeout=20_000)
            assert page.evaluate("window.results") == []
            frames = [frame for frame in page.frames if frame != page.main_frame]
            assert not any("office" in frame.content() for frame in frames)
            page.get_by_role("button", name="go").click()
            page.wait_for_url(f"http://127.0.0.1:{bench.port}/**")
            assert "did not come from a page of the workbench" in page.content()
            browser.close()
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "localhost.evil.example:{port}", "127.0.0.1"])
def test_another_name_reaches_nothing(bench: Served, host: str) -> None:
    answer = bench.ask(bench.head("GET /home.json", "Connection: close", host=host.format(port=bench.port)))
    assert (status(answer), b"tables" in answer) == (421, False)


def test_a_stolen_address_opens_nothing(bench: Served) -> None:
    answer = bench.ask(bench.head(f"GET /enter?key={bench.key}", "Connection: close", ours=False))
    assert (status(answer), b"set-cookie" in answer.lower()) == (401, False)
    assert status(bench.ask(bench.head("GET /", "Connection: close", ours=False))) == 401


@pytest.mark.parametrize("ours", [True, False])
def test_a_body_said_to_be_huge_is_refused_before_it_comes(bench: Served, ours: bool) -> None:
    started = time.monotonic()
    head = bench.head("POST /data/do/add", "Content-Length: 99999999999999", ours=ours)
    answer = bench.ask(head, seconds=5)
    assert status(answer) == (413 if ours else 401)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("ours", [True, False])
def test_a_body_without_end_is_cut_off(bench: Served, ours: bool) -> None:
    piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    head = bench.head(
        "POST /home/do/start",
        "Transfer-Encoding: chunked",
        "Content-Type: application/x-www-form-urlencoded",
        ours=ours,
    )
    sent, started = 0, time.monotonic()
    with bench.connection() as connection:
        connection.sendall(head.encode())
        try:
            while time.monotonic() - started < 60:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
    assert time.monotonic() - started < 60
    assert sent < (200 if ours else 20) * 1024 * 1024


def test_slow_requests_take_nobodys_place(bench: Served) -> None:
    slow = [bench.connection() for _ in range(150)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
    started = time.monotonic()
    assert status(bench.ask(bench.head("GET /home.json", "Connection: close"))) == 200
    assert time.monotonic() - started < 5
    for connection in slow:
        connection.close()


@pytest.mark.long
def test_a_head_that_does_not_end_is_given_up(bench: Served) -> None:
    with bench.connection(seconds=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        started = time.monotonic()
        assert received(connection) == b""
        assert time.monotonic() - started < 20


def bomb(kind: str) -> bytes:
    """A small archive that would be very large."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        if kind == "large":
            with archive.open("xl/workbook.xml", "w", force_zip64=True) as file:
                for _ in range(600):
                    file.write(bytes(1024 * 1024))
        elif kind == "many":
            for number in range(30_000):
                archive.writestr(f"xl/{number}.xml", "")
        else:
            laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
            archive.writestr("xl/workbook.xml", f'<!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]><workbook>&l11;</workbook>')
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["large", "many", "laughs"])
@pytest.mark.parametrize("path", ["/data/do/add", "/start/do/table"])
def test_a_bomb_is_no_table(bench: Served, kind: str, path: str) -> None:
    fields = (
        '--b\r\nContent-Disposition: form-data; name="country"\r\n\r\nGE\r\n--b\r\n'
        f'Content-Disposition: form-data; name="table"; filename="{kind}.xlsx"\r\n\r\n'
    )
    body = fields.encode() + bomb(kind) + b"\r\n--b--\r\n"
    head = bench.head(
        f"POST {path}",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    answer = bench.ask(head.encode() + body, seconds=60)
    assert status(answer) == 422, answer[:3000]
