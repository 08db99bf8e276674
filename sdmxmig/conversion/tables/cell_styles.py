"""Stored numbers, dates and formats of workbooks as text, with raised signs (ECMA-376 part 1, 18.8.30)."""

from __future__ import annotations

import datetime as dt
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from sdmxmig.conversion.tables.readers import FORMAT_LIMIT
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import read_csv_rows

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
STORED = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
SHORT_NUMBER = r"^(?:0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,13})\.[0-9]{0,13}[1-9])$"
SHORT_LENGTH = 16
BUILT_IN_CODES = {
    int(row["number"]): row["code"] for row in read_csv_rows(Path(__file__).with_name("number_formats.csv"))
}


def format_number(stored: str) -> str:
    """Write a stored number as the shortest exact decimal, without exponent or ``.0``; other texts are unchanged.

    >>> [format_number(text) for text in ("3688.5999999999999", "2024.0", "1E-7", "-0", "12")]
    ['3688.6', '2024', '0.0000001', '0', '12']
    """
    if stored.isascii() and stored.isdigit() and len(stored) <= 15:
        return str(int(stored))
    if not NUMBER.fullmatch(stored) or stored.lower().lstrip("+-") in ("inf", "nan"):
        return stored
    value = float(stored)
    if value in (float("inf"), float("-inf")):
        return stored
    text = repr(value)
    if "e" in text:
        text = format(Decimal(text), "f")
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def format_numbers(stored: pl.Series) -> pl.Series | None:
    """Convert a column without nulls like `format_number`; None if a text is not a finite plain number.

    >>> import polars as pl
    >>> format_numbers(pl.Series(["12", "3688.5999999999999", "1E-7"])).to_list()
    ['12', '3688.6', '0.0000001']
    """
    short = stored.str.contains(SHORT_NUMBER) & (stored.str.len_bytes() <= SHORT_LENGTH)
    if short.all():
        return stored
    long = stored.filter(~short)
    if not long.str.contains(STORED).all():
        return None
    values = long.cast(float, strict=False)
    if values.null_count() or not values.is_finite().all():
        return None
    return replace_texts(stored, ~short, format_shortest(values))


def format_shortest(values: pl.Series) -> pl.Series:
    texts = values.cast(pl.String).str.strip_suffix(".0")
    odd = texts.str.contains("e", literal=True) | (texts == "-0")
    if not odd.any():
        return texts
    return replace_texts(texts, odd, pl.Series(map(format_number, texts.filter(odd)), dtype=pl.String))


def replace_texts(texts: pl.Series, where: pl.Series, by: pl.Series) -> pl.Series:
    order = pl.int_range(texts.len(), dtype=pl.UInt32, eager=True)
    order = order.zip_with(~where, where.cast(pl.UInt32).cum_sum() + texts.len() - 1)
    pool = pl.concat([texts, by.alias(texts.name)], rechunk=True)  # in one chunk, long texts are shared, not copied
    return pool.gather(order)


PLAIN_CHARACTERS = "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW"
RAISED_CHARACTERS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ"
RAISING_TABLE = str.maketrans(PLAIN_CHARACTERS, RAISED_CHARACTERS)


def raised(text: str) -> str:
    """Convert a text to Unicode superscripts where they exist.

    >>> "2014" + raised("1"), "Total" + raised("a, 2)")
    ('2014¹', 'Totalᵃ, ²⁾')
    """
    return text.translate(RAISING_TABLE)


ERROR_BY_CODE = {int(row["code"]): row["text"] for row in read_csv_rows(Path(__file__).with_name("cell_errors.csv"))}
"""Cell errors by byte ([MS-XLS] 2.5.10, BErr)."""

STORED_AS_NUMBERS = frozenset({"number", "date", "time"})
Name = TypeVar("Name", int, str)
INDENT, MAX_INDENT = 3, 250


def decode_byte(value: int, *, is_error: bool) -> tuple[str, str]:
    return (ERROR_BY_CODE.get(value, "#N/A"), "error") if is_error else ("TRUE" if value else "FALSE", "boolean")


def decode_packed_number(number: int) -> float:
    """Decode a number in four bytes: whole or the upper half of a double, possibly in hundredths.

    >>> decode_packed_number(0x3FF00000), decode_packed_number((1234 << 2) | 2), decode_packed_number((1234 << 2) | 3)
    (1.0, 1234.0, 12.34)
    """
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number & 0x80000000 else 0))
    else:
        value = float(struct.unpack("<d", struct.pack("<II", 0, number & 0xFFFFFFFC))[0])
    return value / 100 if number & 1 else value


def format_figure(value: float, shows: str, *, since_1904: bool) -> tuple[str, str]:
    """Return a stored number as text with its kind: ``date``, ``time`` or empty.

    A time of a day or more belongs to a date that is not shown.

    >>> format_figure(0.5, "time", since_1904=False), format_figure(1.5, "time", since_1904=False)
    (('12:00:00', 'time'), ('1900-01-01T12:00:00', 'date'))
    """
    if shows == "time" and (time := format_time(value)):
        return time, "time"
    if shows and (date := format_date(value, since_1904=since_1904)):
        return date, "date"
    return format_number(repr(value)), "number"


