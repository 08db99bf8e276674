"""Hostile addresses, names and answers cannot redirect a request or reveal a secret."""

from __future__ import annotations

import ast
import ipaddress
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from case_tables import cases_from
from folders import ROOT
from test_transports import CONTENT, dispatch, settings

from sdmxmig.io.network import Call, Secret, exchange, find_host, resolve_destination
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import READY, Outcome, RetryPolicy
from sdmxmig.transmission.transports import TRANSPORTS

PACKAGE = ROOT / "sdmxmig"
OUTSIDE, CLOUD = "93.184.216.34", "169.254.169.254"


@cases_from("transmission/cases/no_way_to_write_a_number_reaches_this_machine.csv")
def test_local_address_is_refused_in_any_notation(host: str) -> None:
    """The system itself is asked: it takes these for 127.0.0.1, or for 0.0.0.0."""
    with pytest.raises(SdmxmigError):
        resolve_destination(f"https://{host}/")


@pytest.mark.parametrize("host", ["2852039166", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", f"[::ffff:{CLOUD}]"])
def test_cloud_metadata_address_is_refused_in_any_notation(host: str) -> None:
    with pytest.raises(SdmxmigError):
        resolve_destination(f"https://{host}/latest/meta-data", is_private=True)


@cases_from("transmission/cases/an_address_of_ipv4_within_one_of_ipv6_is_judged_as_what_it_is.csv")
def test_ipv4_address_within_ipv6_is_checked_as_ipv4(form: str) -> None:
    with pytest.raises(SdmxmigError, match="internal network address"):
        resolve_destination("https://example.org/", is_private=True, resolve=lambda *_: [form.format(CLOUD)])
    outside = form.format(OUTSIDE) if "{" in form else "2001:4860:4860::8888"
    place = resolve_destination("https://example.org/", resolve=lambda *_: [outside])
    assert ipaddress.ip_address(place.ip) == ipaddress.ip_address(outside)


def test_international_host_name_is_shown_in_ascii() -> None:
    """Only its spelling in ASCII is taken, so that nobody sees a name for another one."""
    place = resolve_destination("https://xn--80ak6aa92e.example.org/", resolve=lambda *_: [OUTSIDE])
    assert place.authority == "xn--80ak6aa92e.example.org"


@cases_from("transmission/cases/a_secret_belongs_to_the_host_that_is_reached.csv")
def test_secret_is_bound_to_the_connected_host(address: str, host: str) -> None:
    assert find_host(address) == host == resolve_destination(address, resolve=lambda *_: [OUTSIDE]).host


# -- names that change, and places that point elsewhere -----------------------------------------------------


@contextmanager
def listening(status: str = "200 OK", head: str = "") -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and the bytes of all requests that came there, each answered."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        is_open = [True]

        def serve() -> None:
            while is_open:
                try:
                    line, _ = server.accept()
                except TimeoutError:
                    continue
                with line:
                    line.settimeout(5)
                    requests.append(whole_of(line))
                    line.sendall(f"HTTP/1.1 {status}\r\n{head}Content-Length: 0\r\n\r\n".encode())

        thread = Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1], requests
        finally:
            is_open.clear()
            thread.join()


def whole_of(line: socket.socket) -> bytes:
    """A request with its whole body: unread bytes would break the connection before the answer."""
    received = b""
    while piece := line.recv(1 << 16):
        received += piece
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            break
    return received


def test_name_resolved_again_does_not_change_the_target(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [["127.0.0.1"], [CLOUD]]
    looked_up = socket.getaddrinfo

    def numbers_alone(host: str, *arguments: object, **more: object) -> object:
        assert host == "127.0.0.1", "the name is asked for no second time"
        return looked_up(host, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", numbers_alone)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with listening() as (port, requests):
        address = f"http://moving.example.org:{port}/a"
        to = resolve_destination(address, is_private=True, resolve=lambda *_: answers.pop(0))
        assert exchange(Call("GET", to)).status == 200
    assert answers == [[CLOUD]]
    assert f"Host: moving.example.org:{port}".encode() in requests[0], "it is still called by its name"


REDIRECTS = [f"{status} Elsewhere" for status in (301, 302, 303, 307, 308)]
LEADS = ["/other", "https://evil.example.org/", "//evil.example.org/", "file:///etc/passwd", "http://169.254.169.254/"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [*(("http", status) for status in REDIRECTS), *((kind, REDIRECTS[3]) for kind in ("registry", "dotstat"))],
)
def test_redirects_are_refused(kind: str, status: str, tmp_path: Path) -> None:
    for lead in LEADS:
        with listening(status, f"Location: {lead}\r\n") as (port, requests):
            assert sent(kind, port, tmp_path).state == READY
        assert len(requests) == 1, lead


def test_only_network_and_sftp_modules_open_connections() -> None:
    speaking = {
        "socket",
        "ssl",
        "urllib3",
        "requests",
        "httpx",
        "ftplib",
        "smtplib",
        "telnetlib",
        "paramiko",
        "aiohttp",
    }
    speakers = {
        path.relative_to(PACKAGE).as_posix()
        for folder in ("io", "transmission/transports", "transmission/delivery", "workspace/tasks")
        for path in (PACKAGE / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        if name.partition(".")[0] in speaking or name in ("http.client", "urllib.request")
    }
    assert "io/network.py" in speakers
    assert speakers <= {"io/network.py", "transmission/transports/sftp.py"}


# -- lines that somebody puts into a head -------------------------------------------------------------------

STRUCTURES = (
    b'<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message" xmlns:str="http://www.sdmx.org'
    b'/resources/sdmxml/schemas/v3_0/structure" xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common">'
    b"<mes:Header><mes:ID>M1</mes:ID><mes:Test>false</mes:Test><mes:Prepared>2026-03-01T00:00:00Z</mes:Prepared>"
    b"<mes:Sender id='XA'/></mes:Header><mes:Structures><str:Codelists><str:Codelist id='CL_A' agencyID='XA' "
    b"version='1.0.0'><com:Name>A</com:Name></str:Codelist></str:Codelists></mes:Structures></mes:Structure>"
)
DATA = b"STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,OBS_VALUE\ndataflow,XA:DF(1.0.0),R,XA,1\n"
BROUGHT = {"http": CONTENT, "registry": STRUCTURES, "dotstat": DATA}


def sent(kind: str, port: int, folder: Path, secret: str = "canary-secret", **fields: object) -> Outcome:  # noqa: S107
    """How it ends when a file goes to a port of this machine; `fields` are of the parcel, or settings of the way."""
    content = BROUGHT[kind]
    about = {name: fields.pop(name) for name in ("name", "media_type", "action") if name in fields}
    usual = dispatch()
    going = replace(usual, parcel=replace(usual.parcel, size=len(content), **about))  # type: ignore[arg-type]
    going = replace(going, id=str(fields.pop("id", going.id)))
    path = str(fields.pop("path", "/3" if kind == "dotstat" else "/a"))
    of = settings(
        f"http://127.0.0.1:{port}{path}",
        folder,
        credential="own",
        secrets=lambda *_: Secret(secret),
        more={"dataspace": "design", **fields},
        habits=RetryPolicy(lease=20),
    )
    return TRANSPORTS[kind](of).send(going, iter([content]))


EVIL = "a\r\nX-Evil: yes"
INJECTED = [
    ("http", {"media_type": EVIL}),
    ("http", {"media_type": "text/csv\nX-Evil: yes"}),
    ("http", {"id": EVIL}),
    ("http", {"method": "POST /a HTTP/1.1\r\nX-Evil: yes\r\n\r\nGET"}),
    ("http", {"path": "/a HTTP/1.1\r\nX-Evil: yes"}),
    ("http", {"secret": EVIL}),
    ("http", {"secret": "canary-\x00secret"}),
    ("http", {"user": EVIL}),
    ("registry", {"action": EVIL}),
    ("registry", {"secret": EVIL}),
    ("dotstat", {"name": f'x"; filename="y.xml{EVIL}'}),
    ("dotstat", {"dataspace": EVIL}),
    ("dotstat", {"id": EVIL}),
    ("dotstat", {"token_address": f"https://example.org/{EVIL}"}),
]


@pytest.mark.parametrize(("kind", "fields"), INJECTED)
def test_line_breaks_cannot_enter_request_headers(kind: str, fields: dict[str, str], tmp_path: Path) -> None:
    with listening("503 Busy") as (port, requests):
        try:
            outcome = sent(kind, port, tmp_path, **fields)
        except SdmxmigError as error:
            shown = f"{error} {error.hint}"
        else:
            shown = outcome.reason
    heads = b"".join(request.partition(b"\r\n\r\n")[0] for request in requests)
    assert b"X-Evil" not in heads.replace(b"%0D%0AX-Evil", b"")
    assert "canary" not in shown
