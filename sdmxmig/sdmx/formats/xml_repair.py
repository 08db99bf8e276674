"""Repair of nearly valid XML (wrong encoding, ampersands, forbidden characters), which keeps line numbers."""

from __future__ import annotations

import codecs
import html.entities
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from sdmxmig.io.intake.files import CHUNK, LINE_FEED, MIB, MIN_BYTES_FOR_NUMPY, count_byte
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import np
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.formats.faults import ALIKE_LIMIT, Deviation, Faults

ENCODING_DECLARATION = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
UTF_8_NAMES = ("utf-8", "us-ascii", "ascii")
OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\x00", b"\x00<")
CHARACTER = (
    rb"([\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})"
)
CHARACTER_OR_BYTE = re.compile(CHARACTER + rb"|[\x80-\xff]")
FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
CONTROL_BYTES = bytes(sign for sign in range(32) if sign not in b"\t\n\r")
OTHER_FORBIDDEN = (b"\xef\xbf", b"\xed")
"""With what further forbidden characters begin."""
BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
AMPERSAND = re.compile(
    rb"(<!\[CDATA\[.*?\]\]>|<!--.*?-->|&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)"
    rb"|&(?:([A-Za-z][A-Za-z0-9]{1,30});)?",
    re.DOTALL,
)
UNFINISHED_REFERENCE = re.compile(rb"&[#A-Za-z0-9]{0,32}$|<!?\[?[CDAT-]*\[?$|[\xc2-\xf4][\x80-\xbf]{0,2}$")
UNFINISHED_CHARACTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}$")
MARKUP_OPENINGS = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"))
ESCAPE_HINT = "Let the program that writes XML escape its texts."
SAVE_AS_UTF8 = "Save it as UTF-8."


def repair_bytes(name: str, stream: BinaryIO, faults: Faults) -> Iterator[bytes]:
    """Repair the bytes of an XML file piece by piece.

    Invalid UTF-8 is read as Windows-1252, HTML entities become characters, other ampersands are escaped and forbidden
    characters become blanks. Files that declare another encoding are not changed.
    """
    piece = stream.read(MIB)
    declared = ENCODING_DECLARATION.search(piece[:200])
    if piece.startswith(OTHER_MARKS) or (declared and declared[1].decode().lower() not in UTF_8_NAMES):
        while piece:
            yield piece
            piece = stream.read(MIB)
        return
    mender = TextRepairer(name, faults)
    unfinished = mender.begun(piece)
    while piece := stream.read(MIB):
        text = unfinished + piece
        cut = find_whole_end(text)
        unfinished = text[cut:]
        yield mender.repair(text[:cut])
    yield mender.repair(unfinished)


