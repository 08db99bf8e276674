"""Records and strings of .xls workbooks (BIFF5, BIFF8). Source: Microsoft, [MS-XLS]."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.conversion.tables.figures import raised

HEAD = struct.Struct("<HH")
CONTINUE = b"\x3c\x00"
BIFF5, BIFF8 = 0x0500, 0x0600


@dataclass(frozen=True, slots=True)
class BiffRecord:
    """A record; `pieces` include continuations."""

    kind: int
    data: bytes
    _: KW_ONLY
    pieces: tuple[bytes, ...]


def records(stream: bytes, position: int, step: Callable[[], None]) -> Iterator[BiffRecord]:
    """Yield the records of a part, skipping nested parts.

    `step` is called for each record. Raises ``ValueError`` for a truncated stream.
    """
    depth = 0
    while True:
        if position + HEAD.size > len(stream):
            raise ValueError("the stream ends within a part")
        step()
        kind, length = HEAD.unpack_from(stream, position)
        position += HEAD.size
        data = stream[position : position + length]
        position += length
        pieces = [data]
        while stream[position : position + 2] == CONTINUE:
            more = HEAD.unpack_from(stream, position)[1]
            pieces.append(stream[position + HEAD.size : position + HEAD.size + more])
            position += HEAD.size + more
        if kind & 0xFF == 0x09:  # a part begins
            depth += 1
        elif kind == 0x0A:  # a part ends
            depth -= 1
            if not depth:
                return
        if depth == 1:
            yield BiffRecord(kind, data, pieces=tuple(pieces))


@dataclass(frozen=True, slots=True)
class RichString:
    """A text, and the font from each of these characters on."""

    text: str
    runs: tuple[tuple[int, int], ...] = ()

    def shown(self, raised_fonts: frozenset[int]) -> str:
        if not any(font in raised_fonts for _, font in self.runs):
            return self.text
        ends = [start for start, _ in self.runs[1:]] + [len(self.text)]
        shown_text = self.text[: self.runs[0][0]]
        for (start, font), end in zip(self.runs, ends, strict=True):
            piece = self.text[start:end]
            shown_text += raised(piece) if font in raised_fonts else piece
        return shown_text


class StringReader:
    """Reads strings across continued records.

    Raises ``ValueError`` if a string is cut.
    """

    def __init__(self, pieces: Sequence[bytes], at: int = 0) -> None:
        self._pieces = pieces
        self._number, self._at = 0, at

    def take(self, count: int) -> bytes:
        collected = b""
        while True:
            piece = self._pieces[self._number][self._at : self._at + count - len(collected)]
            self._at += len(piece)
            collected += piece
            if len(collected) == count:
                return collected
            self._next()

    def _next(self) -> None:
        self._number, self._at = self._number + 1, 0
        if self._number >= len(self._pieces):
            raise ValueError("the record ends within a string")

    def number(self, size: int = 2) -> int:
        return int.from_bytes(self.take(size), "little")

    def characters(self, count: int, *, wide: bool) -> str:
        """Return the next characters; a continuation record repeats their width."""
        decoded = []
        while True:
            width = 2 if wide else 1
            piece = self._pieces[self._number][self._at : self._at + count * width]
            piece = piece[: len(piece) // width * width]
            self._at += len(piece)
            decoded.append(piece.decode("utf-16-le" if wide else "latin-1", errors="surrogatepass"))
            count -= len(piece) // width
            if not count:
                text = "".join(decoded)
                return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
            self._next()
            wide = bool(self.number(1) & 1)

    def unicode(self, length_size: int = 2) -> RichString:
        count, flags = self.number(length_size), self.number(1)
        runs = self.number() if flags & 8 else 0
        extra = self.number(4) if flags & 4 else 0
        text = self.characters(count, wide=bool(flags & 1))
        numbers = struct.unpack(f"<{runs * 2}H", self.take(runs * 4))
        self.skip(extra)
        return RichString(text, tuple(zip(numbers[::2], numbers[1::2], strict=True)))

    def bytes(self, encoding: str, *, length_size: int = 2, rich: bool = False) -> RichString:
        text = self.take(self.number(length_size)).decode(encoding, errors="replace")
        numbers = self.take(self.number(1) * 2) if rich else b""
        return RichString(text, tuple(zip(numbers[::2], numbers[1::2], strict=True)))

    def skip(self, count: int) -> None:
        while count > (available := len(self._pieces[self._number]) - self._at):
            count -= available
            self._next()
        self._at += count
