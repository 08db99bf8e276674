"""The shared strings of a workbook, read in pieces, mostly by column.

Raised digits are characters of their own; phonetic readings are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from itertools import chain, islice
from typing import Generic, Protocol, TypeVar

from sdmxmig.conversion.tables.cell_styles import raised
from sdmxmig.conversion.tables.readers import LEAVE_OUT, STRING_COST, STRING_LIMIT, Allowance
from sdmxmig.io.intake.files import ahead
from sdmxmig.io.intake.xml import TEXT_LIMIT, PlacedHandler, XmlFeed
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place

ESCAPED = re.compile(r"_x((?!0000|[Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
STARTS, END, BLANKS = ('<t xml:space="preserve">', "<t>"), "</t></si>", " \t\n"
PLAIN_STRING = r'^<t(?: xml:space="preserve")?>[^<>\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]*</t></si>[ \t\n]*$'
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
ENTITY = "&(?:lt|gt|quot|apos|amp);"


def unescaped(text: str) -> str:
    r"""Undo the workbook's own escapes (``_x000A_``).

    >>> unescaped("a_x000A_b_x005F_c")
    'a\nb_c'
    """
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class RichText:
    """Collects the runs of one text, in a shared string, cell or comment."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._phonetic = self._raised = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "rPh":
            self._phonetic = True
        elif tag == "r":
            self._raised = False
        elif tag == "vertAlign":
            self._raised = attributes.get("val") == "superscript"

    def end(self, tag: str, text: str) -> None:
        if tag == "rPh":
            self._phonetic = False
        elif tag == "r":
            self._raised = False
        elif tag == "t" and not self._phonetic:
            self._parts.append(raised(text) if self._raised else text)

    def taken(self) -> str:
        text = unescaped("".join(self._parts))
        self._parts.clear()
        self._phonetic = self._raised = False
        return text


class Strings:
    """Collects strings, one by one from the parser or in pieces from the fast reader."""

    def __init__(self, name: str, allowance: Allowance) -> None:
        self.name = name
        self.allowance = allowance
        self._text = RichText()
        self._texts: list[str] = []
        self._pieces: list[pl.Series] = []
        self._depth = 0

    @property
    def ready(self) -> bool:
        return self._depth == 1

    def start(self, tag: str, attributes: dict[str, str], _before: str) -> None:
        self._depth += 1
        self._text.start(tag.rpartition("}")[2], attributes)

    def end(self, tag: str, text: str) -> None:
        self._depth -= 1
        name = tag.rpartition("}")[2]
        self._text.end(name, text)
        if name == "si":
            self._texts.append(self._text.taken())
            self._spend(len(self._texts[-1]) + STRING_COST)

    def take(self, strings: pl.Series, /) -> None:
        self._spend(int(strings.str.len_chars().sum()) + STRING_COST * strings.len())
        self._pieces.append(strings)

    def fed(self) -> None:
        self._pieces.append(pl.Series(self._texts, dtype=pl.String))
        self._texts.clear()

    def _spend(self, characters: int) -> None:
        self.allowance.characters -= characters
        if self.allowance.characters < 0:
            limit = f"The workbook has more than {STRING_LIMIT >> 20} MiB of text."
            raise InputError(limit, Place(self.name), LEAVE_OUT)

    def all(self) -> pl.Series:
        return pl.concat(self._pieces).rechunk()


def read_strings(chunks: Iterable[bytes], name: str, allowance: Allowance) -> pl.Series:
    strings = Strings(name, allowance)
    read_part(chunks, XmlFeed(name, strings), strings, FastLane(b"<si>", b"</sst", read=plain_strings))
    return strings.all()


def plain_strings(piece: bytes) -> pl.Series | None:
    """Return the texts of plain strings; None if one has runs of its own."""
    try:
        text = pl.Series([piece], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return None
    units = text.str.split("<si>").explode().slice(1)
    if not units.str.contains(PLAIN_STRING).all() or longest(units) > TEXT_LIMIT:
        return None
    texts = units.str.strip_chars_end(BLANKS).str.strip_suffix(END)
    for start in STARTS:
        texts = texts.str.strip_prefix(start)
    return plain_text(texts, piece)


def longest(texts: pl.Series) -> int:
    return int(texts.str.len_bytes().max() or 0)  # type: ignore[arg-type]


def plain_text(texts: pl.Series, piece: bytes) -> pl.Series | None:
    """Undo entities and escapes in texts; None for other character references."""
    if b"&" in piece:
        if not (texts.str.count_matches("&", literal=True) == texts.str.count_matches(ENTITY)).all():
            return None
        for entity, sign in ENTITIES:
            texts = texts.str.replace_all(entity, sign, literal=True)
    if b"_x" in piece:
        escaped = texts.filter(texts.str.contains("_x", literal=True)).unique()
        texts = texts.replace(escaped, [unescaped(text) for text in escaped]) if escaped.len() else texts
    return texts


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
    """Collects a part of a workbook, from the XML parser and the fast reader."""

    @property
    def ready(self) -> bool:
        """Check whether elements of the fast reader are allowed here."""

    def take(self, piece: Taken_contra, /) -> None:
        """Keep a piece that the fast reader has read."""

    def fed(self) -> None:
        """Called when the parser has handed over a piece, or the rest."""


@dataclass(frozen=True, slots=True)
class FastLane(Generic[Found]):
    """The fast reader of a part: runs of elements that begin with `start`, the last one before `end`."""

    start: bytes
    end: bytes
    _: KW_ONLY
    read: Callable[[bytes], Found | None]


def read_part(chunks: Iterable[bytes], feed: XmlFeed, taker: PartTaker[Found], lane: FastLane[Found]) -> None:
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
