"""The way out: only to addresses that are meant, never further, and no longer than is waited for."""

from __future__ import annotations

import gzip
import io
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from case_tables import cases_from

from sdmxmig.io.network import (
    MAX_BODY_BYTES,
    Call,
    NotSentError,
    Secret,
    UnknownOutcomeError,
    exchange,
    find_secret,
    resolve_destination,
)
from sdmxmig.primitives.errors import SdmxmigError

REFUSED = [
    *("", "example.org", "ftp://example.org/", "file:///etc/passwd", "https:///path", "https://exa mple.org/"),
    *("https://user:password@example.org/", "https://example.org:99999/", "https://example.org/\r\nX: y"),
    "https://example.org/" + "a" * 3000,
    # what programs read as different hosts
    "https://ex\u0430mple.org/",
    "https://good.example.org\\.evil.example.org/",
    "https://evil.example.org\\@good.example.org/",
    "https://good.example.org:443@evil.example.org/",
    "https://good.example.org%00.evil.example.org/",
    "https://good.example.org\t.evil.example.org/",
    "https://good.example.org\u200b/",
    "https://good\u3002example.org/",
    *("https://[::1%25eth0]/", "https://[v1.good]/", "https://good.example.org:0x50/"),
    *("//good.example.org/", "https:good.example.org"),
]
OUTSIDE = "93.184.216.34"


@pytest.mark.parametrize("address", REFUSED)
def test_invalid_address_is_refused(address: str) -> None:
    with pytest.raises(SdmxmigError):
        resolve_destination(address, resolve=lambda *_: [OUTSIDE])


@cases_from("io/cases/private_addresses_are_reached_only_on_request.csv")
def test_private_addresses_are_reached_only_on_request(ip: str) -> None:
    for ips in ([ip], [OUTSIDE, ip]):
        with pytest.raises(SdmxmigError):
            resolve_destination("https://registry.example.org/", resolve=lambda *_, ips=ips: ips)


def test_only_private_addresses_can_be_allowed() -> None:
    assert (
        resolve_destination("https://registry.example.org/a?b=c", is_private=True, resolve=lambda *_: ["10.0.0.7"]).ip
        == "10.0.0.7"
    )
    with pytest.raises(SdmxmigError):
        resolve_destination("https://registry.example.org/", is_private=True, resolve=lambda *_: ["169.254.169.254"])


def test_unencrypted_requests_reach_only_this_machine() -> None:
    with pytest.raises(SdmxmigError, match="without encryption"):
        resolve_destination("http://example.org/", resolve=lambda *_: [OUTSIDE])
    assert resolve_destination("http://localhost:8000/", is_private=True, resolve=lambda *_: ["127.0.0.1"]).port == 8000


def test_host_name_is_resolved_once() -> None:
    looked_up: list[str] = []

    def resolve(host: str, _: int) -> list[str]:
        looked_up.append(host)
        return [OUTSIDE]

    place = resolve_destination("https://example.org/path?q=1", resolve=resolve)
    assert (place.ip, place.authority, place.path, looked_up) == (OUTSIDE, "example.org", "/path?q=1", ["example.org"])


def test_unknown_host_is_reported() -> None:
    def resolve(*_: object) -> list[str]:
        raise socket.gaierror

    with pytest.raises(SdmxmigError, match="was not found"):
        resolve_destination("https://nowhere.example.org/", resolve=resolve)


