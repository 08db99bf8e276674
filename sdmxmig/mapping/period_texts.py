"""Periods in the habits of offices: spans of years, fiscal years, names of months."""

from __future__ import annotations

from functools import lru_cache

from sdmxmig.model.data import PeriodHabit
from sdmxmig.periods import check_pattern, from_pattern, parts_of

LANGUAGES = ("ar", "ar_SY", "en", "es", "fr", "ru", "zh")
"""The six languages of the United Nations; Arabic has two sets of names."""
CENTURY = 100


def check_habit(habit: PeriodHabit) -> None:
    """Raise `PatternError` if one of the patterns is none."""
    for pattern in habit.patterns:
        check_pattern(pattern)


def period_of(text: str, habit: PeriodHabit, freq: str = "") -> str | None:
    """The SDMX period that a text means, by the first pattern that it fits; None if it fits none.

    >>> period_of("2014/15", PeriodHabit(("yyyy/YY",), year_start="07-01"))
    '2014-07-01/P1Y'
    >>> period_of("1821-30", PeriodHabit(("yyyy-YY",))), period_of("May 2024", PeriodHabit(("MMM yyyy",)))
    ('1821-01-01/P10Y', '2024-05')
    """
    for pattern in habit.patterns:
        parts = parts_of(text, pattern)
        if parts and {"last", "ending"} & set(parts):
            found = _span(parts, habit)
        elif parts and "name" in parts:
            found = _of_month(parts, habit, freq)
        else:
            found = from_pattern(text, pattern, freq)
        if found:
            return found
    return None


def _span(parts: dict[str, str], habit: PeriodHabit) -> str | None:
    if "y" not in parts:
        return None
    first = int(parts["y"])
    last = int(parts.get("last") or first // CENTURY * CENTURY + int(parts["ending"]))
    last += CENTURY if last < first and "ending" in parts else 0  # 1999/00
    if last < first:
        return None
    if habit.span != "range":
        return f"{first if habit.span == 'first' else last:04}"
    if habit.year_start and last > first:
        return f"{first:04}-{habit.year_start}/P{last - first}Y"
    return f"{first:04}-01-01/P{last - first + 1}Y"


def _of_month(parts: dict[str, str], habit: PeriodHabit, freq: str) -> str | None:
    name = _spelt(parts["name"])
    number = {_spelt(one): int(month) for one, month in habit.months if month.isdecimal()}.get(name)
    number = number or _months().get(name)
    if not number:
        return None
    day = parts.get("d")
    year = parts.get("y") or parts.get("short", "")
    pattern = ("yyyy" if "y" in parts else "yy") + "-MM"
    written = f"{year}-{number:02}"
    return from_pattern(f"{written}-{day}", f"{pattern}-d", freq) if day else from_pattern(written, pattern, freq)


def _spelt(name: str) -> str:
    return name.strip(" .,").casefold()


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """The names of months in the languages of the United Nations, full and short; one that is two months is none."""
    from babel import Locale

    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for kind in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in kind.get(width, {}).items():
                    found.setdefault(_spelt(name), set()).add(number)
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}
