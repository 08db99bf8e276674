"""Time maps: dates of one structure as periods of another, by a date pattern or counted from a day (an epoch)."""

from __future__ import annotations

import datetime as dt
import re

from sdmxmig.errors import DeclarationError
from sdmxmig.model.maps import TimeLink
from sdmxmig.periods import PatternError, from_pattern, of_day

UNITS = {"second": dt.timedelta(seconds=1), "minute": dt.timedelta(minutes=1), "hour": dt.timedelta(hours=1)}
UNITS |= {"millisecond": UNITS["second"] / 1000, "day": dt.timedelta(1), "week": dt.timedelta(7)}
MONTHS = {"month": 1, "year": 12}
COUNT = re.compile(r"-?\d{1,15}", re.ASCII)
DEFAULT = "D"


def period_of(text: str, link: TimeLink, frequency: str) -> str | None:
    """The period that a date of the source becomes, None if it is no such date.

    >>> period_of("31.12.2024", TimeLink("pattern", ("d",), ("t",), "dd.MM.yyyy"), "Q")
    '2024-Q4'
    >>> period_of("19723", TimeLink("epoch", ("d",), ("t",), base="1970-01-01", unit="day"), "A")
    '2024'
    """
    if link.kind == "pattern":
        try:
            return from_pattern(text, link.pattern, frequency)
        except PatternError:
            hint = "Known are yyyy, yy, MM, M, dd, d, Q, S and ww; words stand between apostrophes."
            raise DeclarationError(f"“{link.pattern}” is not a date pattern.", hint=hint) from None
    if not COUNT.fullmatch(text):
        return None
    day = day_of(int(text), link)
    return str(of_day(day, frequency or DEFAULT)) if day else None


def day_of(count: int, link: TimeLink) -> dt.date | None:
    """The day so many units after the base of an epoch; None beyond the calendar."""
    try:
        base = dt.datetime.fromisoformat(link.base.replace("Z", "+00:00") or "1970-01-01")
    except ValueError:
        raise DeclarationError(f"“{link.base}” is no day to count from.", hint="Write it like 1970-01-01.") from None
    unit = link.unit.lower()
    try:
        if unit in UNITS:
            return (base + count * UNITS[unit]).date()
        if unit in MONTHS:
            year, month = divmod(base.year * 12 + base.month - 1 + count * MONTHS[unit], 12)
            return dt.date(year, month + 1, min(base.day, 28))
    except (OverflowError, ValueError):
        return None
    known = ", ".join((*UNITS, *MONTHS))
    raise DeclarationError(f"“{link.unit}” is no unit of time.", hint=f"Known are: {known}.")
