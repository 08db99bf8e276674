"""Detection of dates by number format (ECMA-376 part 1, 18.8.30)."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

# Formats that every workbook has without declaring them; those of East Asian dates are 27-36 and 50-58.
BUILT_IN_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
BUILT_IN_TIMES = frozenset({18, 19, 20, 21, 45, 46, 47})
BUILT_IN_CODES = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    37: "#,##0 ;(#,##0)",
    38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mmss.0",
    48: "##0.0E+0",
    49: "@",
}
NOT_SIGNS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|General', re.IGNORECASE)
ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
DAY = dt.timedelta(days=1)


@lru_cache(maxsize=4096)
def kind_of(format_id: int, code: str) -> str:
    """Classify a number format: ``date``, ``time``, or empty for a figure.

    `code` is the declared format, empty for a built-in one.

    >>> kind_of(14, ""), kind_of(170, "dd.mm.yyyy"), kind_of(171, '#,##0" days"'), kind_of(172, "[Red]0.0")
    ('date', 'date', '', '')
    """
    if not code:
        return "date" if format_id in BUILT_IN_DATES else "time" if format_id in BUILT_IN_TIMES else ""
    if ELAPSED.search(code):
        return ""  # a duration is a figure
    signs = NOT_SIGNS.sub("", code.partition(";")[0]).lower()
    if "y" in signs or "d" in signs or ("m" in signs and "h" not in signs and "s" not in signs):
        return "date"
    return "time" if "h" in signs or "s" in signs else ""


def iso_date(days: float, *, since_1904: bool = False) -> str | None:
    """Convert a day number to an ISO date; None beyond the calendar.

    Day 60 is the fictitious 29 February 1900; earlier days count from 1 January 1900 as 1.

    >>> iso_date(45292), iso_date(45292.75), iso_date(1), iso_date(-1)
    ('2024-01-01', '2024-01-01T18:00:00', '1900-01-01', None)
    """
    if days < 0:
        return None
    start = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30)  # noqa: DTZ001 - no zone
    if not since_1904 and 0 < days < 60:
        days += 1
    try:
        moment = start + dt.timedelta(seconds=round(days * 86_400))
    except OverflowError:
        return None
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat()


def iso_time(days: float) -> str | None:
    """A stored part of a day as a time; None if it is a day or more.

    >>> iso_time(0.5)
    '12:00:00'
    """
    if not 0 <= days < 1:
        return None
    minutes, seconds = divmod(min(round(days * 86_400), 86_399), 60)
    return dt.time(minutes // 60, minutes % 60, seconds).isoformat()
