"""Network access to configured addresses: secrets, destinations and bounded requests."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ipaddress
import os
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from sdmxmig.primitives import __version__
from sdmxmig.primitives.errors import SdmxmigError

DEFAULT_PORTS = {"https": 443, "http": 80, "sftp": 22}
MAX_ADDRESS_LENGTH = 2_000
HOST = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?)*")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
EMBEDDING_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""IPv6 networks embedding IPv4 (RFC 4291, 2765, 6052)."""
IPV6_PATTERN = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*")
MIN_BUFFER = 1 << 16
"""The first address after ``::`` and ``::1``, which are special."""
Resolve = Callable[[str, int], list[str]]
"""Gives the network addresses of a host, as texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    scheme: str
    host: str
    ip: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def resolve_host(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def resolve_destination(address: str, *, is_private: bool = False, resolve: Resolve = resolve_host) -> Destination:
    """Resolve an address; raise `SdmxmigError` if not allowed.

    Unencrypted connections are only allowed to this machine, and private addresses only if `is_private`.
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise SdmxmigError(f"“{address}” is not an address: {error}.") from None
    is_clean = address.isascii() and address.isprintable() and " " not in address and len(address) <= MAX_ADDRESS_LENGTH
    if not is_clean or parts.scheme not in DEFAULT_PORTS or not is_host(host, is_bracketed="[" in parts.netloc):
        raise SdmxmigError(f"“{address}” is not a usable address.", hint="Write https://host/path.")
    if parts.username is not None or parts.password is not None:
        message = "An address must not contain a password."
        raise SdmxmigError(message, hint="Name the secret in its own line, and keep it in the keyring.")
    port = port or DEFAULT_PORTS[parts.scheme]
    ip = find_reachable_address(host, port, parts.scheme, is_private=is_private, resolve=resolve)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(scheme=parts.scheme, host=host, ip=ip, port=port, path=path)


def is_host(text: str, *, is_bracketed: bool) -> bool:
    """Check whether a text is a host name, an IPv4 address or, in brackets, an IPv6 address.

    >>> is_host("registry.example.org", is_bracketed=False), is_host("::1", is_bracketed=True)
    (True, True)
    """
    return bool((IPV6_PATTERN if is_bracketed else HOST).fullmatch(text))


def find_host(address: str) -> str:
    """Return the host of an address without resolving it; empty for a folder.

    >>> find_host("https://Registry.example.org:8443/rest"), find_host("outbox")
    ('registry.example.org', '')
    """
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def find_reachable_address(host: str, port: int, scheme: str, *, is_private: bool, resolve: Resolve) -> str:
    """Resolve a host; raise `SdmxmigError` if any of its addresses is forbidden."""
    try:
        ips = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    except (OSError, ValueError):
        message = f"The host “{host}” was not found."
        raise UnreachableError(message, hint="Check the name and the network connection.") from None
    for ip in map(find_embedded_address, ips):
        if ip.is_loopback and not is_private:
            raise SdmxmigError(f"“{host}” is this machine.", hint="Write private = true if this is intended.")
        if scheme == "http" and not ip.is_loopback:
            raise SdmxmigError(f"“{host}” would be reached without encryption.", hint="Write https://.")
        is_inside = not ip.is_global or getattr(ip, "is_site_local", False)
        if ip.is_multicast or ip.is_unspecified or ip.is_link_local or (is_inside and not is_private):
            message = f"“{host}” is an internal network address ({ip}). Such addresses are blocked."
            raise SdmxmigError(message, hint="Write private = true if this is intended.")
    if not ips:
        raise UnreachableError(f"The host “{host}” has no address.")
    return str(ips[0])


def find_embedded_address(ip: Address) -> Address:
    """Return the IPv4 address embedded in an IPv6 address.

    >>> (find_embedded_address(ipaddress.ip_address("64:ff9b::a9fe:a9fe")),
    ...  find_embedded_address(ipaddress.ip_address("2002:7f00:1::")))
    (IPv4Address('169.254.169.254'), IPv4Address('127.0.0.1'))
    """
    if isinstance(ip, ipaddress.IPv4Address) or int(ip) < MIN_BUFFER:
        return ip
    if any(ip in network for network in EMBEDDING_IPV4):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.sixtofour or ip


