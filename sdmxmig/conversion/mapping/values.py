"""Numbers and marks in cell texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sdmxmig.conversion.mapping.texts import folded

ERROR_LITERALS = frozenset(
    {"#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
MINUS = "−"


@lru_cache(maxsize=64)
def _grouped(thousands: str, decimal: str) -> re.Pattern[str]:
    group = re.escape(thousands)
    whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)" if thousands else r"\d+"  # 0,125 are no thousands
    return re.compile(rf"[+-]?{whole}(?:{re.escape(decimal)}\d+)?", re.ASCII)


@lru_cache(maxsize=64)
def number_expression(thousands: str, decimal: str) -> str:
    """Build a regular expression for numbers with these separators.

    >>> bool(re.fullmatch(number_expression(" ", ","), "-3 688,6"))
    True
    """
    return f"^{_grouped(thousands, decimal).pattern}$".replace(r"\d", "[0-9]")


def is_number(text: str, thousands: str, decimal: str) -> bool:
    """Whether a text is a number with these separators.

    >>> is_number("3 688,6", " ", ","), is_number("Table 3", " ", ",")
    (True, False)
    """
    return bool(_grouped(thousands, decimal).fullmatch(western(folded(text)).replace(MINUS, "-")))


def number_of(text: str, thousands: str, decimal: str) -> str:
    """Write a number in SDMX notation; other texts stay unchanged.

    Treats all blanks alike, and minus signs as hyphens.

    >>> number_of("3 688,6", " ", ","), number_of("−1,234", ",", "."), number_of("12,34", ",", ".")
    ('3688.6', '-1234', '12,34')
    >>> number_of("0,125", ",", "."), number_of("۵۳۰٬۹۳۰", "٬", "٫")
    ('0,125', '530930')
    """
    written = western(folded(text)).replace(MINUS, "-")
    if not is_number(text, thousands, decimal):
        return folded(text)
    if thousands:
        written = written.replace(thousands, "")
    return written.replace(decimal, ".").removeprefix("+")


def western(text: str) -> str:
    """Convert digits of one other script to 0–9.

    >>> western("۱٬۲۳۴"), western("१२"), western("1۲3")
    ('1٬234', '12', '1۲3')
    """
    zeros = {ord(sign) - int(sign) for sign in text if sign.isdecimal()}
    if len(zeros) != 1 or text.isascii():
        return text
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


def without_marks(text: str, marks: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Split trailing footnote marks from a text, the last first.

    A letter after a letter and a digit after a digit are part of the word; superscripts are always marks.

    >>> without_marks("45 946 1)*", ["*", "1)"]), without_marks("Female", ["e"]), without_marks("2015e", ["e"])
    (('45 946', ('*', '1)')), ('Female', ()), ('2015', ('e',)))
    >>> without_marks("2014¹", ["¹"]), without_marks("2014", ["4"])
    (('2014', ('¹',)), ('2014', ()))
    """
    longest_first = sorted(marks, key=lambda mark: (-len(mark), mark))
    trailing_marks: list[str] = []
    bare = folded(text)
    if not longest_first:
        return bare, ()
    while True:
        mark = next((mark for mark in longest_first if mark and _ends_with(bare, mark)), "")
        if not mark:
            return bare, tuple(trailing_marks)
        trailing_marks.append(mark)
        bare = bare.removesuffix(mark).rstrip()


def _ends_with(text: str, mark: str) -> bool:
    before = text.removesuffix(mark)
    if before == text or not before:
        return False
    last = before[-1]
    glued_word = mark.isalpha() and last.isalpha()
    glued_number = mark.isdecimal() and last.isdecimal()
    return not (glued_word or glued_number)
