"""What the cells of binary workbooks show: stored numbers and number formats as text, kind and format."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sdmxmig.tables.figures import number_text
from sdmxmig.tables.number_formats import BUILT_IN_CODES, iso_date, iso_time, kind_of

ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""The errors of cells by the byte that stands for them ([MS-XLS] 2.5.10, BErr)."""

INDENT, DEEPEST = 3, 250


def of_byte(value: int, *, is_error: bool) -> tuple[str, str]:
    """The text and kind of an error or of a truth value that stands in one byte."""
    return (ERRORS.get(value, "#N/A"), "error") if is_error else ("TRUE" if value else "FALSE", "boolean")


def packed(number: int) -> float:
    """A number that a workbook stores in four bytes: a whole one or the upper half of a double, or a hundredth.

    >>> packed(0x3FF00000), packed((1234 << 2) | 2), packed((1234 << 2) | 3)
    (1.0, 1234.0, 12.34)
    """
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number & 0x80000000 else 0))
    else:
        value = float(struct.unpack("<d", struct.pack("<II", 0, number & 0xFFFFFFFC))[0])
    return value / 100 if number & 1 else value


@dataclass(frozen=True, slots=True)
class Styles:
    """What each cell style of a workbook shows, in the order in which cells name them.

    `shows` is ``date``, ``time`` or empty for a figure; `codes` gives the position in `formats`, None for a style
    without a number format of its own. `indented` gives the position of the format (``   @``) that shows a text behind
    blanks, for the styles that do so.
    """

    shows: Sequence[str] = ()
    codes: Sequence[int | None] = ()
    formats: tuple[str, ...] = ()
    since_1904: bool = False
    indented: Mapping[int, int] = field(default_factory=dict)

    def code(self, style: int) -> int | None:
        """The position of the number format of a cell style."""
        return self.codes[style] if 0 <= style < len(self.codes) else None

    def figure(self, value: float, style: int) -> tuple[str, str]:
        """The text of a stored number and its kind: a date or time if its style shows one, else the figure."""
        shows = self.shows[style] if 0 <= style < len(self.shows) else ""
        if shows == "time" and (time := iso_time(value)):
            return time, "time"
        if shows and (date := iso_date(value, since_1904=self.since_1904)):
            return date, "date"
        return number_text(repr(value)), "number"


def styles_of(
    format_ids: Sequence[int],
    declared: Mapping[int, str],
    *,
    since_1904: bool,
    indents: Mapping[int, int] | None = None,
) -> Styles:
    """The styles of a workbook from the number format of each and the formats that it declares.

    `indents` are the steps by which styles indent a text; a step is as wide as three blanks (ECMA-376, 18.8.1).
    """
    behind = {style: " " * (INDENT * steps) + "@" for style, steps in (indents or {}).items() if 0 < steps <= DEEPEST}
    codes = [declared.get(number) or BUILT_IN_CODES.get(number, "") for number in format_ids]
    formats = sorted({code for code in codes if code and code.lower() != "general"} | set(behind.values()))
    at = {code: position for position, code in enumerate(formats)}
    shows = [kind_of(number, declared.get(number, "")) for number in format_ids]
    indented = {style: at[code] for style, code in behind.items()}
    return Styles(shows, [at.get(code) for code in codes], tuple(formats), since_1904, indented)
