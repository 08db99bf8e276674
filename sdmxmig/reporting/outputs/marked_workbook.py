"""Marked copies of workbooks (`workbook_copy`), with a list of findings on the first sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sdmxmig.catalogue.folders import read_words_in
from sdmxmig.conversion.tables import read_once
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.io.workbooks import (
    COLOURS,
    HEAD,
    LINE_HEIGHT,
    MAX_ROW_HEIGHT,
    RULE_COLOUR,
    SECONDARY_COLOUR,
    TEXT,
    build_alignment,
    build_fill,
    build_font,
    choose_free_title,
    clean_text,
    count_lines,
    save_workbook,
    write_text,
)
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import Place, format_cell, parse_cell
from sdmxmig.primitives.text import find_direction, normalise_tag, show_lines
from sdmxmig.reporting.outputs.findings_text import (
    FindingSubject,
    list_translations,
    read_columns,
    shorten_cells,
    translate_expected,
)
from sdmxmig.reporting.outputs.workbook_copy import copy_workbook, find_shown_cell
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import SEVERITIES, Finding, Findings
from sdmxmig.sdmx.model.tables import AUTODETECT, Cell, Table, TextFormat

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


FILL_COLOURS = {"error": "FFFADBD8", "warning": "FFFFF0CC", "information": "FFE3EEF5"}
RELATED_COLOURS = {"error": "FFFCEDEB", "warning": "FFFFF8E6", "information": "FFF1F6FA"}
COMMENT_LENGTH = 4_000
COMMENT_WIDTH, LETTERS_PER_LINE = 300, 44
"""The width of a comment in pixels, and in letters."""
MAX_COMMENTS = 10_000
"""Maximum number of comments on a sheet; programs draw a box for each."""


def copy_with_marks(
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

    Findings on other files are omitted. Other formats become workbooks of cells; `instead` replaces texts. Raises
    `InputError` like `tables.read`.
    """
    language = normalise_tag(language)
    about = [finding for finding in findings.items if not list_all_places(finding) or name in find_files(finding)]
    about.sort(key=lambda finding: (SEVERITIES.index(finding.severity), finding.rule, *sort_key(finding, name)))
    tables = read_once(name, content, written)
    own = group_by_cell(name, tables, ((finding, list_places(finding)) for finding in about))
    related = group_by_cell(name, tables, ((finding, finding.related) for finding in about))
    rows = {table.sheet: {row for sheet, (row, _) in {**own, **related} if sheet == table.sheet} for table in tables}
    source = copy_workbook(name, content, tables, written=written, instead=instead or {}, named=rows)
    copy = MarkedCopy(name, language, titles=source.titles)
    without_comment = mark_cells(source.workbook, own, related, copy)
    title = choose_free_title(source.workbook.sheetnames, copy.say(SHEET_TITLE))
    listing = source.workbook.create_sheet(title, 0)
    source.workbook.active = 0
    lost = [
        *describe_losses(copy, source.losses),
        *([copy.say(LOSS_TEXTS["remarks"], count=without_comment)] if without_comment else []),
    ]
    write_listing(listing, about, copy, FindingSubject(findings, flows, language), losses=lost)
    return save_workbook(source.workbook)


def find_files(finding: Finding) -> set[str]:
    return {place.file for place in list_all_places(finding)}


def group_by_cell(
    name: str, tables: Sequence[Table], places: Iterable[tuple[Finding, Iterable[Place]]]
) -> dict[tuple[str, Cell], list[Finding]]:
    merged = {table.sheet: table.merged for table in tables}
    marked: dict[tuple[str, Cell], list[Finding]] = {}
    for finding, named in places:
        for place in dict.fromkeys(named):
            at = find_position(place)
            if place.file == name and at and place.sheet in merged:
                marked.setdefault((place.sheet, find_shown_cell(at, merged[place.sheet])), []).append(finding)
    return marked


def mark_cells(
    workbook: Workbook,
    own: Mapping[tuple[str, Cell], Sequence[Finding]],
    related: Mapping[tuple[str, Cell], Sequence[Finding]],
    copy: MarkedCopy,
) -> int:
    """Colour cells by the worst finding and comment them; return how many have no comment.

    A cell that is only related to findings has a lighter colour.
    """
    from openpyxl.comments import Comment

    comments: Counter[str] = Counter()
    without_comment = 0
    for at in sorted({*own, *related}, key=lambda at: (at not in own, at)):
        sheet, (row, column) = at
        cell: Any = workbook[copy.titles[sheet]].cell(row, column)
        worst = min((finding.severity for finding in own.get(at) or related[at]), key=SEVERITIES.index)
        colour = (FILL_COLOURS if at in own else RELATED_COLOURS)[worst]
        cell.fill = build_fill(colour)
        comments[sheet] += 1
        if comments[sheet] > MAX_COMMENTS and not cell.comment:
            without_comment += 1
            continue
        remarks = [
            *([cell.comment.text] if cell.comment else []),
            *(write_remark(finding, copy) for finding in own.get(at, ())),
            *(write_remark(finding, copy, seen_from=Place(copy.name, sheet)) for finding in related.get(at, ())),
        ]
        text = clean_text(show_lines("\n\n".join(dict.fromkeys(remarks))), COMMENT_LENGTH)
        lines = sum(count_lines(line, LETTERS_PER_LINE) for line in text.splitlines())
        height = min(LINE_HEIGHT * (lines + 2), MAX_ROW_HEIGHT)
        cell.comment = Comment(text, "sdmxmig", height=height, width=COMMENT_WIDTH)
    return without_comment


