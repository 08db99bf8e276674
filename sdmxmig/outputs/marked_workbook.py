"""The office's own workbook with the faulty cells marked, and a first sheet that lists what was found.

The copy is made for people: what stands in the office's sheets stays, and only colours and comments are added. No
text from data can become a formula or a link to elsewhere. Pictures, charts and macros cannot be carried over; the
first sheet says so where a workbook has any.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sdmxmig.errors import InputError
from sdmxmig.intake.archives import open_zip
from sdmxmig.intake.xml import parse_xml
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import SEVERITIES, Finding, Findings
from sdmxmig.model.tables import AS_FOUND, Cell, Range, Table, Written
from sdmxmig.outputs.findings_sheet import Copy, clean, order, places, position, put, write_listing
from sdmxmig.outputs.findings_text import About
from sdmxmig.outputs.workbook_bytes import free_title, saved
from sdmxmig.places import Place
from sdmxmig.tables import read, reader_of

if TYPE_CHECKING:
    from openpyxl import Workbook

FILL = {"error": "FFFADBD8", "warning": "FFFFF0CC", "information": "FFE3EEF5"}
COMMENT_LENGTH = 4_000
NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
READ_BEFORE = ("xl/worksheets/sheet", "xl/sharedStrings", "xl/styles")
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
MOST_DIGITS = 15
"""Spreadsheets keep so many digits of a number; longer ones stay text."""
NOT_CARRIED = re.compile(r"xl/(media|charts|drawings/drawing|pivotTables|slicers|vbaProject)")


def mark(
    name: str,
    content: bytes,
    findings: Findings,
    *,
    language: str = "en",
    flows: Mapping[str, Flow] | None = None,
    written: Written = AS_FOUND,
    instead: Mapping[tuple[str, Cell], str] | None = None,
) -> bytes:
    """A copy of a workbook with the cells of findings marked, and a first sheet that lists the findings.

    `name` is the workbook's name as in the places of the findings; findings about other files are left out, those
    without a place are listed. `language` is that of the first sheet and of the comments; `flows` give tables and codes
    their names; `written` is how a text file is written. A file of another format than .xlsx becomes a workbook with
    the texts and numbers of its cells; `instead` are other texts for some of these, by sheet, row and column. Same
    input, same bytes. Raises `InputError` as `tables.read` does, or if the workbook cannot be copied.
    """
    tables = read(name, content, written)  # refuses hostile files before they meet a library without limits
    about = [one for one in findings.items if not places(one) or name in files_of(one)]
    about.sort(key=lambda one: (SEVERITIES.index(one.severity), one.rule, *order(one, name)))
    if written == AS_FOUND and reader_of(name, content).name == "xlsx":
        workbook, lost = load(content, name)
    else:
        workbook, lost = from_tables(tables, instead or {}), False
    modified = workbook.properties.modified
    copy = Copy(name, language, workbook.worksheets[0].title if workbook.worksheets else "")
    mark_cells(workbook, about, copy)
    listing = workbook.create_sheet(free_title(workbook.sheetnames, copy.word("title")), 0)
    write_listing(listing, about, copy, About(findings, flows, language), lost=lost)
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = sheet is listing
    workbook.active = 0
    return saved(workbook, modified.strftime("%Y-%m-%dT%H:%M:%SZ"))


def files_of(finding: Finding) -> set[str]:
    """The files that a finding is about: those of its cells, and those that it is about as a whole."""
    return {place.file for place in (*places(finding), *(one for one in finding.related if not one.cell))}


def load(content: bytes, name: str) -> tuple[Workbook, bool]:
    """The workbook, and whether it has parts that cannot be carried over."""
    from openpyxl import load_workbook

    archive = open_zip(content, name)
    for member in archive.members:
        if member.endswith((".xml", ".rels")) and not member.startswith(READ_BEFORE):
            parse_xml(archive.read(member), f"{name} › {member}")  # the same limits for what is copied unread
    lost = any(NOT_CARRIED.match(member) for member in archive.members)
    try:
        return load_workbook(io.BytesIO(content), rich_text=True), lost
    except Exception as error:
        # A workbook that can be read may still hold what the copying library does not know, and it says so in
        # many ways; the office is told, and its own workbook is as it was.
        hint = "Open it in a spreadsheet program and save it again as .xlsx."
        raise InputError("The workbook cannot be copied to be marked.", Place(name), hint) from error


def from_tables(tables: Iterable[Table], instead: Mapping[tuple[str, Cell], str]) -> Workbook:
    """A workbook with the cells of files of other formats, a sheet a table; merged cells stay merged."""
    from openpyxl import Workbook

    workbook = Workbook()
    first = workbook.worksheets[0].title
    workbook.remove(workbook.worksheets[0])
    for table in tables:
        sheet = workbook.create_sheet(free_title(workbook.sheetnames, NOT_IN_TITLES.sub(" ", table.sheet) or first))
        own = {cell: text for (title, cell), text in instead.items() if title == table.sheet}
        for row, column, found, kind, _, code in table.cells.iter_rows():
            text = own.get((row, column), found)
            cell = put(sheet, row, column, text)
            if kind == "number" and NUMBER.fullmatch(text) and len(text.strip("-.")) <= MOST_DIGITS:
                cell.value = float(text) if "." in text else int(text)
                cell.number_format = table.formats[code] if code is not None else "General"
        free = [one for one in table.merged if not any(overlap(one, other) for other in table.merged if other != one)]
        for one in free:
            sheet.merge_cells(None, one.first_row, one.first_column, one.last_row, one.last_column)
    return workbook


def overlap(one: Range, other: Range) -> bool:
    """Whether two rectangles share a cell, which no workbook may say of merged cells."""
    rows = one.first_row <= other.last_row and other.first_row <= one.last_row
    return rows and one.first_column <= other.last_column and other.first_column <= one.last_column


def mark_cells(workbook: Workbook, findings: Iterable[Finding], copy: Copy) -> None:
    """Colour the cells by the worst finding, and say in a comment what was found; an own comment stays."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    said: dict[tuple[str, int, int], list[Finding]] = {}
    for finding in findings:
        for place in dict.fromkeys(places(finding)):
            at = position(place)
            title = copy.sheet_of(place)
            if place.file == copy.name and at and title in workbook.sheetnames:
                row, column = at
                said.setdefault((title, *shown_at(workbook[title], row, column)), []).append(finding)
    for (title, row, column), listed in sorted(said.items(), key=lambda pair: pair[0]):
        cell: Any = workbook[title].cell(row, column)
        colour = FILL[min((one.severity for one in listed), key=SEVERITIES.index)]
        cell.fill = PatternFill("solid", fgColor=colour)
        own = [cell.comment.text] if cell.comment else []
        text = "\n\n".join(dict.fromkeys([*own, *(remark(one, copy.language) for one in listed)]))
        cell.comment = Comment(
            clean(text, COMMENT_LENGTH), "sdmxmig", height=30 + 18 * (len(text) // 45 + 2), width=340
        )


def shown_at(sheet: Any, row: int, column: int) -> tuple[int, int]:
    """The cell that is seen at an address: the first one of a merged cell, else itself."""
    for one in sheet.merged_cells.ranges:
        if one.min_row <= row <= one.max_row and one.min_col <= column <= one.max_col:
            return one.min_row, one.min_col
    return row, column


def remark(finding: Finding, language: str) -> str:
    """The comment of a finding: rule – what – remedy."""
    parts = (finding.rule, finding.sentence(language), finding.remedy(language))
    return " – ".join(part for part in parts if part)