@contextmanager
def answering(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that handles each connection as given."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                behave(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join(5)


def request(address: str, content: bytes = b"", seconds: float = 5.0) -> Call:
    to = resolve_destination(address, is_private=True)
    return Call("POST" if content else "GET", to, pieces=[content], size=len(content), seconds=seconds)


def whole(connection: socket.socket) -> bytes:
    return connection.recv(65536)


def answer(*pieces: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        whole(connection)
        for piece in pieces:
            try:
                connection.sendall(piece)
            except OSError:
                return
            time.sleep(pause)

    return behave


def test_answer_has_status_headers_and_body() -> None:
    with answering(answer(b"HTTP/1.1 202 Accepted\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\nok")) as address:
        result = exchange(request(address))
    assert (result.status, result.headers["x-id"], result.body, result.is_whole) == (202, "7", b"ok", True)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",),
        (b"no such thing\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 100_000 + b"\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200 + b"\r\n",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",),
    ],
)
def test_failure_after_the_last_byte_is_uncertain(pieces: tuple[bytes, ...]) -> None:
    with answering(answer(*pieces)) as address, pytest.raises(UnknownOutcomeError):
        exchange(request(address, b"file"))


def test_failed_connection_sends_no_byte() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
    with pytest.raises(NotSentError):
        exchange(request(address, b"file"))


def test_damaged_file_is_not_reported_as_sent() -> None:
    def spoilt() -> Iterator[bytes]:
        yield b"first"
        raise OSError

    with answering(answer(b"HTTP/1.1 200 OK\r\n\r\n")) as address, pytest.raises(NotSentError):
        exchange(Call("POST", resolve_destination(address, is_private=True), pieces=spoilt(), size=10, seconds=5))


@pytest.mark.parametrize(
    "pieces",
    [
        [b"H"] * 100,
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"a"] * 100],
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\n", *[b"a"] * 100],
    ],
    ids=["head", "body", "body of the last answer"],
)
def test_slow_answer_is_abandoned(pieces: list[bytes]) -> None:
    begin = time.monotonic()
    with answering(answer(*pieces, pause=0.05)) as address, pytest.raises(UnknownOutcomeError):
        exchange(request(address, b"file", seconds=0.3))
    assert time.monotonic() - begin < 4


def test_large_answer_is_truncated() -> None:
    pieces = [b"HTTP/1.1 200 OK\r\n\r\n", *[b"a" * 1_000_000] * 11]
    with answering(answer(*pieces)) as address:
        result = exchange(request(address))
    assert (len(result.body), result.is_whole) == (MAX_BODY_BYTES, False)


def test_server_without_valid_tls_receives_no_data() -> None:
    def no_handshake(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with answering(no_handshake) as address, pytest.raises(NotSentError):
        exchange(request(address.replace("http:", "https:"), b"file"))


def test_secret_has_no_readable_representation() -> None:
    secret = Secret("canary")
    call = Call("GET", resolve_destination("http://127.0.0.1/", is_private=True), secret=secret)
    assert "canary" not in f"{secret} {secret!r} {[secret]} {call}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_echoed_secret_is_masked(encoding: str) -> None:
    body = "you said canary-canary".encode(encoding)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with answering(answer(head, body)) as address:
        result = exchange(replace(request(address), secret=Secret("Bearer canary-canary")))
    assert result.body.decode(encoding) == "you said ..."


def test_unrequested_compressed_answer_is_dropped_after_a_secret() -> None:
    body = gzip.compress(b"you said canary-canary")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for secret, kept in ((Secret("Bearer canary-canary"), b""), (None, body)):
        with answering(answer(head, body)) as address:
            assert exchange(replace(request(address), secret=secret)).body == kept


def test_secret_is_read_from_file_or_environment(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "token").write_text("from-file\n")
    environ = {
        "SDMXMIG_SECRET_A_FILE": str(tmp_path / "token"),
        "SDMXMIG_SECRET_A": "x",
        "SDMXMIG_SECRET_B": "from-environment",
    }
    assert find_secret("a", environ).reveal() == "from-file"
    assert find_secret("b", environ).reveal() == "from-environment"
    for name in ("c", "", "../x", "a b"):
        with pytest.raises(SdmxmigError):
            find_secret(name, environ)
    with pytest.raises(SdmxmigError, match="no usable secret"):
        find_secret("d", {"SDMXMIG_SECRET_D": "two\r\nlines"})


def test_large_answer_is_written_up_to_the_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
    for largest, written, is_whole in ((10, b"0123456789", True), (4, b"0123", False)):
        file = io.BytesIO()
        with answering(answer(head, b"0123456789")) as address:
            result = exchange(replace(request(address), largest=largest, into=file))
        assert (file.getvalue(), result.body, result.is_whole) == (written, b"", is_whole)
