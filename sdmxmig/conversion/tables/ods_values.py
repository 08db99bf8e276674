"""OpenDocument cell values.

Source: OASIS, Open Document Format for Office Applications 1.3, part 3, sections 19.382 to 19.389.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sdmxmig.conversion.tables.cell_styles import figure_of
from sdmxmig.conversion.tables.figures import number_text
from sdmxmig.conversion.tables.number_formats import ELAPSED

DURATION = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
TRUTHS = {("1", "number"): "TRUE", ("0", "number"): "FALSE"}


def text_and_kind_of(attributes: Mapping[str, str], shown_text: str) -> tuple[str, str]:
    """The text and the kind of a cell, from its attributes and from the text that it shows."""
    if attributes.get("calcext:value-type") == "error":
        return shown_text, "error"
    match attributes.get("office:value-type", ""):
        case "float" | "percentage" | "currency":
            return number_text(attributes.get("office:value", "")), "number"
        case "date":
            return attributes.get("office:date-value", "").removesuffix("T00:00:00"), "date"
        case "boolean":
            return attributes.get("office:boolean-value", "").upper(), "boolean"
    return shown_text or attributes.get("office:string-value", ""), "text"


def truth_of(text_and_kind: tuple[str, str], shown_text: str) -> tuple[str, str]:
    """A truth value where a workbook stores 1 or 0 for it and shows it as a word, though no number format does.

    >>> truth_of(("1", "number"), "WAHR"), truth_of(("1", "number"), "1")
    (('TRUE', 'boolean'), ('1', 'number'))
    """
    if text_and_kind in TRUTHS and shown_text and not any(sign.isdigit() for sign in shown_text):
        return TRUTHS[text_and_kind], "boolean"
    return text_and_kind


def days_of(duration: str) -> float | None:
    """A duration in days; None if it is none.

    >>> days_of("PT36H"), days_of("-PT12H00M00S")
    (1.5, -0.5)
    """
    match = DURATION.fullmatch(duration)
    if not match:
        return None
    days, hours, minutes = (int(part or 0) for part in match.groups()[1:4])
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + float(match[5] or 0)
    return seconds / (-86_400 if match[1] else 86_400)


def time_of(duration: str, code: str, *, since_1904: bool) -> tuple[str, str]:
    """The text and kind of a duration, which its format shows as a time of the day or in hours beyond the day.

    >>> [time_of(text, "h:mm", since_1904=False) for text in ("PT12H30M00S", "PT36H")]
    [('12:30:00', 'time'), ('1900-01-01T12:00:00', 'date')]
    >>> time_of("PT36H", "[h]:mm", since_1904=False)
    ('1.5', 'number')
    """
    days = days_of(duration)
    if days is None:
        return duration, "text"
    counts_on = ELAPSED.search(code) or (not code and days >= 1)
    return figure_of(days, "" if counts_on else "time", since_1904=since_1904)