def write_remark(finding: Finding, copy: MarkedCopy, *, seen_from: Place | None = None) -> str:
    """Write the comment of a cell; for a related cell, also name the cell of the finding."""
    parts = [finding.rule, finding.sentence(copy.language), finding.remedy(copy.language)]
    if seen_from and finding.place:
        parts.insert(1, copy.say(RELATED_TEXT, place=finding.place.name_from(seen_from)))
    return " – ".join(part for part in parts if part)


SHEET_TITLE = "Findings"
NEXT_STEP = "Next step: correct the cells in your original workbook or explain the warnings. Then validate again."
RELATED_TEXT = "This cell is related to the finding in {place}."
ABOUT_TEXT = "This is a marked copy of {name}. Only colours and comments were added to the other sheets."
SUMMARIES = {
    "error": "errors: correct them before you send the data",
    "warning": "warnings: correct or explain them",
    "information": "for information",
}
LOSS_TEXTS = {
    "running": "Macros and embedded objects are left out.",
    "shown": "Pictures, charts, pivot tables, conditional formats and drop-down lists are left out.",
    "sources": "Data connections, queries, embedded data, and links and names that refer to other files are left out.",
    "links": "Links in cells ({count}) are removed; their text is kept.",
    "formulas": "Formulas ({count}) are replaced by their values.",
    "remarks": "More comments than a copy can hold: {count} further cells are coloured but have no comment.",
    "looks": "Fonts and borders are left out because the workbook has an unusual structure or is large.",
    "rows": "The table is large: only its first rows and the rows with findings are copied.",
}
COLUMNS = tuple(read_columns("copy").values())
SIGNS = {"error": "✕", "warning": "!", "information": "i"}
MAX_OTHER_CELLS = 12


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    name: str
    language: str
    _: KW_ONLY
    titles: Mapping[str, str]

    def say(self, sentence: str, **values: object) -> str:
        return read_words_in("findings", self.language).say(sentence, **values)


def is_listing(table: Table) -> bool:
    abouts = (words.partition("{")[0] for words in list_translations(ABOUT_TEXT))
    return table.text(1, 1) in list_translations(SHEET_TITLE) and table.text(2, 1).startswith(tuple(abouts))


def list_places(finding: Finding) -> tuple[Place, ...]:
    return (*([finding.place] if finding.place else []), *finding.others)


def list_all_places(finding: Finding) -> tuple[Place, ...]:
    return (*list_places(finding), *finding.related)


def sort_key(finding: Finding, name: str) -> tuple[str, int, int]:
    place = next((place for place in list_all_places(finding) if place.file == name), None)
    return (place.sheet, *(find_position(place) or (0, 0))) if place else ("", 0, 0)


def find_position(place: Place) -> tuple[int, int] | None:
    try:
        row, column = parse_cell(place.cell)
    except ValueError:
        return None
    return (row, column) if 1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN else None


def write_listing(
    sheet: Worksheet, findings: Sequence[Finding], copy: MarkedCopy, about: FindingSubject, *, losses: Sequence[str]
) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.rightToLeft = find_direction(copy.language) == "rtl"
    row = write_head(sheet, findings, copy, losses=losses)
    if findings:
        write_table(sheet, row, findings=findings, copy=copy, about=about)
    for column, (_, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[format_cell(1, column).rstrip("1")].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_margins.left = sheet.page_margins.right = sheet.page_margins.top = 0.4  # inches
    sheet.oddFooter.right.text = "&P / &N"  # type: ignore[union-attr]
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]


