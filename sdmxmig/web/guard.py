"""Access control that blocks other pages, hosts and programs, and error answers outside screens.

A one-time address sets a cookie. Changes must come from workbench pages, since cookies are shared across ports.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from html import escape
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sdmxmig.primitives import text
from sdmxmig.web.guidance import choose_preferred_language, load_web_words
from sdmxmig.web.proxy import Proxy, UnverifiedRequest, read_person, strip_prefix

HTML, PLAIN = "text/html; charset=utf-8", "text/plain; charset=utf-8"


def find_refusal(reason: str, headers: Mapping[str, str]) -> tuple[bytes, str]:
    if "text/html" not in headers.get("accept", ""):
        return f"{reason}\n".encode(), PLAIN
    language = choose_preferred_language(headers.get("accept-language", ""))
    translated = load_web_words(language).table.get(reason, "")
    if not translated:
        language, translated = "en", reason
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    html = (
        f'<!doctype html>\n<html lang="{language}" dir="{text.find_direction(language)}">\n<head>{head}'
        f'<meta name="color-scheme" content="light dark"><title>sdmxmig</title></head>\n'
        f"<body><main><h1>sdmxmig</h1><p>{escape(translated)}</p></main></body>\n</html>\n"
    )
    return html.encode(), HTML


SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
ENTRY_PATH = "/enter"
KEY_SECONDS = 3600.0
MAX_BODY_BYTES = 64 * 1024 * 1024
PERSON_KEY = "sdmxmig.person"
ADMITTED_KEY = "sdmxmig.admitted"
BODY_SECONDS = 300.0
CONTENT_POLICY = "; ".join(
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
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "cache-control": "no-store",
}


@dataclass(slots=True)
class BrowserAccess:
    """Access to a port: hosts, one-time key, cookie.

    With a `proxy`, the identity comes from it, and key and cookie are not used.
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
        self.until = self.clock() + KEY_SECONDS

    @property
    def cookie(self) -> str:
        return f"sdmxmig-{self.port}"

    def take(self, key: str) -> bool:
        fits = bool(self.key) and secrets.compare_digest(self.key.encode(), key.encode(errors="replace"))
        if self.clock() > self.until:
            fits, self.key = False, ""
        if fits:
            self.key = ""
        return fits

    def has_session(self, headers: Mapping[str, str]) -> bool:
        pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        values = [value.encode() for name, _, value in pairs if name == self.cookie]
        return any(secrets.compare_digest(value, self.session.encode()) for value in values)

    def is_same_origin(self, headers: Mapping[str, str]) -> bool:
        site = headers.get("sec-fetch-site", "")
        if site:
            return site == "same-origin"
        return headers.get("origin", "") == f"{self.scheme}://{headers.get('host', '')}"


def is_cross_site_embed(headers: Mapping[str, str]) -> bool:
    from_elsewhere = headers.get("sec-fetch-site", "") in ("cross-site", "same-site")
    return from_elsewhere and headers.get("sec-fetch-dest", "document") != "document"


def is_prefetch(headers: Mapping[str, str]) -> bool:
    return any("prefetch" in headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-moz"))


def build_page_policy(script: str) -> str:
    """Return the content policy for report pages, which allows only the script with this hash.

    >>> "script-src 'sha256-x'" in build_page_policy("sha256-x")
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
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Guard:
    def __init__(self, application: ASGIApp, access: BrowserAccess) -> None:
        self.application, self.access = application, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.application(scope, receive, send)
            return
        arrived = scope  # the one known to the connection
        try:
            headers, proxy = read_headers(scope), self.access.proxy
            if proxy is not None:
                scope = identify_user(scope, proxy)
            elif scope["path"] == ENTRY_PATH:
                await self.enter(scope, headers)(scope, receive, send)
                return
            self.check(scope["method"], headers)
            check_size(headers)
        except Refused as refused:
            content, media_type = find_refusal(refused.reason, Headers(scope=scope))
            response = Response(
                content, refused.status, {**HEADERS, **get_closing_headers(scope["method"])}, media_type
            )
            await response(scope, receive, send)
            return
        arrived[ADMITTED_KEY] = True
        await self.application(scope, limit_body(receive), add_headers(send, proxy.prefix if proxy else ""))

    def check(self, method: str, headers: Mapping[str, str]) -> None:
        self.check_host(headers)
        if self.access.proxy is None and not self.access.has_session(headers):
            raise Refused(
                401, "Open the workbench as you did before, for example with your start file. Its address works once."
            )
        if is_cross_site_embed(headers) or (method not in SAFE_METHODS and not self.access.is_same_origin(headers)):
            raise Refused(403, "This request did not come from a page of the workbench.")

    def check_host(self, headers: Mapping[str, str]) -> None:
        if headers.get("host", "") not in self.access.hosts:
            raise Refused(421, "The workbench has no page at this address.")

    def enter(self, scope: Scope, headers: Mapping[str, str]) -> Response:
        """Exchange the one-time key for a cookie. Reloads are redirected; prefetches do not consume the key."""
        self.check_host(headers)
        if is_prefetch(headers) or is_cross_site_embed(headers):
            raise Refused(403, "This address is for people to open.")
        entered = {**HEADERS, "location": "/"}
        if scope["method"] == "GET" and self.access.has_session(headers):
            return Response(b"", 303, entered, PLAIN)
        key = parse_qs(scope["query_string"].decode("ascii", "replace")).get("key", [""])[0]
        if scope["method"] != "GET" or not self.access.take(key):
            raise Refused(
                401,
                "This address has been used, or is older than an hour. "
                "Open the workbench as you did before, for example with your start file.",
            )
        cookie = f"{self.access.cookie}={self.access.session}; Path=/; HttpOnly; SameSite=Strict"
        return Response(b"", 303, {**entered, "set-cookie": cookie}, PLAIN)


def get_closing_headers(method: str) -> dict[str, str]:
    """Return further headers of a refusal, which close the connection if an unread body may follow.

    >>> get_closing_headers("GET"), get_closing_headers("POST")
    ({}, {'connection': 'close'})
    """
    return {} if method in SAFE_METHODS else {"connection": "close"}


def identify_user(scope: Scope, proxy: Proxy) -> Scope:
    try:
        by = read_person(scope["headers"], proxy)
    except UnverifiedRequest:
        raise Refused(403, "The workbench can only be reached through its proxy, which identifies the user.") from None
    path = strip_prefix(scope["path"], proxy.prefix)
    if path is None:
        raise Refused(404, "There is no such page.")
    return {**scope, "path": path, "raw_path": path.encode("utf-8", "surrogateescape"), PERSON_KEY: by}


def read_headers(scope: Scope) -> Headers:
    headers = Headers(scope=scope)
    for name in ("host", "origin", "cookie", "content-length", "sec-fetch-site"):
        if len(headers.getlist(name)) > 1:
            raise Refused(400, f"The request repeats {name}.")
    return headers


def check_size(headers: Mapping[str, str]) -> None:
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise Refused(400, "The length of the request is not a number.")
    if int(length) > MAX_BODY_BYTES:
        raise Refused(413, f"At most {MAX_BODY_BYTES:,} bytes may be sent at once.")


def limit_body(receive: Receive) -> Receive:
    received, is_whole, deadline = 0, False, time.monotonic() + BODY_SECONDS

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
        if received > MAX_BODY_BYTES:
            return {"type": "http.disconnect"}
        return message

    return receive_bounded


def add_headers(send: Send, prefix: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if headers.get("location", "").startswith("/"):
                headers["location"] = prefix + headers["location"]
        await send(message)

    return send_with_headers
