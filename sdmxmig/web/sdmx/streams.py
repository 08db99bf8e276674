"""Streaming answers through a pipe."""

from __future__ import annotations

import asyncio
import io
import queue
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, cast

CHUNK = 64 * 1024
"""Bytes per chunk."""
WAITING = 8
"""So many chunks wait at most for a client that is slow."""
PATIENCE = 60.0
"""Seconds a client may take per chunk."""
AT_ONCE = 12
"""So many answers are written at once; others wait for their turn."""
GZIP = 16 + zlib.MAX_WBITS
WRITERS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sdmx-answer")
READERS = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sdmx-reader")


class Abandoned(Exception):  # noqa: N818 - the name says what happened
    """The client has disconnected."""


class Pipe(io.RawIOBase):
    """A bounded pipe between threads."""

    def __init__(self, *, packed: bool) -> None:
        self.chunks: queue.Queue[bytes | BaseException | None] = queue.Queue(WAITING)
        self.buffer = bytearray()
        self.packer = zlib.compressobj(6, zlib.DEFLATED, GZIP) if packed else None
        self.abandoned = threading.Event()
        self.count = 0

    def writable(self) -> bool:
        return True

    def write(self, content: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self.count += len(content)
        self.buffer += self.packer.compress(bytes(content)) if self.packer else content
        while len(self.buffer) >= CHUNK:
            self.put(bytes(self.buffer[:CHUNK]))
            del self.buffer[:CHUNK]
        return len(content)

    def tell(self) -> int:
        return self.count

    def put(self, chunk: bytes | BaseException | None) -> None:
        """Pass on a chunk, an error or the end, as soon as there is room."""
        waited = 0.0
        while not self.abandoned.is_set() and waited < PATIENCE:
            try:
                self.chunks.put(chunk, timeout=1.0)
            except queue.Full:
                waited += 1.0
            else:
                return
        self.abandoned.set()
        raise Abandoned

    def end(self) -> None:
        if self.packer:
            self.buffer += self.packer.flush()
        if self.buffer:
            self.put(bytes(self.buffer))
        self.put(None)


class Stream:
    """A streaming answer; `begin` waits for the first chunk and raises its errors."""

    def __init__(self, write: Callable[[BinaryIO], None], *, packed: bool) -> None:
        self.pipe = Pipe(packed=packed)
        self.first: bytes | None = None
        self.turn: Future[None] = Future()
        WRITERS.submit(self._written, write)

    def _written(self, write: Callable[[BinaryIO], None]) -> None:
        if not self.turn.set_running_or_notify_cancel():
            return
        self.turn.set_result(None)
        try:
            try:
                write(cast("BinaryIO", self.pipe))
                self.pipe.end()
            except Abandoned:
                raise
            except BaseException as error:
                self.pipe.put(error)
        except Abandoned:
            pass

    def taken(self) -> bytes | None:
        """Return the next chunk; None at the end."""
        while True:
            try:
                chunk = self.pipe.chunks.get(timeout=1.0)
            except queue.Empty:
                if self.pipe.abandoned.is_set():
                    raise Abandoned from None
                continue
            if isinstance(chunk, BaseException):
                raise chunk
            return chunk

    async def begin(self) -> None:
        await asyncio.wrap_future(self.turn)
        self.first = await self._next()

    async def _next(self) -> bytes | None:
        return await asyncio.get_running_loop().run_in_executor(READERS, self.taken)

    async def rest(self) -> AsyncIterator[bytes]:
        try:
            chunk = self.first
            while chunk is not None:
                yield chunk
                try:
                    chunk = self._at_hand()
                except queue.Empty:
                    chunk = await self._next()
        finally:
            self.pipe.abandoned.set()

    def _at_hand(self) -> bytes | None:
        chunk = self.pipe.chunks.get_nowait()
        if isinstance(chunk, BaseException):
            raise chunk
        return chunk
