"""Marked copies of workbooks.

Cells are coloured and commented; the copy contains no external references (`outputs.office_copy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sdmxmig.conversion.tables import read, reader_of
from sdmxmig.io.workbook_bytes import free_title
from sdmxmig.io.workbook_cells import clean
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.text import tag
from sdmxmig.primitives.visible import visible_lines
from sdmxmig.reporting.outputs.findings_sheet import MarkedCopy, order, places, position, write_listing
from sdmxmig.reporting.outputs.findings_text import FindingSubject
from sdmxmig.reporting.outputs.office_copy.copied import CopyLosses, CopySource
from sdmxmig.reporting.outputs.office_copy.office import read_office
from sdmxmig.reporting.outputs.office_copy.package import SheetMarks, packed
from sdmxmig.reporting.outputs.office_copy.tables import read_tables
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings
from sdmxmig.sdmx.model.tables import AUTODETECT, Cell, TextFormat

FILL = {"error": "FFFADBD8", "warning": "FFFFF0CC", "information": "FFE3EEF5"}
COMMENT_LENGTH = 4_000


def mark(
    name: str,
    content: bytes,
    findings: Findings,
    *,
    language: str = "en",
    flows: Mapping[str, Flow] | None = None,
    written: TextFormat = AUTODETECT,
    instead: Mapping[tuple[str, Cell], str] | None = None,
) -> bytes:
    """Copy a workbook with marked cells and a list of findings; deterministic.

    Findings in other files are left out. Other formats become workbooks of cells; `instead` replaces texts. Raises
    `InputError` like `tables.read`.
    """
    language = tag(language)
    about = [finding for finding in findings.items if not places(finding) or name in files_of(finding)]
    about.sort(key=lambda finding: (SEVERITIES.index(finding.severity), finding.rule, *order(finding, name)))
    source = source_of(name, content, written, instead or {})
    copy = MarkedCopy(name, language, titles={sheet.original_name: sheet.title for sheet in source.sheets})
    title = free_title([sheet.title for sheet in source.sheets], copy.word("title"))

    def listing(losses: CopyLosses) -> openpyxl.Workbook:
        workbook = openpyxl.Workbook()
        sheet = workbook.worksheets[0]
        sheet.title = title
        write_listing(sheet, about, copy, FindingSubject(findings, flows, language), losses=losses)
        return workbook

    return packed(source, marks_of(source, about, copy), title, listing)


def source_of(name: str, content: bytes, written: TextFormat, instead: Mapping[tuple[str, Cell], str]) -> CopySource:
    if written != AUTODETECT or reader_of(name, content).name != "xlsx":
        return read_tables(read(name, content, written), instead)
    try:
        return read_office(name, content)
    except InputError:
        return read_tables(read(name, content, written), instead, looks=True)


def files_of(finding: Finding) -> set[str]:
    return {place.file for place in (*places(finding), *(place for place in finding.related if not place.cell))}


def marks_of(source: CopySource, findings: Iterable[Finding], copy: MarkedCopy) -> dict[str, SheetMarks]:
    """The colour of each cell by the worst finding, and what was found as a comment, by the titles of the sheets."""
    sheets = {sheet.title: sheet for sheet in source.sheets}
    findings_by_cell: dict[tuple[str, Cell], list[Finding]] = {}
    for finding in findings:
        for place in dict.fromkeys(places(finding)):
            at, title = position(place), copy.sheet_of(place)
            if place.file == copy.name and at and title in sheets:
                findings_by_cell.setdefault((title, sheets[title].shown_at(at)), []).append(finding)
    marks: dict[str, SheetMarks] = {}
    for (title, (row, column)), listed in sorted(findings_by_cell.items(), key=lambda pair: pair[0]):
        worst = min((finding.severity for finding in listed), key=SEVERITIES.index)
        marks.setdefault(title, SheetMarks()).colours.setdefault(row, {})[column] = FILL[worst]
        text = "\n\n".join(dict.fromkeys(remark(finding, copy.language) for finding in listed))
        marks[title].remarks[row, column] = clean(visible_lines(text), COMMENT_LENGTH)
    return marks


def remark(finding: Finding, language: str) -> str:
    parts = (finding.rule, finding.sentence(language), finding.remedy(language))
    return " – ".join(part for part in parts if part)
