"""Connections with time limits."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sdmxmig.web.guard import ADMITTED

HEAD_TIME = 15.0
"""Seconds for the head of a request."""
LINGER = 2.0
"""Seconds to read the answer after an unwanted body."""
MOST = 64


class BoundedConnection(H11Protocol):
    """One connection of a browser, closed if its request does not come in time."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.since = time.monotonic()
        self.timer: asyncio.TimerHandle | None = None
        self.is_known = False

    @property
    def is_waiting(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST:
            others = [cast("BoundedConnection", each) for each in self.connections if each is not self]
            # who was told to go is still counted until the loop comes round, and would otherwise go twice
            waiting = [each for each in others if each.is_waiting and not each.transport.is_closing()]
            if waiting:
                min(waiting, key=lambda each: (each.is_known, each.since)).transport.abort()
        self.close_in(HEAD_TIME)

    def data_received(self, data: bytes) -> None:
        try:
            super().data_received(data)
        except h11.ProtocolError:
            self.transport.abort()
        if not self.is_waiting:
            self.stay()
        elif self.timeout_keep_alive_task is None:
            self.close_in(HEAD_TIME)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.since = time.monotonic()
        self.is_known = self.is_known or ADMITTED in self.scope
        if self.conn.their_state is h11.SEND_BODY:
            self.flow.pause_reading()
            self.close_in(LINGER)

    def connection_lost(self, exc: Exception | None) -> None:
        self.stay()
        super().connection_lost(exc)

    def close_in(self, seconds: float) -> None:
        if self.timer is None:
            self.timer = self.loop.call_later(seconds, self.transport.abort)

    def stay(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