def write_head(sheet: Worksheet, findings: Sequence[Finding], copy: MarkedCopy, *, losses: Sequence[str]) -> int:
    write_text(sheet, 1, 1, copy.say(SHEET_TITLE)).font = build_font(size=20, bold=True, color=TEXT)
    row = 2
    about = copy.say(ABOUT_TEXT, name=PurePath(copy.name).name)
    has_related = any(place.file == copy.name and place.cell for finding in findings for place in finding.related)
    lighter = copy.say("Cells in a lighter colour are related to a finding: the mistake may be there.")
    for text in (about, *([lighter] if has_related else []), *losses):
        write_text(sheet, row, 1, text).font = build_font(color=SECONDARY_COLOUR)
        row += 1
    row += 1
    for severity in SEVERITIES:
        count = sum(finding.severity == severity for finding in findings)
        sheet.cell(row, 1, count).font = build_font(size=14, bold=True, color=COLOURS[severity])
        sheet.cell(row, 1).alignment = openpyxl.styles.Alignment(horizontal="right")
        write_text(sheet, row, 2, f"{SIGNS[severity]} {copy.say(SUMMARIES[severity])}").font = build_font(
            color=COLOURS[severity]
        )
        row += 1
    write_text(
        sheet, row + 1, 1, copy.say(NEXT_STEP) if findings else copy.say("No findings in this workbook.")
    ).font = build_font(bold=True, color=TEXT)
    return row + 3


def describe_losses(copy: MarkedCopy, losses: Mapping[str, int]) -> Iterator[str]:
    for name, count in losses.items():
        if count:
            yield copy.say(LOSS_TEXTS[name], count=count)


def write_table(
    sheet: Worksheet, row: int, findings: Sequence[Finding], copy: MarkedCopy, about: FindingSubject
) -> None:
    for column, (key, _) in enumerate(COLUMNS, start=1):
        head = write_text(sheet, row, column, copy.say(key))
        head.font = build_font(bold=True, color=TEXT)
        head.fill = build_fill(HEAD)
        head.border = openpyxl.styles.Border(bottom=openpyxl.styles.Side("thin", color=SECONDARY_COLOUR))
    line = openpyxl.styles.Border(bottom=openpyxl.styles.Side("thin", color=RULE_COLOUR))
    for number, finding in enumerate(findings, start=row + 1):
        write_row(sheet, number, finding=finding, copy=copy, about=about)
        lines = max(
            count_lines(str(sheet.cell(number, column).value or ""), width)
            for column, (_, width) in enumerate(COLUMNS, start=1)
        )
        sheet.row_dimensions[number].height = min(LINE_HEIGHT * lines + 4, MAX_ROW_HEIGHT)
        for column in range(1, len(COLUMNS) + 1):
            cell = sheet.cell(number, column)
            cell.alignment = build_alignment()
            cell.border = line
    sheet.auto_filter.ref = f"A{row}:{format_cell(row + len(findings), len(COLUMNS))}"
    sheet.print_title_rows = f"{row}:{row}"


def write_row(sheet: Worksheet, row: int, finding: Finding, copy: MarkedCopy, about: FindingSubject) -> None:
    severity = write_text(sheet, row, 1, f"{SIGNS[finding.severity]} {copy.say(finding.severity)}")
    severity.font = build_font(bold=True, color=COLOURS[finding.severity])
    write_text(sheet, row, 2, finding.rule)
    in_workbook = [place for place in list_places(finding) if place.file == copy.name]
    if in_workbook:
        add_link(write_text(sheet, row, 3, show_lines(format_address(in_workbook[0]))), in_workbook[0], copy)
    write_text(sheet, row, 4, show_lines(about.line(finding)))
    write_text(sheet, row, 5, show_lines(finding.sentence(copy.language)))
    write_text(sheet, row, 6, show_lines(finding.remedy(copy.language)))
    write_text(sheet, row, 7, show_lines(finding.observed))
    write_text(sheet, row, 8, show_lines(translate_expected(finding.expected, copy.language)))
    others = [place for place in dict.fromkeys(list_places(finding)) if not in_workbook or place != in_workbook[0]]
    further = [format_address(place) if place.file == copy.name else str(place) for place in others]
    more = f" … (+{len(further) - MAX_OTHER_CELLS})" if len(further) > MAX_OTHER_CELLS else ""
    write_text(sheet, row, 9, show_lines(", ".join(further[:MAX_OTHER_CELLS]) + more))
    write_text(sheet, row, 10, show_lines(shorten_cells(finding.related, Place(copy.name))))


def format_address(place: Place) -> str:
    return " › ".join(part for part in (place.sheet, place.cell) if part) or place.file


def add_link(cell: Any, place: Place, copy: MarkedCopy) -> None:
    if not find_position(place):
        return
    title = copy.titles.get(place.sheet, place.sheet).replace("'", "''")
    cell.hyperlink = openpyxl.worksheet.hyperlink.Hyperlink(ref=cell.coordinate, location=f"'{title}'!{place.cell}")
    cell.font = build_font(color=COLOURS["information"], underline="single")
