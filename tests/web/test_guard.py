"""Requests from other pages, hosts or programs have no effect on the workbench."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from small_validation import TABLE, bare_workspace
from starlette.testclient import TestClient
from starlette.types import Message
from workbenches import HOST, OURS, PORT, stranger, visitor, workbench

from sdmxmig.web import guard
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.workbench import Workbench

FORM = {"command": "validate"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bare_workspace(tmp_path_factory.mktemp("workbench"), TABLE)


@pytest.fixture
def bench(folder: Path) -> Workbench:
    return workbench(folder)


def test_entry_address_works_once(bench: Workbench) -> None:
    key = bench.access.key
    assert visitor(bench).get("/").status_code == 200
    again = stranger(bench).get(f"/enter?key={key}")
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)


def test_entry_address_can_be_reloaded_after_entry(bench: Workbench) -> None:
    client, key = visitor(bench), bench.access.key
    again = client.get(f"/enter?key={key}")
    assert (again.status_code, again.headers["location"], "set-cookie" in again.headers) == (303, "/", False)


def test_entry_address_works_for_an_hour() -> None:
    clock = [0.0]
    early, late = (BrowserAccess(PORT, hosts=(HOST,), clock=lambda: clock[0]) for _ in range(2))
    key = late.key
    clock[0] = guard.KEY_SECONDS
    assert early.take(early.key)
    clock[0] = guard.KEY_SECONDS + 1
    assert not late.take(key)
    clock[0] = 0.0
    assert not late.take(key), "nor later"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"},
        {"sec-fetch-site": "same-site", "sec-fetch-dest": "empty"},
    ],
)
def test_prefetch_or_foreign_request_does_not_use_up_the_key(bench: Workbench, headers: dict[str, str]) -> None:
    answer = stranger(bench).get(f"/enter?key={bench.access.key}", headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert stranger(bench).get(f"/enter?key={bench.access.key}").status_code == 303


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
def test_entry_key_is_accepted_only_for_get_requests(bench: Workbench, method: str) -> None:
    assert stranger(bench).request(method, f"/enter?key={bench.access.key}").status_code == 401
    assert stranger(bench).get(f"/enter?key={bench.access.key}").status_code == 303


@pytest.mark.parametrize("key", ["", "x", "%00", "é"])
def test_wrong_entry_key_is_refused(bench: Workbench, key: str) -> None:
    assert stranger(bench).get("/enter", params={"key": key}).status_code == 401


def test_cookie_is_limited_to_its_port_and_site(bench: Workbench) -> None:
    said = stranger(bench).get(f"/enter?key={bench.access.key}").headers["set-cookie"]
    assert said.startswith("sdmxmig-8765=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(said.split("; "))


@pytest.mark.parametrize(
    "others", ['a="unclosed; {}', "{}; sdmxmig-8765=theirs", "sdmxmig-8765=theirs; {}", "=;;{};é=\x01"]
)
def test_foreign_cookies_beside_our_own_are_ignored(bench: Workbench, others: str) -> None:
    own = f"{bench.access.cookie}={bench.access.session}"
    headers = [(b"cookie", others.format(own).encode("latin-1"))]
    assert stranger(bench).get("/static/web.css", headers=headers).status_code == 200


@pytest.mark.parametrize("cookie", ["", "sdmxmig-8765=", "sdmxmig-8765", "sdmxmig-8766={}", "x={}", "sdmxmig-8765={}x"])
def test_malformed_session_cookie_is_refused(bench: Workbench, cookie: str) -> None:
    headers = {"cookie": cookie.format(bench.access.session)}
    assert stranger(bench).get("/static/web.css", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/", "/home.json", "/static/web.css", "/nowhere"])
def test_request_without_the_cookie_is_refused(bench: Workbench, path: str) -> None:
    assert stranger(bench).get(path).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:80", ""])
def test_request_with_another_host_is_refused(bench: Workbench, host: str) -> None:
    assert visitor(bench).get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-site", "origin": f"http://{HOST}"},
        {"sec-fetch-site": "", "origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "", "origin": f"https://{HOST}"},
        {"sec-fetch-site": "", "origin": "null"},
        {"sec-fetch-site": ""},
    ],
)
def test_form_of_another_site_is_refused(bench: Workbench, headers: dict[str, str]) -> None:
    client = visitor(bench)
    assert client.post("/home/do/start", data=FORM, headers=headers).status_code == 403
    assert bench.jobs.last is None


@pytest.mark.parametrize("dest", ["image", "iframe", "script", "empty", "style", "object", "embed", "frame", "font"])
@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_embedding_in_another_page_is_refused(bench: Workbench, site: str, dest: str) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-dest": dest}
    for path in ("/", "/home.json", "/static/web.css", "/region?mirror=yes"):
        assert visitor_again(bench).get(path, headers=headers).status_code == 403


def test_link_from_another_page_may_be_followed(bench: Workbench) -> None:
    headers = {"sec-fetch-site": "same-site", "sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}
    assert visitor_again(bench).get("/", headers=headers).status_code == 200


def visitor_again(bench: Workbench) -> TestClient:
    """A browser that has come in before."""
    client = stranger(bench)
    client.cookies.set(bench.access.cookie, bench.access.session)
    return client


def test_browser_without_fetch_site_is_checked_by_origin(bench: Workbench) -> None:
    headers = {"sec-fetch-site": "", "origin": f"http://{HOST}"}
    answer = visitor(bench).post("/home/do/start", data={"command": "nothing"}, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_other_http_methods_are_refused(bench: Workbench, method: str) -> None:
    assert visitor(bench).request(method, "/home/do/start").status_code == 405


def test_body_above_the_limit_is_refused(bench: Workbench) -> None:
    headers = {**OURS, "content-length": str(guard.MAX_BODY_BYTES + 1)}
    assert visitor(bench).post("/home/do/start", content=b"", headers=headers).status_code == 413


def test_body_without_a_length_is_cut_at_the_limit(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_BODY_BYTES", 1000)
    pieces = iter([b"a=" + b"x" * 999, b"x" * 999])
    headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}
    assert visitor(bench).post("/home/do/start", content=pieces, headers=headers).status_code == 413


def test_slow_body_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)

    async def never() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    with start_blocking_portal() as portal:
        assert portal.call(guard.limit_body(never)) == {"type": "http.disconnect"}


def test_every_answer_forbids_loading_other_content(bench: Workbench) -> None:
    client = visitor(bench)
    for path in ("/", "/home.json", "/static/web.css", "/nowhere"):
        said = client.get(path).headers
        assert "default-src 'none'" in said["content-security-policy"]
        assert "unsafe" not in said["content-security-policy"]
        assert (said["x-content-type-options"], said["referrer-policy"]) == ("nosniff", "same-origin")
        assert "access-control-allow-origin" not in said


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"])
def test_choice_of_language_cannot_redirect_elsewhere(bench: Workbench, back: str) -> None:
    answer = visitor(bench).post("/language", data={"language": "fr", "back": back})
    assert answer.headers["location"] == "/"
