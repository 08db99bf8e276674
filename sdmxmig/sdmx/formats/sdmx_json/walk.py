"""Scanner of a JSON text that skips large objects and keeps the rest."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

import msgspec
import numpy as np
import numpy.typing as npt

from sdmxmig.io.intake.files import DEPTH_LIMIT, FILE_LIMIT, MIB, SAVE_AGAIN_HINT, ZIP_ERRORS
from sdmxmig.primitives.errors import InputError, OutOfMemory, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, build_character_error, report_fault

FIRST_LOOK = 1 << 12
BACKSLASH = ord("\\")
ESCAPE = re.compile(rb"\\.", re.DOTALL)
PLAIN = bytes(sorted(set(range(256)) - set(b'"{}[]')))
BLANK = re.compile(rb"[ \t\r\n]*")
SCALAR = re.compile(rb"[^ \t\r\n,:\]}]*")
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A skipped object: the offsets between its braces."""

    start: int
    end: int


class Lost(Exception):  # noqa: N818 - an event, not a fault: the parser finds the fault itself
    """The text is not valid JSON, or ends too early."""


class Walk:
    """Scans JSON from an offset, keeps the text outside spans and records the spans."""

    def __init__(self, opened: SeekableInput, kind: Callable[[Path], str], offset: int = 0) -> None:
        self.opened, self.kind = opened, kind
        self.buffer, self.at, self.base = b"", 0, offset
        self.retained = bytearray()
        self.resumed = [(0, offset)]
        self.spans: dict[Path, Span] = {}
        self.open: list[bytes] = []

    @property
    def offset(self) -> int:
        return self.base + self.at

    def source(self, at: int) -> int:
        resumption = max((pair for pair in self.resumed if pair[0] <= at), default=(0, 0))
        return resumption[1] + at - resumption[0]

    def value(self, path: Path = ()) -> None:
        sign = self.peek()
        kind = self.kind(path)
        if sign == b"{" and kind == "span":
            self.span(path)
        elif sign == b"{" and kind == "way":
            self.members(path)
        elif sign == b"[" and kind == "way":
            self.elements(path)
        elif sign in (b"{", b"["):
            self.container(len(path), keep=True)
        elif sign == b'"':
            self.keep(self.string_size())
        else:
            self.keep(self.scalar_size())

    def members(self, path: Path) -> None:
        self.enter(b"}")
        is_first = True
        while not (is_first and self.peek() == b"}"):
            is_first = False
            name = self.string()
            if self.peek() != b":":
                raise Lost
            self.keep(1)
            self.value((*path, name))
            if self.peek() != b",":
                break
            self.keep(1)
        self.leave()

    def elements(self, path: Path) -> None:
        self.enter(b"]")
        count = 0
        while count or self.peek() != b"]":
            self.value((*path, count))
            count += 1
            if self.peek() != b",":
                break
            self.keep(1)
        self.leave()

    def enter(self, end: bytes) -> None:
        if len(self.open) >= DEPTH_LIMIT:
            raise build_depth_error(self.opened.name)
        self.keep(1)
        self.open.append(end)

    def leave(self) -> None:
        if self.peek() != self.open[-1]:
            raise Lost
        self.keep(1)
        self.open.pop()

    def span(self, path: Path) -> None:
        start = self.offset + 1
        self.retained += b"{"
        self.open.append(b"}")
        try:
            self.container(len(path), keep=False)
        except Lost:  # it extends to the end of the message
            self.spans[path] = Span(start, self.offset)
            self.resumed.append((len(self.retained), self.offset))
            raise
        self.spans[path] = Span(start, self.offset - 1)
        self.open.pop()
        self.retained += b"}"
        self.resumed.append((len(self.retained), self.offset))

    def container(self, depth: int, *, keep: bool) -> None:
        """Skip an object or array; raises `InputError` if it is nested too deep."""
        level, inside, size = 0, np.uint8(0), FIRST_LOOK
        while True:
            piece = self.piece(size)
            size = min(4 * size, MIB)
            text = ESCAPE.sub(b"__", piece) if b"\\" in piece else piece
            marks = np.frombuffer(text.translate(None, PLAIN), np.uint8)
            quoted = np.bitwise_xor.accumulate((marks == ord('"')).view(np.uint8)) ^ inside
            levels = level + np.cumsum(compute_depth_steps(marks[(quoted == 0) & (marks != ord('"'))]))
            ends = np.flatnonzero(levels == 0)
            deepest = int(levels[: ends[0] + 1 if ends.size else None].max(initial=0))
            if depth + deepest > DEPTH_LIMIT:
                raise build_depth_error(self.opened.name)
            if ends.size:
                brackets, _ = find_brackets(text, inside)
                self.go(int(brackets[ends[0]]) + 1, keep=keep)
                return
            if levels.size:
                level = int(levels[-1])
            if quoted.size:
                inside = quoted[-1]
            self.go(len(piece), keep=keep)

    def string(self) -> str:
        if self.peek() != b'"':
            raise Lost
        size = self.string_size()
        raw = self.buffer[self.at : self.at + size]
        self.keep(size)
        try:
            return msgspec.json.decode(raw, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Lost from error

    def string_size(self) -> int:
        """Return the length of the text that begins here, with quotation marks."""
        end = 1
        while True:
            end = self.buffer.find(b'"', self.at + end) - self.at
            if end < 0:
                end = len(self.buffer) - self.at
                self.more()
                continue
            escape_start = self.at + end
            while self.buffer[escape_start - 1] == BACKSLASH:
                escape_start -= 1
            if (self.at + end - escape_start) % 2 == 0:
                return end + 1
            end += 1

    def scalar_size(self) -> int:
        while True:
            match = SCALAR.match(self.buffer, self.at)
            size = match.end() - self.at if match else 0
            if self.at + size < len(self.buffer) or not self.try_more():
                break
        if not size:
            raise Lost
        return size

    def peek(self) -> bytes:
        while True:
            match = BLANK.match(self.buffer, self.at)
            blank = match.end() - self.at if match else 0
            self.keep(blank)
            if self.at < len(self.buffer):
                return self.buffer[self.at : self.at + 1]
            self.more()

    def piece(self, size: int) -> bytes:
        """Return the next bytes, never ending within an escape; raises `Lost` at the end."""
        while len(self.buffer) - self.at < size and self.try_more():
            pass
        chunk = self.buffer[self.at : self.at + size]
        if (len(chunk) - len(chunk.rstrip(b"\\"))) % 2 and len(chunk) > 1:
            chunk = chunk[:-1]
        if not chunk:
            raise Lost
        return chunk

    def keep(self, size: int) -> None:
        self.go(size, keep=True)

    def go(self, size: int, *, keep: bool) -> None:
        if keep and size:
            self.retained += self.buffer[self.at : self.at + size]
            if len(self.retained) > FILE_LIMIT:
                message = f"The message contains more than {FILE_LIMIT // MIB} MiB beside its data."
                raise InputError(
                    message, Place(self.opened.name), "Split it, or leave out the parts that are not data."
                )
        self.at += size

    def goes_on(self) -> bool:
        try:
            return bool(self.peek())
        except Lost:
            return False

    def go_on(self, size: int) -> None:
        while len(self.buffer) - self.at < size and self.try_more():
            pass
        self.keep(min(size, len(self.buffer) - self.at))

    def ends_in_span(self) -> bool:
        return bool(self.spans) and next(reversed(self.spans.values())).end == self.offset and not self.goes_on()

    def more(self) -> None:
        if not self.try_more():
            raise Lost

    def try_more(self) -> bool:
        piece = self.opened.read(self.base + len(self.buffer), MIB)
        self.buffer, self.base, self.at = self.buffer[self.at :] + piece, self.base + self.at, 0
        return bool(piece)


def compute_depth_steps(signs: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    return np.where((signs | 0x20) == ord("{"), 1, -1).astype(np.int32)


def find_brackets(text: bytes, inside: np.uint8 | int = 0) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Find braces and brackets outside texts.

    `text` has no escapes; `inside` is true if it begins within a text.
    """
    signs = np.frombuffer(text, np.uint8)
    free = (np.bitwise_xor.accumulate((signs == ord('"')).view(np.uint8)) ^ np.uint8(inside)) == 0
    folded = signs | 0x20
    return np.flatnonzero(free & ((folded == ord("{")) | (folded == ord("}")))), free


def build_depth_error(name: str) -> InputError:
    return InputError(f"The JSON is nested deeper than {DEPTH_LIMIT}.", Place(name), SAVE_AGAIN_HINT)


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
        try:
            if self.stream.tell() != self.start + offset:
                self.stream.seek(self.start + offset)
            content = self.stream.read(size)
            while content and len(content) < size and (more := self.stream.read(size - len(content))):
                content += more
        except (*ZIP_ERRORS, MemoryError) as error:
            raise build_read_error(error, self.name) from error
        return content

    def is_blank(self, start: int, end: int) -> bool:
        while start < end and (piece := self.read(start, min(MIB, end - start))):
            if piece.strip(BLANKS):
                return False
            start += len(piece)
        return True

    def place(self, offset: int) -> Place:
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


def build_read_error(error: Exception, name: str) -> SdmxmigError:
    if isinstance(error, MemoryError):
        return OutOfMemory(Place(name))
    return InputError(f"The file cannot be read ({error}).", Place(name), SAVE_AGAIN_HINT)


@contextmanager
def make_seekable(stream: BinaryIO, name: str) -> Iterator[SeekableInput]:
    """Open a stream for random access; streams such as standard input are spooled to a file."""
    if stream.seekable():
        yield SeekableInput(stream, name)
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        copy = cast("BinaryIO", spool)
        try:
            shutil.copyfileobj(stream, copy, MIB)
        except (*ZIP_ERRORS, MemoryError) as error:
            raise build_read_error(error, name) from error
        copy.seek(0)
        yield SeekableInput(copy, name)


ESCAPED = re.compile(rb"\\(?:u(00(?:0[0-8bcefBCEF]|1[0-9a-fA-F])|[fF]{3}[eEfF])|[bf])|\xef\xbf[\xbe\xbf]")
"""Control characters except tab and line ends, and U+FFFE and U+FFFF.

Surrogate halves and bare controls are invalid JSON.
"""
LONGEST = 6
HINTS = (rb"\u00", rb"\uf", rb"\uF", rb"\b", rb"\f", b"\xef\xbf")
"""Quick filter: a piece without these bytes contains no forbidden characters."""
NAMED_ESCAPES = {rb"\b": "\b", rb"\f": "\f"}

Found = list[re.Match[bytes]]


@contextmanager
def replace_forbidden(opened: SeekableInput, faults: Faults | None) -> Iterator[SeekableInput]:
    """Replace forbidden characters by blanks and record them.

    Raises `InputError` with line and column for the first one if there are no `faults`.
    """
    if not any(matches for _, matches in scan_pieces(opened)):
        yield opened
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        line, column = 1, 1
        for piece, matches in scan_pieces(opened):
            passed = 0
            for match in matches:
                line, column = move_position(line, column, piece[passed : match.start()])
                passed = match.start()
                report_fault(
                    faults,
                    build_character_error(describe_character(match), Place(opened.name, line=line, column=column)),
                )
            line, column = move_position(line, column, piece[passed:])
            spool.write(blank_matches(piece, matches))
        spool.seek(0)
        yield SeekableInput(cast("BinaryIO", spool), opened.name)


def replace_forbidden_content(name: str, content: bytes, faults: Faults | None) -> bytes:
    opened = SeekableInput(io.BytesIO(content), name)
    with replace_forbidden(opened, faults) as mended:
        if mended is opened:
            return content
        mended.stream.seek(mended.start)
        return mended.stream.read()


def find_forbidden(content: bytes) -> str:
    if not any(hint in content for hint in HINTS):
        return ""
    return next(
        (
            describe_character(matches[0])
            for _, matches in scan_pieces(SeekableInput(io.BytesIO(content), ""))
            if matches
        ),
        "",
    )


def scan_pieces(opened: SeekableInput) -> Iterator[tuple[bytes, Found]]:
    """Yield the bytes of a message in pieces, with the forbidden characters that begin and end in each."""
    at = 0
    while piece := opened.read(at, MIB):
        end, matches = len(piece) if len(piece) < MIB else MIB - LONGEST, Found()
        for match in ESCAPED.finditer(piece) if any(hint in piece for hint in HINTS) else ():
            if match.start() < end and not is_escaped(opened, at + match.start()):
                matches.append(match)
        end = max(end, matches[-1].end()) if matches else end
        yield piece[:end], matches
        at += end


def is_escaped(opened: SeekableInput, offset: int) -> bool:
    count = 0
    while offset and opened.read(offset - 1, 1) == b"\\":
        offset, count = offset - 1, count + 1
    return count % 2 == 1


def move_position(line: int, column: int, passed: bytes) -> tuple[int, int]:
    line_end = passed.rfind(b"\n")
    return (line + passed.count(b"\n"), len(passed) - line_end) if line_end >= 0 else (line, column + len(passed))


def describe_character(match: re.Match[bytes]) -> str:
    return chr(int(match[1], 16)) if match[1] else NAMED_ESCAPES.get(match[0]) or match[0].decode()


def blank_matches(piece: bytes, matches: Found) -> bytes:
    parts, start = [], 0
    for match in matches:
        parts.append(piece[start : match.start()])
        start = match.end()
    return b" ".join([*parts, piece[start:]])
