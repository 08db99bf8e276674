"""A message with random access in constant memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from sdmxmig.io.intake.files import MIB, SAVE_AGAIN, ZIP_TROUBLE
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

BOM = b"\xef\xbb\xbf"
BLANKS = b" \t\r\n"
IN_MEMORY = 16 * MIB


class SeekableInput:
    """A file with random access; offsets start after a byte order mark."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.stream, self.name = stream, name
        self.start = stream.tell()
        if self.read(0, len(BOM)) == BOM:
            self.start += len(BOM)

    def read(self, offset: int, size: int) -> bytes:
        """Read bytes at an offset, fewer at the end; raises `InputError` if reading fails."""
        try:
            if self.stream.tell() != self.start + offset:
                self.stream.seek(self.start + offset)
            content = self.stream.read(size)
            while content and len(content) < size and (more := self.stream.read(size - len(content))):
                content += more
        except (*ZIP_TROUBLE, MemoryError) as error:
            raise unreadable(error, self.name) from error
        return content

    def is_blank(self, start: int, end: int) -> bool:
        while start < end and (piece := self.read(start, min(MIB, end - start))):
            if piece.strip(BLANKS):
                return False
            start += len(piece)
        return True

    def place(self, offset: int) -> Place:
        """The line and the column of an offset, counted from 1."""
        line, at, column = 1, 0, 1
        while at < offset:
            piece = self.read(at, min(MIB, offset - at))
            if not piece:
                break
            line += piece.count(b"\n")
            line_end = piece.rfind(b"\n")
            column = len(piece) - line_end if line_end >= 0 else column + len(piece)
            at += len(piece)
        return Place(self.name, line=line, column=column)


def unreadable(error: Exception, name: str) -> InputError:
    return InputError(f"The file cannot be read ({error}).", Place(name), SAVE_AGAIN)


@contextmanager
def seekable_input(stream: BinaryIO, name: str) -> Iterator[SeekableInput]:
    """Open a stream for random access; streams such as standard input are spooled to a file."""
    if stream.seekable():
        yield SeekableInput(stream, name)
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        copy = cast("BinaryIO", spool)
        try:
            shutil.copyfileobj(stream, copy, MIB)
        except (*ZIP_TROUBLE, MemoryError) as error:
            raise unreadable(error, name) from error
        copy.seek(0)
        yield SeekableInput(copy, name)
