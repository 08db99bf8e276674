"""Who may come in: nothing that another page, another host or another program on the machine asks for is done.

A browser gets in with an address that works once and leaves it a cookie. Requests that change something must come from
a page of the workbench itself: cookies alone do not tell, since pages on other ports of the same machine send them too.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sdmxmig.web.proxy import Proxy, Unproven, below, person_in
from sdmxmig.web.refusals import PLAIN, refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = ("GET", "HEAD", "OPTIONS")
ENTRY = "/enter"
"""The path of the address that works once."""
KEY_TIME = 3600.0
"""So many seconds it works at most; nobody finds it in an old terminal or a list of processes and gets in."""
LARGEST_BODY = 64 * 1024 * 1024
"""So many bytes may be sent at once."""
PERSON = "sdmxmig.person"
"""Where a request that was let through says who sends it."""
ADMITTED = "sdmxmig.admitted"
"""What a request has that was let through: its connection is that of somebody who works."""
BODY_TIME = 300.0
"""So many seconds they may take."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "font", "connect", "frame")),
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
DOCUMENT_POLICY = "sandbox allow-downloads; frame-ancestors 'self'"
"""For files that are shown: they stand apart from the workbench, may be shown in it, and run nothing."""
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "cache-control": "no-store",
}
"""What every answer says, unless it says something else itself."""


@dataclass(slots=True)
class Door:
    """Who may come in at one port: the names under which it is reached, the one-use key, and the cookie behind it.

    `scheme` and `hosts` are what an ``Origin`` and a ``Host`` may say. Where a `proxy` stands in front, that says who
    is there; the key and the cookie are for nobody then. `clock` counts seconds; the key works `until` then.
    """

    port: int
    hosts: tuple[str, ...]
    _: KW_ONLY
    scheme: str = "http"
    proxy: Proxy | None = None
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    until: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.until = self.clock() + KEY_TIME

    @property
    def cookie(self) -> str:
        """The name of the cookie, one for each port: several workbenches may be open in one browser."""
        return f"sdmxmig-{self.port}"

    def take(self, key: str) -> bool:
        """Whether this is the key; it works once, and not for ever."""
        fits = bool(self.key) and secrets.compare_digest(self.key.encode(), key.encode(errors="replace"))
        if self.clock() > self.until:
            fits, self.key = False, ""
        if fits:
            self.key = ""
        return fits

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the cookie, among whatever other programs of this machine have set."""
        pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        values = [value.encode() for name, _, value in pairs if name == self.cookie]
        return any(secrets.compare_digest(value, self.session.encode()) for value in values)

    def is_ours(self, headers: Mapping[str, str]) -> bool:
        """Whether a page of the workbench itself sent a request that changes something."""
        site = headers.get("sec-fetch-site", "")
        if site:
            return site == "same-origin"
        return headers.get("origin", "") == f"{self.scheme}://{headers.get('host', '')}"


def is_drawn_in(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site or port asks for something to show, run or read it; a link may be followed."""
    from_elsewhere = headers.get("sec-fetch-site", "") in ("cross-site", "same-site")
    return from_elsewhere and headers.get("sec-fetch-dest", "document") != "document"


