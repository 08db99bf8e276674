"""The tables of the report as a workbook to work with: numbers are numbers, and no text can be a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import html

from sdmxmig.lazily import openpyxl
from sdmxmig.outputs import OUTPUTS, Page
from sdmxmig.outputs.findings_sheet import put
from sdmxmig.outputs.workbook_bytes import free_title, saved
from sdmxmig.places import cell_name
from sdmxmig.text import MINUS, separators

ASIDE = frozenset({"cell-note", "refs", "mark", "sign"})
"""What stands in a cell beside its value: a second line, sources, a word, a sign."""
PERCENT = re.compile("%$")
FORBIDDEN = re.compile(r"[\[\]:*?/\\']+")
WIDEST, NARROWEST = 60, 12
SENTENCE = 90
"""How wide the columns of sentences are, in characters."""
FACE, LINE_HEIGHT = "Calibri", 15
HEAD_ROW = 4


@OUTPUTS.add("xlsx")
def write(page: Page) -> bytes:
    """Make the workbook: a cover, the contents, then one sheet for each table, those of the figures too.

    The same page gives the same bytes.
    """
    workbook = openpyxl.Workbook()
    workbook.properties.creator, workbook.properties.title = "sdmxmig", page.title
    tree = html.document_fromstring(page.html)
    cover: Any = workbook.worksheets[0]
    _cover(cover, tree, page)
    contents: Any = workbook.create_sheet(
        free_title(workbook.sheetnames, _folded(str(tree.xpath("string(//*[@id='contents-title'])"))))
    )
    names = []
    for number, table in enumerate(tree.findall(".//table"), start=1):
        caption = _folded(table.findtext("caption"))
        sheet = workbook.create_sheet(free_title(workbook.sheetnames, f"{number} {FORBIDDEN.sub(' ', caption)}"))
        _fill(sheet, table, caption, page)
        names.append((sheet.title, caption, section_of(table)))
    _list(contents, names, page)
    for sheet in workbook.worksheets:
        sheet.sheet_view.rightToLeft = page.direction == "rtl"
        _fit_to_paper(sheet)
    return saved(workbook)


def section_of(table: Any) -> str:
    """The heading of the section in which a table stands; empty if it stands in none."""
    section = next(table.iterancestors("section"), None)
    return "" if section is None else _folded(section.findtext("h2"))


def _cover(sheet: Any, tree: Any, page: Page) -> None:
    """The first sheet: whose report this is, of when and in which state, and what its first page says."""
    sheet.title = FORBIDDEN.sub(" ", page.running)[:31]
    put(sheet, 1, 1, page.title).font = openpyxl.styles.Font(name=FACE, bold=True, size=14)
    put(sheet, 2, 1, page.notice)
    elements = tree.xpath("//header/p | (//main/section)[1]/h2 | (//main/section)[1]/p[@class='lead']")
    lines = [_folded(element.text_content()) for element in elements]
    figures = [
        [_folded(part.text_content()) for part in group] for group in tree.xpath("//ul[@class='key-figures'][1]/li")
    ]
    for row, line in enumerate(filter(None, lines), start=HEAD_ROW):
        _put_sentence(sheet, row, 1, line)
    for row, texts in enumerate(figures, start=HEAD_ROW + len(lines) + 1):
        for column, text in enumerate(texts, start=1):
            put(sheet, row, column, text)
    for letters, width in (("A", SENTENCE), ("B", 20), ("C", 60)):
        sheet.column_dimensions[letters].width = width


def _list(sheet: Any, names: list[tuple[str, str, str]], page: Page) -> None:
    """The second sheet: a link to each table, and the section it stands in."""
    put(sheet, 1, 1, sheet.title).font = openpyxl.styles.Font(name=FACE, bold=True, size=14)
    put(sheet, 2, 1, page.notice)
    for row, (title, caption, section) in enumerate(names, start=HEAD_ROW):
        cell = _put_sentence(sheet, row, 1, caption)
        cell.hyperlink = openpyxl.worksheet.hyperlink.Hyperlink(ref=cell.coordinate, location=f"'{title}'!A1")
        cell.font = openpyxl.styles.Font(name=FACE, color=f"FF{page.theme.accent[1:].upper()}", underline="single")
        _put_sentence(sheet, row, 2, section)
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = SENTENCE


def _put_sentence(sheet: Any, row: int, column: int, text: str) -> Any:
    """Put a text into a column that is as wide as sentences are, in a row that is high enough to show it whole."""
    cell = put(sheet, row, column, text)
    cell.alignment = openpyxl.styles.Alignment(vertical="top", wrap_text=True)
    height = LINE_HEIGHT * ((len(text) - 1) // SENTENCE + 1)
    sheet.row_dimensions[row].height = max(height, sheet.row_dimensions[row].height or LINE_HEIGHT)
    return cell


def _fill(sheet: Any, table: Any, caption: str, page: Page) -> None:
    """One table: caption, notice, head, rows; what stands beside a number goes to a column of its own at the end."""
    put(sheet, 1, 1, caption).font = openpyxl.styles.Font(name=FACE, bold=True, size=12)
    put(sheet, 2, 1, page.notice)
    rows = table.findall(".//tr")
    width = max((len(row) for row in rows), default=0)
    for number, row in enumerate(rows, start=HEAD_ROW):
        beside = []
        for column, element in enumerate(row, start=1):
            value, aside = _parts(element, page.language)
            if isinstance(value, CellNumber):
                cell = sheet.cell(number, column, value.value)
                cell.number_format = value.form
                beside += [aside] if aside else []
            else:
                cell = put(sheet, number, column, "\n".join(filter(None, (value, aside))))
            cell.alignment = openpyxl.styles.Alignment(vertical="top", wrap_text=True)
            if element.tag == "th":
                cell.font = openpyxl.styles.Font(name=FACE, bold=True)
            if row.getparent().tag == "thead":
                cell.fill = openpyxl.styles.PatternFill("solid", fgColor="FFEEF2F5")
        if beside:
            put(sheet, number, width + 1, "; ".join(beside))
    _fit(sheet, len(rows), width + 1)
    sheet.freeze_panes = f"B{HEAD_ROW + 1}"


def _fit(sheet: Any, rows: int, columns: int) -> None:
    """Make columns and rows large enough for their texts."""
    for column in range(1, columns + 1):
        letters = cell_name(1, column).rstrip("1")
        texts = (sheet.cell(row, column).value for row in range(HEAD_ROW, HEAD_ROW + rows))
        longest = max((len(line) for text in texts for line in str(text or "").splitlines()), default=0)
        sheet.column_dimensions[letters].width = min(max(longest + 2, NARROWEST), WIDEST)
    for row in range(HEAD_ROW, HEAD_ROW + rows):
        lines = (str(cell.value or "").splitlines() for cell in sheet[row])
        most = max((sum(len(line) // WIDEST + 1 for line in cell_lines) for cell_lines in lines), default=1)
        sheet.row_dimensions[row].height = LINE_HEIGHT * max(most, 1)


def _fit_to_paper(sheet: Any) -> None:
    """Print a sheet on pages as wide as it is, however many of them it takes."""
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _parts(element: Any, language: str) -> tuple[str | CellNumber, str]:
    """The value of a cell, a number where it is one, and what stands beside it."""
    main, aside = [element.text or ""], []
    for child in element:
        if ASIDE & set((child.get("class") or "").split()):
            aside.append(_folded(child.text_content()))
        else:
            main.append(child.text_content())
        main.append(child.tail or "")
    text = _folded("".join(main))
    number = number_of(text, language) if "number" in (element.get("class") or "").split() else None
    return (text if number is None else number), "\n".join(filter(None, aside))


@dataclass(frozen=True, slots=True)
class CellNumber:
    """A number of a cell, and the format in which a workbook shows it as it was written."""

    value: Decimal
    form: str


def number_of(text: str, language: str) -> CellNumber | None:
    r"""A number or percentage as the language writes it; None if the text is none.

    >>> number_of("−39,207", "en"), number_of("19,5\xa0%", "fr"), number_of("not known", "en")
    (CellNumber(value=Decimal('-39207'), form='#,##0'), CellNumber(value=Decimal('0.195'), form='0.0%'), None)
    """
    decimal, thousands = separators(language)
    plain = re.sub(r"[\s\u200e\u2066\u2069]", "", text).replace(thousands.strip() or " ", "").replace(decimal, ".")
    plain = plain.replace(MINUS, "-").removeprefix("+")
    share = PERCENT.sub("", plain)
    if not re.fullmatch(r"-?\d+(\.\d+)?", share):
        return None
    value = Decimal(share)
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    digits = "." + "0" * places if places else ""
    return CellNumber(value, f"#,##0{digits}") if share == plain else CellNumber(value / 100, f"0{digits}%")


def _folded(text: str | None) -> str:
    return " ".join((text or "").split())
