"""XML events with line and column, for large messages."""

from __future__ import annotations

import re
from typing import Protocol
from xml.parsers import expat

from sdmxmig.io.intake.files import CHUNK, DEPTH_LIMIT
from sdmxmig.io.intake.xml import ATTRIBUTE_LIMIT, TEXT_LIMIT, doctype_refusal, limit_refusal
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

WHOLE_TAG = re.compile(
    rb"""(?:<[^<>"'!?][^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*>)?[ \t\r\n]*""",
)


class PlacedHandler(Protocol):
    def start(self, tag: str, attributes: dict[str, str], before: str, /) -> None:
        """An element begins; names with a namespace are ``namespace}name``. `before` is the text just before it."""

    def end(self, tag: str, text: str, /) -> None:
        """An element ends; `text` stands between its start, or its last child's end, and here."""


class XmlFeed:
    """Incremental XML with places.

    `skip` passes pieces proved well formed, counting lines.
    """

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
        self._position = (1, 0)  # line and column of the last event, as the parser counts
        self._tail = b""
        self._lines = 0
        self._shift = (0, 0)  # the parser's own line, and how many columns to add there
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
            self._give(piece[start : start + CHUNK])

    def _give(self, piece: bytes) -> None:
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
        lines = piece.count(b"\n")
        own_line = self._position[0] + self._tail.count(b"\n")
        if lines:
            own_column = len(self._tail) - 1 - self._tail.rfind(b"\n")
            if b"\n" not in self._tail:
                own_column += self._position[1]
            after = len(piece) - 1 - piece.rfind(b"\n")
            self._shift = (own_line, after - own_column)
        else:
            line, columns = self._shift
            self._shift = (own_line, len(piece) + (columns if line == own_line else 0))
        self._lines += lines

    def close(self) -> None:
        self._parse(b"", last=True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._seen()
        self._depth += 1
        if self._depth > DEPTH_LIMIT or len(attributes) > ATTRIBUTE_LIMIT:
            raise self._limit()
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        self._handler.start(tag, attributes, text)

    def _end(self, tag: str) -> None:
        self._seen()
        self._depth -= 1
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        self._handler.end(tag, text)

    def _seen(self) -> None:
        parser = self._parser
        self._event = parser.CurrentByteIndex
        self._position = (parser.CurrentLineNumber, parser.CurrentColumnNumber)

    def _data(self, text: str) -> None:
        self._length += len(text)
        if self._length > TEXT_LIMIT:
            raise self._limit()
        self._text.append(text)

    def _doctype(self, *_: object) -> None:
        raise doctype_refusal(self._name)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = (encoding or "utf-8").lower()

    def _limit(self) -> InputError:
        refusal = limit_refusal(self._name)
        return InputError(refusal.message, self.place, refusal.hint)

    def _syntax(self, reason: str, line: int, offset: int) -> InputError:
        own_line, columns = self._shift
        column = offset + 1 + (columns if line == own_line else 0)
        place = Place(self._name, line=line + self._lines, column=column)
        return InputError(f"The XML is not well formed: {reason}.", place, "Send it again as it was written.")
