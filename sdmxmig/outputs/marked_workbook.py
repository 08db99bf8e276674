"""The office's own workbook with the faulty cells marked, and a first sheet that lists what was found.

The copy is made for people: what stands in the office's sheets stays, and only colours and comments are added. No
text from data can become a formula or a link to elsewhere. Pictures, charts and macros cannot be carried over; the
first sheet says so where a workbook has any.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sdmxmig.intake import open_zip
from sdmxmig.model.findings import SEVERITIES, Finding, Findings
from sdmxmig.places import Place, cell_name, cell_position
from sdmxmig.tables import read
from sdmxmig.text import direction, translations

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LABELS: Mapping[str, str] = {
    "title": "Findings",
    "error": "error",
    "errors": "errors: mend them before sending",
    "warning": "warning",
    "warnings": "warnings: mend or explain them",
    "information": "information",
    "informations": "for information",
    "none": "Nothing was found in this workbook.",
    "about": "This is a marked copy of {name}. The next sheets are as they were, but for colours and comments.",
    "lost": "Pictures, charts and macros of the workbook are not in this copy.",
    "next": "What to do next: correct the cells in the original workbook or explain the warnings, and check again.",
    "severity": "Severity",
    "rule": "Rule",
    "where": "Where",
    "what": "What was found",
    "remedy": "What to do",
    "observed": "Value seen",
    "expected": "Expected",
    "further": "Further cells",
}
COLUMNS = (
    ("severity", 15),
    ("rule", 12),
    ("where", 22),
    ("what", 60),
    ("remedy", 52),
    ("observed", 18),
    ("expected", 18),
    ("further", 26),
)
SIGNS = {"error": "✕", "warning": "!", "information": "i"}
INK = {"error": "FFB3261E", "warning": "FF8A5A00", "information": "FF0B5C8A"}
FILL = {"error": "FFFADBD8", "warning": "FFFFF0CC", "information": "FFE3EEF5"}
TEXT, SECOND, RULE, HEAD = "FF1B2733", "FF52606D", "FFD9E0E6", "FFEEF2F5"
CELL_LENGTH = 32_000
COMMENT_LENGTH = 4_000
FURTHER = 12
EPOCH = (1980, 1, 1, 0, 0, 0)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_CARRIED = re.compile(r"xl/(media|charts|drawings/drawing|pivotTables|slicers|vbaProject)")


def mark(name: str, content: bytes, findings: Findings, *, language: str = "en") -> bytes:
    """A copy of a workbook with the cells of findings marked, and a first sheet that lists the findings.

    `name` is the workbook's name as in the places of the findings; findings about other files are left out, those
    without a place are listed. `language` is that of the first sheet and of the comments. A text file becomes a
    workbook with one sheet. Same input, same bytes. Raises `InputError` as `tables.read` does.
    """
    tables = read(name, content)  # refuses hostile files before they meet a library without limits
    about = [one for one in findings.items if not places(one) or any(p.file == name for p in places(one))]
    about.sort(key=lambda one: (SEVERITIES.index(one.severity), one.rule, *order(one, name)))
    if content.startswith(b"PK"):
        workbook, lost = load(content, name)
    else:
        workbook, lost = from_text(tables[0].rows), False
    modified = workbook.properties.modified
    words = translations(language).gettext
    labels = {key: words(text) for key, text in LABELS.items()}
    plain = {"": workbook.worksheets[0].title} if workbook.worksheets else {}
    mark_cells(workbook, about, name, language, plain)
    listing = workbook.create_sheet(free_title(workbook, labels["title"]), 0)
    write_listing(listing, about, name, language=language, labels=labels, lost=lost, plain=plain)
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = sheet is listing
    workbook.active = 0
    return saved(workbook, modified.strftime("%Y-%m-%dT%H:%M:%SZ"))


def places(finding: Finding) -> tuple[Place, ...]:
    """All cells of a finding."""
    return (*([finding.place] if finding.place else []), *finding.others)


def order(finding: Finding, name: str) -> tuple[str, int, int]:
    """Where a finding's first cell in this workbook stands, for sorting."""
    place = next((one for one in places(finding) if one.file == name), None)
    return (place.sheet, *(position(place) or (0, 0))) if place else ("", 0, 0)


def position(place: Place) -> tuple[int, int] | None:
    """The row and column of a place, None if it is no cell."""
    try:
        return cell_position(place.cell)
    except (ValueError, IndexError):
        return None


def load(content: bytes, name: str) -> tuple[Workbook, bool]:
    """The workbook, and whether it has parts that cannot be carried over."""
    from openpyxl import load_workbook

    lost = any(NOT_CARRIED.match(member) for member in open_zip(content, name).members)
    return load_workbook(io.BytesIO(content), rich_text=True), lost


