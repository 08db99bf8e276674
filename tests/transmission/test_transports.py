"""Every transport reports the outcome of a file, and whether it is uncertain."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.model.delivery import (
    ACCEPTED,
    ASKABLE,
    KEYED,
    READY,
    RECEIVED,
    REJECTED,
    SENDING,
    SENT,
    UNCERTAIN,
    Channel,
    Dispatch,
    Outcome,
    Parcel,
    RetryPolicy,
)
from sdmxmig.transmission.transports import TRANSPORTS, Settings

CONTENT = b"REF_AREA,OBS_VALUE\nXA,1\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KEY = hashlib.sha256(b"a dispatch").hexdigest()
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def dispatch(state: str = SENDING, name: str = "DF_POP_XA.csv") -> Dispatch:
    parcel = Parcel(
        target="UNSD",
        flow="DF_POP",
        area="XA",
        period="2025",
        content=SHA256,
        name=name,
        media_type="text/csv",
        size=len(CONTENT),
        submission="XA-UNSD-1",
    )
    return Dispatch(id=KEY, number=1, parcel=parcel, state=state, not_before=NOW, since=NOW)


def settings(address: str, folder: Path, **more: object) -> Settings:
    fields: dict[str, object] = {"base": folder, "secrets": lambda *_: Secret("canary"), "private": True, **more}
    return Settings(address=address, **fields)  # type: ignore[arg-type]


def send(channel: Channel, name: str = "DF_POP_XA.csv") -> Outcome:
    return channel.send(dispatch(name=name), iter([CONTENT[:5], CONTENT[5:]]))


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def test_complete_file_is_written_with_its_hash(drop: Path) -> None:
    channel = TRANSPORTS["folder"](settings("drop", drop.parent))
    assert channel.ask(dispatch(UNCERTAIN)).state == READY
    assert send(channel).state == RECEIVED
    assert {path.name: path.read_bytes() for path in drop.iterdir()} == {
        "DF_POP_XA.csv": CONTENT,
        "DF_POP_XA.csv.sha256": f"{SHA256}  DF_POP_XA.csv\n".encode(),
    }
    assert send(channel).state == RECEIVED, "it is there already"
    assert channel.ask(dispatch(UNCERTAIN)).state == RECEIVED


def test_existing_file_in_the_folder_is_not_replaced(drop: Path) -> None:
    (drop / "DF_POP_XA.csv").write_bytes(b"theirs")
    outcome = send(TRANSPORTS["folder"](settings("drop", drop.parent)))
    assert (outcome.state, (drop / "DF_POP_XA.csv").read_bytes()) == (UNCERTAIN, b"theirs")
    assert "Another file named DF_POP_XA.csv" in outcome.reason


def test_missing_folder_pauses_the_delivery(tmp_path: Path) -> None:
    outcome = send(TRANSPORTS["folder"](settings("nowhere/outbox", tmp_path)))
    assert (outcome.state, outcome.pauses) == (READY, True)


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a/b.csv", "..", "", "a\\b.csv"])
def test_file_name_cannot_lead_out_of_the_folder(drop: Path, name: str) -> None:
    with pytest.raises(SdmxmigError):
        send(TRANSPORTS["folder"](settings("drop", drop.parent)), name)
    assert [*drop.parent.rglob("*.csv")] == []


@contextmanager
def receiver(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """A receiver on this machine; `answer` gets each request with what it brings."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            answer(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - so they are called there

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/data"
        server.shutdown()
        thread.join()


def saying(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    def answer(request: BaseHTTPRequestHandler, _: bytes) -> None:
        request.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), text)
        request.end_headers()
        request.wfile.write(body)

    return answer


