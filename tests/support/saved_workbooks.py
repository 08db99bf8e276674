"""Small workbooks from rows of values, saved as bytes, and the cells of small texts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from openpyxl import Workbook

from sdmxmig.sdmx.frames import CellColumns

Rows = Iterable[Iterable[object]]


def book_of(sheets: Rows | Mapping[str, Rows]) -> Workbook:
    """A workbook with these rows on its only sheet, or on each named sheet."""
    book = Workbook()
    first = book.worksheets[0]
    named = sheets if isinstance(sheets, Mapping) else {first.title: sheets}
    for name, rows in named.items():
        sheet = first if name == first.title else book.create_sheet(name)
        for row in rows:
            sheet.append([*row])
    if first.title not in named:
        book.remove(first)
    return book


def saved(book: Workbook) -> bytes:
    """The file of a workbook."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def text_cells(lines: Iterable[str], separator: str = ",", *, start: int = 1) -> CellColumns:
    """The cells of lines of text, from a row on; empty ones are left out."""
    cells = CellColumns()
    for row, line in enumerate(lines, start=start):
        for column, text in enumerate(line.split(separator), start=1):
            if text:
                cells.add(row, column, text)
    return cells
