"""A form as a workbook: made empty, and saved so that the same input gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.outputs.workbook_bytes import saved

if TYPE_CHECKING:
    import openpyxl
else:
    openpyxl = later("openpyxl")

MAKER = "sdmxmig"


def new_workbook() -> openpyxl.Workbook:
    """A workbook without sheets."""
    workbook = openpyxl.Workbook()
    workbook.properties.creator = MAKER
    workbook.remove(workbook.worksheets[0])
    return workbook


def finished(workbook: openpyxl.Workbook) -> bytes:
    """The workbook as it is saved, opened at its first sheet."""
    workbook.active = 0
    for number, sheet in enumerate(workbook.worksheets):
        sheet.sheet_view.tabSelected = number == 0
    return saved(workbook)
