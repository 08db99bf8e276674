"""Display of untrusted text."""

from __future__ import annotations

import re
from typing import Any

STEERING = "\x00-\x08\x0b-\x1f\x7f-\x9f"
TURNING = "\u202a-\u202e\u2066-\u206f"
UNSEEN = (
    "\u00ad\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2065\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""Invisible and line-breaking characters and surrogates.

Direction marks of Arabic and Hebrew (U+200E, U+200F, U+061C) are allowed.
"""
_SHAPED = "[\u0600-\uffef\U00010000-\U0010ffff]"
JOINERS = rf"(?<!{_SHAPED})[\u200c\u200d]|[\u200c\u200d](?!{_SHAPED})"
HIDDEN = re.compile(rf"[{STEERING}{TURNING}{UNSEEN}]|{JOINERS}")
UNPRINTABLE = re.compile(f"[{STEERING}\u202a-\u202e\ud800-\udfff\ufffe\uffff]")
IN_ONE_LINE = re.compile(rf"{HIDDEN.pattern}|\n")

SHOWN = 200


def visible(text: str) -> str:
    r"""Return one line with invisible characters as numbers, including line feeds.

    >>> visible("Tbilisi\x1b[31m"), visible("a\nb"), visible("Île-de-France")
    ('Tbilisi<U+001B>[31m', 'a<U+000A>b', 'Île-de-France')
    """
    return IN_ONE_LINE.sub(_named, text)


def visible_lines(text: str) -> str:
    r"""Lines of text in which nothing is hidden.

    >>> visible_lines("ok\n\x07")
    'ok\n<U+0007>'
    """
    return HIDDEN.sub(_named, text)


def visible_json(text: str) -> str:
    r"""JSON in which nothing is hidden, and which says the same: these signs stand only in its strings.

    >>> visible_json('["\x9b31m", "\U000e0041"]')
    '["\\u009b31m", "\\udb40\\udc41"]'
    """
    return HIDDEN.sub(_escaped, text)


def visible_all(value: Any) -> Any:
    r"""Content of JSON for people, in which no text hides anything; names of members stay unchanged.

    >>> visible_all({"text": ["Tbilisi\x07", 1]})
    {'text': ['Tbilisi<U+0007>', 1]}
    """
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {name: visible_all(member) for name, member in value.items()}
    return [visible_all(member) for member in value] if isinstance(value, list) else value


def printable(text: str) -> str:
    r"""A text for a page: what no document can hold, and what turns the order of its signs, is a sign that says so.

    >>> printable("Tbilisi\x1b[31m")
    'Tbilisi�[31m'
    """
    return UNPRINTABLE.sub("\ufffd", text)


def shortened(text: str, most: int = SHOWN) -> str:
    """The beginning of a text that is too long for a sentence, and dots; a text of at most so many signs unchanged.

    >>> shortened("Tbilisi", 4), shortened("Tbilisi")
    ('Tbil…', 'Tbilisi')
    """
    return text if len(text) <= most else f"{text[:most]}…"


def _named(sign: re.Match[str]) -> str:
    return f"<U+{ord(sign[0]):04X}>"


def _escaped(sign: re.Match[str]) -> str:
    units = sign[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[offset : offset + 2].hex()}" for offset in range(0, len(units), 2))
