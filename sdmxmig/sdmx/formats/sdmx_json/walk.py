"""The outline of a JSON text: everything but series and observations, whose positions are recorded."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Iterator
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

ESCAPE_PATTERN = re.compile(rb"\\.", re.DOTALL)
PLAIN_BYTES = bytes(sorted(set(range(256)) - set(b'"{}[]')))
MEMBER = re.compile(rb'("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*$', re.DOTALL)
USUAL_MEMBER, LONGEST_MEMBER = 1 << 6, 1 << 16
"""Usual and maximum lengths of a member's name and the blanks after it."""
SPANS = ("series", "observations")
SPAN_LEVEL = 5
"""How deep the series and observations are in a message."""
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int


@dataclass(slots=True)
class OpenContainer:
    path: Path
    end: bytes
    count: int = 0


class Outline:
    """A message without its series and observations (`retained`), and their positions by path (`spans`).

    `is_cut` means that the message ends within a span.
    """

    def __init__(self, opened: SeekableInput) -> None:
        self.opened = opened
        self.offset = 0
        self.retained = bytearray()
        self.resumed = [(0, 0)]
        self.spans: dict[Path, Span] = {}
        self.open: list[OpenContainer] = []
        self.start: int | None = None
        level, inside = 0, np.uint8(0)
        while piece := self.read_piece():
            text = ESCAPE_PATTERN.sub(b"__", piece) if b"\\" in piece else piece
            marks = np.frombuffer(text.translate(None, PLAIN_BYTES), np.uint8)
            quoted = np.bitwise_xor.accumulate((marks == ord('"')).view(np.uint8)) ^ inside
            steps = compute_depth_steps(marks[(quoted == 0) & (marks != ord('"'))])
            levels = level + np.cumsum(steps)
            if int(levels.max(initial=0)) > DEPTH_LIMIT:
                raise build_depth_error(opened.name)
            if self.start is None or int(levels.min(initial=level)) < len(self.open):
                self.take(piece, find_brackets(text, inside)[0], steps, levels)
            level = int(levels[-1]) if levels.size else level
            inside = quoted[-1] if quoted.size else inside
            self.offset += len(piece)
        self.is_cut = self.start is not None
        if self.start is not None:
            self.end_span(self.offset)

    def read_piece(self) -> bytes:
        """Return the next bytes, never ending within an escape."""
        chunk = self.opened.read(self.offset, MIB)
        is_cut = (len(chunk) - len(chunk.rstrip(b"\\"))) % 2 and len(chunk) > 1
        return chunk[:-1] if is_cut else chunk

    def take(
        self, piece: bytes, brackets: npt.NDArray[np.intp], steps: npt.NDArray[np.int32], levels: npt.NDArray[np.int32]
    ) -> None:
        kept = 0
        for number in np.flatnonzero(levels + (steps < 0) <= SPAN_LEVEL).tolist():
            at = int(brackets[number])
            if self.start is None and steps[number] > 0:
                path = self.find_path(piece, kept, at)
                self.open.append(OpenContainer(path, b"}" if piece[at] == ord("{") else b"]"))
                if piece[at] == ord("{") and is_span(path):
                    self.keep(piece[kept : at + 1])
                    self.start = self.offset + at + 1
            elif self.start is None:
                del self.open[-1:]
            elif steps[number] < 0 and levels[number] < len(self.open):
                self.end_span(self.offset + at)
                self.open.pop()
                kept = at
        if self.start is None:
            self.keep(piece[kept:])

    def find_path(self, piece: bytes, kept: int, at: int) -> Path:
        if not self.open:
            return ()
        above = self.open[-1]
        if above.path not in ((), ("data",)) and "dataSets" not in above.path[:2]:
            return above.path
        above.count += 1
        if above.end == b"]":
            return (*above.path, above.count - 1)
        sizes = (USUAL_MEMBER, LONGEST_MEMBER)
        texts = (bytes(self.retained[-size:]) + piece[max(at - size, kept) : at] for size in sizes)
        match = next(filter(None, map(MEMBER.search, texts)), None)
        try:
            return (*above.path, msgspec.json.decode(match[1], type=str) if match else "")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return (*above.path, "")

    def end_span(self, end: int) -> None:
        self.spans[self.open[-1].path] = Span(self.start or 0, end)
        self.resumed.append((len(self.retained), end))
        self.start = None

    def keep(self, text: bytes) -> None:
        self.retained += text
        if len(self.retained) > FILE_LIMIT:
            message = f"The message contains more than {FILE_LIMIT // MIB} MiB beside its data."
            raise InputError(message, Place(self.opened.name), "Split it, or leave out the parts that are not data.")

    def source(self, at: int) -> int:
        resumption = max((pair for pair in self.resumed if pair[0] <= at), default=(0, 0))
        return resumption[1] + at - resumption[0]


