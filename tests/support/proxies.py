"""A small reverse proxy that knows people by a password, as offices have one in front; it listens on this machine."""

from __future__ import annotations

import base64
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "0123456789abcdef" * 4
KNOWN = "right"
"""What people type who are known."""


@dataclass
class SmallProxy:
    """The address of a proxy, its target port, and whether it removes identity headers of clients."""

    port: int
    to: int
    strips: bool = True
    secret: str = SECRET
    seen: list[str] = field(default_factory=list)


def free_port() -> int:
    """An unused port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def basic(name: str, typed: str = KNOWN) -> str:
    """The header of a browser after the user has entered name and password."""
    return "Basic " + base64.b64encode(f"{name}:{typed}".encode()).decode()


def handler(proxy: SmallProxy) -> type[BaseHTTPRequestHandler]:
    """A handler that asks for a password, adds the user, and forwards requests unchanged."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            kind, _, code = self.headers.get("Authorization", "").partition(" ")
            name, _, typed = base64.b64decode(code).decode().partition(":") if kind == "Basic" else ("", "", "")
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            if typed != KNOWN:
                self.answer(401, [("WWW-Authenticate", 'Basic realm="office"')], b"")
                return
            own = ("x-remote-user", "x-sdmxmig-secret") if proxy.strips else ()
            headers = [(key, value) for key, value in self.headers.items() if key.lower() not in (*own, "connection")]
            connection = http.client.HTTPConnection("127.0.0.1", proxy.to, timeout=60)
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for key, value in [*headers, ("X-Remote-User", name), ("X-Sdmxmig-Secret", proxy.secret)]:
                connection.putheader(key, value.encode("utf-8"))
            connection.endheaders(body or None)
            response = connection.getresponse()
            content = response.read()
            kept = [(k, v) for k, v in response.getheaders() if k.lower() not in ("connection", "content-length")]
            self.answer(response.status, kept, content)
            connection.close()

        def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status)
            for key, value in [*headers, ("Content-Length", str(len(content)))]:
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = pass_on  # noqa: N815 - so the library calls them

        def log_message(self, *_arguments: object) -> None:
            proxy.seen.append(self.path)

    return Handler


@contextmanager
def proxied(port: int, to: int) -> Iterator[SmallProxy]:
    """A proxy that runs."""
    proxy = SmallProxy(port, to)
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(proxy))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