class UnreachableError(SdmxmigError):
    """The host does not respond."""


KEYRING_SERVICE = "sdmxmig"
SECRET_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:@-]{0,300}")
TOKEN_PATTERN = re.compile(r"[!-~]+")
"""Token characters: visible ASCII. Receivers use more characters than the standard allows."""
MAX_SECRET_BYTES = 16_384


class Secret:
    """A secret; only `reveal` returns it.

    >>> Secret("s3cr3t")
    Secret(…)
    >>> f"{Secret('s3cr3t')}"
    '…'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        raise TypeError("A secret is not written down.")


def find_secret(name: str, environ: Mapping[str, str] = os.environ) -> Secret:
    """Find a secret: keyring, ``SDMXMIG_SECRET_REGISTRY_FILE``, ``SDMXMIG_SECRET_REGISTRY``."""
    if not SECRET_NAME.fullmatch(name):
        raise SdmxmigError(f"“{name}” cannot be the name of a secret.", hint="Use letters and digits.")
    text = read_keyring_secret(name) or read_environment_secret(name, environ)
    if not text or len(text) > MAX_SECRET_BYTES or not text.isprintable():
        message = f"There is no usable secret “{name}”."
        raise SdmxmigError(
            message, hint=f"Keep it with: keyring set {KEYRING_SERVICE} {name}, or set {build_variable_name(name)}."
        )
    return Secret(text)


def build_bearer_header(name: str, secret: Secret) -> Secret:
    text = secret.reveal()
    if not TOKEN_PATTERN.fullmatch(text):
        message = f"The credential “{name}” cannot be sent: it has characters that are not allowed in a request."
        hint = (
            "Save the secret again, exactly as the receiver gave it. Check for copied quotation "
            "marks, blanks or letters of another script."
        )
        raise SdmxmigError(message, hint=hint)
    return Secret(f"Bearer {text}")


def build_variable_name(name: str) -> str:
    """Return the environment variable of a secret.

    >>> build_variable_name("my-registry")
    'SDMXMIG_SECRET_MY_REGISTRY'
    """
    return f"SDMXMIG_SECRET_{re.sub('[^A-Z0-9]', '_', name.upper())}"


def read_keyring_secret(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    try:
        return keyring.get_password(KEYRING_SERVICE, name) or ""
    except KeyringError:
        return ""


def read_environment_secret(name: str, environ: Mapping[str, str]) -> str:
    path = environ.get(f"{build_variable_name(name)}_FILE", "")
    if not path:
        return environ.get(build_variable_name(name), "").strip()
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(MAX_SECRET_BYTES + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SdmxmigError(f"The file of the secret “{name}” cannot be read ({type(error).__name__}).") from None


PIECE_BYTES = 1 << 16
MAX_BODY_BYTES = 10_000_000
MIN_SECRET_LENGTH = 6
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
SILENCE_SECONDS = 60.0


class NotSentError(Exception):
    """The request failed before it was sent completely."""


class UnknownOutcomeError(Exception):
    """The request failed but may have been received."""


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
    largest: int = MAX_BODY_BYTES
    into: BinaryIO | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. Header names are in lower case; the body may be truncated."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True


def exchange(call: Call) -> Answer:
    """Send a request; redirects are not followed. Raises `NotSentError` (safe to retry) or `UnknownOutcomeError`."""
    progress, connection = Progress(call), open_connection(call)
    lines: list[socket.socket] = []
    watchdog = threading.Timer(call.seconds, cut, [connection, lines])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.connect()
        lines.append(connection.sock)  # the connection drops it after the final response
        body = iter(progress) if call.size else None
        connection.request(
            call.method, call.to.path, body, build_headers(call), preload_content=False, decode_content=False
        )
        progress.is_expired = True  # from here on, the receiver may have received everything
        answer = connection.getresponse()
        content, is_whole = read_limited_body(answer, watchdog, call)
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        reason = f"{type(error).__name__} at {call.to.authority}"
        raise (UnknownOutcomeError if progress.is_expired else NotSentError)(reason) from None
    finally:
        watchdog.cancel()
        connection.close()
    heads_back: dict[str, list[str]] = {}
    for name, text in answer.headers.items():
        shown = hide_secret(call.secret, text.encode("utf-8", "replace")).decode()
        heads_back.setdefault(name.lower(), []).append(shown)
    headers = {name: ", ".join(texts) for name, texts in heads_back.items()}
    if call.secret is not None and headers.get("content-encoding", "identity").strip().lower() != "identity":
        content = b""  # compression was not requested, and secrets could not be removed from it
    return Answer(answer.status, headers, body=hide_secret(call.secret, content), is_whole=is_whole)


def hide_secret(secret: Secret | None, content: bytes) -> bytes:
    """Remove an echoed secret from a response.

    >>> hide_secret(Secret("Bearer 0123456789"), b'{"you": "Bearer 0123456789"}')
    b'{"you": "Bearer ..."}'
    """
    for text in list_echoes(secret) if secret is not None else ():
        for encoding in ENCODINGS:
            content = content.replace(text.encode(encoding), "...".encode(encoding))
    return content


def list_echoes(secret: Secret) -> Iterator[str]:
    scheme, _, text = secret.reveal().partition(" ")
    texts = [text]
    if scheme == "Basic":
        with contextlib.suppress(ValueError):
            texts.append(base64.b64decode(text, validate=True).decode().partition(":")[2])
    yield from (text for text in texts if len(text) >= MIN_SECRET_LENGTH)


def cut(connection: HTTPConnection, lines: Iterable[socket.socket]) -> None:
    for line in (connection.sock, *lines):
        with contextlib.suppress(OSError, AttributeError):  # it may have ended by itself
            line.shutdown(socket.SHUT_RDWR)


class Progress:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.is_expired = False

    def __iter__(self) -> Iterator[bytes]:
        sent = 0
        for piece in self.call.pieces:
            sent += len(piece)
            self.is_expired = sent >= self.call.size
            yield piece


def build_headers(call: Call) -> dict[str, str]:
    made = {"Host": call.to.authority, "User-Agent": f"sdmxmig/{__version__}", "Accept-Encoding": "identity"}
    if call.size:
        made["Content-Length"] = str(call.size)
    if call.secret is not None:
        made["Authorization"] = call.secret.reveal()
    return made | dict(call.headers)


def open_connection(call: Call) -> HTTPConnection:
    """Open a connection to the resolved address and verify the identity of the host."""
    silence = min(SILENCE_SECONDS, call.seconds)
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


def read_limited_body(answer: urllib3.BaseHTTPResponse, watchdog: threading.Timer, call: Call) -> tuple[bytes, bool]:
    body, size = bytearray(), 0
    while piece := answer.read(PIECE_BYTES, decode_content=False):
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


MAX_WAIT_SECONDS = 86_400.0
MAX_NUMBER_LENGTH = 4_000
"""Maximum number of digits of a wait; a longer number means the longest wait."""


def parse_retry_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds to wait (the largest stated, at most a day), or None.

    >>> [parse_retry_seconds({"retry-after": text}) for text in ("120", "30, 60", "-5")]
    [120.0, 60.0, None]
    """
    text = headers.get("retry-after", "").strip()
    numbers = [part.strip() for part in text.split(",")]
    if all(part.isascii() and part.isdigit() for part in numbers):
        return max(
            MAX_WAIT_SECONDS if len(part) > MAX_NUMBER_LENGTH else min(float(part), MAX_WAIT_SECONDS)
            for part in numbers
        )
    until, begun = parse_moment(text), now or parse_moment(headers.get("date", ""))
    if until is None or begun is None:
        return None
    return min(max((until - begun).total_seconds(), 0.0), MAX_WAIT_SECONDS)


def parse_moment(text: str) -> datetime | None:
    """Parse a date of HTTP headers (RFC 9110); None for other texts.

    >>> parse_moment("Sun Mar  1 12:02:00 2026") == parse_moment("Sunday, 01-Mar-26 12:02:00 GMT")
    True
    """
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
