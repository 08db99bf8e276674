"""Incoming messages, with limits and lookahead."""

from __future__ import annotations

import io
import os
import shutil
import stat
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO, cast

from sdmxmig.io.intake.archives import OLE_MAGIC, UNCHECKED_BYTES, ZIP_MAGIC, Archive
from sdmxmig.io.intake.files import (
    CHUNK,
    MIB,
    OTHER_ARCHIVES,
    SAVE_AGAIN_HINT,
    build_empty_refusal,
    open_file,
    read_limited,
    read_stream,
)
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

GIB = 1024 * MIB
STREAM_LIMIT = 64 * GIB
"""Maximum message size in bytes: 300 million observations of verbose XML."""

TIME_LIMIT = 3_600.0

MAX_MEMORY_AHEAD = 4 * MIB


class Deadline:
    """A deadline in seconds, checked on each read; it does not interrupt a blocked read."""

    def __init__(self, seconds: float = TIME_LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def check(self, name: str) -> None:
        if self._clock() > self._end:
            duration = f"{self.seconds / 60:.0f} minutes" if self.seconds >= 120 else f"{self.seconds:g} seconds"
            raise InputError(
                f"The message is ignored after {duration}.",
                Place(name),
                "Split it into smaller messages, and try again.",
            )


class Incoming(io.BufferedIOBase, BinaryIO):
    """A message that can be read once, with lookahead by `looking_ahead`.

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
            with explain_storage_errors(self.name):
                self._spool.write(piece)
        return piece

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None
        super().close()

    def _next(self) -> bytes:
        piece: bytes | None = b""
        while piece == b"":  # inflating may return nothing for long
            self.deadline.check(self.name)
            piece = next(self._pieces, None)
        if piece is None:
            return b""
        self._size += len(piece)
        if self._size > self.limit:
            size = f"{self.limit // GIB} GiB" if self.limit >= GIB else f"{self.limit // MIB or 1} MiB"
            hint = "Split it, or leave out the parts that are not data."
            raise InputError(f"The message is larger than {size}.", Place(self.name), hint)
        return piece

    @contextmanager
    def looking_ahead(self) -> Iterator[None]:
        if self._spool is None:
            spooled = tempfile.SpooledTemporaryFile(MAX_MEMORY_AHEAD)  # noqa: SIM115 - closed when it was read
            self._spool = cast("IO[bytes]", spooled)
        start = self._spool.tell()
        self._looking = True
        try:
            yield
        finally:
            self._looking = False
            self._spool.seek(start)


@contextmanager
def explain_storage_errors(name: str) -> Iterator[None]:
    """Raise `InputError` if the temporary file of a message cannot be written."""
    try:
        yield
    except OSError as error:
        hint = "Free space in the folder for temporary files, or set TMPDIR to another folder."
        message = f"The message cannot be stored while it is read ({error.strerror or error})."
        raise InputError(message, Place(name), hint) from error


def wrap_stream(stream: BinaryIO, name: str) -> Incoming:
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
def keep_message(message: Incoming, name: str = "") -> Iterator[KeptMessage]:
    if message.source is not None:
        yield KeptMessage(name or message.name, message.source, message.start, message)
        return
    with tempfile.SpooledTemporaryFile(MAX_MEMORY_AHEAD) as spool:
        file = cast("BinaryIO", spool)
        while piece := message.read1(MIB):
            with explain_storage_errors(name or message.name):
                file.write(piece)
        yield KeptMessage(name or message.name, file, 0, message)


GZIP_MAGIC = b"\x1f\x8b"
STANDARD_INPUT = "-"
WORKBOOK_MEMBERS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
MESSAGE_RATIO = 300


@contextmanager
def open_message(
    source: Path | str | BinaryIO, name: str = "", *, limit: int = STREAM_LIMIT, deadline: Deadline | None = None
) -> Iterator[tuple[str, Incoming]]:
    """Open a message with its name.

    `source`: path, ``-`` or open file. gzip and single-member zip are inflated in constant memory, up to `limit` and
    `deadline`. Raises `InputError` for others.
    """
    with ExitStack() as opened:
        if not isinstance(source, (str, Path)):
            stream = source
        elif str(source) == STANDARD_INPUT:
            name, stream = name or "standard input", sys.stdin.buffer
        else:
            name, stream = name or Path(source).name, opened.enter_context(open_file(source))
        start = stream.tell() if can_rewind(stream) else None
        name, pieces, is_plain = _unpack_message(name, stream, opened)
        whole = stream if start is not None and is_plain else None
        if start is not None and whole is not None:
            whole.seek(start)
            pieces = read_stream(whole, name, chunk=MIB)
        message = opened.enter_context(Incoming(pieces, name, limit=limit, deadline=deadline, source=whole))
        with message.looking_ahead():
            if not message.read(1):
                raise build_empty_refusal(name)
        yield name, message


def read_message(source: Path | str | BinaryIO, name: str = "") -> tuple[str, bytes]:
    with open_message(source, name) as (message_name, stream):
        return message_name, read_limited(stream, message_name)


def _unpack_message(name: str, stream: BinaryIO, opened: ExitStack) -> tuple[str, Iterable[bytes], bool]:
    pieces = read_stream(stream, name, chunk=MIB)
    first = b""
    while len(first) < len(OLE_MAGIC) and (piece := next(pieces, b"")):
        first += piece
    whole = chain([first], pieces)
    if first.startswith(GZIP_MAGIC):
        return name.removesuffix(".gz"), gunzip_pieces(whole, name), False
    if first.startswith(OLE_MAGIC):
        raise build_workbook_refusal(name)
    if not first.startswith(ZIP_MAGIC):
        return name, whole, True
    if not stream.seekable():
        with explain_storage_errors(name):
            stream = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the message
            shutil.copyfileobj(Incoming(whole, name), stream)
    archive = Archive(stream, name, limit=sys.maxsize, ratio=MESSAGE_RATIO)  # `Incoming` counts the output
    members = [member for member in archive.members if not member.endswith("/")]
    if not WORKBOOK_MEMBERS.isdisjoint(members):
        raise build_workbook_refusal(name)
    for member, what, remedy in OTHER_ARCHIVES:
        if member in members:
            raise InputError(f"This is {what}, not an SDMX message.", Place(name), remedy)
    if len(members) != 1:
        hint = "Unpack it, and name one of its files."
        raise InputError(f"The archive contains {len(members)} files, not one message.", Place(name), hint)
    return members[0].rpartition("/")[2], archive.chunks(members[0]), False


def build_workbook_refusal(name: str) -> InputError:
    hint = "Convert it to a dataset with a mapping first (sdmxmig convert), and use that."
    return InputError("This is a workbook, not an SDMX message.", Place(name), hint)


def gunzip_pieces(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    machine, begun, packed, size = zlib.decompressobj(wbits=31), False, 0, 0
    for piece in pieces:
        packed += len(piece)
        unread = piece
        while unread := unread if begun else unread.lstrip(b"\0"):  # zeros may follow a member on tapes
            begun = True
            try:
                inflated = machine.decompress(unread, CHUNK)
            except zlib.error as error:
                raise InputError("The packed file is damaged.", Place(name), SAVE_AGAIN_HINT) from error
            size += len(inflated)
            if size > UNCHECKED_BYTES and size > MESSAGE_RATIO * packed:
                message = f"The file unpacks to more than {MESSAGE_RATIO} times its size."
                raise InputError(message, Place(name), SAVE_AGAIN_HINT)
            yield inflated
            unread = machine.unconsumed_tail
            if machine.eof:
                unread, machine, begun = machine.unused_data, zlib.decompressobj(wbits=31), False
    if begun:
        raise InputError("The packed file ends too early.", Place(name), SAVE_AGAIN_HINT)
