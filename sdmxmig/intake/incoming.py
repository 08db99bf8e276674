"""A message as it comes: read piece by piece, within limits of size and time, its beginning looked at ahead."""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from sdmxmig.errors import InputError
from sdmxmig.intake.files import MIB, read_stream
from sdmxmig.places import Place

GIB = 1024 * MIB
STREAM_LIMIT = 64 * GIB
"""So many bytes a message has at most after inflating: 300 million observations of the wordiest XML."""

TIME_LIMIT = 3_600.0
"""So many seconds may pass from the opening of a message to its end."""

AHEAD_IN_MEMORY = 4 * MIB
"""What is looked at ahead beyond this waits on disk."""


class Deadline:
    """The time until which a message has to be read; `clock` tells the time in seconds.

    It counts from here and is looked at whenever more of the message is wanted, so whoever works on what was read
    counts too. A sender who sends nothing at all is waited for.
    """

    def __init__(self, seconds: float = TIME_LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def check(self, name: str) -> None:
        """Raises `InputError` for the file of this name if the time is over."""
        if self._clock() > self._end:
            many = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 120 else f"{self.seconds:g} seconds"
            raise InputError(
                f"The message is not read after {many}.", Place(name), "Split it into smaller messages, and try again."
            )


class Incoming(io.BufferedIOBase, BinaryIO):
    """A message as it comes, to be read once; `name` is its file's, for messages.

    `pieces` are its bytes, taken only when they are wanted. Reading raises `InputError` beyond `limit` bytes and after
    the deadline. Its beginning may be looked at with `ahead` and is still to be read afterwards.
    """

    name = ""
    mode = "rb"

    def __init__(
        self, pieces: Iterable[bytes], name: str, *, limit: int = STREAM_LIMIT, deadline: Deadline | None = None
    ) -> None:
        self.name = name
        self._pieces = iter(pieces)
        self._limit = limit
        self._deadline = deadline or Deadline()
        self._size = 0
        self._rest = memoryview(b"")
        self._kept: IO[bytes] | None = None
        self._looking = False

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes, fewer only at the end; all that are left without a size."""
        wanted = sys.maxsize if size is None or size < 0 else size
        found = []
        while wanted and (piece := self.read1(wanted)):
            found.append(piece)
            wanted -= len(piece)
        return b"".join(found)

    def read1(self, size: int = -1, /) -> bytes:
        """Some bytes, at most so many; none at the end."""
        if self._kept is not None:
            if found := self._kept.read(size):
                return found
            if not self._looking:
                self._kept.close()
                self._kept = None
        if not self._rest:
            self._rest = memoryview(self._next())
        end = len(self._rest) if size < 0 else size
        found, self._rest = bytes(self._rest[:end]), self._rest[end:]
        if self._looking and self._kept is not None:
            self._kept.write(found)
        return found

    def close(self) -> None:
        """Forget what was looked at ahead; the file that it comes from stays open."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        super().close()

    def _next(self) -> bytes:
        piece: bytes | None = b""
        while piece == b"":  # what is inflated may have nothing to say for long
            self._deadline.check(self.name)
            piece = next(self._pieces, None)
        if piece is None:
            return b""
        self._size += len(piece)
        if self._size > self._limit:
            many = f"{self._limit // GIB} GiB" if self._limit >= GIB else f"{self._limit // MIB or 1} MiB"
            hint = "Split it, or leave out what is not data."
            raise InputError(f"The message is larger than {many}.", Place(self.name), hint)
        return piece

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """What is read in here is still to be read afterwards."""
        if self._kept is None:
            kept = tempfile.SpooledTemporaryFile(AHEAD_IN_MEMORY)  # noqa: SIM115 - closed when it was read
            self._kept = cast("IO[bytes]", kept)
        start = self._kept.tell()
        self._looking = True
        try:
            yield
        finally:
            self._looking = False
            self._kept.seek(start)


def incoming(stream: BinaryIO, name: str) -> Incoming:
    """An open file as an incoming message; one that is one already stays as it is."""
    if isinstance(stream, Incoming):
        return stream
    return Incoming(read_stream(stream, name, chunk=MIB), name)
