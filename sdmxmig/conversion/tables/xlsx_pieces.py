"""Large workbook parts in pieces: mostly by column, otherwise by the parser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import chain, islice
from typing import Generic, Protocol, TypeVar

from sdmxmig.io.intake.ahead import ahead
from sdmxmig.io.intake.xml_feed import PlacedHandler, XmlFeed

PIECE = 2 << 20
LONGEST = 8 << 20
SHORTEST = 1 << 14
"""The parser is done with less than this before a lane has begun."""
FEW = 4
"""A part with fewer pieces is not worth the threads."""
PLAIN = frozenset({"utf-8", "us-ascii", "ascii"})

Found = TypeVar("Found")
Taken_contra = TypeVar("Taken_contra", contravariant=True)


class PartTaker(PlacedHandler, Protocol[Taken_contra]):
    """Collects the contents of a part of a workbook, from the XML parser and from the fast lane."""

    @property
    def ready(self) -> bool:
        """Whether the elements of the lane may stand here."""

    def take(self, piece: Taken_contra, /) -> None:
        """Keep a piece that the fast lane has read."""

    def fed(self) -> None:
        """The parser has handed over a piece, or all that was left."""


@dataclass(frozen=True, slots=True)
class FastLane(Generic[Found]):
    """The fast lane of a part: runs of elements that begin with the bytes `start`, the last one before `end`."""

    start: bytes
    end: bytes
    _: KW_ONLY
    read: Callable[[bytes], Found | None]


def read_part(chunks: Iterable[bytes], feed: XmlFeed, taker: PartTaker[Found], lane: FastLane[Found]) -> None:
    """Read a part to its end; `feed` hands elements to the `taker`."""

    def work(piece: bytes) -> tuple[bytes, Found | None]:
        fit = len(piece) >= SHORTEST and piece.startswith(lane.start)
        return piece, lane.read(piece) if fit else None

    pieces = cut(chunks, lane.start, lane.end)
    begin = list(islice(pieces, FEW))
    done = ahead(work, chain(begin, pieces)) if len(begin) == FEW else map(work, begin)
    for piece, contents in done:
        if contents is not None and taker.ready and feed.settled and feed.encoding in PLAIN:
            feed.skip(piece)
            taker.take(contents)
        else:
            feed.feed(piece)
            taker.fed()
    feed.close()
    taker.fed()


def cut(chunks: Iterable[bytes], start: bytes, end: bytes) -> Iterator[bytes]:
    """Cut bytes into the part before `start`, runs that begin with it, and the part from `end`.

    >>> list(cut([b"<sst><si>a</si><s", b"i>b</si></sst>"], b"<si>", b"</sst"))
    [b'<sst>', b'<si>a</si><si>b</si>', b'</sst>']
    """
    pending: list[bytes] = []
    size, due = 0, PIECE
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size < due:
            continue
        text = b"".join(pending)
        last = text.rfind(start)
        if last <= 0 and size >= LONGEST:
            last = size
        if last > 0:
            yield from _headed(text[:last], start)
            text = text[last:]
        pending, size = [text], len(text)
        due = size + PIECE
    text = b"".join(pending)
    stop = text.rfind(end)
    yield from _headed(text[:stop] if stop >= 0 else text, start)
    if stop >= 0:
        yield text[stop:]


def _headed(text: bytes, start: bytes) -> Iterator[bytes]:
    first = text.find(start)
    yield from (part for part in ((text[:first], text[first:]) if first > 0 else (text,)) if part)