def from_text(rows: Mapping[int, Mapping[int, str]]) -> Workbook:
    """A workbook with the cells of a text file, as texts."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row, cells in rows.items():
        for column, text in cells.items():
            put(sheet, row, column, text)
    return workbook


def clean(text: str, length: int = CELL_LENGTH) -> str:
    """A text that a workbook can hold: without control characters, and not too long."""
    text = CONTROL.sub("�", text)
    return text if len(text) <= length else text[: length - 1] + "…"


def put(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    """Write a text into a cell so that it can never be a formula; gives the cell."""
    cell: Any = sheet.cell(row, column)
    cell.value = clean(text)
    cell.data_type = "s"
    if text[:1] in tuple("=+-@"):
        cell.quotePrefix = True
    return cell


def free_title(workbook: Workbook, wanted: str) -> str:
    """A sheet name that the workbook does not have yet, whatever its case."""
    taken = {title.casefold() for title in workbook.sheetnames}
    title, number = wanted[:31], 1
    while title.casefold() in taken:
        number += 1
        title = f"{wanted[:27]} {number}"
    return title


def mark_cells(
    workbook: Workbook, findings: Iterable[Finding], name: str, language: str, plain: Mapping[str, str]
) -> None:
    """Colour the cells by the worst finding, and say in a comment what was found; an own comment stays."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    said: dict[tuple[str, int, int], list[Finding]] = {}
    for finding in findings:
        for place in dict.fromkeys(places(finding)):
            at = position(place)
            title = plain.get(place.sheet, place.sheet)
            if place.file == name and at and title in workbook.sheetnames:
                row, column = at
                said.setdefault((title, *shown_at(workbook[title], row, column)), []).append(finding)
    for (title, row, column), listed in sorted(said.items(), key=lambda pair: pair[0]):
        cell: Any = workbook[title].cell(row, column)
        colour = FILL[min((one.severity for one in listed), key=SEVERITIES.index)]
        cell.fill = PatternFill("solid", fgColor=colour)
        own = [cell.comment.text] if cell.comment else []
        text = "\n\n".join(dict.fromkeys([*own, *(remark(one, language) for one in listed)]))
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


def write_listing(
    sheet: Worksheet,
    findings: list[Finding],
    name: str,
    *,
    language: str,
    labels: Mapping[str, str],
    lost: bool,
    plain: Mapping[str, str],
) -> None:
    """The first sheet: what this is, how many findings there are, and one row for each."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.rightToLeft = direction(language) == "rtl"
    put(sheet, 1, 1, labels["title"]).font = Font(size=20, bold=True, color=TEXT)
    row = 2
    for text in (labels["about"].format(name=PurePath(name).name), *([labels["lost"]] if lost else [])):
        put(sheet, row, 1, text).font = Font(color=SECOND)
        row += 1
    row += 1
    for severity in SEVERITIES:
        count = sum(one.severity == severity for one in findings)
        sheet.cell(row, 1, count).font = Font(size=14, bold=True, color=INK[severity])
        sheet.cell(row, 1).alignment = Alignment(horizontal="right")
        put(sheet, row, 2, f"{SIGNS[severity]} {labels[severity + 's']}").font = Font(color=INK[severity])
        row += 1
    put(sheet, row + 1, 1, labels["next" if findings else "none"]).font = Font(bold=True, color=TEXT)
    row += 3
    for column, (key, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[cell_name(row, column).rstrip("0123456789")].width = width
        if findings:
            head = put(sheet, row, column, labels[key])
            head.font = Font(bold=True, color=TEXT)
            head.fill = PatternFill("solid", fgColor=HEAD)
            head.border = Border(bottom=Side("thin", color=SECOND))
    for number, finding in enumerate(findings, start=row + 1):
        write_row(sheet, number, finding, name, language=language, labels=labels, plain=plain)
        for column in range(1, len(COLUMNS) + 1):
            cell = sheet.cell(number, column)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(bottom=Side("thin", color=RULE))
    if findings:
        sheet.freeze_panes = f"A{row + 1}"
        sheet.print_title_rows = f"{row}:{row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]


def write_row(
    sheet: Worksheet,
    row: int,
    finding: Finding,
    name: str,
    *,
    language: str,
    labels: Mapping[str, str],
    plain: Mapping[str, str],
) -> None:
    """One finding: severity in word and sign, rule, link to the cell, sentence, remedy, values, further cells."""
    from openpyxl.styles import Font

    severity = put(sheet, row, 1, f"{SIGNS[finding.severity]} {labels[finding.severity]}")
    severity.font = Font(bold=True, color=INK[finding.severity])
    put(sheet, row, 2, finding.rule)
    here = [place for place in places(finding) if place.file == name]
    if here:
        link(put(sheet, row, 3, address(here[0])), here[0], plain)
    put(sheet, row, 4, finding.sentence(language))
    put(sheet, row, 5, finding.remedy(language))
    put(sheet, row, 6, finding.observed)
    put(sheet, row, 7, finding.expected)
    further = [address(place) if place.file == name else str(place) for place in places(finding)]
    further = [text for text in dict.fromkeys(further) if not here or text != address(here[0])]
    more = f" … (+{len(further) - FURTHER})" if len(further) > FURTHER else ""
    put(sheet, row, 8, ", ".join(further[:FURTHER]) + more)


def address(place: Place) -> str:
    """A cell as people write it."""
    return " › ".join(part for part in (place.sheet, place.cell) if part) or place.file


def link(cell: Any, place: Place, plain: Mapping[str, str]) -> None:
    """Make a cell lead to another cell of the workbook."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    if not position(place):
        return
    title = plain.get(place.sheet, place.sheet).replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{title}'!{place.cell}")
    cell.font = Font(color=INK["information"], underline="single")


def saved(workbook: Workbook, modified: str) -> bytes:
    """The bytes of a workbook, the same each time: no clock in its properties or its archive."""
    written = io.BytesIO()
    workbook.save(written)
    result = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                stamp = rb"(<dcterms:modified[^>]*>)[^<]*"
                content = re.sub(stamp, rb"\g<1>" + modified.encode(), content)
            entry = zipfile.ZipInfo(info.filename, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # the same on every system
            target.writestr(entry, content)
    return result.getvalue()
