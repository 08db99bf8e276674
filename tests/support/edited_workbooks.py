"""Workbooks as saved after typical changes by people."""

from __future__ import annotations

import io
from collections.abc import Callable

from openpyxl import Workbook, load_workbook
from saved_workbooks import saved


def save_edited(content: bytes, *edits: Callable[[Workbook], object]) -> bytes:
    """A workbook saved after these edits."""
    workbook = load_workbook(io.BytesIO(content))
    for edit in edits:
        edit(workbook)
    return saved(workbook)


def put(sheet: str, **cells: object) -> Callable[[Workbook], object]:
    def edit(workbook: Workbook) -> None:
        for name, value in cells.items():
            workbook[sheet][name].value = value

    return edit
