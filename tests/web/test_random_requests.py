"""Random requests to every screen of a served workbench: none breaks anything, and a stranger changes nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from served import Served, served, status
from small_validation import NOW, TABLE, workspace

from sdmxmig.application.history import last_state, own_files, read_history, settle
from sdmxmig.catalogue.folders import shipped
from sdmxmig.web.application import SCREENS

REQUESTS = [pytest.param(200, id="sample"), pytest.param(10_000, id="all", marks=pytest.mark.long)]
SEED = 20260131
STARTING = ("/home/do/start", "/accounts/do/work-out", "/submission/do/seal", "/report/do/make", "/start/do/new")
"""What begins commands or makes folders as it should: asked for by strangers only."""
STARTING += ("/tour/do/begin", "/end/do/now")  # and what ends the workbench
PATHS = [
    *("/static/web.css", "/static/../x", "/language", "/enter", "/nowhere", "/x/do/y"),
    *(path for screen in SCREENS for path in (screen.path, f"/{screen.name}.json")),
    *(f"/{screen.name}/do/{action}" for screen in SCREENS for action in (*screen.actions, "nothing")),
    *(f"/{screen.name}/file/{name}/x" for screen in SCREENS for name in (*screen.documents, "nothing")),
]
FIELD = re.compile(r'\bname="([\w:-]+)"')
NAMES = sorted(
    {name for path in (shipped("templates") / "web").glob("*.j2") for name in FIELD.findall(path.read_text("utf-8"))}
    | {"file", "sheet", "row", "against", "first", "severity", "rule", "done", "made-from:x", "of-workspace", "mirror"}
)
METHODS = ["GET", "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "BREW"]
VALUES = ["", "0", "-1", "9" * 40, "../../etc/passwd", "%00", "%ff%fe", "\r\nX: y", "<script>", "{{7*7}}", "a" * 5000]
VALUES += ["office.csv", "office.csv!B2", "office.csv!ZZZZ9999999", "٣", "²", "\ud800", "💥", "'\"", "%2e%2e%2f", "NaN"]


def random_request(dice: random.Random, bench: Served, ours: bool) -> bytes:
    """Some request: mostly well formed, with values that nobody thought of."""

    def pairs() -> str:
        chosen = [(dice.choice(NAMES), dice.choice(VALUES)) for _ in range(dice.randrange(4))]
        return "&".join(
            f"{quote(name)}={value if '%' in value else quote(value, errors='replace')}" for name, value in chosen
        )

    path = dice.choice([each for each in PATHS if not ours or each not in STARTING])
    if dice.random() < 0.2:
        path += dice.choice(["/", "//", "/..", "%00", "%2f", "/%ff", "." * 300, "/" + "x" * 3000])
    query = pairs()
    method = dice.choice(METHODS)
    body = b""
    more = [
        "Connection: close",
        dice.choice(["Accept-Language: ar", "Accept-Language: ,;q=x", "X: y", "Range: bytes=9-"]),
    ]
    if method not in ("GET", "HEAD"):
        kind = dice.choice(["urlencoded", "multipart", "bytes"])
        if kind == "urlencoded":
            body = pairs().encode()
            more.append("Content-Type: application/x-www-form-urlencoded")
        elif kind == "multipart":
            name = dice.choice(VALUES).encode(errors="replace").replace(b"\r\n", b" ")
            content = dice.choice([b"", b"PK\x03\x04", b"\x00\xff", b"Year,x\n1,2", dice.randbytes(200)])
            body = b'--b\r\nContent-Disposition: form-data; name="table"; filename="' + name + b'"\r\n\r\n' + content
            body += dice.choice([b"\r\n--b--\r\n", b"\r\n--b", b""])
            more.append(
                dice.choice(["Content-Type: multipart/form-data; boundary=b", "Content-Type: multipart/form-data"])
            )
        else:
            body = dice.randbytes(dice.randrange(300))
            more.append(f"Content-Type: {dice.choice(['application/json', 'text/plain;charset=x', '', ';;'])}")
        more.append(f"Content-Length: {len(body)}")
    head = bench.head(f"{method} {path}{'?' + query if query else ''}", *more, ours=ours).encode()
    if dice.random() < 0.05:
        at = dice.randrange(len(head))
        head = head[:at] + dice.randbytes(3) + head[at:]
    return head + body


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Served]:
    with served(workspace(tmp_path / "ws", TABLE), tmp_path / "state") as running:
        yield running


@pytest.mark.parametrize("count", REQUESTS)
def test_random_requests_break_nothing(bench: Served, tmp_path: Path, count: int) -> None:
    dice, folder = random.Random(SEED), tmp_path / "ws"
    for number in range(count):
        ours = dice.random() < 0.8
        before = None if ours else own_files(folder)
        request = random_request(dice, bench, ours=ours)
        answer = bench.ask(request, seconds=10)
        assert status(answer) < 500, (number, request[:600], answer[:2000])
        assert b"Traceback" not in answer, (number, request[:600])
        assert before is None or own_files(folder) == before, (number, request[:600])
    assert status(bench.ask(bench.head("GET /home.json", "Connection: close"))) == 200
    settle(folder, NOW)
    assert last_state(read_history(folder)) == own_files(folder)
    assert {path.name for path in tmp_path.iterdir()} == {"ws", "state"}
