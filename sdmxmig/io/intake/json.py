"""Bounded JSON without duplicate names, keeping digits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sdmxmig.io.intake.files import DEPTH_LIMIT, MIB, SAVE_AGAIN_HINT
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import np
from sdmxmig.primitives.places import Place

if TYPE_CHECKING:
    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]

UNCHECKED_CONTAINERS = 100_000
CONTAINER_BYTES = 8
HEAD_BYTES = 512


def parse_json(content: bytes, name: str, number: Callable[[str], Any] = str) -> Any:
    """Parse JSON; fractions and exponents go through `number`.

    Raises `InputError` with place for invalid JSON or UTF-8, ``NaN``, ``Infinity``, duplicate names, and depth beyond
    `DEPTH_LIMIT`.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    depth, members, containers = _measure_json(content)
    if depth > DEPTH_LIMIT:
        raise InputError(f"The JSON is nested deeper than {DEPTH_LIMIT}.", Place(name), SAVE_AGAIN_HINT)
    if containers > UNCHECKED_CONTAINERS + len(content) // CONTAINER_BYTES:
        hint = "Each of them takes many times more memory than in the file."
        raise InputError(f"The JSON has {containers} objects and arrays, nearly all empty.", Place(name), hint)
    try:
        parsed = msgspec.json.Decoder(float_hook=number).decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _build_json_refusal(error, content, name) from error
    if _count_json_members(parsed, quick=True) != members and _count_json_members(parsed) != members:
        pointer, member = _find_json_twin(content)
        raise InputError(
            f"The member “{member}” occurs twice in one object.",
            Place(name, key=pointer or "/"),
            "Keep one of them. Programs differ in which one they read.",
        )
    return parsed


def _scan_pieces(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, Bytes, Bytes]]:
    """Yield JSON without escaped characters: piece, bytes, and 1 for bytes inside quotation marks."""
    inside, carried = np.uint8(0), b""
    for piece in pieces:
        text = (carried + piece).replace(b"\\\\", b"")
        carried = text[-1:] if text.endswith(b"\\") else b""  # keep an escape whole
        text = text.removesuffix(b"\\").replace(b'\\"', b"")
        signs = np.frombuffer(text, np.uint8)
        if signs.size:
            quoted = np.bitwise_xor.accumulate((signs == ord('"')).view(np.uint8)) ^ inside
            inside = quoted[-1]
            yield text, signs, quoted


def _measure_json(content: bytes) -> tuple[int, int, int]:
    """Return the depth of a JSON text, its number of members, and its number of objects and arrays."""
    depth, deepest, members, containers = 0, 0, 0, 0
    for _, signs, quoted in _scan_pieces(content[start : start + MIB] for start in range(0, len(content), MIB)):
        outside = signs[quoted == 0]
        members += int(np.count_nonzero(outside == ord(":")))
        braces = outside | 0x20  # square brackets become braces
        braces = braces[(braces == ord("{")) | (braces == ord("}"))]
        if braces.size:
            opening = braces == ord("{")
            containers += int(np.count_nonzero(opening))
            running = depth + np.cumsum(np.where(opening, 1, -1))
            depth, deepest = int(running[-1]), max(deepest, int(running.max()))
    return deepest, members, containers


def yield_json_members(pieces: Iterable[bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Yield members of an object and its child objects, unparsed: outer name, name, start of value."""
    depth, above, before = 0, "", b""
    waiting: list[tuple[str, str, bytes]] = []
    for text, signs, quoted in _scan_pieces(pieces):
        waiting = [(outer, name, (value + text)[:HEAD_BYTES]) for outer, name, value in waiting]
        braces = signs | 0x20
        opening, closing = braces == ord("{"), braces == ord("}")
        outside = np.flatnonzero((quoted == 0) & (opening | closing | (signs == ord(":"))))
        levels = depth + np.cumsum(np.where(opening[outside], 1, np.where(closing[outside], -1, 0)))
        depth = int(levels[-1]) if levels.size else depth
        for at in outside[(signs[outside] == ord(":")) & (levels <= 2)].tolist():
            head = (before if at < HEAD_BYTES else b"") + text[max(at - HEAD_BYTES, 0) : at]
            name = head.rstrip(b'" \t\r\n').rpartition(b'"')[2].decode(errors="replace")
            level = int(levels[np.searchsorted(outside, at)])
            above = name if level == 1 else above
            waiting.append(("" if level == 1 else above, name, text[at + 1 : at + 1 + HEAD_BYTES]))
        whole = sum(len(value) == HEAD_BYTES for _, _, value in waiting)
        yield from waiting[:whole]
        waiting = waiting[whole:]
        before = (before + text)[-HEAD_BYTES:]
    yield from waiting


def _count_json_members(parsed: object, *, quick: bool = False) -> int:
    """Count members of all objects; `quick` skips lists below numeric keys."""
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


class _DuplicateName(str):
    __slots__ = ()


def _find_json_twin(content: bytes) -> tuple[str, str]:
    def pairs(members: list[tuple[str, object]]) -> object:
        names: set[str] = set()
        for key, _ in members:
            if key in names:
                return _DuplicateName(key)
            names.add(key)
        return dict(members)

    waiting: list[tuple[str, object]] = [("", json.loads(content, object_pairs_hook=pairs))]
    while waiting:
        pointer, value = waiting.pop(0)
        if isinstance(value, _DuplicateName):
            return pointer, value
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting.extend((f"{pointer}/{escape_json_name(key)}", child) for key, child in children)
    return "", ""


def escape_json_name(key: object) -> str:
    """Escape a name or number for a JSON pointer (RFC 6901).

    >>> escape_json_name("a/b")
    'a~1b'
    """
    return str(key).replace("~", "~0").replace("/", "~1")


def _build_json_refusal(error: Exception, content: bytes, name: str) -> InputError:
    parts = str(error).removeprefix("JSON is malformed: ").partition(" (byte ")
    place, hint = Place(name), SAVE_AGAIN_HINT
    digits = parts[2].rstrip(")")
    offset = int(digits) if digits.isdigit() else len(content)
    if not digits and (wrong := _find_first_wrong_byte(content)) is not None:
        parts, offset = ("it is not UTF-8", "", ""), wrong
    before = content[:offset]
    place = Place(name, line=before.count(b"\n") + 1, column=len(before) - before.rfind(b"\n"))
    if content[offset : offset + 9].lstrip(b"-").startswith((b"NaN", b"Inf")):
        hint = "JSON has no such numbers. A value that is missing on purpose is the text “NaN”, in quotation marks."
    return InputError(f"The JSON is not well formed: {parts[0]}.", place, hint)


def _find_first_wrong_byte(content: bytes) -> int | None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


@dataclass(frozen=True, slots=True)
class JsonDocument:
    schema: str
    version: int
    what: str
    hint: str

    def opened(self, content: bytes, name: str) -> dict[str, Any]:
        try:
            document = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:  # includes numbers with too many digits
            place = Place(name, line=getattr(error, "lineno", 0), column=getattr(error, "colno", 0))
            raise InputError("This is not JSON in UTF-8.", place, self.hint) from None
        if not isinstance(document, dict) or document.get("schema") != self.schema:
            raise InputError(f"This is not {self.what}.", Place(name), self.hint)
        if document.get("version") != self.version:
            form = document.get("version")
            message = (
                f"This is {self.what} of the form {form!r}; this version of sdmxmig reads the form {self.version}."
            )
            raise InputError(message, Place(name, key="version"), self.hint)
        return document
