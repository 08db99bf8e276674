"""A web service on this machine that gives set answers and records its requests."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from registry_stub import Answering, served


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: its status, head and body, and what a bad service or network does to it.

    `trick` is ``cut`` (the connection ends within), ``drip`` (a letter now and then) or ``hang up`` (no answer at all).
    """

    status: int = 200
    body: bytes = b""
    heads: Mapping[str, str] = field(default_factory=dict)
    trick: str = ""


@dataclass
class Stub:
    """The replies in order, the last one repeated, and the recorded requests."""

    replies: list[Reply]
    address: str = ""
    asked: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def answering(*replies: Reply) -> Iterator[Stub]:
    """A service with these replies."""
    stub = Stub(list(replies))

    class Handler(Answering):
        def do_GET(self) -> None:  # noqa: N802 - as the base class calls it
            stub.asked.append(self.path)
            stub.heads.append({name.lower(): text for name, text in self.headers.items()})
            reply = stub.next()
            if reply.trick == "hang up":
                self.close_connection = True
                return
            heads = {name: text.replace("HERE", stub.address) for name, text in reply.heads.items()}
            if not reply.trick:
                self.say(reply.status, reply.body, **heads)
                return
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            for index in range(len(reply.body) // 2):
                self.wfile.write(reply.body[index : index + 1])
                if reply.trick == "drip":
                    time.sleep(0.05)
            self.close_connection = True

    with served(Handler) as address:
        stub.address = address
        yield stub
