"""Periods in national notations: date patterns, spans of years, fiscal years."""

from __future__ import annotations

from sdmxmig.primitives.periods import check_pattern, from_pattern, parts_of
from sdmxmig.sdmx.model.data import PeriodFormat

CENTURY = 100


def check_period_format(period_format: PeriodFormat) -> None:
    for pattern in period_format.patterns:
        check_pattern(pattern)


def period_of(text: str, period_format: PeriodFormat, freq: str = "") -> str | None:
    """Convert a text to an SDMX period by the first matching pattern; None if absent.

    >>> period_of("2014/15", PeriodFormat(("yyyy/YY",), year_start="07-01"))
    '2014-07-01/P1Y'
    >>> period_of("1821-30", PeriodFormat(("yyyy-YY",))), period_of("May 2024", PeriodFormat(("MMM yyyy",)))
    ('1821-01-01/P10Y', '2024-05')
    """
    for pattern in period_format.patterns:
        parts = parts_of(text, pattern)
        if parts and {"last", "ending"} & set(parts):
            period = _span(parts, period_format)
        else:
            period = from_pattern(text, pattern, freq, period_format.months)
        if period:
            return period
    return None


def _span(parts: dict[str, str], period_format: PeriodFormat) -> str | None:
    if "y" not in parts:
        return None
    first = int(parts["y"])
    last = int(parts.get("last") or first // CENTURY * CENTURY + int(parts["ending"]))
    last += CENTURY if last < first and "ending" in parts else 0  # 1999/00
    if last < first:
        return None
    if period_format.span != "range":
        return f"{first if period_format.span == 'first' else last:04}"
    if period_format.year_start and last > first:
        return f"{first:04}-{period_format.year_start}/P{last - first}Y"
    return f"{first:04}-01-01/P{last - first + 1}Y"