@dataclass(frozen=True, slots=True)
class CellStyles(Generic[Name]):
    """The styles of a workbook by number or name.

    `numbers` and `texts` index the `formats` of figures and of indented texts (`` @``); `shows`: ``date``, ``time`` or
    empty, by number.
    """

    formats: tuple[str, ...] = ()
    numbers: Mapping[Name, int] = field(default_factory=dict)
    _: KW_ONLY
    texts: Mapping[Name, int] = field(default_factory=dict)
    shows: Sequence[str] = ()
    since_1904: bool = False

    def code(self, style: Name, kind: str) -> int | None:
        if kind == "text":
            return self.texts.get(style)
        return self.numbers.get(style) if kind in STORED_AS_NUMBERS else None

    def figure(self, value: float, style: int) -> tuple[str, str]:
        shows = self.shows[style] if 0 <= style < len(self.shows) else ""
        return format_figure(value, shows, since_1904=self.since_1904)


def indent_text(steps: int) -> str:
    """Return the format of a text with this indent.

    >>> indent_text(2)
    '      @'
    """
    return " " * (INDENT * steps) + "@"


def build_styles(
    format_ids: Sequence[int],
    declared: Mapping[int, str],
    *,
    since_1904: bool,
    indents: Mapping[int, int],
) -> CellStyles[int]:
    """Build numbered styles; raise ``ValueError`` for too many."""
    codes = [declared.get(number) or BUILT_IN_CODES.get(number, "") for number in format_ids]
    formats, numbers, texts = index_formats(dict(enumerate(codes)), indents)
    shows = [classify_format(number, declared.get(number, "")) for number in format_ids]
    return CellStyles(formats, numbers, texts=texts, shows=shows, since_1904=since_1904)


def build_named_styles(codes: Mapping[str, str], indents: Mapping[str, int]) -> CellStyles[str]:
    """Build styles from number formats and text indents; raise ``ValueError`` for too many.

    >>> styles = build_named_styles({"ce1": "0.0", "ce2": ""}, {"ce2": 1})
    >>> styles.formats, styles.code("ce1", "number"), styles.code("ce2", "text"), styles.code("ce2", "number")
    (('   @', '0.0'), 1, 0, None)
    """
    formats, numbers, texts = index_formats(codes, indents)
    return CellStyles(formats, numbers, texts=texts)


def index_formats(
    codes: Mapping[Name, str], indents: Mapping[Name, int]
) -> tuple[tuple[str, ...], dict[Name, int], dict[Name, int]]:
    """Return all formats, and by style the positions of those for numbers and texts."""
    if len(codes) > FORMAT_LIMIT:
        raise ValueError(len(codes))
    numbers: dict[Name, str] = {style: code for style, code in codes.items() if code and code.lower() != "general"}
    texts: dict[Name, str] = {style: indent_text(steps) for style, steps in indents.items() if 0 < steps <= MAX_INDENT}
    formats = tuple(sorted({*numbers.values(), *texts.values()}))
    at = {code: position for position, code in enumerate(formats)}
    return (
        formats,
        {style: at[code] for style, code in numbers.items()},
        {style: at[code] for style, code in texts.items()},
    )


# Predefined formats of workbooks; 27-36 and 50-58 are East Asian dates.
BUILT_IN_DATES = frozenset({14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)})
BUILT_IN_TIMES = frozenset({18, 19, 20, 21, 45, 46, 47})
QUOTED_PARTS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|General', re.IGNORECASE)
ELAPSED_TIME = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


@lru_cache(maxsize=4096)
def classify_format(format_id: int, code: str) -> str:
    """Classify a number format by id or declared `code`: ``date``, ``time``, or empty for a figure.

    >>> (classify_format(14, ""), classify_format(170, "dd.mm.yyyy"),
    ...  classify_format(171, '#,##0" days"'), classify_format(172, "[Red]0.0"))
    ('date', 'date', '', '')
    """
    if not code:
        return "date" if format_id in BUILT_IN_DATES else "time" if format_id in BUILT_IN_TIMES else ""
    if ELAPSED_TIME.search(code):
        return ""  # a duration is a figure
    signs = QUOTED_PARTS.sub("", code.partition(";")[0]).lower()
    if "y" in signs or "d" in signs or ("m" in signs and "h" not in signs and "s" not in signs):
        return "date"
    return "time" if "h" in signs or "s" in signs else ""


def format_date(days: float, *, since_1904: bool) -> str | None:
    """Convert a day number to an ISO date; None beyond the calendar.

    Day 60 is the fictitious 29 February 1900; earlier days count from 1 January 1900 as 1.

    >>> [format_date(days, since_1904=False) for days in (45292, 45292.75, 1, -1)]
    ['2024-01-01', '2024-01-01T18:00:00', '1900-01-01', None]
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


def format_time(days: float) -> str | None:
    """Convert a part of a day to a time; None for a day or more.

    >>> format_time(0.5)
    '12:00:00'
    """
    if not 0 <= days < 1:
        return None
    minutes, seconds = divmod(min(round(days * 86_400), 86_399), 60)
    return dt.time(minutes // 60, minutes % 60, seconds).isoformat()
