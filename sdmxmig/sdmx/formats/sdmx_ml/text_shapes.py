"""Texts with formats defined by the schemas, such as ids, times and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sdmxmig.primitives.errors import SdmxmigError

_ID = r"[A-Za-z0-9_@$\-]+"
_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = rf"{_DATE}T\d\d:\d\d:\d\d(?:\.\d+)?{_ZONE}"


@dataclass(frozen=True, slots=True)
class Shape:
    pattern: str
    hint: str


ID = Shape(_ID, "An id has letters, digits, _, @, $ and -.")
ID_OR_ANY = Shape(rf"%|{_ID}(?:\.{_ID})*", "Write an id, or % for any.")
VERSION_OR_ANY = Shape(r"[%*]|\d+(?:\.\d+){0,2}(?:-[A-Za-z0-9.\-]+)?", "Write a version, or * for any.")
DATE = Shape(rf"{_DATE}{_ZONE}", "Write it like 2026-01-31.")
DATE_TIME = Shape(_TIME, "Write it like 2026-01-31T12:00:00Z.")
DATE_OR_TIME = Shape(rf"{_TIME}|{_DATE}{_ZONE}", "Write it like 2026-01-31T12:00:00Z.")
PERIOD = Shape(
    rf"{_TIME}|\d{{4}}(?:-(?:\d\d(?:-\d\d)?|[A-Z]\d{{1,3}}))?{_ZONE}|(?:{_DATE}|{_TIME})/P[0-9YMDTHS.]+",
    "Write it like 2026, 2026-Q1 or 2026-01-31.",
)
"""Of a period that is reported about; the schemas know it in more detail."""

TIME_ZONE = Shape(r"Z|[+-](?:14:00|(?:0\d|1[0-3]):[0-5]\d)", "Write it like +01:00.")
ADDRESS = Shape(r"(?:[^%\s]|%[0-9A-Fa-f]{2})+", "It has no blanks, and % only before two hexadecimal digits.")


def fits(text: str, shape: Shape) -> bool:
    return bool(re.fullmatch(shape.pattern, text))


def checked(text: str, shape: Shape, title: str) -> str:
    if not fits(text, shape):
        raise SdmxmigError(f"“{text}” cannot be {title}.", hint=shape.hint)
    return text
