"""Codelists as spreadsheets of text cells, with detection of damage."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sdmxmig.conversion.tables import read
from sdmxmig.io.workbooks import save_workbook, write_text
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.lazily import openpyxl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.tables import Table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


KEY_COLUMNS = ("id", "source")
"""Key columns: ``id``, or ``source`` in representation maps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSheet:
    name: Ref
    table: Table
    columns: tuple[str, ...]
    at: Mapping[str, int]
    rows: tuple[tuple[int, Mapping[str, str]], ...]

    @property
    def key(self) -> str:
        return next(column for column in KEY_COLUMNS if column in self.at)

    def place(self, row: int, column: str) -> Place:
        return self.table.place(row, self.at[column])


def read_sheet(name: str, content: bytes, called: str = "") -> ListSheet:
    """Read a codelist from a spreadsheet.

    Its name is `called`, or from the sheet “About”, or the file name (``CL_SEX.2.1.xlsx``). Raises `InputError` or
    `SdmxmigError`.
    """
    tables = read(name, content)
    lists = [(table, row) for table in tables if (row := find_header_row(table))]
    if len(lists) != 1:
        message = "No sheet is a list." if not lists else "Several sheets are lists."
        hint = "Name the columns in the first row: id, name_en (the name in English), status, source and others."
        raise InputError(message, Place(name), hint if not lists else "Keep only one of them.")
    table, head = lists[0]
    at = {text.strip(): column for column, text in table.rows[head].items() if text.strip()}
    columns = tuple(at)
    rows = []
    for number in sorted(row for row in table.rows if row > head):
        cells = {column: table.text(number, at[column]) for column in columns}
        if any(text.strip() for text in cells.values()):
            rows.append((number, cells))
    return ListSheet(
        name=find_list_reference(tables, name, called), table=table, columns=columns, at=at, rows=tuple(rows)
    )


def find_header_row(table: Table) -> int:
    first = min(table.rows, default=0)
    texts = {text.strip() for text in table.rows.get(first, {}).values()}
    is_list = ("id" in texts and any(text.startswith(("name_", "parent", "code")) for text in texts)) or {
        "source",
        "target",
    } <= texts
    return first if is_list else 0


def find_list_reference(tables: Sequence[Table], file: str, called: str) -> Ref:
    stated_name = called or next(
        (
            table.text(row, 2).strip()
            for table in tables
            for row in table.rows
            if table.text(row, 1).strip() == ARTEFACT_SHEET and table.text(row, 2).strip()
        ),
        "",
    )
    if stated_name:
        return Ref.parse(stated_name)
    match = re.fullmatch(r"([A-Za-z][\w-]*)(?:\.(.+))?", PurePath(file).stem)
    if not match:
        raise SdmxmigError("The file does not identify its list.", Place(file), "Name it: --as AGENCY:ID(VERSION).")
    return Ref("", "", id=match[1], version=match[2] or "")


def convert_to_csv(sheet: ListSheet) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(sheet.columns)
    for _, cells in sheet.rows:
        writer.writerow([cells[column] for column in sheet.columns])
    return written.getvalue().encode()


TEXT_FORMAT = "@"
SPARE_ROWS = 200
"""Number of empty rows below a list that are text, for added codes."""
WIDTHS = {"id": 18, "parent": 18, "code": 18, "status": 11, "source": 34}
NAME_WIDTH, OTHER_WIDTH = 40, 14
ABOUT, LIST = "About", "List"
ARTEFACT_SHEET = "artefact"


def write_codelist(content: bytes, *, kind: str, ref: str, name: str, status: str) -> bytes:
    """Write a codelist (CSV) as a workbook, with a sheet about its artefact `ref`."""
    about = (
        (ARTEFACT_SHEET, ref),
        ("kind", kind),
        ("name", name),
        ("status", status),
        ("rows", f"The sheet “{LIST}” has a row for each code; the first row has no id and describes the list."),
        ("cells", "All cells are text. Keep them as text, so that 01 stays 01 and 5-1 does not become a date."),
        ("back", "sdmxmig load FILE WORKSPACE reads it back, lists damaged codes, and shows what changed."),
    )
    workbook = openpyxl.Workbook()
    first: Any = workbook.worksheets[0]
    first.title = ABOUT
    for number, pair in enumerate(about, start=1):
        for column, text in enumerate(pair, start=1):
            _write_text_cell(first, number, column, text)
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 14, 90
    sheet: Any = workbook.create_sheet(LIST)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    _fill(sheet, rows)
    workbook.active = 1
    for worksheet in workbook.worksheets:
        worksheet.sheet_view.tabSelected = worksheet is sheet
    return save_workbook(workbook)