class Pieces:
    """Byte pieces with the read method of a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces

    def read(self, size: int = -1) -> bytes:
        chunks: list[bytes] = []
        length = 0
        while (length < size or size < 0) and (piece := next(self.pieces, b"")):
            chunks.append(piece)
            length += len(piece)
        return b"".join(chunks)


def repair_text(name: str, content: bytes, faults: Faults) -> bytes:
    return b"".join(repair_bytes(name, io.BytesIO(content), faults))


def decode_stream(name: str, stream: BinaryIO, faults: Faults) -> Iterator[bytes]:
    """Convert a text file to UTF-8 from UTF-16, or from Windows-1252 if it is not UTF-8."""
    mender, unfinished = TextRepairer(name, faults), b""
    piece = stream.read(CHUNK)
    if piece.startswith(OTHER_MARKS[:2]):
        mender.tell("This file is in UTF-16.", piece, 0)
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        while piece:
            yield decoder.decode(piece).encode()
            piece = stream.read(CHUNK)
        yield decoder.decode(b"", final=True).encode()
        return
    while piece:
        text = unfinished + piece
        match = UNFINISHED_CHARACTER.search(text, max(len(text) - 3, 0))
        cut = match.start() if match else len(text)
        unfinished = text[cut:]
        yield mender.decode_to_utf_8(text[:cut], "This file is not in UTF-8.")
        mender.pass_over(text[:cut])
        piece = stream.read(CHUNK)
    yield mender.decode_to_utf_8(unfinished, "This file is not in UTF-8.")


def find_whole_end(text: bytes) -> int:
    match = UNFINISHED_REFERENCE.search(text, max(len(text) - 40, 0))
    end = match.start() if match else len(text)
    for opening, closing in MARKUP_OPENINGS if b"!" in text else ():
        start = text.rfind(opening, 0, end)
        if start >= 0 and text.find(closing, start, end) < 0 and end - start < MIB:
            end = start
    return end


Replacement = Callable[[re.Match[bytes]], bytes]


class TextRepairer:
    def __init__(self, name: str, faults: Faults) -> None:
        self.name = name
        self.faults = faults
        self.line = 1
        self.column = 0

    def begun(self, piece: bytes) -> bytes:
        bare = piece.removeprefix(codecs.BOM_UTF8)
        text = bare.lstrip(b" \t\r\n")
        if text.startswith(b"<?xml") and len(text) < len(bare):
            self.tell("There is white space before the XML declaration.", bare, 0)
            self.pass_over(bare[: len(bare) - len(text)])
            return text
        return bare

    def repair(self, text: bytes) -> bytes:
        original = text
        text = self.decode_to_utf_8(text, "The file is not in UTF-8, though it names no other encoding.")
        if BARE_AMPERSAND.search(text):
            text = self.replace_matches(
                AMPERSAND, text, "An ampersand is not part of an XML character reference.", replace_character, Deviation
            )
        if may_be_forbidden(text):
            text = self.replace_matches(FORBIDDEN, text, "This character is not allowed in XML.", lambda _: b" ")
        self.pass_over(original)
        return text

    def decode_to_utf_8(self, text: bytes, message: str) -> bytes:
        return text if is_utf_8(text) else self.replace_matches(CHARACTER_OR_BYTE, text, message, decode_windows_bytes)

    def replace_matches(
        self,
        pattern: re.Pattern[bytes],
        text: bytes,
        message: str,
        by: Replacement,
        kind: type[InputError] = InputError,
    ) -> bytes:
        def noted(match: re.Match[bytes]) -> bytes:
            if match.re.groups and match[1]:
                return match[1]
            self.tell(message, text, match.start(), kind)
            return by(match)

        return pattern.sub(noted, text)

    def tell(self, message: str, text: bytes, at: int, kind: type[InputError] = Deviation) -> None:
        place = Place(self.name, line=self.line)
        if self.faults.counted[message] < ALIKE_LIMIT:
            lines = text.count(b"\n", 0, at)
            column = at - text.rfind(b"\n", 0, at) if lines else self.column + at + 1
            place = Place(self.name, line=self.line + lines, column=column)
        hint = SAVE_AS_UTF8 if "UTF-8" in message or "UTF-16" in message else ESCAPE_HINT
        self.faults.note(kind(message, place, hint))

    def pass_over(self, text: bytes) -> None:
        lines = count_byte(text, LINE_FEED)
        self.column = len(text) - text.rfind(b"\n") - 1 if lines else self.column + len(text)
        self.line += lines


def may_be_forbidden(text: bytes) -> bool:
    if any(start[:1] in text and start in text for start in OTHER_FORBIDDEN):  # single bytes are found fast
        return True
    is_large = len(text) >= MIN_BYTES_FOR_NUMPY
    if is_large and np.count_nonzero(np.frombuffer(text, np.uint8) < ord(" ")) == count_byte(text, LINE_FEED):
        return False
    return len(text.translate(None, CONTROL_BYTES)) < len(text)


def is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def decode_windows_bytes(match: re.Match[bytes]) -> bytes:
    return match[0].decode("cp1252", "replace").encode()


def replace_character(match: re.Match[bytes]) -> bytes:
    named = html.entities.name2codepoint.get((match[2] or b"").decode())
    return chr(named).encode() if named else b"&amp;" + match[0][1:]
