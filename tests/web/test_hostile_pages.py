"""A page of somebody else in the same browser, on another port or under another name, does and learns nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from browsing import needs_browser
from served import Served, served
from small_validation import bare_workspace

from sdmxmig.workspace.tasks.history import own_files, read_history

HOSTILE = """<!doctype html><title>hostile</title><body><script>
const at = "http://127.0.0.1:PORT";
const results = [];
const form = new URLSearchParams({command: "validate"});
const post = more => fetch(at + "/home/do/start", {method: "POST", credentials: "include", body: form, ...more});
const element = (tag, attributes) => new Promise(done => {
  const made = document.createElement(tag);
  made.onload = () => { if (!["iframe", "object", "embed"].includes(tag)) results.push(tag + made.outerHTML); done(); };
  made.onerror = done;
  Object.assign(made, attributes);
  (tag === "link" ? document.head : document.body).append(made);
  setTimeout(done, 2000);
});
const socket = kind => new Promise(done => {
  const made = kind();
  made.onopen = () => { results.push("socket"); done(); };
  made.onerror = () => { made.close(); done(); };
});
const tries = [
  () => post({mode: "no-cors"}),
  () => post({}),
  () => post({headers: {"Content-Type": "application/json"}}).then(a => results.push("json " + a.status)),
  () => post({headers: {"X-Own": "1"}}).then(a => results.push("header " + a.status)),
  () => fetch(at + "/home.json", {credentials: "include"}).then(a => a.text()).then(t => results.push("read " + t)),
  () => fetch(at + "/home.json", {credentials: "include", mode: "no-cors"}).then(a => a.text())
      .then(t => { if (t) results.push("read " + t); }),
  () => fetch(at + "/data/do/add", {method: "PUT", credentials: "include", body: "x"}),
  () => element("img", {src: at + "/report/file/of/x.png"}),
  () => element("script", {src: at + "/home.json"}),
  () => element("script", {src: at + "/static/web.js"}),
  () => element("link", {rel: "stylesheet", href: at + "/static/web.css"}),
  () => element("link", {rel: "stylesheet", href: at + "/home.json"}),
  () => element("iframe", {src: at + "/"}),
  () => element("object", {data: at + "/"}),
  () => element("embed", {src: at + "/report"}),
  () => element("link", {rel: "prefetch", href: at + "/enter?key=KEY"}),
  () => element("img", {src: at + "/enter?key=KEY"}),
  () => socket(() => new WebSocket("ws://127.0.0.1:PORT/")),
  () => socket(() => new EventSource(at + "/job.json?number=1", {withCredentials: true})),
  () => navigator.sendBeacon(at + "/home/do/undo", new URLSearchParams({step: "2"})),
  () => new Promise(done => {
    const opened = window.open(at + "/", "workbench");
    setTimeout(() => {
      try { results.push("window " + opened.document.title); } catch {}
      if (opened && !opened.closed && opened.frames.length) results.push("frames");
      done();
    }, 1500);
  }),
];
(async () => { for (const attempt of tries) { try { await attempt(); } catch {} }
  window.results = results; })();
</script>
<form method="post" action="http://127.0.0.1:PORT/home/do/start"><button name="command" value="validate">go</button>
</form>"""


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
def test_a_page_of_somebody_else_does_and_learns_nothing(
    bench: Served, folder: Path, hostile: int, browser: Any, host: str, has_come_in: bool
) -> None:
    before = (own_files(folder), len(read_history(folder)))
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
    assert (own_files(folder), len(read_history(folder))) == before
    if has_come_in:
        assert b'"job": null' in bench.ask(bench.head("GET /home.json", "Connection: close"))
