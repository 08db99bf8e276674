"""Proxies: identity and public address, authenticated by a shared secret."""

from __future__ import annotations

import re
import secrets
import stat
import sys
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.tasks.approvals import is_name

SECRET_HEADER = "x-sdmxmig-secret"  # noqa: S105 - the name of the header, not its value
USER_HEADER = "X-Remote-User"
MIN_SECRET_LENGTH = 32
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
HEADER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,98}[A-Za-z0-9])?")
RESERVED_HEADERS = (
    "host",
    "cookie",
    "origin",
    "referer",
    "authorization",
    "content-length",
    "content-type",
    SECRET_HEADER,
)
DEFAULT_PORTS = {"https": 443, "http": 80}
OWN_HOSTS = ("localhost", "127.0.0.1")
ADDRESS_LINK = re.compile(r'\b((?:href|src|action|formaction|hx-get|hx-post)=")/(?!/)')


@dataclass(frozen=True, slots=True)
class Proxy:
    scheme: str
    host: str
    _: KW_ONLY
    port: int | None
    prefix: str
    user_header: str
    secret: str = field(repr=False)

    @property
    def hosts(self) -> tuple[str, ...]:
        if self.port is None or self.port == DEFAULT_PORTS[self.scheme]:
            return (self.host, f"{self.host}:{DEFAULT_PORTS[self.scheme]}")
        return (f"{self.host}:{self.port}",)

    @property
    def address(self) -> str:
        return f"{self.scheme}://{self.hosts[0]}{self.prefix}/"


def build_proxy(address: str, secret_file: Path, user_header: str = USER_HEADER) -> Proxy:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise build_address_error(address) from None
    host, prefix = parts.hostname or "", parts.path.rstrip("/")
    is_whole = parts.scheme in DEFAULT_PORTS and HOST.fullmatch(host) and PREFIX.fullmatch(prefix)
    if not is_whole or parts.username is not None or parts.query or parts.fragment or port == 0:
        raise build_address_error(address)
    if parts.scheme != "https" and host not in OWN_HOSTS:
        hint = "Configure the proxy to use https. Without it, others can read passwords and figures in transit."
        raise SdmxmigError(f"“{address}” is not encrypted.", hint=hint)
    if not HEADER.fullmatch(user_header) or user_header.lower() in RESERVED_HEADERS:
        raise SdmxmigError(f"“{user_header}” cannot identify the user.", hint=f"Name a header such as {USER_HEADER}.")
    return Proxy(
        parts.scheme, host, port=port, prefix=prefix, user_header=user_header.lower(), secret=read_secret(secret_file)
    )


def build_address_error(address: str) -> SdmxmigError:
    hint = "Write it as people type it, such as https://workbench.example or https://office.example/workbench."
    return SdmxmigError(f"“{address}” is not an address of a workbench.", hint=hint)


def read_secret(path: Path) -> str:
    """Read the secret in a file; raise `SdmxmigError` if it is too short or readable by everyone."""
    place = Place(str(path))
    make = f"Make one with: openssl rand -hex 32 > {path} && chmod 600 {path}"
    if not path.is_file():
        raise SdmxmigError("There is no file with the secret.", place, make)
    if sys.platform != "win32" and path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        raise SdmxmigError("Others may read or write the secret.", place, f"Restrict it to yourself: chmod 600 {path}")
    secret = read_bytes(path).decode("ascii", "replace").strip()
    if len(secret) < MIN_SECRET_LENGTH or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise SdmxmigError(f"Write one word of at least {MIN_SECRET_LENGTH} letters and digits.", place, make)
    return secret


class UnverifiedRequest(Exception):  # noqa: N818 - the name says what is the matter
    """A request without proof of proxy or identity."""


def read_person(headers: Sequence[tuple[bytes, bytes]], proxy: Proxy) -> str:
    """Return the person; raise `UnverifiedRequest` if missing or duplicated, since headers may be forged."""
    by_name: dict[str, list[bytes]] = {}
    for name, value in headers:
        by_name.setdefault(name.decode("latin-1").lower(), []).append(value)
    proofs, names = by_name.get(SECRET_HEADER, []), by_name.get(proxy.user_header, [])
    if len(proofs) != 1 or not secrets.compare_digest(proofs[0].strip(), proxy.secret.encode()):
        raise UnverifiedRequest
    try:
        person = names[0].decode("utf-8") if len(names) == 1 else ""
    except UnicodeDecodeError:
        raise UnverifiedRequest from None
    if not is_name(person):
        raise UnverifiedRequest
    return person


def strip_prefix(path: str, prefix: str) -> str | None:
    """Remove the public prefix from a path; None for a path outside it.

    >>> (strip_prefix("/workbench/findings", "/workbench"),
    ...  strip_prefix("/workbench", "/workbench"), strip_prefix("/other", "/workbench"))
    ('/findings', '/', None)
    """
    if not prefix:
        return path
    if path == prefix:
        return "/"
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else None


def add_prefix(html: str, prefix: str) -> str:
    """Add the public prefix to links and forms of a page.

    >>> add_prefix('<a href="/findings">', "/workbench")
    '<a href="/workbench/findings">'
    """
    return ADDRESS_LINK.sub(rf"\1{prefix}/", html) if prefix else html
