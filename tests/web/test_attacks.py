"""A served workbench under attack stays unchanged and available, and reveals no internals."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from case_tables import cases_from
from served import Served, received, served, status
from small_validation import bare_workspace

from sdmxmig.workspace.tasks.history import hash_own_files, read_history


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bare_workspace(tmp_path_factory.mktemp("attacked") / "ws")


@pytest.fixture(scope="module")
def bench(folder: Path) -> Iterator[Served]:
    with served(folder, folder.parent / "state") as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_changes(folder: Path, bench: Served) -> Iterator[None]:
    before = (hash_own_files(folder), len(read_history(folder)))
    yield
    assert (hash_own_files(folder), len(read_history(folder))) == before
    home = bench.ask(bench.head("GET /home.json", "Connection: close"))
    assert (status(home), b'"job": null' in home) == (200, True)


@pytest.mark.parametrize("ours", [True, False])
def test_huge_declared_body_is_refused_before_reading(bench: Served, ours: bool) -> None:
    with bench.connection(seconds=5) as connection:
        connection.sendall(bench.head("POST /data/do/add", "Content-Length: 99999999999999", ours=ours).encode())
        assert status(connection.recv(65536)) == (413 if ours else 401)


def sent_without_end(bench: Served, ours: bool) -> int:
    """How much of a body that does not end a workbench lets somebody send within a minute; it cuts them off before."""
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
    return sent


def test_endless_body_is_cut_off(bench: Served) -> None:
    with ThreadPoolExecutor(2) as pool:
        ours, theirs = pool.map(lambda ours: sent_without_end(bench, ours), [True, False])
    assert ours < 200 * 1024 * 1024
    assert theirs < 20 * 1024 * 1024


def test_slow_requests_do_not_block_others(bench: Served) -> None:
    slow = [bench.connection() for _ in range(150)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
    started = time.monotonic()
    assert status(bench.ask(bench.head("GET /home.json", "Connection: close"))) == 200
    assert time.monotonic() - started < 5
    for connection in slow:
        connection.close()


def test_idle_connections_do_not_block_others(bench: Served) -> None:
    with bench.connection() as known:
        request = bench.head("GET /static/web.css").encode()
        known.sendall(request)
        assert known.recv(12) == b"HTTP/1.1 200"
        idle = [bench.connection() for _ in range(300)]
        started = time.monotonic()
        assert status(bench.ask(bench.head("GET /static/web.css", "Connection: close"))) == 200
        known.sendall(request + bench.head("GET /nowhere", "Connection: close").encode())
        assert b"HTTP/1.1 404" in received(known), "who has come in does not give way to who has not"
        assert time.monotonic() - started < 5
    for connection in idle:
        connection.close()


@pytest.mark.long
def test_endless_request_header_is_abandoned(bench: Served) -> None:
    with bench.connection(seconds=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        started = time.monotonic()
        assert received(connection) == b""
        assert time.monotonic() - started < 20


@cache
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
def test_decompression_bomb_is_refused_as_table(bench: Served, kind: str, path: str) -> None:
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


@pytest.mark.parametrize("kind", ["large", "laughs"])
def test_decompression_bomb_is_refused_as_logo(bench: Served, kind: str) -> None:
    picture = {
        "large": b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 500_000,
        "laughs": b"<!DOCTYPE s [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><svg xmlns='http://www.w3.org/2000/svg'>&b;</svg>",
    }[kind]
    body = b'--b\r\nContent-Disposition: form-data; name="logo"; filename="l.svg"\r\n\r\n' + picture + b"\r\n--b--\r\n"
    assert status(bench.ask(post(bench, "/report/do/style", body, MULTIPART), seconds=60)) == 422


FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=b"


def post(bench: Served, path: str, body: bytes, kind: str = FORM) -> bytes:
    """A form as a page of the workbench sends it."""
    return bench.head(f"POST {path}", kind, f"Content-Length: {len(body)}", "Connection: close").encode() + body


def part(name: str, text: str = "x") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()


MANY = 30_000
BODIES = {
    "many fields": (FORM, b"&".join(b"a%d=1" % n for n in range(MANY)), 400),
    "many fields of one name": (FORM, b"&".join([b"a=1"] * MANY), 400),
    "as many long fields of one name as may be": (FORM, b"&".join([b"folder=" + b"x" * 2_500] * 19_999), 422),
    "one long field": (FORM, b"name=" + b"x" * 3_000_000, 400),
    "one long name": (FORM, b"x" * 3_000_000, 400),
    "nothing but signs between fields": (FORM, b"&;&" * 300_000, 400),
    "many parts": (MULTIPART, b"".join([part("a")] * MANY) + b"--b--\r\n", 400),
    "many files": (MULTIPART, b"".join([part('a"; filename="f')] * 21) + b"--b--\r\n", 400),
    "a long name of a file": (MULTIPART, part(f'table"; filename="{"x" * 1_000_000}.csv') + b"--b--\r\n", 400),
    "a long part": (MULTIPART, part("name", "x" * 3_000_000) + b"--b--\r\n", 400),
    "many heads of one part": (MULTIPART, b"--b\r\n" + b"A: b\r\n" * 200_000 + b"\r\n--b--\r\n", 400),
    "lines without end": (MULTIPART, b"\r\n" * 1_000_000, 422),
    "dashes": (MULTIPART, b"--b-" * 500_000, 422),
    "a part without a name": (MULTIPART, b"--b\r\nX: y\r\n\r\nx\r\n--b--\r\n", 400),
    "no part": (MULTIPART, b"", 422),
    "a boundary that is none": ("Content-Type: multipart/form-data; boundary=", part("a"), 400),
    "JSON": ("Content-Type: application/json", b'{"folder": "x"}', 422),
}


@pytest.mark.parametrize("name", BODIES)
def test_malformed_body_is_refused_in_time(bench: Served, name: str) -> None:
    kind, body, wanted = BODIES[name]
    started = time.monotonic()
    answer = bench.ask(post(bench, "/start/do/open", body, kind), seconds=60)
    assert status(answer) == wanted, answer[:600]
    assert time.monotonic() - started < 30
    assert len(answer) < 100_000


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "undefined", "idna", "punycode", "utf-16", "hex", "x"])
def test_form_in_an_unknown_charset_is_refused(bench: Served, charset: str) -> None:
    body = part("name", "+2AA- \\ud800 xn--\u00e9") + b"--b--\r\n"
    for path in ("/start/do/new", "/language", "/findings/do/correct"):
        assert status(bench.ask(post(bench, path, body, f"{MULTIPART}; charset={charset}"))) == 400


LYING = {
    "less than it says": ("Content-Length: 1000", b"step=2", (0, 400, 413)),
    "more than it says": ("Content-Length: 6", b"step=99" * 1000, (0, 400, 422)),
    "no number": ("Content-Length: six", b"step=2", (400,)),
    "a very long number": (f"Content-Length: {'9' * 5000}", b"", (400,)),
    "a negative number": ("Content-Length: -6", b"step=2", (400,)),
    "two lengths": ("Content-Length: 6\r\nContent-Length: 7", b"step=2", (400,)),
    "a length and pieces": ("Content-Length: 6\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", (0, 400, 422)),
    "pieces of a wrong size": ("Transfer-Encoding: chunked", b"zz\r\nstep=2\r\n0\r\n\r\n", (0, 400, 413)),
    "a piece of a huge size": ("Transfer-Encoding: chunked", b"fffffffffffffffff\r\nstep=2", (0, 400, 413)),
    "a piece with much beside it": ("Transfer-Encoding: chunked", b"6;" + b"x" * 100_000 + b"\r\n", (0, 400, 413)),
    "other pieces": ("Transfer-Encoding: gzip, chunked", b"", (400, 501)),
    "pieces by another name": ("Transfer-Encoding : chunked", b"0\r\n\r\n", (400,)),
    "a folded head": ("Content-Length:\r\n 6", b"step=2", (400, 422)),
}


@pytest.mark.parametrize("name", LYING)
def test_wrong_content_length_is_refused(bench: Served, name: str) -> None:
    head, body, wanted = LYING[name]
    with bench.connection(10) as connection:
        connection.sendall(bench.head("POST /home/do/undo", FORM, head, "Connection: close").encode())
        try:
            connection.sendall(body)
            connection.shutdown(1)
        except OSError:
            pass
        assert status(received(connection)) in (0, *wanted), "who is cut off may not get to read why"


SMUGGLED = "POST /home/do/undo HTTP/1.1\r\nHost: {host}\r\n{more}Content-Length: 6\r\n" + FORM + "\r\n\r\nstep=2"
OUTER = {
    "length before pieces": "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}",
    "pieces before length": "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{inner}",
    "a tab": "Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{inner}",
    "no body": "Content-Length: 0\r\n\r\n{inner}",
    "bare ends of lines": "Content-Length: 0\n\n{inner}",
    "an upgrade": "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n{inner}",
}


def smuggled(bench: Served, name: str, has_cookie: bool) -> bytes:
    inner = SMUGGLED.format(host=bench.host, more=f"Cookie: {bench.cookie}\r\n" if has_cookie else "")
    outer = f"POST /language HTTP/1.1\r\nHost: {bench.host}\r\n{FORM}\r\n"
    if has_cookie:
        outer += f"Cookie: {bench.cookie}\r\nSec-Fetch-Site: same-origin\r\n"
    return bench.ask(outer + OUTER[name].format(inner=inner, length=len(inner) + 5), seconds=0.5)


@pytest.mark.parametrize("has_cookie", [True, False])
def test_smuggled_request_is_refused_without_cookie(bench: Served, has_cookie: bool) -> None:
    with ThreadPoolExecutor(len(OUTER)) as pool:  # one waits for a second answer as long as for six
        answers = dict(zip(OUTER, pool.map(lambda name: smuggled(bench, name, has_cookie), OUTER), strict=True))
    for name, answer in answers.items():
        statuses = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]
        assert {*statuses} <= {303, 400, 401, 403}, (name, answer)
        assert statuses[1:] in ([], [400], [401], [403]), (name, answer)


LINES = [
    "\r\nX-Injected: 1",
    "%0d%0aX-Injected: 1",
    "\n X-Injected: 1",
    "\u560d\u560aX-Injected: 1",
    "\x85X-Injected: 1",
]


@pytest.mark.parametrize("line", LINES)
def test_line_breaks_cannot_enter_response_headers(bench: Served, line: str) -> None:
    text = quote(line, safe="%")
    name = line.encode("utf-8").decode("latin-1")
    requests: list[bytes] = [
        post(bench, "/language", f"language=fr{text}&back=/data{text}".encode()),
        post(bench, "/findings/do/correct", f"cell=office.csv!B2&to=1000&was=0&query=a{text}".encode()),
        post(bench, "/profile/do/save", f"module=A{text}&subject={text}&made-from:profile.toml=".encode()),
        post(bench, "/mapping/do/forget", f"file=office.csv{text}&flow=DF_POP".encode()),
        post(bench, "/start/do/open", f"folder=/{text}".encode()),
        post(bench, "/data/do/add", part(f'table"; filename="a{name}.csv', "").replace(b"\r\n\r\n", b"\r\n\r\n")),
        *(
            bench.head(f"GET {path}{text}", "Connection: close").encode()
            for path in (
                "/report/file/of/",
                "/submission/file/of/",
                "/catalogue/file/site/",
                "/data?done=",
                "/job?number=",
            )
        ),
        bench.head(f"GET /enter?key={text}", "Connection: close").encode(),
    ]
    for request in requests:
        head = bench.ask(request).partition(b"\r\n\r\n")[0]
        assert status(head) < 500
        assert not re.search(rb"(?im)^\s*x-injected", head), head


ASKED = {
    "/data.json": ("file", "against", "sheet"),
    "/mapping.json": ("file", "flow", "sheet", "show"),
    "/findings.json": ("rule", "severity", "first"),
    "/accounts.json": ("identity", "trace", "figure", "view"),
    "/profile.json": ("module", "subject"),
    "/report.json": ("shown",),
    "/submission.json": ("id", "announced"),
    "/catalogue.json": ("page", "q"),
    "/region.json": ("flow",),
    "/job.json": ("number",),
    "/data.json?file=office.csv": ("sheet", "against"),
    "/mapping.json?file=office.csv": ("sheet", "flow"),
}
SENT = {
    "/mapping/do/forget": "file={}&flow=DF_POP",
    "/mapping/do/save": "file=office.csv&flow={}",
    "/findings/do/correct": "cell={}!B2&to=1&was=0",
    "/findings/do/justify": "fingerprint={}&text=x",
    "/start/do/open": "folder={}",
    "/start/do/example": "example={}",
    "/region/do/open": "folder={}",
    "/report/do/make": "language={}&document=all",
    "/profile/do/save": "made-from:profile.toml={}",
    "/language": "language={}&back={}",
}
DOCUMENTS = (
    "report/file/of",
    "accounts/file/of",
    "accounts/file/protected",
    "submission/file/of",
    "catalogue/file/site",
    "data/file/table",
)


@cases_from("web/cases/no_name_leads_out_of_the_workspace.csv")
def test_file_names_cannot_lead_out_of_the_workspace(bench: Served, folder: Path, way: str) -> None:
    (folder.parent / "secret.csv").write_text("Year,canary of the outside\n2020,1\n")
    names = [way.format(name="secret.csv", folder=folder.parent)]
    names += [quote(names[0], safe=""), names[0].replace("..", "%2e%2e")]
    before = {path for path in folder.parent.rglob("*") if "state" not in path.parts}
    requests = [
        bench.head(f"GET {path}{'&' if '?' in path else '?'}{field}={quote(name)}", "Connection: close")
        for path, fields in ASKED.items()
        for field in fields
        for name in names[:1]
    ]
    requests += [
        post(bench, path, body.replace("{}", quote(names[0])).encode()).decode() for path, body in SENT.items()
    ]
    requests += [bench.head(f"GET /{path}/{name}", "Connection: close") for path in DOCUMENTS for name in names]
    requests += [bench.head(f"GET /static/{name}", "Connection: close") for name in names]
    for request in requests:
        answer = bench.ask(request.encode())
        assert status(answer) < 500, (request, answer[:2000])
        assert b"canary of the outside" not in answer, request
    assert {path for path in folder.parent.rglob("*") if "state" not in path.parts} == before
