"""Bounded XML without DOCTYPE, entities or network; web pages, parsed as streams."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, cast
from xml.parsers import expat

from lxml import etree

from sdmxmig.io.intake.files import CHUNK, DEPTH_LIMIT, LINE_FEED, MIB, SAVE_AGAIN_HINT, count_byte
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

TEXT_LIMIT = MIB
ATTRIBUTE_LIMIT = 1_000
PIECE_SIZE = 1 << 13  # small, since all elements of a piece stay in memory until processed
MAX_KEPT_NAMES = 10_000
AMPLIFICATION_MESSAGE = re.compile(r"amplification|entity reference loop|entity nesting depth", re.IGNORECASE)


class Handler(Protocol):
    def start(self, tag: str, attributes: dict[str, str], /) -> None:
        """Receive the start of an element, without namespaces."""

    def end(self, tag: str, text: str, /) -> None:
        """Receive the end of an element; `text` follows its start or last child."""


def strip_namespace(name: str) -> str:
    """Remove the namespace from a tag or attribute name.

    >>> strip_namespace("{http://example.org}row")
    'row'
    """
    return name.rpartition("}")[2]


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        if len(self) > MAX_KEPT_NAMES:
            self.clear()
        self[name] = strip_namespace(name)
        return self[name]


class _Guard:
    """Limits depth, attributes and text, rejects a DOCTYPE, and passes the rest on."""

    def __init__(self, handler: Handler, name: str) -> None:
        self._handler = handler
        self._name = name
        self._depth = 0
        self._text: list[str] = []
        self._length = 0
        self._local = _Names()

    def doctype(self, *_: object) -> None:
        raise build_doctype_refusal(self._name)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT or len(attributes) > ATTRIBUTE_LIMIT:
            raise build_limit_refusal(self._name)
        self._text.clear()
        self._length = 0
        names = self._local
        self._handler.start(names[tag], {names[key]: value for key, value in attributes.items()})

    def data(self, text: str) -> None:
        self._length += len(text)
        if self._length > TEXT_LIMIT:
            raise build_limit_refusal(self._name)
        self._text.append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        self._handler.end(self._local[tag], text)

    def close(self) -> None:
        """End the document."""


SAFE_OPTIONS: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_pis": True,
    "remove_comments": True,
}


def stream_xml(chunks: Iterable[bytes], name: str, handler: Handler) -> None:
    target: Any = _Guard(handler, name)
    parser = etree.XMLParser(target=target, **SAFE_OPTIONS)
    try:
        for bite in _split_pieces(chunks):  # the parser rejects more than 10 MB at once as not well formed
            parser.feed(bite)
        parser.close()
    except (etree.LxmlError, SyntaxError) as error:
        raise _build_syntax_refusal(error, name) from error


def parse_xml(content: bytes, name: str) -> etree._Element:
    """Parse XML to an lxml tree; raise `InputError` for malformed XML, DOCTYPE, `DEPTH_LIMIT`, `TEXT_LIMIT`."""
    events = iterate_xml(content, name)
    _, root = next(events)
    for _ in events:  # they check the limits
        pass
    return root


def iterate_xml(content: bytes | Iterable[bytes], name: str) -> Iterator[tuple[str, etree._Element]]:
    """Yield ``start`` and ``end`` events while the tree grows; the caller prunes it."""
    parser = etree.XMLPullParser(events=("start", "end"), **SAFE_OPTIONS)
    depth = 0
    try:
        for event, element in _read_events(parser, [content] if isinstance(content, bytes) else content):
            if event == "start":
                if not depth and element.getroottree().docinfo.internalDTD is not None:
                    raise build_doctype_refusal(name)
                depth += 1
                if depth > DEPTH_LIMIT or len(element.attrib) > ATTRIBUTE_LIMIT:
                    raise build_limit_refusal(name)
            else:
                depth -= 1
                if element.text and len(element.text) > TEXT_LIMIT:
                    raise build_limit_refusal(name)
            yield event, element
    except (etree.LxmlError, SyntaxError, ValueError) as error:
        raise _build_syntax_refusal(error, name) from error


def _read_events(parser: etree.XMLPullParser, pieces: Iterable[bytes]) -> Iterator[tuple[str, etree._Element]]:
    for bite in _split_pieces(pieces):
        parser.feed(bite)
        # only these events were requested
        yield from cast("Iterator[tuple[str, etree._Element]]", parser.read_events())
    parser.close()
    yield from cast("Iterator[tuple[str, etree._Element]]", parser.read_events())


def _split_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return (piece[start : start + PIECE_SIZE] for piece in pieces for start in range(0, len(piece), PIECE_SIZE))


def build_doctype_refusal(name: str) -> InputError:
    return InputError(
        "The XML has a DOCTYPE, which can make a reader open other files.",
        Place(name),
        "Remove the DOCTYPE; neither SDMX nor workbooks need one.",
    )


def build_limit_refusal(name: str) -> InputError:
    return InputError(
        f"The XML is nested deeper than {DEPTH_LIMIT}, has more than {ATTRIBUTE_LIMIT} attributes "
        f"in an element, or a text of more than {TEXT_LIMIT // MIB} MiB.",
        Place(name),
        SAVE_AGAIN_HINT,
    )


def _build_syntax_refusal(error: Exception, name: str) -> InputError:
    line, column = getattr(error, "position", None) or (0, 0)
    reason = str(getattr(error, "msg", None) or error).split(", line ")[0].strip()
    if "HUGE" in reason:  # the parser's message about its limits
        return build_limit_refusal(name)
    if AMPLIFICATION_MESSAGE.search(reason):
        return InputError(
            "The XML defines nested entities. Entities are not expanded.",
            Place(name),
            "Send it without entities and without a DOCTYPE; SDMX needs neither.",
        )
    return InputError(f"The XML is not well formed: {reason}.", Place(name, line=line, column=column), SAVE_AGAIN_HINT)


WHOLE_TAG = re.compile(
    rb"""(?:<[^<>"'!?][^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*>)?"""
    rb"""(?:[ \t\r\n]|<!--[^-]*(?:-[^-]+)*-->|<!\[CDATA\[[ \t\r\n]*\]\]>)*"""
)


def measure_last_width(text: bytes) -> int:
    return len(text[text.rfind(b"\n") + 1 :].decode("utf-8", "replace"))


class PlacedHandler(Protocol):
    def start(self, tag: str, attributes: dict[str, str], before: str, /) -> None:
        """Receive the start of an element; names are ``namespace}name``. `before` is the preceding text."""

    def end(self, tag: str, text: str, /) -> None:
        """Receive the end of an element; `text` follows its start or last child."""


class XmlFeed:
    """Incremental XML with places; `skip` skips pieces known to be well formed, counting lines."""

    def __init__(self, name: str, handler: PlacedHandler) -> None:
        self._name = name
        self._handler = handler
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.XmlDeclHandler = self._declaration
        self._depth = self._length = self._fed = self._event = 0
        self._text: list[str] = []
        self._position = (1, 0)  # line and column of the last event, as counted by the parser
        self._tail = b""
        self._lines = 0
        self._shift = (0, 0)  # the parser's own line, and the columns to add there
        self.encoding = "utf-8"

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber + self._lines

    @property
    def column(self) -> int:
        line, columns = self._shift
        return self._parser.CurrentColumnNumber + 1 + (columns if self._parser.CurrentLineNumber == line else 0)

    @property
    def at(self) -> int:
        return self._event

    @property
    def place(self) -> Place:
        return Place(self._name, line=self.line, column=self.column)

    @property
    def settled(self) -> bool:
        return WHOLE_TAG.fullmatch(self._tail) is not None

    def raw_name(self) -> bytes:
        match = re.match(rb"<([^\s<>/]+)", self._parser.GetInputContext() or b"")
        return match.group(1) if match else b""

    def feed(self, piece: bytes) -> None:
        for start in range(0, len(piece), CHUNK):
            self._feed(piece[start : start + CHUNK])

    def _feed(self, piece: bytes) -> None:
        base = self._fed - len(self._tail)
        self._fed += len(piece)
        self._parse(piece, last=False)
        self._tail = (self._tail + piece)[max(self._event - base, 0) :]
        if len(self._tail) > TEXT_LIMIT + CHUNK:
            raise self._limit()

    def _parse(self, piece: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise self._syntax(expat.ErrorString(error.code), error.lineno, error.offset) from error
        except (UnicodeError, LookupError, ValueError) as error:
            raise self._syntax("its characters cannot be read", self._parser.ErrorLineNumber, 0) from error

    def skip(self, piece: bytes) -> None:
        lines = count_byte(piece, LINE_FEED)
        own_line = self._position[0] + self._tail.count(b"\n")
        if lines:
            own_column = measure_last_width(self._tail) + (0 if b"\n" in self._tail else self._position[1])
            self._shift = (own_line, measure_last_width(piece) - own_column)
        else:
            line, columns = self._shift
            self._shift = (own_line, measure_last_width(piece) + (columns if line == own_line else 0))
        self._lines += lines

    def close(self) -> None:
        self._parse(b"", last=True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count_element()
        self._depth += 1
        if self._depth > DEPTH_LIMIT or len(attributes) > ATTRIBUTE_LIMIT:
            raise self._limit()
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        self._handler.start(tag, attributes, text)

    def _end(self, tag: str) -> None:
        self._count_element()
        self._depth -= 1
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        self._handler.end(tag, text)

    def _count_element(self) -> None:
        parser = self._parser
        self._event = parser.CurrentByteIndex
        self._position = (parser.CurrentLineNumber, parser.CurrentColumnNumber)

    def _data(self, text: str) -> None:
        self._length += len(text)
        if self._length > TEXT_LIMIT:
            raise self._limit()
        self._text.append(text)

    def _doctype(self, *_: object) -> None:
        raise build_doctype_refusal(self._name)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = (encoding or "utf-8").lower()

    def _limit(self) -> InputError:
        refusal = build_limit_refusal(self._name)
        return InputError(refusal.message, self.place, refusal.hint)

    def _syntax(self, reason: str, line: int, offset: int) -> InputError:
        own_line, columns = self._shift
        column = offset + 1 + (columns if line == own_line else 0)
        place = Place(self._name, line=line + self._lines, column=column)
        return InputError(f"The XML is not well formed: {reason}.", place, SAVE_AGAIN_HINT)


HEAD_BYTES = 4096
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
DECLARED_ENCODING = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
BROWSER_ENCODINGS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-16": "utf-8",
}


class PageHandler(Protocol):
    def start(self, tag: str, attributes: dict[str, str], /) -> None:
        """Receive the start of an element; its name is in lower case."""

    def end(self, tag: str, /) -> None:
        """Receive the end of an element, also if the page omits it."""

    def data(self, text: str, /) -> None:
        """Receive text in pieces of any length."""


class _Target:
    def __init__(self, handler: PageHandler) -> None:
        self._handler = handler
        self.data = handler.data
        self.end = handler.end

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._handler.start(tag, dict(attributes))

    def close(self) -> None:
        """End the page."""


def find_declared_encoding(content: bytes) -> str:
    """Return a page's declared encoding as a Python codec, or empty.

    >>> find_declared_encoding(b'<meta charset="windows-1251">')
    'cp1251'
    """
    for mark, codec in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return codec
    match = DECLARED_ENCODING.search(content[:HEAD_BYTES])
    try:
        codec = codecs.lookup(match[1].decode()).name if match else ""
    except LookupError:
        return ""
    return BROWSER_ENCODINGS.get(codec, codec)


def stream_html(text: str, name: str, handler: PageHandler) -> None:
    target: Any = _Target(handler)
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True, huge_tree=False)
    try:
        for start in range(0, len(text), CHUNK):
            parser.feed(text[start : start + CHUNK].encode("utf-8", errors="replace"))
        parser.close()
    except (etree.LxmlError, SyntaxError) as error:
        raise InputError("The web page cannot be read.", Place(name), SAVE_AGAIN_HINT) from error
