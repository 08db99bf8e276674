"""SDMX time periods and table headings."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sdmxmig.primitives.lazily import babel
from sdmxmig.primitives.patterns import ExpressionError as NoExpression
from sdmxmig.primitives.patterns import Pattern
from sdmxmig.primitives.patterns import pattern as expression

PER_YEAR = {"A": 1, "S": 2, "T": 3, "Q": 4, "M": 12}
MOMENT_PATTERN = re.compile(r"^(\d{4}-\d\d-\d\d)(?:T.*|Z)$", re.ASCII)
"""A date with a time or zone in XML."""
DAILY_FREQUENCIES = ("D", "B")  # B: working days only
PERIOD_SHAPE = re.compile(
    r"(?P<year>\d{4})(?:-(?:A1|S(?P<S>[12])|T(?P<T>[1-3])|Q(?P<Q>[1-4])|M?(?P<M>\d{2})|W(?P<W>\d{2})"
    r"|D(?P<doy>\d{3})|(?P<month>\d{2})-(?P<day>\d{2})))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period; `number` counts periods of `freq` (A, S, T, Q, M, W, D), so that neighbours differ by 1.

    >>> str(parse("2024-Q4")), str(shift(parse("2024-Q4"), 1))
    ('2024-Q4', '2025-Q1')
    """

    freq: str
    number: int

    @property
    def first_day(self) -> dt.date:
        if self.freq == "D":
            return dt.date.fromordinal(self.number)
        if self.freq == "W":
            return dt.date.fromordinal(self.number * 7 + 1)
        year, part = divmod(self.number, PER_YEAR[self.freq])
        return dt.date(year, 1 + part * 12 // PER_YEAR[self.freq], 1)

    @property
    def year(self) -> int:
        return self.first_day.isocalendar().year if self.freq == "W" else self.first_day.year

    def __str__(self) -> str:
        if self.freq == "A":
            return f"{self.number:04}"
        first = self.first_day
        if self.freq == "D":
            return first.isoformat()
        if self.freq == "M":
            return f"{first.year:04}-{first.month:02}"
        if self.freq == "W":
            iso = first.isocalendar()
            return f"{iso.year:04}-W{iso.week:02}"
        return f"{first.year:04}-{self.freq}{self.number % PER_YEAR[self.freq] + 1}"


@lru_cache(maxsize=65_536)
def parse(text: str) -> Period | None:
    """Parse an SDMX period; None if invalid.

    ``2024``, ``2024-S1``, ``2024-Q1``, ``2024-01``, ``2024-W05``, ``2024-01-31``, and ``2024-A1``, ``2024-M01``,
    ``2024-D031``.

    >>> parse("2024-13") is None, parse("2023-02-29") is None, parse("2024-W53") is None
    (True, True, True)
    """
    match = PERIOD_SHAPE.fullmatch(text) if text.isascii() else None
    if not match or int(match["year"]) == 0:
        return None
    year, parts = int(match["year"]), {name: int(v) for name, v in match.groupdict().items() if v}
    try:
        if "day" in parts:
            return Period("D", dt.date(year, parts["month"], parts["day"]).toordinal())
        if "doy" in parts:
            day = dt.date(year, 1, 1) + dt.timedelta(parts["doy"] - 1)
            return Period("D", day.toordinal()) if day.year == year else None
        if "W" in parts:
            return find_period(dt.date.fromisocalendar(year, parts["W"], 1), "W")
    except (ValueError, OverflowError):
        return None
    freq = next((name for name in parts if name in PER_YEAR), "A")
    part = parts.get(freq, 1)
    return Period(freq, year * PER_YEAR[freq] + part - 1) if 1 <= part <= PER_YEAR[freq] else None


def find_period(day: dt.date, freq: str) -> Period:
    """Return the period that contains a day.

    >>> str(find_period(dt.date(2024, 5, 7), "Q"))
    '2024-Q2'
    """
    if freq in DAILY_FREQUENCIES:
        return Period("D", day.toordinal())
    if freq == "W":
        return Period("W", (day.toordinal() - 1) // 7)
    return Period(freq, day.year * PER_YEAR[freq] + (day.month - 1) * PER_YEAR[freq] // 12)


def is_period(text: str, freq: str) -> bool:
    """Check whether a text is a period of a frequency (A, S, T, Q, M, W, D, B).

    >>> is_period("2024", "A"), is_period("2024-Q1", "A"), is_period("2024-01-31", "B")
    (True, False, True)
    """
    period = parse(text)
    return period is not None and (period.freq == freq or (period.freq == "D" and freq in DAILY_FREQUENCIES))


def shift(period: Period, steps: int) -> Period:
    """Return the period some steps later.

    >>> str(shift(parse("2024-W01"), -1)), str(shift(parse("2024"), 1))
    ('2023-W52', '2025')
    """
    return Period(period.freq, period.number + steps)


def shift_months(day: dt.date, months: int) -> dt.date:
    """Add months; ends of months are clipped.

    >>> shift_months(dt.date(2024, 2, 29), 12)
    datetime.date(2025, 2, 28)
    >>> shift_months(dt.date(2024, 3, 31), -1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


LANGUAGES = ("ar", "ar_SY", "en", "es", "fr", "ru", "zh")
"""The six languages of the United Nations; Arabic has two sets of names."""
PIVOT_YEAR = 69
FORMAT_TOKENS = {
    "yyyy": r"(?P<y>\d{4})",
    "yy": r"(?P<short>\d{2})",
    "YYYY": r"(?P<last>\d{4})",
    "YY": r"(?P<ending>\d{2})",
    "MMM": r"(?P<name>[^\d]+?|\d{1,2}月)",
    "MM": r"(?P<M>\d{2})",
    "M": r"(?P<M>\d{1,2})",
    "dd": r"(?P<d>\d{2})",
    "d": r"(?P<d>\d{1,2})",
    "Q": r"(?P<Q>[1-4])",
    "S": r"(?P<S>[12])",
    "ww": r"(?P<W>\d{2})",
    "w": r"(?P<W>\d{1,2})",
}
FORMAT_PIECE = re.compile(r"'(?P<quoted>[^']*)'|(?P<letters>[A-Za-z]+)|(?P<other>[^A-Za-z']+)")


class PatternError(ValueError):
    """An invalid date pattern; quote words: ``'end of' yyyy``."""


@lru_cache(maxsize=256)
def _compile_pattern(pattern: str) -> Pattern:
    regex_text = ""
    position = 0
    for piece in FORMAT_PIECE.finditer(pattern):
        if piece.start() != position:
            raise PatternError(pattern)
        position = piece.end()
        if piece["letters"]:
            regex_text += _translate_letters(piece["letters"], pattern)
        else:
            regex_text += re.escape(piece["other"] or piece["quoted"] or "'")
    try:
        compiled = expression(regex_text)
    except NoExpression as error:  # a repeated token
        raise PatternError(pattern) from error
    if position != len(pattern) or not {"y", "short"} & set(compiled.names):
        raise PatternError(pattern)
    return compiled


def _translate_letters(letters: str, pattern: str) -> str:
    runs = [run[0] for run in re.finditer(r"(.)\1*", letters)]
    if any(run not in FORMAT_TOKENS for run in runs):
        raise PatternError(pattern)
    return "".join(FORMAT_TOKENS[run] for run in runs)


def check_pattern(pattern: str) -> None:
    """Check a date pattern; raise `PatternError`.

    yyyy, yy, MMM, MM, M, dd, d, Q, S, ww; YYYY or YY for the last year of a span.
    """
    _compile_pattern(pattern)


def match_pattern(text: str, pattern: str) -> dict[str, str] | None:
    """Match a date pattern; None if it does not fit.

    Parts: ``y``, ``short``, ``last``, ``ending``, ``name``, ``M``, ``d``, ``Q``, ``S``, ``W``.

    >>> match_pattern("2014/15", "yyyy/YY") == {"y": "2014", "ending": "15"}
    True
    """
    match = _compile_pattern(pattern).fullmatch(text)
    return {name: value or "" for name, value in match.groupdict().items()} if match else None


def parse_by_pattern(text: str, pattern: str, freq: str, months: Sequence[tuple[str, str]] = ()) -> str | None:
    """Convert a text by a date pattern to an SDMX period, or None.

    Month names in UN languages and `months`. With a frequency, days become periods: ``01.01.2024`` with ``A`` is
    ``2024``.

    >>> parse_by_pattern("31.01.2024", "dd.MM.yyyy", ""), parse_by_pattern("Q3/2024", "'Q'Q/yyyy", "")
    ('2024-01-31', '2024-Q3')
    >>> parse_by_pattern("as of 1.1.2024", "'as of' d.M.yyyy", "A"), parse_by_pattern("24", "yyyy", "A")
    ('2024', None)
    >>> (parse_by_pattern("mai 2024", "MMM yyyy", ""),
    ...  parse_by_pattern("Mäi 2024", "MMM yyyy", "", months=[("Mäi", "5")]))
    ('2024-05', '2024-05')
    """
    parts = match_pattern(text, pattern)
    if parts and "name" in parts:
        number = find_month(parts.pop("name"), months)
        if not number:
            return None
        parts["M"] = str(number)
    if parts and all(value.isdecimal() for value in parts.values()):
        period = _build_period({name: int(value) for name, value in parts.items()})
    elif "d" in _compile_pattern(pattern).names and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        period = parse(text)
    else:
        return None
    if period is None:
        return None
    if freq in (*PER_YEAR, *DAILY_FREQUENCIES, "W") and period.freq != freq:
        return _widen_period(period, freq)
    return str(period)


def find_month(name: str, months: Sequence[tuple[str, str]]) -> int:
    """Return the number of a month name, or 0; `months` take precedence.

    >>> find_month("Sept.", ()), find_month("февраля", ()), find_month("Brumaire", ())
    (9, 2, 0)
    """
    spelling = _normalise_name(name)
    own_months = {_normalise_name(month_name): int(number) for month_name, number in months if number.isdecimal()}
    return own_months.get(spelling) or _map_month_names().get(spelling, 0)


def _normalise_name(name: str) -> str:
    return name.strip(" .,").casefold()


@lru_cache(maxsize=1)
def _map_month_names() -> dict[str, int]:
    numbers_by_name: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for kind in babel.Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in kind.get(width, {}).items():
                    numbers_by_name.setdefault(_normalise_name(name), set()).add(number)
    return {name: next(iter(numbers)) for name, numbers in numbers_by_name.items() if len(numbers) == 1}


def _widen_period(period: Period, freq: str) -> str | None:
    wider = find_period(period.first_day, freq)
    try:
        last_period = find_period(shift(period, 1).first_day - dt.timedelta(1), freq)
    except (ValueError, OverflowError):
        return None
    return str(wider) if wider == last_period else None


def _build_period(parts: dict[str, int]) -> Period | None:
    if "short" in parts:  # two-digit years as in POSIX: 69 is 1969, 68 is 2068
        parts["y"] = parts["short"] + (1900 if parts["short"] >= PIVOT_YEAR else 2000)
    if {"last", "ending"} & set(parts):
        return None
    year = f"{parts['y']:04}"
    if "d" in parts:
        return parse(f"{year}-{parts['M']:02}-{parts['d']:02}") if "M" in parts else None
    for token, shape in (("M", "{:02}"), ("Q", "Q{}"), ("S", "S{}"), ("W", "W{:02}")):
        if token in parts:
            return parse(f"{year}-{shape.format(parts[token])}")
    return parse(year)


def cut_to_day(moment: str) -> str:
    """Return a period, or the day of a moment.

    >>> cut_to_day("2012-01-31T00:00:00"), cut_to_day("2012-T1")
    ('2012-01-31', '2012-T1')
    """
    return MOMENT_PATTERN.sub(r"\1", moment)
