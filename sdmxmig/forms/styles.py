"""Layout and styles of forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from sdmxmig.forms.cells import LISTS_SHEET
from sdmxmig.io.workbooks import (
    COLOURS,
    HEAD,
    LINE_HEIGHT,
    RULE_COLOUR,
    SECONDARY_COLOUR,
    TEXT,
    build_font,
    choose_free_title,
    count_lines,
    save_workbook,
    write_text,
)
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import format_cell

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from sdmxmig.sdmx.model.artefacts import Text
    from sdmxmig.sdmx.words import Words

INPUT_COLOUR, LOCKED_COLOUR, ERROR_COLOUR = "FFFFFDF3", "FFE4E7EB", "FFFADBD8"
WHOLE, PLAIN_TEXT = "#,##0", "@"
NUMBER_FORMATS = {"number": WHOLE, "check": "General", "count": "General", "tick": "General", "share": "0%"}
PAGE_WIDTH, MIN_SCALE = 104.0, 50
LEFT_TO_RIGHT, RIGHT_TO_LEFT = 1, 2
"""Reading orders of a cell in workbooks."""
CREATOR = "sdmxmig"


class SheetPainter:
    """Draws the sheets of a workbook in one language, with shared styles."""

    def __init__(self, workbook: openpyxl.Workbook, words: Words) -> None:
        self.workbook, self.words = workbook, words
        self.right_to_left = words.direction == "rtl"
        self._made: dict[str, Any] = {}
        self._scratch: Any = workbook.create_sheet("styles")

    def close(self) -> None:
        self.workbook.remove(self._scratch)

    def add_sheet(self, title: str, mark: str) -> Any:
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
        self.write(sheet, (1, 1), mark, "key")
        return sheet

    def add_page(self, title: str, mark: str, column_widths: Sequence[float], about: str = "") -> Any:
        """Begin a sheet with a title and a description that spans the columns from B."""
        sheet = self.add_sheet(choose_free_title(self.workbook.sheetnames, title), mark)
        self.write(sheet, (2, 2), title, "title")
        if about:
            self.write(sheet, (3, 2), about, "line")
        set_widths(sheet, column_widths)
        fit_page_width(sheet)
        return sheet

    def add_control_sheet(self, mark: str, rows: Iterable[Sequence[str]]) -> None:
        sheet = self.add_sheet(mark.partition(";")[0], mark)
        sheet.sheet_state = "veryHidden"
        for number, cells in enumerate(rows, start=2):
            self.write_row(sheet, number, *((text, "key") for text in cells))

    def add_lists(self, mark: str, columns: Iterable[Sequence[str]]) -> None:
        sheet = self.add_sheet(LISTS_SHEET, mark)
        sheet.sheet_state = "hidden"
        for column, texts in enumerate(columns, start=2):
            for row, text in enumerate(texts, start=2):
                self.write(sheet, (row, column), text)

    def write(self, sheet: Worksheet, at: tuple[int, int], text: str, style: str = "") -> Any:
        cell = write_text(sheet, *at, text)
        return self.apply_style(cell, style) if style else cell

    def write_row(self, sheet: Worksheet, row: int, *cells: tuple[str, str], first: int = 2) -> None:
        """Write styled texts into a row, starting at column `first`."""
        for column, (text, style) in enumerate(cells, start=first):
            self.write(sheet, (row, column), text, style)

    def write_steps(self, sheet: Worksheet, row: int, steps: Sequence[str]) -> int:
        """Write numbered instructions, starting at a row, and return the next row."""
        self.write(sheet, (row + 1, 2), self.words.say("How to fill it in"), "section")
        row += 2
        for number, step in enumerate(steps, start=1):
            row = write_paragraph(sheet, self, row, f"{number}. {self.words.say(step)}")
        return row

    def text(self, texts: Text, style: str) -> tuple[str, str]:
        """Return a text in the language of the workbook, and its style, which allows for a different text direction."""
        phrase = self.words.of(texts)
        is_foreign = phrase.language and phrase.direction != self.words.direction
        return phrase.text, "foreign" if is_foreign else style

    @property
    def refusal(self) -> tuple[str, str]:
        return self.words.say("Not in the list"), self.words.say("Choose one of the codes of the list.")

    def apply_style(self, cell: Any, style: str) -> Any:
        if style not in self._made:
            self._made[style] = self._build_style(style)
        # openpyxl compares a new style with all others; copying that of a finished cell is faster, as in its own
        # copying of sheets.
        cell._style = copy(self._made[style])
        return cell

    def _build_style(self, style: str) -> Any:
        styles = openpyxl.styles
        name, _, depth = style.partition("-")
        cell = self._scratch.cell(len(self._made) + 1, 1)
        fonts = {
            "title": build_font(size=18, bold=True, color=TEXT),
            "head": build_font(bold=True, color=TEXT),
            "caption": build_font(size=14, bold=True, color=TEXT),
            "section": build_font(size=13, bold=True, color=TEXT),
            "soft": build_font(color=SECONDARY_COLOUR),
            "line": build_font(color=SECONDARY_COLOUR),
            "small": build_font(size=9, color=SECONDARY_COLOUR),
            "link": build_font(color=COLOURS["information"], underline="single"),
            "check": build_font(size=9, color=COLOURS["information"]),
            "tick": build_font(bold=True, color=COLOURS["information"]),
            "foreign": build_font(color=SECONDARY_COLOUR),
            "band": build_font(bold=True, color=TEXT),
        }
        cell.font = fonts.get(name, build_font(color=TEXT))
        fills = {
            "head": HEAD,
            "label": HEAD,
            "small": HEAD,
            "number": INPUT_COLOUR,
            "code": INPUT_COLOUR,
            "text": INPUT_COLOUR,
            "choice": INPUT_COLOUR,
            "shut": LOCKED_COLOUR,
            "band": RULE_COLOUR,
            "id": HEAD,
            "dot": HEAD,
        }
        if name in fills:
            cell.fill = styles.PatternFill("solid", fgColor=fills[name])
            line = styles.Side("thin", color=RULE_COLOUR)
            cell.border = styles.Border(line, line, line, line)
        if name in ("number", "code", "text", "choice"):
            cell.protection = styles.Protection(locked=False)
        cell.number_format = NUMBER_FORMATS.get(name, PLAIN_TEXT)
        wrapped = name in ("text", "soft", "plain", "head", "label", "choice", "foreign", "band")
        mirrored = self.right_to_left and name not in ("foreign", "text")  # entries have the direction of the language
        start = "right" if mirrored else "left"
        centred = dict.fromkeys(("small", "code", "check", "tick", "dot", "count"), "center")
        side = {"number": "right", "foreign": "left", **centred}.get(name)
        cell.alignment = styles.Alignment(
            horizontal=start if depth not in ("", "0") else side,  # required for indents to show
            vertical="top" if wrapped or name in ("tick", "id", "dot", "link", "count") else None,
            wrap_text=wrapped,
            indent=int(depth or 0),
            readingOrder=RIGHT_TO_LEFT if mirrored else LEFT_TO_RIGHT if name == "foreign" else 0,
        )
        return cell._style


def set_widths(sheet: Any, column_widths: Sequence[float]) -> None:
    for column, width in enumerate(column_widths, start=2):
        sheet.column_dimensions[find_column_letters(column)].width = width


def set_page_breaks(sheet: Any, heads: int, groups: Sequence[tuple[int, float]]) -> None:
    repeated = sum(sheet.column_dimensions[find_column_letters(column)].width for column in range(2, heads + 1))
    widest = max(width for _, width in groups)
    sheet.page_setup.scale = max(MIN_SCALE, min(100, int(100 * PAGE_WIDTH / (repeated + widest))))
    sheet.print_title_cols = f"A:{find_column_letters(heads)}"
    room = PAGE_WIDTH * 100 / sheet.page_setup.scale - repeated
    breaks, used_width = [], 0.0
    for number, (_, width) in enumerate(groups):
        if number and used_width + width > room:
            breaks.append(openpyxl.worksheet.pagebreak.Break(id=groups[number - 1][0]))
            used_width = 0.0
        used_width += width
    sheet.col_breaks = openpyxl.worksheet.pagebreak.ColBreak(brk=breaks)


def find_column_letters(column: int) -> str:
    return format_cell(1, column).rstrip("1")


def fit_page_width(sheet: Any) -> None:
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def restrict_to_list(sheet: Any, cells: Sequence[str], source: str, words: tuple[str, str]) -> None:
    rule = openpyxl.worksheet.datavalidation.DataValidation(
        "list", formula1=source, allow_blank=True, showErrorMessage=True
    )
    rule.errorTitle, rule.error = words
    sheet.add_data_validation(rule)
    for cell in cells:
        rule.add(cell)


def restrict_to_numbers(sheet: Any, cells: list[str], least: int | None, words: tuple[str, str]) -> None:
    limits: tuple[str, str | None] = (
        (str(least), None) if least is not None else ("-1000000000000000", "1000000000000000")
    )
    rule = openpyxl.worksheet.datavalidation.DataValidation(
        "decimal", limits[0], limits[1], allow_blank=True, showErrorMessage=True
    )
    rule.operator = "greaterThanOrEqual" if least is not None else "between"
    rule.errorTitle, rule.error = words
    sheet.add_data_validation(rule)
    for cell in cells:
        rule.add(cell)


def mark_failed(sheet: Any, cells: str, first: str) -> None:
    colour = openpyxl.styles.PatternFill(bgColor=ERROR_COLOUR)
    rule = openpyxl.formatting.rule.FormulaRule(
        [  # type: ignore[no-untyped-call]
            f'LEFT({first},1)="✕"'
        ],
        fill=colour,
        font=openpyxl.styles.Font(bold=True, color=COLOURS["error"]),
    )
    sheet.conditional_formatting.add(cells, rule)


def write_paragraph(sheet: Worksheet, look: SheetPainter, row: int, text: str, style: str = "plain") -> int:
    look.write(sheet, (row, 2), text, style)
    sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=6)
    sheet.row_dimensions[row].height = LINE_HEIGHT * count_lines(text, 125) + 3
    return row + 1


def link(cell: Any, title: str) -> None:
    quoted = title.replace("'", "''")
    cell.hyperlink = openpyxl.worksheet.hyperlink.Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!B2")


def draw_share_bars(sheet: Any, cells: str) -> None:
    rule = openpyxl.formatting.rule.DataBarRule(  # type: ignore[no-untyped-call]
        start_type="num", start_value=0, end_type="num", end_value=1, color=COLOURS["information"], minLength=0
    )
    sheet.conditional_formatting.add(cells, rule)


def create_workbook() -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    workbook.properties.creator = CREATOR
    workbook.remove(workbook.worksheets[0])
    return workbook


def finish_workbook(workbook: openpyxl.Workbook) -> bytes:
    workbook.active = 0
    for number, sheet in enumerate(workbook.worksheets):
        sheet.sheet_view.tabSelected = number == 0
    return save_workbook(workbook)