def is_span(path: Path) -> bool:
    inside = path[1:] if path[:1] == ("data",) else path
    return len(inside) == 3 and inside[0] == "dataSets" and inside[2] in SPANS


def compute_depth_steps(signs: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
    return np.where((signs | 0x20) == ord("{"), 1, -1).astype(np.int32)


def find_brackets(text: bytes, inside: np.uint8 | int = 0) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Find braces and brackets outside texts. `text` has no escapes; `inside` is true if it begins within a text."""
    signs = np.frombuffer(text, np.uint8)
    free = (np.bitwise_xor.accumulate((signs == ord('"')).view(np.uint8)) ^ np.uint8(inside)) == 0
    folded = signs | 0x20
    return np.flatnonzero(free & ((folded == ord("{")) | (folded == ord("}")))), free


def build_depth_error(name: str) -> InputError:
    return InputError(f"The JSON is nested deeper than {DEPTH_LIMIT}.", Place(name), SAVE_AGAIN_HINT)


BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANK_BYTES = b" \t\r\n"
MAX_MEMORY_BYTES = 16 * MIB


class SeekableInput:
    """A file with random access; offsets start after a byte order mark."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.stream, self.name = stream, name
        self.start = stream.tell()
        if self.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK:
            self.start += len(BYTE_ORDER_MARK)

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
            if piece.strip(BLANK_BYTES):
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
    with tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES) as spool:
        copy = cast("BinaryIO", spool)
        try:
            shutil.copyfileobj(stream, copy, MIB)
        except (*ZIP_ERRORS, MemoryError) as error:
            raise build_read_error(error, name) from error
        copy.seek(0)
        yield SeekableInput(copy, name)


ESCAPED_CHARACTER = re.compile(rb"\\(?:u(00(?:0[0-8bcefBCEF]|1[0-9a-fA-F])|[fF]{3}[eEfF])|[bf])|\xef\xbf[\xbe\xbf]")
"""Control characters except tab and line ends, and U+FFFE and U+FFFF.

Surrogate halves and bare controls are invalid JSON.
"""
MAX_ESCAPE_LENGTH = 6
FORBIDDEN_HINTS = (re.compile(rb"\\(?:u00|u[fF]|[bf])"), re.compile(rb"\xef\xbf"))
"""Quick filter: a piece without these bytes contains no forbidden characters. Expressions are faster than `in`."""
NAMED_ESCAPES = {rb"\b": "\b", rb"\f": "\f"}

Found = list[re.Match[bytes]]


@contextmanager
def replace_forbidden(opened: SeekableInput, faults: Faults | None) -> Iterator[SeekableInput]:
    """Replace forbidden characters by blanks and record them; raise `InputError` without `faults`."""
    if not any(matches for _, matches in scan_pieces(opened)):
        yield opened
        return
    with tempfile.SpooledTemporaryFile(MAX_MEMORY_BYTES) as spool:
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
    with replace_forbidden(opened, faults) as drop_contradictions:
        if drop_contradictions is opened:
            return content
        drop_contradictions.stream.seek(drop_contradictions.start)
        return drop_contradictions.stream.read()


def find_forbidden(content: bytes) -> str:
    if not any(hint.search(content) for hint in FORBIDDEN_HINTS):
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
    at = 0
    while piece := opened.read(at, MIB):
        end, matches = len(piece) if len(piece) < MIB else MIB - MAX_ESCAPE_LENGTH, Found()
        for match in ESCAPED_CHARACTER.finditer(piece) if any(hint.search(piece) for hint in FORBIDDEN_HINTS) else ():
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
