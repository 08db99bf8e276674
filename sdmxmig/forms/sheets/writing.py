"""Lists as workbooks of text cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from sdmxmig.io.workbook_bytes import saved
from sdmxmig.io.workbook_cells import put
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import cell_name

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TEXT = "@"
NEW_ROWS = 200
"""How many empty rows below a list are text too, for codes that are added."""
WIDTHS = {"id": 18, "parent": 18, "code": 18, "status": 11, "source": 34}
NAME_WIDTH, OTHER_WIDTH = 40, 14
ABOUT, LIST = "About", "List"
ARTEFACT = "artefact"


@dataclass(frozen=True, slots=True)
class ListTitle:
    """The title of a list."""

    kind: str
    name: str
    _: KW_ONLY
    title: str
    status: str


def to_workbook(about: ListTitle, content: bytes) -> bytes:
    """Write a list as workbook of text; deterministic."""
    workbook = openpyxl.Workbook()
    first: Any = workbook.worksheets[0]
    first.title = ABOUT
    for number, pair in enumerate(_about(about), start=1):
        for column, text in enumerate(pair, start=1):
            _text(first, number, column, text)
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 14, 90
    sheet: Any = workbook.create_sheet(LIST)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    _fill(sheet, rows)
    workbook.active = 1
    for worksheet in workbook.worksheets:
        worksheet.sheet_view.tabSelected = worksheet is sheet
    return saved(workbook)


def _about(about: ListTitle) -> tuple[tuple[str, str], ...]:
    return (
        (ARTEFACT, about.name),
        ("kind", about.kind),
        ("name", about.title),
        ("status", about.status),
        (
            "rows",
            f"The sheet “{LIST}” has a row for each code; the first below the head, without an id, tells of the list.",
        ),
        ("cells", "All cells are text: leave them so, then 01 stays 01 and 5-1 does not become a date."),
        ("back", "sdmxmig load FILE WORKSPACE reads it back, names codes that were harmed, and shows what changed."),
    )


def _fill(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:

    head = rows[0]
    for number, cells in enumerate(rows, start=1):
        for column, text in enumerate(cells, start=1):
            _text(sheet, number, column, text)
    for column, name in enumerate(head, start=1):
        cell: Any = sheet.cell(1, column)
        cell.font, cell.fill = openpyxl.styles.Font(bold=True), openpyxl.styles.PatternFill("solid", fgColor="FFEEF2F5")
        width = WIDTHS.get(name, NAME_WIDTH if name.startswith(("name", "description")) else OTHER_WIDTH)
        letter = cell_name(1, column).rstrip("1")
        sheet.column_dimensions[letter].width = width
        for number in range(len(rows) + 1, len(rows) + NEW_ROWS + 1):
            sheet.cell(number, column).number_format = TEXT
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{cell_name(len(rows), len(head))}"


def _text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = put(sheet, row, column, text)
    cell.number_format = TEXT
