"""Validity dates: years and months become days."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import Place

YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def first_day(text: str, place: Place) -> str:
    if not text:
        return ""
    match = YEAR_OR_MONTH.fullmatch(text)
    return checked(f"{match[1]}-{match[2] or '01'}-01" if match else text, text, place)


def last_day(text: str, place: Place) -> str:
    if not text:
        return ""
    match = YEAR_OR_MONTH.fullmatch(text)
    if not match:
        return checked(text, text, place)
    checked(f"{match[1]}-{match[2] or '12'}-01", text, place)
    year, month = int(match[1]), int(match[2] or 12)
    return f"{match[1]}-{month:02}-{monthrange(year, month)[1]:02}"


def checked(date: str, text: str, place: Place) -> str:
    try:
        if not DAY.match(date):
            raise ValueError
        datetime.fromisoformat(date)
    except ValueError:
        raise DeclarationError(f"“{text}” is not a date.", place, "Write it like 2026-01-31.") from None
    return date
