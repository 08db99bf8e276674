"""A message as a file that can be read at any place, so that memory never holds more than a piece of it."""

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
    """An open file that can be read at any place; offsets count from the first byte after a byte order mark."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.stream, self.name = stream, name
        self.start = stream.tell()
        if self.read(0, len(BOM)) == BOM:
            self.start += len(BOM)

    def read(self, offset: int, size: int) -> bytes:
        """So many bytes from an offset, fewer at the end; raises `InputError` if the file cannot be read."""
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
        """Whether nothing but blanks stands between two offsets."""
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
    """The error for a file that cannot be read."""
    return InputError(f"The file cannot be read ({error}).", Place(name), SAVE_AGAIN)


@contextmanager
def seekable_input(stream: BinaryIO, name: str) -> Iterator[SeekableInput]:
    """An open file, to be read at any place; what cannot be read twice, such as standard input, is kept meanwhile."""
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
