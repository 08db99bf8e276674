"""The only door for bytes that somebody else made: files, archives and XML, each with limits.

A workbook of some kilobytes can unpack to gigabytes, an XML file can ask for other files. Whatever passes
this module is bounded in size and depth and has opened nothing else; the rest is refused with one message.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol, cast
from xml.parsers import expat

from lxml import etree

from sdmxmig.errors import InputError, nearest
from sdmxmig.places import Place

MIB = 1 << 20
FILE_LIMIT = 1024 * MIB
MEMBER_LIMIT = 2_000
INFLATED_LIMIT = 1024 * MIB
RATIO_LIMIT = 100
RATIO_FREE = MIB
DEPTH_LIMIT = 64
TEXT_LIMIT = MIB
ATTRIBUTE_LIMIT = 1_000
CHUNK = 1 << 16
BITE = 1 << 13  # small, since all elements of a bite are held until it has been worked off
NAMES_KEPT = 10_000
CONTAINERS_FREE = 100_000
CONTAINER_BYTES = 8

ZIP_MAGIC = b"PK\x03\x04"
SAVE_AGAIN = "Save it again from the program that made it."
ZIP_TROUBLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # also NotImplementedError: a compression or version that Python does not know
    ValueError,  # also UnicodeDecodeError in a name
    OverflowError,
    LookupError,
)


def read_bytes(path: Path | str, *, limit: int = FILE_LIMIT) -> bytes:
    """Read a whole file, or say clearly why that is not possible.

    `limit` is the largest size in bytes. Raises `InputError` for a missing file (with the nearest name in its
    folder), a folder, an empty or too large file, or one that may not be read.
    """
    path = Path(path)
    place = Place(str(path))
    try:
        if path.is_dir():
            raise InputError("This is a folder, not a file.", place, "Name a file in it.")
        if not path.exists():
            raise InputError("There is no such file.", place, _nearest_name(path))
        if not path.is_file():
            raise InputError("This is not an ordinary file.", place, "Copy the data into a file and name that one.")
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except PermissionError as error:
        raise InputError("The file may not be read.", place, "Ask for the right to read it, or copy it.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"The file cannot be read ({error}).", place, "Check its name and its disk.") from error
    if len(content) > limit:
        raise InputError(
            f"The file is larger than {limit // MIB or 1} MiB.",
            place,
            "Split it, or leave out what is not data.",
        )
    if not content:
        raise InputError("The file is empty.", place, SAVE_AGAIN)
    return content


def _nearest_name(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    names = sorted(found.name for found in path.parent.iterdir() if found.is_file())
    guess = nearest(path.name, names)
    return f"Did you mean {guess}?" if guess else "Check the name and the folder."


class Archive:
    """A zip file in memory whose members are inflated only within limits.

    Names are those in the archive, with ``/`` between folders; none is absolute or leads outside. The
    inflated bytes are counted as they come, since what an archive says of its sizes may be false.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        self._inflated = 0
        if content.count(b"PK\x01\x02") > 10 * MEMBER_LIMIT:  # before Python makes an object of each entry
            raise self._refusal(f"The archive has more than {MEMBER_LIMIT} members.")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except ZIP_TROUBLE as error:
            raise self._refusal("The file is damaged: it begins like a zip archive but is none.") from error
        infos = self._zip.infolist()
        if len(infos) > MEMBER_LIMIT:
            raise self._refusal(f"The archive has {len(infos)} members; {MEMBER_LIMIT} is the limit.")
        self._infos = {info.filename: info for info in infos}
        seen: set[str] = set()
        for info in infos:
            self._check_member(info, seen)

    def _refusal(self, message: str, member: str = "") -> InputError:
        return InputError(message, Place(self.name, key=member), SAVE_AGAIN)

    def _check_member(self, info: zipfile.ZipInfo, seen: set[str]) -> None:
        name = info.filename
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise self._refusal("The archive has two members of this name.", name)
        seen.add(folded)
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0] == "/" or ":" in name or "\0" in name:
            raise self._refusal("The archive has a member whose name leads outside of it.", name)
        if info.flag_bits & 1:
            raise InputError(
                "The archive is protected by a password.",
                Place(self.name, key=name),
                "Save it without a password.",
            )

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the members, sorted."""
        return tuple(sorted(self._infos))

    def __contains__(self, member: object) -> bool:
        return member in self._infos

    def chunks(self, member: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece; raises `InputError` beyond a limit or if it is damaged."""
        if member not in self._infos:
            raise self._refusal("The archive lacks this member.", member)
        own, stored = 0, max(self._infos[member].compress_size, 1)
        try:
            with self._zip.open(self._infos[member]) as stream:
                while chunk := stream.read(CHUNK):
                    own += len(chunk)
                    self._inflated += len(chunk)
                    if self._inflated > INFLATED_LIMIT:
                        raise self._refusal(f"The archive unpacks to more than {INFLATED_LIMIT // MIB} MiB.")
                    if own > RATIO_FREE and own > RATIO_LIMIT * stored:
                        raise self._refusal(f"A member unpacks to more than {RATIO_LIMIT} times its size.", member)
                    yield chunk
        except ZIP_TROUBLE as error:
            raise self._refusal("A member of the archive is damaged.", member) from error

    def read(self, member: str) -> bytes:
        """All bytes of a member, within the limits."""
        return b"".join(self.chunks(member))


