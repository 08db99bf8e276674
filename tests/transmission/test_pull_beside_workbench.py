"""The service on the port of the workbench needs no cookie and gives no access to the workbench."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import uvicorn
from anyio.from_thread import start_blocking_portal
from case_tables import cases_from, listed
from click.testing import CliRunner
from small_service import small_holdings
from small_validation import TABLE, bare_workspace
from starlette.testclient import TestClient
from test_pull_over_http import CODES, DATA, OPENED

from sdmxmig.cli import cli
from sdmxmig.web.application import build_application as build_workbench
from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.sdmx.application import Access, Rate, ServiceCache, build_application
from sdmxmig.web.sdmx.server import list_hosts, split_by_path
from sdmxmig.web.workbench import Workbench

PORT = 8765
HOST = f"127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
def access() -> BrowserAccess:
    return BrowserAccess(PORT, hosts=list_hosts(PORT))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, access: BrowserAccess) -> Iterator[TestClient]:
    """Somebody without a cookie, at a port that has both."""
    cache = ServiceCache(small_holdings, lambda: "", now=lambda: OPENED)
    bench = Workbench(bare_workspace(tmp_path_factory.mktemp("bench"), TABLE), access)
    service = build_application(cache, Access(hosts=list_hosts(PORT), rate=Rate(100_000)), print)
    with cache.folder:
        yield TestClient(
            split_by_path(build_workbench(bench), service), base_url=f"http://{HOST}", follow_redirects=False
        )


@pytest.mark.parametrize("path", [CODES, DATA])
def test_service_neither_requires_nor_sets_a_cookie(both: TestClient, path: str) -> None:
    answer = both.get(path)
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/home.json", "/static/web.css", "/start", "/sdmxhome", "/sdmx.json", "//sdmx/../home"),
        *("/SDMX/v1/codelist", "/%2Fsdmx/v1/codelist"),
    ],
)
def test_workbench_beside_the_service_requires_a_cookie(both: TestClient, path: str) -> None:
    assert both.get(path).status_code == 401


@cases_from("transmission/cases/no_path_of_the_service_leads_to_the_workbench.csv")
def test_paths_of_the_service_do_not_reach_the_workbench(both: TestClient, access: BrowserAccess, path: str) -> None:
    """Not even with the cookie: the service alone answers below its path."""
    status, content = answer_at(both, path, f"{access.cookie}={access.session}")
    assert status in (400, 404)
    assert b"<html" not in content
    assert answer_at(both, "/home.json", f"{access.cookie}={access.session}")[0] == 200


def answer_at(client: TestClient, path: str, cookie: str) -> tuple[int, bytes]:
    """The answer at a path exactly as given, which clients would normalise."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", HOST.encode()), (b"cookie", cookie.encode())]
    scope = {"type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(), "query_string": b""}
    more = {"headers": headers, "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1), "root_path": ""}
    with start_blocking_portal() as portal:
        portal.call(client.app, {**scope, **more}, receive, send)  # type: ignore[arg-type]
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", ""])
def test_service_refuses_other_host_names(both: TestClient, host: str) -> None:
    for path in (CODES, "/"):
        assert both.get(path, headers={"host": host}).status_code == 421


def test_one_command_serves_workbench_and_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are sent in place of serving."""
    statuses: list[int] = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        host = f"127.0.0.1:{sockets[0].getsockname()[1]}"
        client = TestClient(server.config.app, base_url=f"http://{host}")  # type: ignore[arg-type]
        statuses.extend(client.get(path).status_code for path in ("/sdmx/v1/codelist/SDMX/CL_FREQ", "/"))

    monkeypatch.setattr(uvicorn.Server, "run", run)
    folder = bare_workspace(tmp_path / "ws", TABLE)
    result = CliRunner().invoke(cli, ["serve", str(folder), "--sdmx", "--with-workbench"], catch_exceptions=False)
    assert statuses == [200, 401]
    said = re.search(r"The SDMX service is at (http://127\.0\.0\.1:\d+)/sdmx/v1 and /sdmx/v2", result.output)
    assert f"The workbench is open at {said[1]}/enter?key=" in result.output


@cases_from("transmission/cases/conflicting_options_are_refused.csv", options=listed)
def test_conflicting_options_are_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, ["serve", str(tmp_path), *options])
    assert result.exit_code != 0
    assert type(result.exception).__name__ == "SdmxmigError"