OURS = json.dumps({"id": 7, "sha256": SHA256}).encode()
OTHERS = json.dumps({"id": 7, "sha256": "ab" * 32}).encode()
BOTH = json.dumps({"sha256": [SHA256, "ab" * 32]}).encode()
ANSWERS = {
    "its hash": (saying(200, OURS), RECEIVED, RECEIVED),
    "its key": (saying(201, KEY.encode()), RECEIVED, RECEIVED),
    "it is being worked on": (saying(202, OURS), SENT, SENT),
    "no mention": (saying(200, b"ok"), UNCERTAIN, UNCERTAIN),
    "nothing": (saying(204), UNCERTAIN, UNCERTAIN),
    "the page of somebody who wants to be paid": (saying(200, b"<html>Welcome</html>"), UNCERTAIN, UNCERTAIN),
    "the receipt of another file": (saying(200, OTHERS), UNCERTAIN, UNCERTAIN),
    "two receipts": (saying(200, BOTH), UNCERTAIN, UNCERTAIN),
    "bad data": (saying(422, b"line 3"), REJECTED, REJECTED),
    "bad request": (saying(400), REJECTED, REJECTED),
    "too large": (saying(413), REJECTED, REJECTED),
    "come again": (saying(503), READY, READY),
    "too many": (saying(429, Retry_After="120"), READY, READY),
    "it broke": (saying(500), READY, UNCERTAIN),
    "a gateway broke": (saying(502, b"<html>"), READY, UNCERTAIN),
    "unknown sender": (saying(401), READY, READY),
    "no such place": (saying(404), READY, READY),
    "elsewhere": (saying(307, Location="https://elsewhere.example.org/"), READY, READY),
}


@pytest.mark.parametrize("says", ANSWERS)
def test_http_answer_leads_to_the_expected_state(says: str, tmp_path: Path) -> None:
    answer, keyed, asked = ANSWERS[says]
    with receiver(answer) as address:
        for habit, state in ((KEYED, keyed), (ASKABLE, asked)):
            outcome = send(TRANSPORTS["http"](settings(address, tmp_path, habits=RetryPolicy(repeat=habit))))
            assert outcome.state == state
            assert outcome.pauses == (says in ("unknown sender", "not you", "no such place", "elsewhere"))
            assert outcome.wait == (120 if says == "too many" else None)


def test_file_is_sent_with_key_hash_and_secret(tmp_path: Path) -> None:
    requests: list[tuple[dict[str, str], bytes]] = []

    def answer(request: BaseHTTPRequestHandler, body: bytes) -> None:
        requests.append((dict(request.headers), body))
        saying(200, OURS)(request, body)

    with receiver(answer) as address:
        outcome = send(TRANSPORTS["http"](settings(address, tmp_path, credential="registry")))
    (heads, body) = requests[0]
    assert body == CONTENT
    assert heads["Idempotency-Key"] == f'"{KEY}"'
    assert heads["Content-Type"] == "text/csv"
    assert heads["Content-Digest"].startswith("sha-256=:")
    assert heads["Authorization"] == "Bearer canary"
    assert "canary" not in f"{outcome}"


QUESTIONS = {
    "it has it": (saying(200, OURS), RECEIVED),
    "it took it over": (saying(200, json.dumps({"sha256": SHA256, "status": "accepted"}).encode()), ACCEPTED),
    "it refused it": (saying(200, json.dumps({"sha256": SHA256, "status": "rejected"}).encode()), REJECTED),
    "it is at work": (saying(200, json.dumps({"sha256": SHA256, "status": "processing"}).encode()), SENT),
    "it has it not": (saying(404), READY),
    "it cannot tell": (saying(500), UNCERTAIN),
    "it is another one": (saying(200, OTHERS), UNCERTAIN),
}


@pytest.mark.parametrize("says", QUESTIONS)
def test_status_answer_leads_to_the_expected_state(says: str, tmp_path: Path) -> None:
    answer, state = QUESTIONS[says]
    with receiver(answer) as address:
        assert TRANSPORTS["http"](settings(address, tmp_path)).ask(dispatch(UNCERTAIN)).state == state


def test_delivery_to_unreachable_receiver_stays_ready(tmp_path: Path) -> None:
    with receiver(saying(200)) as address:
        pass
    assert send(TRANSPORTS["http"](settings(address, tmp_path))).state == READY
