"""Damage to codes by spreadsheet programs: zeros, dates, numbers, booleans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal, InvalidOperation

from sdmxmig.forms.sheets.lists import ListSheet
from sdmxmig.primitives.places import Place

CODE_COLUMNS = ("id", "parent", "code", "source", "target", "source_2", "target_2")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LOGICAL = {
    **dict.fromkeys(("true", "wahr", "vrai", "verdadero", "истина"), "true"),
    **dict.fromkeys(("false", "falsch", "faux", "falso", "ложь"), "false"),
}
"""How spreadsheet programs of several languages write the two logical values."""
SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE][+-]?\d+")
WITH_ZERO = re.compile(r"(\d+)[.,]0+")
NUMBERS = re.compile(r"(\d{1,4})[-/. ](\d{1,4})(?:[-/. ](\d{1,4}))?(?:[ T]00:00(?::00)?)?")
WITH_MONTH = re.compile(r"(?:(\d{1,4})[-/. ]?)?([A-Za-z]{3,9})\.?(?:[-/. ]?(\d{1,4}))?")
SHOWN_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T].*)?|\d{1,2}[-. ][A-Za-z]{3}|[A-Za-z]{3}[-. ]\d{1,4}|\d{1,2}/\d{1,2}/\d{2,4}"
)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A damaged cell; certain if the code was listed before."""

    place: Place
    kind: str
    _: KW_ONLY
    text: str
    expected: str
    is_certain: bool

    def __str__(self) -> str:
        suffix = f" where the list had “{self.expected}”" if self.expected else ""
        return f"{KINDS[self.kind]}: “{self.text}”{suffix}."


KINDS = {
    "zeros": "leading zeros are lost",
    "date": "a code became a date",
    "decimals": "a code became a number with decimals",
    "scientific": "a code became a number in scientific notation",
    "logical": "a code became a logical value",
    "width": "codes of this list are longer; leading zeros may be lost",
}


def spoilt(sheet: ListSheet, before: Mapping[str, Collection[str]]) -> tuple[Spoilt, ...]:
    """Find codes changed by a spreadsheet program."""
    spoilt_cells = []
    for column in (name for name in CODE_COLUMNS if name in sheet.at):
        codes = {cells[column].strip() for _, cells in sheet.rows} - {""}
        old_codes = {code for code in before.get(column, ()) if code}
        lost = old_codes - codes
        width = _width(old_codes) or (_width(codes) if not old_codes else 0)
        for row, cells in sheet.rows:
            text = cells[column].strip()
            if not text or text in old_codes:
                continue
            harm = next(_harms(text, lost), None) or next(_looks(text, width), None)
            if harm:
                spoilt_cells.append(
                    Spoilt(sheet.place(row, column), harm[0], text=text, expected=harm[1], is_certain=bool(harm[1]))
                )
    return tuple(spoilt_cells)


def _harms(text: str, lost: Collection[str]) -> Iterator[tuple[str, str]]:
    for kind, fits in MAKERS.items():
        for code in sorted(lost):
            if fits(text, code):
                yield kind, code


def _looks(text: str, width: int) -> Iterator[tuple[str, str]]:
    if SHOWN_DATE.fullmatch(text) and dates(text):
        yield "date", ""
    if WITH_ZERO.fullmatch(text):
        yield "decimals", ""
    if SCIENTIFIC.fullmatch(text):
        yield "scientific", ""
    if text.casefold() in LOGICAL and text.isupper():
        yield "logical", ""
    if text.isdigit() and len(text) < width:
        yield "width", ""


def _width(codes: Collection[str]) -> int:
    figures = [code for code in codes if code.isascii() and code.isdigit()]
    if len(figures) < 3 or not any(code.startswith("0") and len(code) > 1 for code in figures):
        return 0
    length, count = Counter(map(len, figures)).most_common(1)[0]
    return length if 2 * count > len(figures) and length == max(map(len, figures)) else 0


def _lost_zeros(text: str, code: str) -> bool:
    parts, bare = re.split(r"(\d+)", code), re.split(r"(\d+)", text)
    same = len(parts) == len(bare) and all(
        old_part == new_part or (old_part.isdigit() and new_part.isdigit() and int(old_part) == int(new_part))
        for old_part, new_part in zip(parts, bare, strict=True)
    )
    return same and len(text) < len(code) and text[:1].isdigit()


def _with_zero(text: str, code: str) -> bool:
    match = WITH_ZERO.fullmatch(text)
    return bool(match) and code.isdigit() and int(code) == int(match[1])  # type: ignore[index]


def _scientific(text: str, code: str) -> bool:
    if not (SCIENTIFIC.fullmatch(text) or re.fullmatch(r"\d+[eE]\d+", code)):
        return False
    try:
        return Decimal(text.replace(",", ".")) == Decimal(code) and "e" in (text + code).lower()
    except InvalidOperation:
        return False


def _logical(text: str, code: str) -> bool:
    return LOGICAL.get(text.casefold(), "") == code.casefold() != ""


def _dated(text: str, code: str) -> bool:
    return bool(SHOWN_DATE.fullmatch(text)) and bool(dates(text) & dates(code))


def dates(text: str) -> frozenset[tuple[int, int]]:
    """List the days that a program may see in a text.

    >>> sorted(dates("05-01")), sorted(dates("MAR1")), sorted(dates("2024-05-01"))
    ([(1, 5), (5, 1)], [(3, 1)], [(1, 5), (5, 1)])
    """
    named = WITH_MONTH.fullmatch(text)
    if named and named[2][:3].lower() in MONTHS:
        month = MONTHS.index(named[2][:3].lower()) + 1
        days = {int(day) for day in (named[1], named[3]) if day and int(day) <= 31}
        return frozenset((month, day) for day in days) or frozenset({(month, 1)})
    numbers = NUMBERS.fullmatch(text)
    if not numbers:
        return frozenset()
    parts = [int(part) for part in numbers.groups() if part and len(part) <= 2]
    pairs = {(month, day) for month in parts for day in parts if 1 <= month <= 12 and 1 <= day <= 31}
    if len(parts) == 1 and any(part and len(part) == 4 for part in numbers.groups()):
        return frozenset({(parts[0], 1)}) if 1 <= parts[0] <= 12 else frozenset()
    if len(parts) == 2 and parts[0] != parts[1]:
        pairs = {(month, day) for month, day in pairs if month != day}
    return frozenset(pairs)


MAKERS: Mapping[str, Callable[[str, str], bool]] = {
    "zeros": _lost_zeros,
    "decimals": _with_zero,
    "scientific": _scientific,
    "logical": _logical,
    "date": _dated,
}