def _fill(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:

    head = rows[0]
    for number, cells in enumerate(rows, start=1):
        for column, text in enumerate(cells, start=1):
            _write_text_cell(sheet, number, column, text)
    for column, name in enumerate(head, start=1):
        cell: Any = sheet.cell(1, column)
        cell.font, cell.fill = openpyxl.styles.Font(bold=True), openpyxl.styles.PatternFill("solid", fgColor="FFEEF2F5")
        width = WIDTHS.get(name, NAME_WIDTH if name.startswith(("name", "description")) else OTHER_WIDTH)
        letter = format_cell(1, column).rstrip("1")
        sheet.column_dimensions[letter].width = width
        for number in range(len(rows) + 1, len(rows) + SPARE_ROWS + 1):
            sheet.cell(number, column).number_format = TEXT_FORMAT
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{format_cell(len(rows), len(head))}"


def _write_text_cell(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = write_text(sheet, row, column, text)
    cell.number_format = TEXT_FORMAT


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference; `kind` is ``new``, ``gone``, ``changed`` or ``order``."""

    kind: str
    row: str
    column: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        row = self.row or "(the list)"
        if self.kind == "changed":
            return f"~ {row}  {self.column}: “{self.before}” → “{self.after}”"
        return f"{ {'new': '+', 'gone': '-', 'order': '↕'}[self.kind] } {row}  {self.after or self.before}".rstrip()


def compare(before: bytes, after: bytes) -> tuple[Difference, ...]:
    """Compare two CSV files of a codelist; empty and missing columns are equal."""
    old, new = _read_rows(before), _read_rows(after)
    differences = [Difference("new", key, after=_name(row)) for key, row in new.items() if key not in old]
    differences += [Difference("gone", key, before=_name(row)) for key, row in old.items() if key not in new]
    for key, row in new.items():
        if key in old:
            differences += _list_changes(key, old[key], row)
    old_order, new_order = [key for key in old if key in new], [key for key in new if key in old]
    if old_order != new_order:
        moved = next(new_key for old_key, new_key in zip(old_order, new_order, strict=True) if old_key != new_key)
        differences.append(Difference("order", moved, after="the order is another one from here on"))
    return tuple(differences)


def _list_changes(key: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    for column in dict.fromkeys((*old, *new)):
        before, after = old.get(column) or "", new.get(column) or ""
        if before != after:
            yield Difference("changed", key, column=column, before=before, after=after)


def _read_rows(content: bytes) -> dict[str, Mapping[str, str]]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), restval="")
    columns = reader.fieldnames or ()
    key = next((column for column in KEY_COLUMNS if column in columns), "")
    rows: dict[str, Mapping[str, str]] = {}
    for row in reader:
        name = row.get(key) or ""
        if row.get("parent") and "." in row["parent"]:
            name = f"{row['parent']}.{name}"
        number = 1
        while (named := f"{name} ({number})" if number > 1 else name) in rows:
            number += 1
        rows[named] = row
    return rows


def _name(row: Mapping[str, str]) -> str:
    return row.get("name_en") or row.get("target") or row.get("code") or ""


CODE_COLUMNS = ("id", "parent", "code", "source", "target", "source_2", "target_2")
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LOGICAL_WORDS = {
    **dict.fromkeys(("true", "wahr", "vrai", "verdadero", "истина"), "true"),
    **dict.fromkeys(("false", "falsch", "faux", "falso", "ложь"), "false"),
}
SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE][+-]?\d+")
DECIMAL_ZERO = re.compile(r"(\d+)[.,]0+")
NUMERIC_DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,4})(?:[-/. ](\d{1,4}))?(?:[ T]00:00(?::00)?)?")
DATE_WITH_MONTH = re.compile(r"(?:(\d{1,4})[-/. ]?)?([A-Za-z]{3,9})\.?(?:[-/. ]?(\d{1,4}))?")
SHOWN_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T].*)?|\d{1,2}[-. ][A-Za-z]{3}|[A-Za-z]{3}[-. ]\d{1,4}|\d{1,2}/\d{1,2}/\d{2,4}"
)


@dataclass(frozen=True, slots=True)
class DamagedCell:
    """A cell damaged by a spreadsheet program; certain if the earlier codelist had the code."""

    place: Place
    kind: str
    text: str
    expected: str
    is_certain: bool

    def __str__(self) -> str:
        suffix = f" where the list had “{self.expected}”" if self.expected else ""
        return f"{DAMAGE_NAMES[self.kind]}: “{self.text}”{suffix}."


DAMAGE_NAMES = {
    "zeros": "leading zeros are lost",
    "date": "a code became a date",
    "decimals": "a code became a number with decimals",
    "scientific": "a code became a number in scientific notation",
    "logical": "a code became a logical value",
    "width": "codes of this list are longer; leading zeros may be lost",
}


def find_damage(sheet: ListSheet, before: Mapping[str, Collection[str]]) -> tuple[DamagedCell, ...]:
    spoilt_cells = []
    for column in (name for name in CODE_COLUMNS if name in sheet.at):
        codes = {cells[column].strip() for _, cells in sheet.rows} - {""}
        old_codes = {code for code in before.get(column, ()) if code}
        lost = old_codes - codes
        width = _find_code_width(old_codes) or (_find_code_width(codes) if not old_codes else 0)
        for row, cells in sheet.rows:
            text = cells[column].strip()
            if not text or text in old_codes:
                continue
            harm = next(_find_damaged_codes(text, lost), None) or next(_find_suspect_formats(text, width), None)
            if harm:
                spoilt_cells.append(
                    DamagedCell(
                        sheet.place(row, column), harm[0], text=text, expected=harm[1], is_certain=bool(harm[1])
                    )
                )
    return tuple(spoilt_cells)


def _find_damaged_codes(text: str, lost: Collection[str]) -> Iterator[tuple[str, str]]:
    for kind, fits in DAMAGE_CHECKS.items():
        for code in sorted(lost):
            if fits(text, code):
                yield kind, code


def _find_suspect_formats(text: str, width: int) -> Iterator[tuple[str, str]]:
    if SHOWN_DATE.fullmatch(text) and list_possible_days(text):
        yield "date", ""
    if DECIMAL_ZERO.fullmatch(text):
        yield "decimals", ""
    if SCIENTIFIC.fullmatch(text):
        yield "scientific", ""
    if text.casefold() in LOGICAL_WORDS and text.isupper():
        yield "logical", ""
    if text.isdigit() and len(text) < width:
        yield "width", ""


def _find_code_width(codes: Collection[str]) -> int:
    figures = [code for code in codes if code.isascii() and code.isdigit()]
    if len(figures) < 3 or not any(code.startswith("0") and len(code) > 1 for code in figures):
        return 0
    length, count = Counter(map(len, figures)).most_common(1)[0]
    return length if 2 * count > len(figures) and length == max(map(len, figures)) else 0


def _has_lost_zeros(text: str, code: str) -> bool:
    parts, bare = re.split(r"(\d+)", code), re.split(r"(\d+)", text)
    same = len(parts) == len(bare) and all(
        old_part == new_part or (old_part.isdigit() and new_part.isdigit() and int(old_part) == int(new_part))
        for old_part, new_part in zip(parts, bare, strict=True)
    )
    return same and len(text) < len(code) and text[:1].isdigit()


def _has_added_decimals(text: str, code: str) -> bool:
    match = DECIMAL_ZERO.fullmatch(text)
    return bool(match) and code.isdigit() and int(code) == int(match[1])  # type: ignore[index]


def _is_scientific_form(text: str, code: str) -> bool:
    if not (SCIENTIFIC.fullmatch(text) or re.fullmatch(r"\d+[eE]\d+", code)):
        return False
    try:
        return Decimal(text.replace(",", ".")) == Decimal(code) and "e" in (text + code).lower()
    except InvalidOperation:
        return False


def _is_logical_form(text: str, code: str) -> bool:
    return LOGICAL_WORDS.get(text.casefold(), "") == code.casefold() != ""


def _is_date_form(text: str, code: str) -> bool:
    return bool(SHOWN_DATE.fullmatch(text)) and bool(list_possible_days(text) & list_possible_days(code))


def list_possible_days(text: str) -> frozenset[tuple[int, int]]:
    """List the days that a program may read from a text.

    >>> (sorted(list_possible_days("05-01")), sorted(list_possible_days("MAR1")),
    ...  sorted(list_possible_days("2024-05-01")))
    ([(1, 5), (5, 1)], [(3, 1)], [(1, 5), (5, 1)])
    """
    named = DATE_WITH_MONTH.fullmatch(text)
    if named and named[2][:3].lower() in MONTH_NAMES:
        month = MONTH_NAMES.index(named[2][:3].lower()) + 1
        days = {int(day) for day in (named[1], named[3]) if day and int(day) <= 31}
        return frozenset((month, day) for day in days) or frozenset({(month, 1)})
    numbers = NUMERIC_DATE.fullmatch(text)
    if not numbers:
        return frozenset()
    parts = [int(part) for part in numbers.groups() if part and len(part) <= 2]
    pairs = {(month, day) for month in parts for day in parts if 1 <= month <= 12 and 1 <= day <= 31}
    if len(parts) == 1 and any(part and len(part) == 4 for part in numbers.groups()):
        return frozenset({(parts[0], 1)}) if 1 <= parts[0] <= 12 else frozenset()
    if len(parts) == 2 and parts[0] != parts[1]:
        pairs = {(month, day) for month, day in pairs if month != day}
    return frozenset(pairs)


DAMAGE_CHECKS: Mapping[str, Callable[[str, str], bool]] = {
    "zeros": _has_lost_zeros,
    "decimals": _has_added_decimals,
    "scientific": _is_scientific_form,
    "logical": _is_logical_form,
    "date": _is_date_form,
}
