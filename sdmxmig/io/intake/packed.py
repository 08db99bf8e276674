"""Messages in files, archives, streams or standard input."""

from __future__ import annotations

import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from sdmxmig.io.intake.archives import RATIO_FREE, ZIP_MAGIC, Archive
from sdmxmig.io.intake.compound import OLE_MAGIC
from sdmxmig.io.intake.files import CHUNK, MIB, SAVE_AGAIN, empty_refusal, open_file, read_limited, read_stream
from sdmxmig.io.intake.incoming import STREAM_LIMIT, Deadline, Incoming, can_rewind, waiting
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

GZIP_MAGIC = b"\x1f\x8b"
STANDARD_INPUT = "-"
WORKBOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})
"""Members that workbooks have."""
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
        name, pieces, is_plain = _unpacked(name, stream, opened)
        whole = stream if start is not None and is_plain else None
        if start is not None and whole is not None:
            whole.seek(start)
            pieces = read_stream(whole, name, chunk=MIB)
        message = opened.enter_context(Incoming(pieces, name, limit=limit, deadline=deadline, source=whole))
        with message.ahead():
            if not message.read(1):
                raise empty_refusal(name)
        yield name, message


def read_message(source: Path | str | BinaryIO, name: str = "") -> tuple[str, bytes]:
    """Read a small message; raises `InputError` above `FILE_LIMIT` bytes."""
    with open_message(source, name) as (message_name, stream):
        return message_name, read_limited(stream, message_name)


def _unpacked(name: str, stream: BinaryIO, opened: ExitStack) -> tuple[str, Iterable[bytes], bool]:
    pieces = read_stream(stream, name, chunk=MIB)
    first = b""
    while len(first) < len(OLE_MAGIC) and (piece := next(pieces, b"")):
        first += piece
    whole = chain([first], pieces)
    if first.startswith(GZIP_MAGIC):
        return name.removesuffix(".gz"), gunzipped(whole, name), False
    if first.startswith(OLE_MAGIC):
        raise workbook_refusal(name)
    if not first.startswith(ZIP_MAGIC):
        return name, whole, True
    if not stream.seekable():
        with waiting(name):
            stream = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the message
            shutil.copyfileobj(Incoming(whole, name), stream)
    archive = Archive(stream, name, limit=sys.maxsize, ratio=MESSAGE_RATIO)  # `Incoming` counts what comes out
    members = [member for member in archive.members if not member.endswith("/")]
    if not WORKBOOKS.isdisjoint(members):
        raise workbook_refusal(name)
    if len(members) != 1:
        hint = "Unpack it, and name the file that is meant."
        raise InputError(f"The archive holds {len(members)} files, not one message.", Place(name), hint)
    return members[0].rpartition("/")[2], archive.chunks(members[0]), False


def workbook_refusal(name: str) -> InputError:
    hint = "Make a dataset of it with a mapping first (sdmxmig convert), and name that."
    return InputError("This is a workbook, not an SDMX message.", Place(name), hint)


def gunzipped(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Inflate gzip; raises `InputError` if damaged or above `MESSAGE_RATIO`."""
    machine, begun, packed, size = zlib.decompressobj(wbits=31), False, 0, 0
    for piece in pieces:
        packed += len(piece)
        unread = piece
        while unread := unread if begun else unread.lstrip(b"\0"):  # zeros may fill up a tape behind a member
            begun = True
            try:
                inflated = machine.decompress(unread, CHUNK)
            except zlib.error as error:
                raise InputError("The packed file is damaged.", Place(name), SAVE_AGAIN) from error
            size += len(inflated)
            if size > RATIO_FREE and size > MESSAGE_RATIO * packed:
                message = f"The file unpacks to more than {MESSAGE_RATIO} times its size."
                raise InputError(message, Place(name), SAVE_AGAIN)
            yield inflated
            unread = machine.unconsumed_tail
            if machine.eof:
                unread, machine, begun = machine.unused_data, zlib.decompressobj(wbits=31), False
    if begun:
        raise InputError("The packed file ends too early.", Place(name), SAVE_AGAIN)
