"""A single bounded request without redirects, and ``Retry-After`` (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from sdmxmig.io.network.addresses import Destination
from sdmxmig.io.network.secrets import Secret
from sdmxmig.primitives.version import __version__

PIECE = 1 << 16
LARGEST = 10_000_000
"""Maximum response size in bytes."""
SHORTEST = 6
"""Secrets from this length on are taken out of what comes back."""
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
"""How a receiver may write what it gives back."""
SILENCE = 60.0
"""Maximum silence in seconds."""


class NothingSent(Exception):  # noqa: N818 - the name says what is known
    """The request failed before it was sent completely."""


class OutcomeUnknown(Exception):  # noqa: N818 - the name says what is not known
    """The request failed when it may have been received."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request; `secret` is the ``Authorization`` value; `into` streams the response."""

    method: str
    to: Destination
    _: KW_ONLY
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: Secret | None = None
    pieces: Iterable[bytes] = ()
    size: int = 0
    seconds: float = 600.0
    authorities: Path | None = None
    largest: int = LARGEST
    into: BinaryIO | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; names in lower case; the body may be truncated."""

    status: int
    headers: Mapping[str, str]
    _: KW_ONLY
    body: bytes
    is_whole: bool = True


def exchange(call: Call) -> Answer:
    """Send a request; redirects are not followed.

    Raises `NothingSent` (safe to retry) or `OutcomeUnknown`.
    """
    progress, connection = Progress(call), connection_to(call)
    lines: list[socket.socket] = []
    watchdog = threading.Timer(call.seconds, cut, [connection, lines])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.connect()
        lines.append(connection.sock)  # the connection drops it after the final response
        body = iter(progress) if call.size else None
        connection.request(call.method, call.to.path, body, heads(call), preload_content=False, decode_content=False)
        progress.is_over = True  # from here on, the receiver may have received everything
        answer = connection.getresponse()
        content, is_whole = bounded(answer, watchdog, call)
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        reason = f"{type(error).__name__} at {call.to.authority}"
        raise (OutcomeUnknown if progress.is_over else NothingSent)(reason) from None
    finally:
        watchdog.cancel()
        connection.close()
    heads_back: dict[str, list[str]] = {}
    for name, text in answer.headers.items():
        shown = without(call.secret, text.encode("utf-8", "replace")).decode()
        heads_back.setdefault(name.lower(), []).append(shown)
    headers = {name: ", ".join(texts) for name, texts in heads_back.items()}
    if call.secret is not None and headers.get("content-encoding", "identity").strip().lower() != "identity":
        content = b""  # compression was not requested, and secrets could not be removed from it
    return Answer(answer.status, headers, body=without(call.secret, content), is_whole=is_whole)


def without(secret: Secret | None, content: bytes) -> bytes:
    """Remove an echoed secret from a response.

    >>> without(Secret("Bearer 0123456789"), b'{"you": "Bearer 0123456789"}')
    b'{"you": "Bearer ..."}'
    """
    for text in shown_in(secret) if secret is not None else ():
        for encoding in ENCODINGS:
            content = content.replace(text.encode(encoding), "...".encode(encoding))
    return content


def shown_in(secret: Secret) -> Iterator[str]:
    scheme, _, text = secret.reveal().partition(" ")
    texts = [text]
    if scheme == "Basic":
        with contextlib.suppress(ValueError):
            texts.append(base64.b64decode(text, validate=True).decode().partition(":")[2])
    yield from (text for text in texts if len(text) >= SHORTEST)


def cut(connection: HTTPConnection, lines: Iterable[socket.socket]) -> None:
    for line in (connection.sock, *lines):
        with contextlib.suppress(OSError, AttributeError):  # it may have ended by itself
            line.shutdown(socket.SHUT_RDWR)


class Progress:
    """The bytes of a request being sent, and whether the last was sent."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.is_over = False

    def __iter__(self) -> Iterator[bytes]:
        sent = 0
        for piece in self.call.pieces:
            sent += len(piece)
            self.is_over = sent >= self.call.size
            yield piece


def heads(call: Call) -> dict[str, str]:
    made = {"Host": call.to.authority, "User-Agent": f"sdmxmig/{__version__}", "Accept-Encoding": "identity"}
    if call.size:
        made["Content-Length"] = str(call.size)
    if call.secret is not None:
        made["Authorization"] = call.secret.reveal()
    return made | dict(call.headers)


def connection_to(call: Call) -> HTTPConnection:
    """Open a connection to the resolved address, which must prove the identity of the host."""
    silence = min(SILENCE, call.seconds)
    if call.to.scheme == "http":
        return HTTPConnection(call.to.ip, call.to.port, timeout=silence)
    return HTTPSConnection(
        call.to.ip,
        call.to.port,
        timeout=silence,
        server_hostname=call.to.host,
        assert_hostname=call.to.host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=str(call.authorities) if call.authorities else None,
    )


def bounded(answer: urllib3.BaseHTTPResponse, watchdog: threading.Timer, call: Call) -> tuple[bytes, bool]:
    body, size = bytearray(), 0
    while piece := answer.read(PIECE, decode_content=False):
        kept = piece[: call.largest - size]
        size += len(piece)
        if call.into is None:
            body += kept
        else:
            call.into.write(kept)
        if size > call.largest:
            return bytes(body), False
    if watchdog.finished.is_set():
        raise TimeoutError
    return bytes(body), True


LONGEST_WAIT = 86_400.0
"""Maximum wait in seconds."""
LONGEST_NUMBER = 4_000
"""A number of more digits is as long as the longest wait; it is not counted."""


def wait_in(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds to wait, at most a day, or None; the largest of several.

    >>> wait_in({"retry-after": "120"}), wait_in({"retry-after": "30, 60"}), wait_in({"retry-after": "-5"})
    (120.0, 60.0, None)
    """
    text = headers.get("retry-after", "").strip()
    numbers = [part.strip() for part in text.split(",")]
    if all(part.isascii() and part.isdigit() for part in numbers):
        return max(LONGEST_WAIT if len(part) > LONGEST_NUMBER else min(float(part), LONGEST_WAIT) for part in numbers)
    until, begun = moment_in(text), now or moment_in(headers.get("date", ""))
    if until is None or begun is None:
        return None
    return min(max((until - begun).total_seconds(), 0.0), LONGEST_WAIT)


def moment_in(text: str) -> datetime | None:
    """Parse a date of HTTP headers (RFC 9110); None for other texts.

    >>> moment_in("Sun Mar  1 12:02:00 2026") == moment_in("Sunday, 01-Mar-26 12:02:00 GMT")
    True
    """
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
