"""Writing text into cells."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sdmxmig.io.workbook_bytes import CONTROL

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

CELL_LENGTH = 32_000
"""The longest text that is written into a cell, in characters; Excel allows 32,767."""
LINE_HEIGHT = 15
"""The height of a line in points, in the default font of a workbook."""


def clean(text: str, length: int = CELL_LENGTH) -> str:
    text = CONTROL.sub("�", text)
    return text if len(text) <= length else text[: length - 1] + "…"


def put(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    cell: Any = sheet.cell(row, column)
    if text:
        cell.value = clean(text)
        cell.data_type = "s"
    if text[:1] in tuple("=+-@"):
        cell.quotePrefix = True
    return cell


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes in a column of this width, since not every program fits the height of a row.

    >>> lines_of("one two three", 8), lines_of("", 8)
    (2, 1)
    """
    return max(1, sum(len(wrap(line, max(width - 1, 1))) or 1 for line in text.splitlines()))
