"""The only door for bytes that somebody else made: files, archives and XML, each with limits.

A workbook of some kilobytes can unpack to gigabytes, an XML file can ask for other files. Whatever passes
this module is bounded in size and depth and has opened nothing else; the rest is refused with one message.
"""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

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
NAMES_KEPT = 10_000

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


def read_stream(stream: IO[bytes], *, chunk: int = CHUNK) -> Iterator[bytes]:
    """The bytes of an open file, piece by piece, for `stream_xml`."""
    while piece := stream.read(chunk):
        yield piece


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
