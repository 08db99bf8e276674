"""Deterministic workbooks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sdmxmig.primitives.lazily import openpyxl

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


EPOCH = (1980, 1, 1, 0, 0, 0)
"""The timestamp of all parts of an archive."""
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CODED_CHARACTER = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
"""Texts that spreadsheet programs would decode as a character (ECMA-376 part 1, 22.9.2.19)."""
FIXED_MOMENT = b"2000-01-01T00:00:00Z"
TIMESTAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def choose_free_title(existing: Iterable[str], wanted: str) -> str:
    folded = {title.casefold() for title in existing}
    title, number = wanted[:31], 1
    while title.casefold() in folded:
        number += 1
        title = f"{wanted[:27]} {number}"
    return title


def save_workbook(workbook: Workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    stamped = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(stamped, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                content = TIMESTAMP.sub(rb"\g<1>" + FIXED_MOMENT, content)
            entry = zipfile.ZipInfo(info.filename, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # the same on every system
            target.writestr(entry, content)
    return stamped.getvalue()


CELL_LENGTH = 32_000
"""Maximum length of a text in a cell, in characters; Excel allows 32,767."""
LINE_HEIGHT = 15


MAX_ROW_HEIGHT = 400
FONT_NAME = "Calibri"
TEXT, SECONDARY_COLOUR, RULE_COLOUR, HEAD = "FF1B2733", "FF52606D", "FFD9E0E6", "FFEEF2F5"
"""The colours of texts, of secondary texts, of lines, and behind headers."""
COLOURS = {"error": "FFB3261E", "warning": "FF8A5A00", "information": "FF0B5C8A"}


@cache  # openpyxl compares styles field by field, unless they are the same object
def build_font(**style: Any) -> Any:
    return openpyxl.styles.Font(name=FONT_NAME, **style)


@cache
def build_fill(colour: str) -> Any:
    return openpyxl.styles.PatternFill("solid", fgColor=colour)


@cache
def build_alignment() -> Any:
    """Return the alignment of cells with several lines."""
    return openpyxl.styles.Alignment(vertical="top", wrap_text=True)


def clean_text(text: str, length: int = CELL_LENGTH) -> str:
    text = CONTROL_CHARACTER.sub("�", text)
    return text if len(text) <= length else text[: length - 1] + "…"


def write_text(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    cell: Any = sheet.cell(row, column)
    if text:
        cell.value = CODED_CHARACTER.sub(r"_x005F_\1", clean_text(text))
        cell.data_type = "s"
    if text[:1] in tuple("=+-@"):
        cell.quotePrefix = True
    return cell


def count_lines(text: str, width: int) -> int:
    """Count the lines of a text in a column of this width, since some programs do not adjust row heights.

    >>> count_lines("one two three", 8), count_lines("", 8)
    (2, 1)
    """
    return max(1, sum(len(wrap(line, max(width - 1, 1))) or 1 for line in text.splitlines()))
