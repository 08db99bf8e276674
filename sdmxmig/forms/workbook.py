"""A form as a workbook: made empty, and saved so that the same input gives the same bytes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sdmxmig.outputs.workbook_bytes import saved

if TYPE_CHECKING:
    from openpyxl import Workbook

MAKER = "sdmxmig"
MOMENT = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - what a workbook's properties hold has no time zone
"""What stands in the workbook's properties instead of the time at which it was made."""


def new_workbook() -> Workbook:
    """A workbook without sheets."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.properties.created = workbook.properties.modified = MOMENT
    workbook.properties.creator = MAKER
    workbook.remove(workbook.worksheets[0])
    return workbook


def finished(workbook: Workbook) -> bytes:
    """The workbook as it is saved, opened at its first sheet."""
    workbook.active = 0
    for number, sheet in enumerate(workbook.worksheets):
        sheet.sheet_view.tabSelected = number == 0
    return saved(workbook, f"{MOMENT.isoformat()}Z")
