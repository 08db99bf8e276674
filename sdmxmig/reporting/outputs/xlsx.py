"""Reports as workbooks with real numbers and no formulas. Up to twenty sheets; more sections share sheets."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, takewhile
from typing import Any

from lxml import html

from sdmxmig.io.workbooks import (
    LINE_HEIGHT,
    build_alignment,
    build_fill,
    build_font,
    choose_free_title,
    save_workbook,
    write_text,
)
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import format_cell, name_column
from sdmxmig.reporting.outputs import OUTPUTS, Page

NOTE_CLASSES = frozenset({"cell-note", "refs", "mark", "sign"})
FORBIDDEN_CHARACTERS = re.compile(r"[\[\]:*?/\\']+")
MAX_WIDTH, MIN_WIDTH = 60, 12
MIN_SENTENCE_LENGTH = 90
MAX_SHEETS = 20
"""Maximum number of sheets that a reader can survey, with the cover."""
HEAD_ROW = 4
MAX_NAME_LENGTH = 31
NON_NAME_CHARACTER = re.compile(r"\W")
REPEATED_CLASSES = frozenset({"data-decade", "table-account-recent"})
YEAR = re.compile(r"(?:19|20)\d\d")


@OUTPUTS.add("xlsx")
def write(page: Page) -> bytes:
    """Write the workbook: a cover with contents, then the sections with all their tables; deterministic."""
    workbook = openpyxl.Workbook()
    workbook.properties.creator, workbook.properties.title = "sdmxmig", page.title
    tree = html.document_fromstring(page.html)
    cover: Any = workbook.worksheets[0]
    cover.title = _build_sheet_name([], page.running)
    entries: list[tuple[str, str, int]] = []
    sections = [section for section in tree.iter("section") if list_tables(section) or find_sources(section)]
    for sharing in distribute_sections([(section, count_rows(section)) for section in sections], MAX_SHEETS - 1):
        sheet: Any = workbook.create_sheet(_build_sheet_name(workbook.sheetnames, _write_label(sharing[0])))
        entries += _fill_sheet(sheet, sharing, page)
    _write_cover(cover, tree, page, entries)
    for sheet in workbook.worksheets:
        sheet.sheet_view.rightToLeft = page.direction == "rtl"
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return save_workbook(workbook)


def list_tables(section: Any) -> list[Any]:
    return [table for table in section.iter("table") if table.get("id") not in REPEATED_CLASSES]


def find_sources(section: Any) -> list[Any]:
    return [item for listed in section.iter("ol") if listed.get("class") == "sources" for item in listed.iter("li")]


def count_rows(section: Any) -> int:
    return len(find_sources(section)) + sum(len(table.findall(".//tr")) for table in list_tables(section))


def distribute_sections(sections: Sequence[tuple[Any, int]], most: int) -> list[list[Any]]:
    """Distribute sections over sheets in order; neighbours with the fewest rows share a sheet.

    >>> distribute_sections([("law", 9), ("data", 3), ("method", 2), ("answers", 90)], 3)
    [['law'], ['data', 'method'], ['answers']]
    """
    sheets = [([section], rows) for section, rows in sections]
    while len(sheets) > most:
        first = min(range(len(sheets) - 1), key=lambda place: sheets[place][1] + sheets[place + 1][1])
        (these, rows), (others, more_rows) = sheets[first : first + 2]
        sheets[first : first + 2] = [([*these, *others], rows + more_rows)]
    return [sharing for sharing, _ in sheets]


def _write_label(section: Any) -> str:
    return _fold_blanks(section.findtext("p[@class='label']")).partition(" · ")[2] or _fold_blanks(
        section.findtext("h2")
    )


def _build_sheet_name(existing: list[str], wanted: str) -> str:
    """Build a sheet name from whole words.

    >>> _build_sheet_name([], "What the Recommendations ask for: definitions")
    'What the Recommendations ask…'
    """
    name = " ".join(FORBIDDEN_CHARACTERS.sub(" ", wanted).split())
    if len(name) > MAX_NAME_LENGTH:
        name = f"{name[:MAX_NAME_LENGTH].rsplit(' ', 1)[0][: MAX_NAME_LENGTH - 1]}…"
    return choose_free_title(existing, name)


def _write_cover(sheet: Any, tree: Any, page: Page, entries: list[tuple[str, str, int]]) -> None:
    write_text(sheet, 1, 1, page.title).font = build_font(bold=True, size=14)
    write_text(sheet, 2, 1, page.notice)
    elements = tree.xpath(
        "//header/p | (//main/section)[1]/h2 | (//main/section)[1]//div/h3 | "
        "(//main/section)[1]/p[not(contains(@class, 'note') or contains(@class, 'label'))] | "
        "(//main/section)[1]//*[contains(@class, 'plain') or contains(@class, 'key-figures')]/li | "
        "(//main/section)[1]//*[@class='threes']//p | (//main/section)[1]/h3 | (//main/section)[1]/ul/li"
    )
    for letters, width in (("A", MIN_SENTENCE_LENGTH), ("B", 34)):
        sheet.column_dimensions[letters].width = width
    lines = list(filter(None, (" ".join(" ".join(element.itertext()).split()) for element in elements)))
    for row, line in enumerate(lines, start=HEAD_ROW):
        _write_sentence(sheet, row, line)
    start = HEAD_ROW + len(lines) + 1
    contents = _fold_blanks(str(tree.xpath("string(//*[@id='contents-title'])")))
    write_text(sheet, start, 1, contents).font = build_font(bold=True, size=12)
    for row, (caption, title, row_there) in enumerate(entries, start=start + 1):
        cell = _write_sentence(sheet, row, caption)
        location = f"'{title}'!A{row_there}"
        cell.hyperlink = openpyxl.worksheet.hyperlink.Hyperlink(ref=cell.coordinate, location=location)
        cell.font = build_font(color=f"FF{page.theme.accent[1:].upper()}", underline="single")
        write_text(sheet, row, 2, title)


def _write_sentence(sheet: Any, row: int, text: str, *, column: int = 1) -> Any:
    """Write a wrapped text across as many columns as it needs to be read easily."""
    cell = write_text(sheet, row, column, text)
    cell.alignment = build_alignment()
    names = [name_column(number) for number in range(column, max(column, sheet.max_column) + 1)]
    widths = list(accumulate(sheet.column_dimensions[name].width for name in names))
    last = min(bisect_left(widths, MIN_SENTENCE_LENGTH), len(names) - 1)
    if last:
        sheet.merge_cells(f"{names[0]}{row}:{names[last]}{row}")
    sheet.row_dimensions[row].height = LINE_HEIGHT * ((len(text) - 1) // int(widths[last]) + 1)
    return cell


def _fill_sheet(sheet: Any, sections: Sequence[Any], page: Page) -> list[tuple[str, str, int]]:
    write_text(sheet, 2, 1, page.notice)
    entries: list[tuple[str, str, int]] = []
    notes: dict[int, str] = {}
    row = 1
    for section in sections:
        write_text(sheet, row, 1, _fold_blanks(section.findtext("h2"))).font = build_font(bold=True, size=12)
        row = max(row + 2, HEAD_ROW)
        for table in list_tables(section):
            caption = _fold_blanks(table.findtext("caption"))
            entries.append((caption, sheet.title, row))
            write_text(sheet, row, 1, caption).font = build_font(bold=True)
            row = _fill(sheet, row + 1, table)
            below = _list_notes(table)
            notes |= enumerate(below, start=row)
            row += len(below) + 1
        row = _list_sources(sheet, row, find_sources(section))
    _widen_columns(sheet)
    for row, note in notes.items():
        _write_sentence(sheet, row, note).font = build_font(italic=True)
    return entries


def _list_notes(table: Any) -> list[str]:
    figure = next(table.iterancestors("figure"), None)
    below = takewhile(lambda element: element.get("class") == "note", table.getparent().itersiblings())
    elements = below if figure is None else figure.xpath("./div/p")
    return list(filter(None, (_fold_blanks(element.text_content()) for element in elements)))


def _fill(sheet: Any, start: int, table: Any) -> int:
    """Write a table and return the row below it.

    Cells of missing numbers stay empty, so that the column can be summed; remarks give the reason.
    """
    rows = table.findall(".//tr")
    width = max((len(row) for row in rows), default=0)
    remarks = table.getroottree().find(".//main").get("data-remarks")
    heads = [_fold_blanks(cell.text_content()) for cell in rows[0]] if rows else []
    place = heads.index(remarks) + 1 if remarks in heads else width + 1
    has_asides = False
    for number, row in enumerate(rows, start=start):
        beside: list[str] = []
        for column, element in enumerate(row, start=1):
            value, pattern, aside = _split_cell(element)
            if element.xpath("self::td[contains(@class, 'number')]/span[contains(@class, 'absent')]"):
                beside += [text for text in (str(value), aside) if any(map(str.isalpha, text))]  # a sign gives none
                value = aside = ""
            if isinstance(value, Decimal):
                cell = sheet.cell(number, column, value)
                cell.number_format = pattern
                beside += [aside] if aside else []
            else:
                cell = write_text(sheet, number, column, "\n".join(filter(None, (value, aside))))
            _style_cell(cell, element, is_head=row.getparent().tag == "thead")
        if beside:
            has_asides = True
            said = (sheet.cell(number, place).value, "; ".join(dict.fromkeys(beside)))
            write_text(sheet, number, place, "\n".join(str(part) for part in said if part))
        _set_height(sheet, number, width + 1)
    if has_asides:
        write_text(sheet, start, place, remarks)
    _make_table(sheet, start, (len(rows), max(width, place * has_asides)), str(table.get("id")))
    return start + len(rows)


def _style_cell(cell: Any, element: Any, *, is_head: bool) -> None:
    cell.alignment = build_alignment()
    if element.tag == "th":
        cell.font = build_font(bold=True)
    if is_head:
        cell.fill = build_fill("FFEEF2F5")


def _make_table(sheet: Any, start: int, size: tuple[int, int], name: str) -> None:
    rows, columns = size
    if rows < 2 or not columns:
        return
    heads: list[str] = []
    for column in range(1, columns + 1):
        cell = sheet.cell(start, column)
        words = str(cell.value or "–").replace("\n", " · ")
        alike = sum(head.casefold().startswith(words.casefold()) for head in heads)
        head = f"{words} ({alike + 1})" if alike else words
        cell.value = head
        heads.append(head)
    reference = f"{format_cell(start, 1)}:{format_cell(start + rows - 1, columns)}"
    workbook_table = openpyxl.worksheet.table.Table(displayName=NON_NAME_CHARACTER.sub("_", f"t_{name}"), ref=reference)
    workbook_table.tableStyleInfo = openpyxl.worksheet.table.TableStyleInfo(name=None, showRowStripes=False)
    sheet.add_table(workbook_table)


def _list_sources(sheet: Any, start: int, sources: Sequence[Any]) -> int:
    if sources:
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = MIN_WIDTH, MIN_SENTENCE_LENGTH
    for row, element in enumerate(sources, start=start):
        key = _fold_blanks(element.findtext("span[@class='tag']"))
        write_text(sheet, row, 1, key).alignment = build_alignment()
        _write_sentence(sheet, row, _fold_blanks(element.text_content()).removeprefix(key).strip(), column=2)
    return start + len(sources) + bool(sources)


def _widen_columns(sheet: Any) -> None:
    widths: dict[str, int] = {}
    for cell in (cell for table in sheet.tables.values() for row in sheet[table.ref] for cell in row):
        longest = max((len(line) for line in str(cell.value or "").splitlines()), default=0)
        widths[cell.column_letter] = max(widths.get(cell.column_letter, 0), longest)
    for letters, longest in widths.items():
        sheet.column_dimensions[letters].width = min(max(longest + 2, MIN_WIDTH), MAX_WIDTH)


def _set_height(sheet: Any, row: int, columns: int) -> None:
    lines = (str(cell.value or "").splitlines() for cell in next(sheet.iter_rows(row, row, max_col=columns)))
    most = max((sum(len(line) // MAX_WIDTH + 1 for line in cell_lines) for cell_lines in lines), default=1)
    sheet.row_dimensions[row].height = LINE_HEIGHT * max(most, 1)


def _split_cell(element: Any) -> tuple[str | Decimal, str, str]:
    """Return the text or number of a cell, the format of the number, and text in brackets."""
    main, aside = [element.text or ""], []
    for child in element:
        if NOTE_CLASSES & set((child.get("class") or "").split()):
            aside.append(_fold_blanks(child.text_content()))
        else:
            main.append(child.text_content())
        main.append(child.tail or "")
    text, number = _fold_blanks("".join(main)), element.find("data")
    beside = "\n".join(filter(None, aside))
    if number is not None and text == _fold_blanks(number.text):
        return Decimal(number.get("value")), number.get("data-pattern", "#,##0"), beside
    return (Decimal(text) if YEAR.fullmatch(text) else text), "0", beside


def _fold_blanks(text: str | None) -> str:
    return " ".join((text or "").split())
