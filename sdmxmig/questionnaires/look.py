"""How a questionnaire looks: the colours and borders of its cells, which of them are locked, and its pages."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from sdmxmig.outputs.findings_sheet import FACE, HEAD, INK, RULE, SECOND, TEXT, put
from sdmxmig.places import cell_name
from sdmxmig.text import direction

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

INPUT, SHUT, WRONG = "FFFFFDF3", "FFE4E7EB", "FFFADBD8"
WHOLE, PLAIN_TEXT = "#,##0", "@"
RIGHT_TO_LEFT = 2
"""The reading order of a cell, as workbooks write it."""


class Look:
    """The styles of one workbook, each made once; thousands of cells share them."""

    def __init__(self, workbook: Workbook, language: str) -> None:
        self.workbook = workbook
        self.language = language
        self.right_to_left = direction(language) == "rtl"
        self._made: dict[str, Any] = {}
        self._scratch: Any = workbook.create_sheet("styles")

    def close(self) -> None:
        """Remove the sheet on which the styles were made."""
        self.workbook.remove(self._scratch)

    def sheet(self, title: str, mark: str) -> Any:
        """A new sheet that is locked but for its input cells; `mark` stands in its first cell, out of sight."""
        sheet: Any = self.workbook.create_sheet(title)
        sheet.sheet_view.showGridLines = False
        sheet.sheet_view.rightToLeft = self.right_to_left
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.formatRows = False  # false: not forbidden
        sheet.row_dimensions[1].hidden = True
        sheet.column_dimensions["A"].hidden = True
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.oddFooter.right.text = "&P / &N"
        self.put(sheet, (1, 1), mark, "key")
        return sheet

    def put(self, sheet: Worksheet, at: tuple[int, int], text: str, style: str = "") -> Any:
        """Write a text that can never be a formula, in one of the styles; gives the cell."""
        cell = put(sheet, *at, text)
        return self.dress(cell, style) if style else cell

    def dress(self, cell: Any, style: str) -> Any:
        """Give a cell one of the styles."""
        if style not in self._made:
            self._made[style] = self._make(style)
        # openpyxl compares a style with all others each time it is set; to take that of a finished cell is the
        # quick way, which its own copying of sheets goes too.
        cell._style = copy(self._made[style])
        return cell

    def _make(self, style: str) -> Any:
        """The style of a name; ``head-2`` is that of a name with a number behind it: how far it is indented."""
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

        name, _, depth = style.partition("-")
        cell = self._scratch.cell(len(self._made) + 1, 1)
        fonts = {
            "title": Font(name=FACE, size=18, bold=True, color=TEXT),
            "head": Font(name=FACE, bold=True, color=TEXT),
            "section": Font(name=FACE, size=13, bold=True, color=TEXT),
            "soft": Font(name=FACE, color=SECOND),
            "line": Font(name=FACE, color=SECOND),
            "small": Font(name=FACE, size=9, color=SECOND),
            "link": Font(name=FACE, color=INK["information"], underline="single"),
            "check": Font(name=FACE, size=9, color=INK["information"]),
        }
        cell.font = fonts.get(name, Font(name=FACE, color=TEXT))
        fills = {
            "head": HEAD,
            "label": HEAD,
            "small": HEAD,
            "number": INPUT,
            "code": INPUT,
            "text": INPUT,
            "shut": SHUT,
        }
        if name in fills:
            cell.fill = PatternFill("solid", fgColor=fills[name])
            line = Side("thin", color=RULE)
            cell.border = Border(line, line, line, line)
        if name in ("number", "code", "text"):
            cell.protection = Protection(locked=False)
        cell.number_format = WHOLE if name == "number" else "General" if name in ("check", "count") else PLAIN_TEXT
        wrapped = name in ("text", "soft", "plain", "head")
        start = "right" if self.right_to_left else "left"
        side = {"number": "right", "small": "center", "code": "center", "check": "center"}.get(name)
        cell.alignment = Alignment(
            horizontal=start if depth not in ("", "0") else side,  # only so an indent shows
            vertical="top" if wrapped else None,
            wrap_text=wrapped,
            indent=int(depth or 0),
            readingOrder=RIGHT_TO_LEFT if self.right_to_left else 0,
        )
        return cell._style


def widths(sheet: Any, first: int, listed: list[float]) -> None:
    """Set the widths of columns from this one on."""
    for column, width in enumerate(listed, start=first):
        sheet.column_dimensions[cell_name(1, column).rstrip("1")].width = width


def only(sheet: Any, cells: str, source: str, words: tuple[str, str]) -> None:
    """Let cells hold only what a list has; `words` are the title and text of the message for anything else."""
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = words
    sheet.add_data_validation(rule)
    rule.add(cells)


def numbers_only(sheet: Any, cells: list[str], least: int | None, words: tuple[str, str]) -> None:
    """Let cells hold only numbers, from `least` on if there is one."""
    from openpyxl.worksheet.datavalidation import DataValidation

    limits: tuple[str, str | None] = (
        (str(least), None) if least is not None else ("-1000000000000000", "1000000000000000")
    )
    rule = DataValidation("decimal", limits[0], limits[1], allow_blank=True, showErrorMessage=True)
    rule.operator = "greaterThanOrEqual" if least is not None else "between"
    rule.errorTitle, rule.error = words
    sheet.add_data_validation(rule)
    for one in cells:
        rule.add(one)


def mark_failed(sheet: Any, cells: str, first: str) -> None:
    """Colour the checks that fail."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import Font, PatternFill

    colour = PatternFill(bgColor=WRONG)
    rule = FormulaRule(
        [  # type: ignore[no-untyped-call]
            f'LEFT({first},1)="✕"'
        ],
        fill=colour,
        font=Font(bold=True, color=INK["error"]),
    )
    sheet.conditional_formatting.add(cells, rule)