def open_zip(content: bytes, name: str) -> Archive:
    """Open a zip archive that somebody else made; `name` is the file's name in messages.

    Raises `InputError` if it is none, has too many members, names that lead outside or twins, or a password.
    """
    return Archive(content, name)


class Handler(Protocol):
    """What receives the parts of an XML document while it is read; nothing of it is kept."""

    def start(self, tag: str, attributes: dict[str, str], /) -> None:
        """An element begins; its namespace is taken off the tag and off the attributes."""

    def end(self, tag: str, text: str, /) -> None:
        """An element ends; `text` stands between its start, or its last child's end, and here."""


def local(name: str) -> str:
    """A tag or attribute name without its namespace.

    >>> local("{http://example.org}row")
    'row'
    """
    return name.rpartition("}")[2]


class _Names(dict[str, str]):
    """Names without their namespaces, remembered; a file of ever new names makes it forget, not grow."""

    def __missing__(self, name: str) -> str:
        if len(self) > NAMES_KEPT:
            self.clear()
        self[name] = local(name)
        return self[name]


class _Guard:
    """Counts depth, attributes and text, refuses a DOCTYPE, and hands the rest on."""

    def __init__(self, handler: Handler, name: str) -> None:
        self._handler = handler
        self._name = name
        self._depth = 0
        self._text: list[str] = []
        self._length = 0
        self._local = _Names()

    def doctype(self, *_: object) -> None:
        raise _doctype_refusal(self._name)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT or len(attributes) > ATTRIBUTE_LIMIT:
            raise _limit_refusal(self._name)
        self._text.clear()
        self._length = 0
        names = self._local
        self._handler.start(names[tag], {names[key]: value for key, value in attributes.items()})

    def data(self, text: str) -> None:
        self._length += len(text)
        if self._length > TEXT_LIMIT:
            raise _limit_refusal(self._name)
        self._text.append(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        self._handler.end(self._local[tag], text)

    def close(self) -> None:
        """Nothing is left to hand over at the end of the document."""


def _parser(target: Any = None) -> etree.XMLParser:
    return etree.XMLParser(
        target=target,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )


def stream_xml(chunks: Iterator[bytes], name: str, handler: Handler) -> None:
    """Read XML piece by piece without building a tree, so that memory stays small whatever the file holds.

    Raises `InputError` (with line and column) if it is not well formed, has a DOCTYPE, or passes a limit.
    """
    parser = _parser(_Guard(handler, name))
    try:
        for chunk in chunks:
            parser.feed(chunk)
        parser.close()
    except (etree.LxmlError, SyntaxError) as error:
        raise _syntax_refusal(error, name) from error


class _Nothing:
    """Takes nothing: the document is only held against the limits."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str, text: str) -> None: ...


def parse_xml(content: bytes, name: str) -> etree._Element:
    """Parse a small or middling XML document into an lxml tree; `name` is the file's name in messages.

    Raises `InputError` (with line and column) if it is not well formed, has a DOCTYPE, is nested deeper than
    `DEPTH_LIMIT` or has a text longer than `TEXT_LIMIT`. No entity is resolved and nothing else is opened.
    """
    stream_xml(iter([content]), name, _Nothing())
    parser = _parser()
    try:
        return etree.fromstring(content, parser)
    except (etree.LxmlError, SyntaxError, ValueError) as error:
        raise _syntax_refusal(error, name) from error


def iterate_xml(content: bytes, name: str) -> Iterator[tuple[str, etree._Element]]:
    """The elements of an XML document as they begin (``start``) and end (``end``), while the tree grows.

    Whoever takes them removes from the tree what is done with, so that memory stays small. Raises `InputError` as
    `parse_xml` does; what came before the fault has been handed out by then.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    depth = 0
    try:
        for start in range(0, len(content), BITE):
            parser.feed(content[start : start + BITE])
            events = cast("Iterator[tuple[str, etree._Element]]", parser.read_events())  # no others were asked for
            for event, element in events:
                if event == "start":
                    if not depth and element.getroottree().docinfo.internalDTD is not None:
                        raise _doctype_refusal(name)
                    depth += 1
                    if depth > DEPTH_LIMIT or len(element.attrib) > ATTRIBUTE_LIMIT:
                        raise _limit_refusal(name)
                else:
                    depth -= 1
                    if element.text and len(element.text) > TEXT_LIMIT:
                        raise _limit_refusal(name)
                yield event, element
        parser.close()
    except (etree.LxmlError, SyntaxError, ValueError) as error:
        raise _syntax_refusal(error, name) from error


def read_stream(stream: IO[bytes], *, chunk: int = CHUNK) -> Iterator[bytes]:
    """The bytes of an open file, piece by piece, for `stream_xml`."""
    while piece := stream.read(chunk):
        yield piece


def read_limited(stream: IO[bytes], name: str, *, limit: int = FILE_LIMIT) -> bytes:
    """All bytes of an open file; raises `InputError` if there are more than `limit`, or if it cannot be read."""
    try:
        content = stream.read(limit + 1)
    except (*ZIP_TROUBLE, MemoryError) as error:
        raise InputError(f"The file cannot be read ({error}).", Place(name), SAVE_AGAIN) from error
    if len(content) > limit:
        hint = "Split it, or leave out what is not data."
        raise InputError(f"The file is larger than {limit // MIB or 1} MiB.", Place(name), hint)
    return content


def parse_json(content: bytes, name: str) -> Any:
    """Parse a JSON text into dictionaries, lists, texts, integers, booleans and None; `name` is the file's name.

    A number with a fraction or an exponent comes as its text, so that it keeps its digits. Raises `InputError`, with
    line and column or with a JSON pointer, if the text is no JSON or no UTF-8, holds ``NaN`` or ``Infinity``, names one
    member of an object twice, is nested deeper than `DEPTH_LIMIT`, or is made of empty objects and arrays.
    """
    import msgspec

    content = content.removeprefix(b"\xef\xbb\xbf")
    depth, members, containers = _json_outline(content)
    if depth > DEPTH_LIMIT:
        raise InputError(f"The JSON is nested deeper than {DEPTH_LIMIT}.", Place(name), SAVE_AGAIN)
    if containers > CONTAINERS_FREE + len(content) // CONTAINER_BYTES:
        hint = "Each of them takes many times more memory than in the file."
        raise InputError(f"The JSON has {containers} objects and arrays, nearly all empty.", Place(name), hint)
    try:
        parsed = msgspec.json.Decoder(float_hook=str).decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _json_refusal(error, content, name) from error
    if _json_members(parsed, quick=True) != members and _json_members(parsed) != members:
        pointer, member = _json_twin(content)
        raise InputError(
            f"The member “{member}” stands twice in one object.",
            Place(name, key=pointer or "/"),
            "Keep one of them; readers would take either.",
        )
    return parsed


def _json_outline(content: bytes) -> tuple[int, int, int]:
    """How deep a JSON text is nested, how many members its objects have, and how many objects and arrays it has."""
    import numpy as np

    inside, depth, deepest, members, containers, start = np.uint8(0), 0, 0, 0, 0, 0
    while start < len(content):
        end = start + MIB
        while content[end - 1 : end] == b"\\":  # an escape stays whole
            end += 1
        text, start = content[start:end], end
        if b"\\" in text:
            text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
        piece = np.frombuffer(text, np.uint8)
        if not piece.size:
            continue
        quoted = np.bitwise_xor.accumulate((piece == ord('"')).view(np.uint8)) ^ inside
        inside = quoted[-1]
        signs = piece[quoted == 0]
        members += int(np.count_nonzero(signs == ord(":")))
        braces = signs | 0x20  # square brackets become braces
        braces = braces[(braces == ord("{")) | (braces == ord("}"))]
        if braces.size:
            opening = braces == ord("{")
            containers += int(np.count_nonzero(opening))
            running = depth + np.cumsum(np.where(opening, 1, -1))
            depth, deepest = int(running[-1]), max(deepest, int(running.max()))
    return deepest, members, containers


def _json_members(parsed: object, *, quick: bool = False) -> int:
    """How many members all objects have together; `quick` does not look into lists below keys that are numbers."""
    count, waiting = 0, [parsed]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            count += len(value)
            first = next(iter(value), "")
            if not (quick and first[:1].isdigit() and isinstance(value[first], list)):
                waiting.extend(child for child in value.values() if type(child) in (dict, list))
        elif isinstance(value, list):
            waiting.extend(child for child in value if type(child) in (dict, list))
    return count


class _Twin(str):
    """The name of a member that stands twice in its object."""

    __slots__ = ()


def _json_twin(content: bytes) -> tuple[str, str]:
    """The JSON pointer of the first object that names a member twice, and that name."""
    import json

    def pairs(given: list[tuple[str, object]]) -> object:
        names: set[str] = set()
        for key, _ in given:
            if key in names:
                return _Twin(key)
            names.add(key)
        return dict(given)

    waiting: list[tuple[str, object]] = [("", json.loads(content, object_pairs_hook=pairs))]
    while waiting:
        pointer, value = waiting.pop(0)
        if isinstance(value, _Twin):
            return pointer, value
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting.extend((f"{pointer}/{json_name(key)}", child) for key, child in children)
    return "", ""


def json_name(key: object) -> str:
    """A member's name or an element's number as a part of a JSON pointer (RFC 6901).

    >>> json_name("a/b")
    'a~1b'
    """
    return str(key).replace("~", "~0").replace("/", "~1")


def _json_refusal(error: Exception, content: bytes, name: str) -> InputError:
    said = str(error).removeprefix("JSON is malformed: ").partition(" (byte ")
    place, hint = Place(name), "Send it again as it was written."
    digits = said[2].rstrip(")")
    offset = int(digits) if digits.isdigit() else len(content)
    if isinstance(error, UnicodeDecodeError):
        said, offset = ("it is not UTF-8", "", ""), _first_wrong_byte(content)
    before = content[:offset]
    place = Place(name, line=before.count(b"\n") + 1, column=len(before) - before.rfind(b"\n"))
    if content[offset : offset + 9].lstrip(b"-").startswith((b"NaN", b"Inf")):
        hint = "JSON has no such numbers. A value that is missing on purpose is the text “NaN”, in quotation marks."
    return InputError(f"The JSON is not well formed: {said[0]}.", place, hint)


def _first_wrong_byte(content: bytes) -> int:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _doctype_refusal(name: str) -> InputError:
    return InputError(
        "The XML has a DOCTYPE, which can make a reader open other files.",
        Place(name),
        "Remove the DOCTYPE; neither SDMX nor workbooks need one.",
    )


def _limit_refusal(name: str) -> InputError:
    return InputError(
        f"The XML is nested deeper than {DEPTH_LIMIT}, has more than {ATTRIBUTE_LIMIT} attributes "
        f"in an element, or a text of more than {TEXT_LIMIT // MIB} MiB.",
        Place(name),
        SAVE_AGAIN,
    )


def _syntax_refusal(error: Exception, name: str) -> InputError:
    line, column = getattr(error, "position", None) or (0, 0)
    said = str(getattr(error, "msg", None) or error).split(", line ")[0]
    return InputError(
        f"The XML is not well formed: {said}.",
        Place(name, line=line, column=column),
        "Send it again as it was written.",
    )


class PlacedHandler(Protocol):
    """What receives the parts of an XML document from an `XmlFeed`, which it may ask where they stand."""

    def start(self, tag: str, attributes: dict[str, str], before: str, /) -> None:
        """An element begins; names with a namespace are ``namespace}name``. `before` is the text just before it."""

    def end(self, tag: str, text: str, /) -> None:
        """An element ends; `text` stands between its start, or its last child's end, and here."""


WHOLE_TAG = re.compile(
    rb"""(?:<[^<>"'!?][^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*>)?[ \t\r\n]*""",
)
"""What may follow from the last event on: its tag (an empty element's end is after it), then blanks."""


class XmlFeed:
    """XML that arrives piece by piece, for handlers that have to say at which line and column something stands.

    The limits are those of `stream_xml`, except that they also hold for a tag or comment as a whole. Pieces that the
    caller has proved to be whole, well-formed elements may be passed by `skip`; lines are counted on through them.
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
        """The line of the last event, or of the end of what was skipped; counts from 1."""
        return self._parser.CurrentLineNumber + self._lines

    @property
    def column(self) -> int:
        """The column of the last event; counts from 1."""
        line, columns = self._shift
        return self._parser.CurrentColumnNumber + 1 + (columns if self._parser.CurrentLineNumber == line else 0)

    @property
    def place(self) -> Place:
        """Where the parser is, for messages."""
        return Place(self._name, line=self.line, column=self.column)

    @property
    def settled(self) -> bool:
        """Whether what was fed ends with a whole tag and blanks, so that the next ``<`` begins or ends an element."""
        return WHOLE_TAG.fullmatch(self._tail) is not None

    def raw_name(self) -> bytes:
        """The name of the element that just begins as the document spells it, prefix and all; empty if not at hand."""
        found = re.match(rb"<([^\s<>/]+)", self._parser.GetInputContext() or b"")
        return found.group(1) if found else b""

    def feed(self, piece: bytes) -> None:
        """Read on; raises `InputError` with line and column for what is not well formed or passes a limit."""
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
        """Pass over whole elements which the caller has proved to be well formed; call it only when `settled`."""
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
        """The document has to end here; raises `InputError` if something is still open."""
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
        raise _doctype_refusal(self._name)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = (encoding or "utf-8").lower()

    def _limit(self) -> InputError:
        refusal = _limit_refusal(self._name)
        return InputError(refusal.message, self.place, refusal.hint)

    def _syntax(self, said: str, line: int, offset: int) -> InputError:
        own_line, columns = self._shift
        column = offset + 1 + (columns if line == own_line else 0)
        place = Place(self._name, line=line + self._lines, column=column)
        return InputError(f"The XML is not well formed: {said}.", place, "Send it again as it was written.")
