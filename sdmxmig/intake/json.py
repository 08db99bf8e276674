"""JSON: within limits of depth and size, without doubled names, and with the digits that were sent."""

from __future__ import annotations

from typing import Any

from sdmxmig.errors import InputError
from sdmxmig.intake.files import MIB, SAVE_AGAIN
from sdmxmig.intake.xml import DEPTH_LIMIT
from sdmxmig.places import Place

CONTAINERS_FREE = 100_000
CONTAINER_BYTES = 8


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
