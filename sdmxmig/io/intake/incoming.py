"""Incoming messages with limits and lookahead."""

from __future__ import annotations

import io
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from sdmxmig.io.intake.files import MIB, read_stream
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

GIB = 1024 * MIB
STREAM_LIMIT = 64 * GIB
"""Maximum message size in bytes: 300 million observations of verbose XML."""

TIME_LIMIT = 3_600.0
"""Maximum seconds from opening to end."""

AHEAD_IN_MEMORY = 4 * MIB


class Deadline:
    """A deadline in seconds, checked on each read; silent senders are waited for."""

    def __init__(self, seconds: float = TIME_LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def check(self, name: str) -> None:
        if self._clock() > self._end:
            duration = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 120 else f"{self.seconds:g} seconds"
            raise InputError(
                f"The message is not read after {duration}.",
                Place(name),
                "Split it into smaller messages, and try again.",
            )


class Incoming(io.BufferedIOBase, BinaryIO):
    """A message read once; lookahead by `ahead`.

    Raises `InputError` beyond `limit` or deadline. `source` and `start` allow rereading.
    """

    name = ""
    mode = "rb"

    def __init__(
        self,
        pieces: Iterable[bytes],
        name: str,
        *,
        limit: int = STREAM_LIMIT,
        deadline: Deadline | None = None,
        source: BinaryIO | None = None,
    ) -> None:
        self.name = name
        self.source = source
        self.start = source.tell() if source is not None else 0
        self._pieces = iter(pieces)
        self.limit = limit
        self.deadline = deadline or Deadline()
        self._size = 0
        self._unread = memoryview(b"")
        self._spool: IO[bytes] | None = None
        self._looking = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = sys.maxsize if size is None or size < 0 else size
        pieces = []
        while wanted and (piece := self.read1(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def read1(self, size: int = -1, /) -> bytes:
        """Some bytes, at most so many; none at the end."""
        if self._spool is not None:
            if piece := self._spool.read(size):
                return piece
            if not self._looking:
                self._spool.close()
                self._spool = None
        if not self._unread:
            self._unread = memoryview(self._next())
        end = len(self._unread) if size < 0 else size
        piece, self._unread = bytes(self._unread[:end]), self._unread[end:]
        if self._looking and self._spool is not None:
            with waiting(self.name):
                self._spool.write(piece)
        return piece

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None
        super().close()

    def _next(self) -> bytes:
        piece: bytes | None = b""
        while piece == b"":  # what is inflated may have nothing to say for long
            self.deadline.check(self.name)
            piece = next(self._pieces, None)
        if piece is None:
            return b""
        self._size += len(piece)
        if self._size > self.limit:
            size = f"{self.limit // GIB} GiB" if self.limit >= GIB else f"{self.limit // MIB or 1} MiB"
            hint = "Split it, or leave out what is not data."
            raise InputError(f"The message is larger than {size}.", Place(self.name), hint)
        return piece

    @contextmanager
    def ahead(self) -> Iterator[None]:
        if self._spool is None:
            spooled = tempfile.SpooledTemporaryFile(AHEAD_IN_MEMORY)  # noqa: SIM115 - closed when it was read
            self._spool = cast("IO[bytes]", spooled)
        start = self._spool.tell()
        self._looking = True
        try:
            yield
        finally:
            self._looking = False
            self._spool.seek(start)


@contextmanager
def waiting(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Make room where temporary files lie, or name another folder for them in the variable TMPDIR."
        message = f"There is no place where the message can wait while it is read ({error.strerror or error})."
        raise InputError(message, Place(name), hint) from error


def incoming(stream: BinaryIO, name: str) -> Incoming:
    if isinstance(stream, Incoming):
        return stream
    return Incoming(read_stream(stream, name, chunk=MIB), name, source=stream if can_rewind(stream) else None)


def can_rewind(stream: BinaryIO) -> bool:
    if not stream.seekable():
        return False
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:  # it is in memory
        return True


class KeptMessage:
    """A message that can be reread, closed in between."""

    def __init__(self, name: str, file: BinaryIO, start: int, message: Incoming) -> None:
        self.name = name
        self._file = file
        self._start = start
        self._message = message

    def file(self) -> BinaryIO:
        self._file.seek(self._start)
        return self._file

    def again(self) -> Incoming:
        pieces = read_stream(self.file(), self.name, chunk=MIB)
        return Incoming(pieces, self.name, limit=self._message.limit, deadline=self._message.deadline)

    def end(self, size: int) -> bytes:
        length = self._file.seek(0, io.SEEK_END) - self._start
        self._file.seek(self._start + max(length - size, 0))
        return self._file.read(size)


@contextmanager
def kept(message: Incoming, name: str = "") -> Iterator[KeptMessage]:
    """Make a message rereadable, by a temporary file if needed."""
    if message.source is not None:
        yield KeptMessage(name or message.name, message.source, message.start, message)
        return
    with tempfile.SpooledTemporaryFile(AHEAD_IN_MEMORY) as spool:
        file = cast("BinaryIO", spool)
        while piece := message.read1(MIB):
            with waiting(name or message.name):
                file.write(piece)
        yield KeptMessage(name or message.name, file, 0, message)