def is_ahead(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks for a page before anybody has: it may throw the answer away."""
    return any("prefetch" in headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-moz"))


def page_policy(script: str) -> str:
    """For pages of a report: whatever one says itself, it loads nothing, and runs no script but the one of this hash.

    >>> "script-src 'sha256-x'" in page_policy("sha256-x")
    True
    """
    return "; ".join(
        (
            "sandbox allow-scripts allow-downloads",
            "default-src 'none'",
            f"script-src '{script}'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        )
    )


class Refused(Exception):  # noqa: N818 - the name says what is the matter
    """A request that is not answered: with which status, and why in a few words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Guard:
    """Lets requests through to the application that may come in, and says on every answer what a browser may do."""

    def __init__(self, application: ASGIApp, door: Door) -> None:
        self.application, self.door = application, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it through."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.application(scope, receive, send)
            return
        arrived = scope  # the one that the connection knows
        try:
            headers, proxy = single_headers(scope), self.door.proxy
            if proxy is not None:
                scope = introduced(scope, proxy)
            elif scope["path"] == ENTRY:
                await self.enter(scope, headers, send)
                return
            self.check(scope["method"], headers)
            bound(headers)
        except Refused as refused:
            content, media_type = refusal(refused.reason, first_headers(scope))
            await answer(send, refused.status, content, media_type, headers=last_words(scope["method"]))
            return
        arrived[ADMITTED] = True
        await self.application(scope, bounded(receive), with_headers(send, proxy.prefix if proxy else ""))

    def check(self, method: str, headers: Mapping[str, str]) -> None:
        """Refuse who may not come in, and what did not come from a page of ours."""
        self.check_host(headers)
        if self.door.proxy is None and not self.door.knows(headers):
            raise Refused(
                401, "Open the workbench as you did before, such as by your start file. Its address works once."
            )
        if is_drawn_in(headers) or (method not in SAFE and not self.door.is_ours(headers)):
            raise Refused(403, "This request did not come from a page of the workbench.")

    def check_host(self, headers: Mapping[str, str]) -> None:
        """Refuse a request for another host: it was led here by a name that somebody else owns."""
        if headers.get("host", "") not in self.door.hosts:
            raise Refused(421, "The workbench has no such address.")

    async def enter(self, scope: Scope, headers: Mapping[str, str], send: Send) -> None:
        """Take the key of the address that works once, and give the cookie for it.

        Who has the cookie already, and loads the address again, is led on. What is asked for ahead of a reader, or by
        another page, takes no key away.
        """
        self.check_host(headers)
        if is_ahead(headers) or is_drawn_in(headers):
            raise Refused(403, "This address is for people to open.")
        if scope["method"] == "GET" and self.door.knows(headers):
            await answer(send, 303, b"", headers={"location": "/"})
            return
        key = parse_qs(scope["query_string"].decode("ascii", "replace")).get("key", [""])[0]
        if scope["method"] != "GET" or not self.door.take(key):
            raise Refused(
                401,
                "This address has been used, or is older than an hour. "
                "Open the workbench as you did before, such as by your start file.",
            )
        cookie = f"{self.door.cookie}={self.door.session}; Path=/; HttpOnly; SameSite=Strict"
        await answer(send, 303, b"", headers={"location": "/", "set-cookie": cookie})


def last_words(method: str) -> dict[str, str]:
    """What a refusal says besides: where a body may still come that nobody reads, nothing more is asked behind it.

    >>> last_words("GET"), last_words("POST")
    ({}, {'connection': 'close'})
    """
    return {} if method in SAFE else {"connection": "close"}


def introduced(scope: Scope, proxy: Proxy) -> Scope:
    """A request with who sends it, and its path as the workbench knows it; refuses what did not come by the proxy."""
    try:
        by = person_in(scope["headers"], proxy)
    except Unproven:
        raise Refused(403, "The workbench is reached through its proxy only, which says who is there.") from None
    path = below(scope["path"], proxy.prefix)
    if path is None:
        raise Refused(404, "There is no such page.")
    return {**scope, "path": path, "raw_path": path.encode("utf-8", "surrogateescape"), PERSON: by}


def single_headers(scope: Scope) -> dict[str, str]:
    """The headers of a request by their small letters; one that stands there twice makes it no request of a browser."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key in headers and key in ("host", "origin", "cookie", "content-length", "sec-fetch-site"):
            raise Refused(400, f"The request says {key} twice.")
        headers[key] = value.decode("latin-1")
    return headers


def first_headers(scope: Scope) -> dict[str, str]:
    """The headers of any request by their small letters; of one that stands there twice, the first."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in reversed(scope["headers"])}


def bound(headers: Mapping[str, str]) -> None:
    """Refuse a body that is too large before any of it is read."""
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise Refused(400, "The length of the request is no number.")
    if int(length) > LARGEST_BODY:
        raise Refused(413, f"At most {LARGEST_BODY:,} bytes may be sent at once.")


def bounded(receive: Receive) -> Receive:
    """What is received, up to so many bytes and seconds; a body without a length or an end is cut off there."""
    received, is_whole, deadline = 0, False, time.monotonic() + BODY_TIME

    async def receive_bounded() -> Message:
        nonlocal received, is_whole
        try:
            message = await (
                receive() if is_whole else asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
            )
        except TimeoutError:
            return {"type": "http.disconnect"}
        received += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if received > LARGEST_BODY:
            return {"type": "http.disconnect"}
        return message

    return receive_bounded


def with_headers(send: Send, prefix: str = "") -> Send:
    """What is sent, with what every answer says to a browser; it leads on below the path of the public address."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message["headers"]}
            more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in own]
            headers = [(name, leading_below(name, value, prefix)) for name, value in message["headers"]]
            message = {**message, "headers": [*headers, *more]}
        await send(message)

    return send_with_headers


def leading_below(name: bytes, value: bytes, prefix: str) -> bytes:
    """What a header says; of one that leads to a path of the workbench, below the path of the public address."""
    is_path = name.lower() == b"location" and value.startswith(b"/")
    return prefix.encode() + value if is_path else value


async def answer(
    send: Send, status: int, content: bytes, media_type: str = PLAIN, *, headers: Mapping[str, str] | None = None
) -> None:
    """A short answer."""
    fields = {**HEADERS, "content-type": media_type, **(headers or {})}
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                *((name.encode(), value.encode()) for name, value in fields.items()),
                (b"content-length", str(len(content)).encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": content})
