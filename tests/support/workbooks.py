"""Small workbooks from rows of values, saved as bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from openpyxl import Workbook

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
