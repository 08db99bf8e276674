"""Random requests to every screen of a served workbench cause no failure, and strangers change nothing."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from served import Served, served, status
from small_validation import NOW, TABLE, workspace

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import run
from sdmxmig.web.application import SCREENS
from sdmxmig.workspace.tasks.history import find_last_state, hash_own_files, read_history, settle

REQUESTS = [pytest.param(40, id="sample"), pytest.param(10_000, id="all", marks=pytest.mark.long)]
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
    {
        name
        for path in (find_shipped_folder("templates") / "web").glob("*.j2")
        for name in FIELD.findall(path.read_text("utf-8"))
    }
    | {"file", "sheet", "row", "against", "first", "severity", "rule", "done", "made-from:x", "of-workspace", "mirror"}
)
METHODS = ["GET", "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "BREW"]
VALUES = ["", "0", "-1", "9" * 40, "../../etc/passwd", "%00", "%ff%fe", "\r\nX: y", "<script>", "{{7*7}}", "a" * 5000]
VALUES += ["office.csv", "office.csv!B2", "office.csv!ZZZZ9999999", "٣", "²", "\ud800", "💥", "'\"", "%2e%2e%2f", "NaN"]
VALUES += [
    "CON.csv",
    "nul",
    "\u202evsc.x",
    "e\u0301.csv",
    "/etc/passwd",
    "office.csv!B2",
    "DF_POP",
    "2",
    "MIG-1-101",
    "en",
    "P",
]
CHARSETS = [
    "",
    "",
    "",
    "; charset=utf-8",
    "; charset=utf-7",
    "; charset=unicode_escape",
    "; charset=undefined",
    "; charset=idna",
]


FORMS: list[tuple[str, dict[str, str]]] = [
    ("/findings/do/correct", {"cell": "office.csv!D2", "to": "401", "was": "398", "query": "severity=error"}),
    ("/findings/do/correct", {"cell": "office.csv!B3", "to": "1027", "was": "1010"}),
    (
        "/findings/do/justify",
        {"fingerprint": "b9a825c6e80f7f3e", "text": "The register was cleaned.", "by": "Statistics"},
    ),
    ("/home/do/undo", {"step": "2"}),
    ("/home/do/undo", {"step": "3"}),
    ("/profile/do/save", {"module": "A", "text:items.A01.answer": "Y", "made-from:profile.toml": ""}),
    ("/profile/do/look", {"module": "A", "text:items.A02.practice.en": "No law.", "made-from:profile.toml": ""}),
    ("/mapping/do/save", {"file": "office.csv", "flow": "DF_POP", "finish": "yes"}),
    ("/mapping/do/save", {"file": "office.csv", "flow": "DF_POP"}),
    ("/mapping/do/forget", {"file": "office.csv", "flow": "DF_POP"}),
    ("/report/do/style", {"primary": "#123456", "logo_text": "Office"}),
    ("/language", {"language": "ar", "back": "/data?file=office.csv"}),
]
"""Forms as they are sent; in most of them one thing is written otherwise."""
PAGES = [
    ("/data", {"file": "office.csv", "sheet": "", "row": "1", "against": "office.csv"}),
    ("/mapping", {"file": "office.csv", "flow": "DF_POP", "cell": "B2", "only": "unsure", "show": "", "first": "0"}),
    ("/findings", {"severity": "error", "first": "0", "done": "x"}),
    ("/profile", {"module": "L", "subject": "NET_RATE"}),
    ("/catalogue", {"q": "CL_SEX", "first": "3", "page": "index.html"}),
    ("/accounts", {"view": "small", "trace": "office.csv!B2", "identity": "x"}),
]


def written(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(
        f"{quote(name)}={value if '%' in value else quote(value, errors='replace')}" for name, value in pairs
    )


def spoilt(dice: random.Random, fields: dict[str, str]) -> dict[str, str]:
    """Fields of which in most cases one is left out, comes besides, or says something else."""
    fields = dict(fields)
    how = dice.random()
    if how < 0.4:
        fields[dice.choice([*fields])] = dice.choice(VALUES)
    elif how < 0.55:
        del fields[dice.choice([*fields])]
    elif how < 0.7:
        fields[dice.choice(NAMES)] = dice.choice(VALUES)
    return fields


def likely_request(dice: random.Random, bench: Served, ours: bool) -> bytes:
    if dice.random() < 0.4:
        path, fields = dice.choice(PAGES)
        suffix = dice.choice(["", "", ".json"])
        return bench.head(f"GET {path}{suffix}?{written(spoilt(dice, fields).items())}", *CLOSED, ours=ours).encode()
    if dice.random() < 0.2:
        name, content = dice.choice(["new.csv", "office.csv", "CON.csv"]), dice.choice([TABLE, TABLE[:60], "", "x"])
        head = "--b\r\nContent-Disposition: form-data; name="
        body = f'{head}"replace"\r\n\r\nyes\r\n{head}"table"; filename="{name}"\r\n\r\n{content}\r\n--b--\r\n'
        kind, path = "multipart/form-data; boundary=b", "/data/do/add"
    else:
        path, fields = dice.choice(FORMS)
        kind, body = "application/x-www-form-urlencoded", written(spoilt(dice, fields).items())
    more = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", *CLOSED)
    return bench.head(f"POST {path}", *more, ours=ours).encode() + body.encode()


CLOSED = ("Connection: close",)


def random_request(dice: random.Random, bench: Served, ours: bool) -> bytes:
    """Some request: mostly well formed, with values that nobody thought of."""
    if dice.random() < 0.4:
        return likely_request(dice, bench, ours)

    def pairs() -> str:
        return written((dice.choice(NAMES), dice.choice(VALUES)) for _ in range(dice.randrange(4)))

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
            boundary = dice.choice(["; boundary=b", "; boundary=b", '; boundary="', ""])
            more.append(f"Content-Type: multipart/form-data{boundary}{dice.choice(CHARSETS)}")
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
    folder = workspace(tmp_path / "ws", TABLE)
    run(["validate", str(folder), "--now", NOW, "--quiet"])
    with served(folder, tmp_path / "state") as running:
        yield running


@pytest.mark.parametrize("count", REQUESTS)
def test_random_requests_cause_no_server_error(
    bench: Served, tmp_path: Path, count: int, record_property: Callable[[str, object], None]
) -> None:
    dice, folder = random.Random(SEED), tmp_path / "ws"
    outcomes: Counter[str] = Counter()
    for number in range(count):
        ours = dice.random() < 0.8
        before = None if ours else hash_own_files(folder)
        request = random_request(dice, bench, ours=ours)
        answer = bench.ask(request, seconds=10)
        assert status(answer) < 500, (number, request[:600], answer[:2000])
        outcomes[f"{'ours' if ours else 'strange'} {status(answer)}"] += 1
        assert b"Traceback" not in answer, (number, request[:600])
        assert before is None or hash_own_files(folder) == before, (number, request[:600])
    assert status(bench.ask(bench.head("GET /home.json", "Connection: close"))) == 200
    settle(folder, NOW)
    assert not any(step.what == "outside" for step in read_history(folder)), "every change is its own step"
    record_property("outcomes", sorted(outcomes.items()))
    record_property("steps", len(read_history(folder)))
    assert find_last_state(read_history(folder)) == hash_own_files(folder)
    assert {path.name for path in tmp_path.iterdir()} == {"ws", "state"}
