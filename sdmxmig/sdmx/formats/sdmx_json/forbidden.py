"""Forbidden characters in JSON texts, usually escaped."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from sdmxmig.io.intake.files import MIB
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import Faults, fault
from sdmxmig.sdmx.formats.forbidden import forbidden
from sdmxmig.sdmx.formats.sdmx_json.seekable_input import IN_MEMORY, SeekableInput

ESCAPED = re.compile(rb"\\(?:u(00(?:0[0-8bcefBCEF]|1[0-9a-fA-F])|[fF]{3}[eEfF])|[bf])|\xef\xbf[\xbe\xbf]")
"""Control characters except tab and line ends, and U+FFFE and U+FFFF.

Surrogate halves and bare controls are invalid JSON.
"""
LONGEST = 6
HINTS = (rb"\u00", rb"\uf", rb"\uF", rb"\b", rb"\f", b"\xef\xbf")
"""Quick filter: a piece without these bytes contains no forbidden characters."""
NAMED = {rb"\b": "\b", rb"\f": "\f"}

Found = list[re.Match[bytes]]


@contextmanager
def sound(opened: SeekableInput, faults: Faults | None) -> Iterator[SeekableInput]:
    """Replace forbidden characters by blanks and record them.

    Raises `InputError` with line and column for the first one if there are no `faults`.
    """
    if not any(matches for _, matches in pieces(opened)):
        yield opened
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        line, column = 1, 1
        for piece, matches in pieces(opened):
            passed = 0
            for match in matches:
                line, column = moved(line, column, piece[passed : match.start()])
                passed = match.start()
                fault(faults, forbidden(character(match), Place(opened.name, line=line, column=column)))
            line, column = moved(line, column, piece[passed:])
            spool.write(blanked(piece, matches))
        spool.seek(0)
        yield SeekableInput(cast("BinaryIO", spool), opened.name)


def sound_content(name: str, content: bytes, faults: Faults | None) -> bytes:
    opened = SeekableInput(io.BytesIO(content), name)
    with sound(opened, faults) as mended:
        if mended is opened:
            return content
        mended.stream.seek(mended.start)
        return mended.stream.read()


def first_forbidden(content: bytes) -> str:
    if not any(hint in content for hint in HINTS):
        return ""
    return next((character(matches[0]) for _, matches in pieces(SeekableInput(io.BytesIO(content), "")) if matches), "")


def pieces(opened: SeekableInput) -> Iterator[tuple[bytes, Found]]:
    """The bytes of a message piece by piece, each with the forbidden characters that begin and end in it."""
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


def moved(line: int, column: int, passed: bytes) -> tuple[int, int]:
    line_end = passed.rfind(b"\n")
    return (line + passed.count(b"\n"), len(passed) - line_end) if line_end >= 0 else (line, column + len(passed))


def character(match: re.Match[bytes]) -> str:
    return chr(int(match[1], 16)) if match[1] else NAMED.get(match[0]) or match[0].decode()


def blanked(piece: bytes, matches: Found) -> bytes:
    parts, start = [], 0
    for match in matches:
        parts.append(piece[start : match.start()])
        start = match.end()
    return b" ".join([*parts, piece[start:]])
