"""Bounds of periods."""

from __future__ import annotations

import datetime as dt
import functools
import re

from sdmxmig.primitives import periods

REPORTING = re.compile(r"(\d{4})-([ASTQMWD])(\d{1,3})", re.ASCII)
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T.*|(\d{4}-\d\d-\d\d)Z", re.ASCII)
RANGE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[^/]*)?/P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?.*", re.ASCII)
MONTHS = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
DAY = dt.timedelta(1)
Bounds = tuple[dt.date, dt.date]


@functools.lru_cache(maxsize=65_536)
def bounds(text: str, year_start: str = "") -> Bounds | None:
    """Return first and last day of a period, or None; `year_start` such as ``--07-01``.

    >>> bounds("2010-Q3", "--07-01")
    (datetime.date(2010, 1, 1), datetime.date(2010, 3, 31))
    """
    try:
        if match := REPORTING.fullmatch(text):
            if year_start not in ("", "--01-01"):
                return of_reporting_year(int(match[1]), match[2], int(match[3]), year_start)
        elif match := RANGE.fullmatch(text):
            start = dt.date.fromisoformat(match[1])
            years, months, days = (int(part or 0) for part in match.groups()[1:])
            return start, months_later(start, 12 * years + months) + dt.timedelta(days) - DAY
        elif match := MOMENT.fullmatch(text):
            day = dt.date.fromisoformat(match[1] or match[2])
            return day, day
        period = periods.parse(text)
        return None if period is None else (period.first_day, periods.shift(period, 1).first_day - DAY)
    except (ValueError, OverflowError):
        return None


def of_reporting_year(year: int, kind: str, number: int, year_start: str) -> Bounds | None:
    """The first and the last day of a part of a reporting year."""
    month, day = int(year_start[2:4]), int(year_start[5:7])
    begin = dt.date(year - 1, month, 1) + dt.timedelta(day - 1)
    if kind in MONTHS:
        length = MONTHS[kind]
        if not 1 <= number <= 12 // length:
            return None
        return months_later(begin, (number - 1) * length), months_later(begin, number * length) - DAY
    length = 7 if kind == "W" else 1
    if not 1 <= number <= 366 // length + 1:
        return None
    monday = begin + dt.timedelta((-begin.weekday()) % 7 - 7 * (begin.weekday() in (1, 2, 3))) if kind == "W" else begin
    start = monday + dt.timedelta((number - 1) * length)
    return start, start + dt.timedelta(length - 1)


def months_later(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(day.day - 1), following - DAY)


def first_day(period: str) -> int:
    limits = bounds(period)
    return limits[0].toordinal() if limits else 0
