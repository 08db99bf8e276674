"""A workbook of ours has the same bytes whenever it is made."""

from __future__ import annotations

import datetime as dt

from openpyxl import Workbook

from sdmxmig.io.workbooks import save_workbook


def made(moment: dt.datetime) -> bytes:
    workbook = Workbook()
    workbook.properties.created = workbook.properties.modified = moment
    return save_workbook(workbook)


def test_workbook_bytes_do_not_depend_on_the_day() -> None:
    day = dt.datetime(2026, 1, 31, 23, 59, 59)  # noqa: DTZ001 - what a workbook's properties hold has no time zone
    assert made(day) == made(day + dt.timedelta(seconds=1))
