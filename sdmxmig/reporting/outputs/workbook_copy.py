"""Copies of workbooks and other tables in which cells can be marked.

A copy has the cells of the original with their values, and the fonts, borders and widths of an Excel workbook. Formulas
become their values. Parts that could run, fetch or point elsewhere are left out: macros, links, connections, names.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sdmxmig.conversion.tables import find_reader
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.io.intake.archives import Archive
from sdmxmig.io.intake.xml import iterate_xml, strip_namespace
from sdmxmig.io.workbooks import choose_free_title, write_text
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import openpyxl, pl
from sdmxmig.primitives.places import format_cell, parse_cell
from sdmxmig.sdmx.model.tables import AUTODETECT, Cell, Range, Table, TextFormat

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


MAX_CELLS = 200_000
"""Larger files are copied in part: their first rows and the rows with findings."""
FIRST_ROWS = 50
ACTIVE_PARTS = re.compile(r"xl/(vbaProject|macrosheets|dialogsheets|embeddings|activeX|ctrlProps)")
VISIBLE_PARTS = re.compile(
    r"xl/(media|charts|chartsheets|drawings/drawing|diagrams|slicers|timelines|pivotTables|pivotCache|richData)"
)
SOURCE_PARTS = re.compile(r"(?:xl/)?(externalLinks|connections|queryTables|model/|webextensions|customXml/)")
NON_TITLE_CHARACTERS = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]|^'|'$")
MIN_WIDTH, MAX_WIDTH, BLANKS_BESIDE = 9, 40, 2
"""Widths of columns, in letters."""
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
MAX_DIGITS = 15
"""Maximum number of digits that spreadsheets keep; longer numbers stay text."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkbookCopy:
    """A workbook to mark.

    `titles` are its sheet titles by sheet name in the original. `losses` count content missing in the copy; each name
    is a sentence on its first sheet.
    """

    workbook: Workbook
    titles: Mapping[str, str]
    losses: Mapping[str, int]


def copy_workbook(
    name: str,
    content: bytes,
    tables: Sequence[Table],
    *,
    written: TextFormat = AUTODETECT,
    instead: Mapping[tuple[str, Cell], str],
    named: Mapping[str, Collection[int]],
) -> WorkbookCopy:
    """Copy a file with these tables; `named` are the rows with findings by sheet, `instead` other texts of cells."""
    is_large = sum(table.cells.height for table in tables) > MAX_CELLS
    is_office = written == AUTODETECT and not instead and find_reader(name, content).name == "xlsx"
    if is_office and not is_large and (copy := copy_excel_workbook(name, content, tables)):
        return copy
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    titles: dict[str, str] = {}
    for table in tables:
        titles[table.sheet] = choose_free_title(titles.values(), NON_TITLE_CHARACTERS.sub(" ", table.sheet) or "Sheet")
        cells = replace_texts(
            table.cells, {cell: text for (sheet, cell), text in instead.items() if sheet == table.sheet}
        )
        if is_large:
            rows = pl.Series(sorted(named.get(table.sheet, ())), dtype=pl.UInt32)
            cells = cells.filter((pl.col("row") <= FIRST_ROWS) | pl.col("row").is_in(rows.implode()))
        write_table(workbook.create_sheet(titles[table.sheet]), table, cells)
    return WorkbookCopy(workbook, titles, {"looks": is_office, "rows": is_large})


def copy_excel_workbook(name: str, content: bytes, tables: Sequence[Table]) -> WorkbookCopy | None:
    """Copy an Excel workbook with its formatting; None if openpyxl is too slow or reads different cells."""
    archive = Archive(content, name)
    if count_cells_in_ranges(archive) > MAX_CELLS:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):  # on parts that a copy lacks anyway
            workbook = openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    except Exception:
        return None
    if not has_same_cells(workbook, tables):
        return None
    sheets = workbook.worksheets
    losses = {
        "running": has_part(archive, ACTIVE_PARTS),
        "shown": has_part(archive, VISIBLE_PARTS) or any(map(has_rules, sheets)),
        "sources": has_part(archive, SOURCE_PARTS),
        "links": sum(remove_links(sheet) for sheet in sheets),
        "formulas": sum(len(table.formulas) for table in tables),
    }
    copy_only_cells(workbook)
    return WorkbookCopy(workbook, {sheet.title: sheet.title for sheet in sheets}, losses)


def count_cells_in_ranges(archive: Archive) -> float:
    """Count the cells for which openpyxl creates objects: those in ranges with a link, note or merge.

    The number is infinite if a range has whole rows or columns, or if a part is not valid XML for `iterate_xml`.
    """
    count = 0
    for member in archive.members:
        try:
            for event, element in iterate_xml(archive.chunks(member), member):
                if event == "start" and strip_namespace(str(element.tag)) in ("mergeCell", "hyperlink", "comment"):
                    first, _, last = element.get("ref", "").replace("$", "").partition(":")
                    (top, left), (bottom, right) = parse_cell(first), parse_cell(last or first)
                    count += (abs(bottom - top) + 1) * (abs(right - left) + 1)
                elif event == "end":
                    element.clear()
        except ValueError:  # whole rows or columns
            return math.inf
        except InputError:
            if member.endswith((".xml", ".rels")):
                return math.inf
    return count


def count_cells(cells: Range) -> int:
    return (cells.last_row - cells.first_row + 1) * (cells.last_column - cells.first_column + 1)


def list_cells(sheet: Worksheet) -> Collection[Any]:
    """Return the existing cells of a sheet; openpyxl's iterators would create all others up to the last."""
    return list(sheet._cells.values())


def has_same_cells(workbook: Workbook, tables: Sequence[Table]) -> bool:
    """Check that a workbook has the same filled cells as the tables, except cells hidden by merges."""
    titles = [sheet.title for sheet in workbook.worksheets]
    if titles != [table.sheet for table in tables] or any(map(NON_TITLE_CHARACTERS.search, titles)):
        return False
    for sheet, table in zip(workbook.worksheets, tables, strict=True):
        in_copy = {
            (cell.row, cell.column): cell.data_type == "e" for cell in list_cells(sheet) if cell.value not in (None, "")
        }
        read = {
            (row, column): kind == "error"
            for row, column, text, kind in table.cells.select("row", "column", "text", "kind").iter_rows()
            if text
        }
        if not in_copy.items() <= read.items() or not read.keys() <= in_copy.keys() | list_covered_cells(table.merged):
            return False
    return True


def list_covered_cells(merged: Iterable[Range]) -> set[Cell]:
    return {
        (row, column)
        for one in merged
        for row in range(one.first_row, one.last_row + 1)
        for column in range(one.first_column, one.last_column + 1)
    }


def has_rules(sheet: Worksheet) -> bool:
    return bool(sheet.conditional_formatting) or bool(sheet.data_validations.dataValidation)


def clear_empty_dates(sheet: Worksheet) -> None:
    for cell in list_cells(sheet):
        if cell.data_type == "d" and cell.value is None:
            cell.value = None  # openpyxl cannot write it before it is set


def remove_links(sheet: Worksheet) -> int:
    linked = [cell for cell in list_cells(sheet) if cell.hyperlink]
    for cell in linked:
        cell.hyperlink = None
    sheet._hyperlinks = []  # type: ignore[attr-defined]  # links of covered cells; openpyxl gives no other way
    return len(linked)


def copy_only_cells(workbook: Workbook) -> None:
    """Remove everything except cells, styles and comments."""
    from openpyxl.packaging.core import DocumentProperties
    from openpyxl.packaging.custom import CustomPropertyList

    for chart in workbook.chartsheets:
        workbook.remove(chart)
    workbook.defined_names.clear()
    workbook.properties = DocumentProperties()
    workbook.custom_doc_props = CustomPropertyList()  # type: ignore[attr-defined]
    workbook.template = False
    theme = workbook.loaded_theme or b""
    if b"<!" in theme or b"relationships" in theme:
        workbook.loaded_theme = None
    for sheet in workbook.worksheets:
        clear_empty_dates(sheet)
        sheet._charts, sheet._images, sheet._pivots = [], [], []  # type: ignore[attr-defined]
        sheet.conditional_formatting = openpyxl.formatting.formatting.ConditionalFormattingList()
        sheet.data_validations = openpyxl.worksheet.datavalidation.DataValidationList()
        sheet.tables.clear()
        sheet.defined_names.clear()
        sheet.page_setup.id = None  # the settings of a printer are another part
        sheet.sheet_view.tabSelected = False


def replace_texts(cells: pl.DataFrame, instead: Mapping[Cell, str]) -> pl.DataFrame:
    if instead:
        rows = [(row, column, text) for (row, column), text in instead.items()]
        schema = {"row": pl.UInt32, "column": pl.UInt32, "other": pl.String}
        replacements = pl.DataFrame(rows, schema, orient="row")
        cells = cells.join(replacements, on=["row", "column"], how="left", maintain_order="left")
        cells = cells.with_columns(text=pl.coalesce("other", "text"))
    is_inside = (pl.col("row") <= LAST_ROW) & (pl.col("column") <= LAST_COLUMN)
    return cells.filter((pl.col("text") != "") & is_inside).select("row", "column", "text", "kind", "format")


def write_table(sheet: Worksheet, table: Table, cells: pl.DataFrame) -> None:
    for row, column, text, kind, number_format in cells.iter_rows():
        if kind == "number" and NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) <= MAX_DIGITS:
            cell: Any = sheet.cell(row, column, float(text) if "." in text else int(text))
            if number_format is not None:
                cell.number_format = table.formats[number_format]
        else:
            write_text(sheet, row, column, text)
    for column, width in compute_widths(cells).items():
        sheet.column_dimensions[format_cell(1, column).rstrip("1")].width = width
    if sum(map(count_cells, table.merged)) <= MAX_CELLS:
        for merged in drop_overlaps(table.merged):
            first = format_cell(merged.first_row, merged.first_column)
            sheet.merge_cells(f"{first}:{format_cell(merged.last_row, merged.last_column)}")
    if table.hidden:
        sheet.sheet_state = "hidden"


def compute_widths(cells: pl.DataFrame) -> dict[int, int]:
    """Return column widths that fit the longest text; texts alone in their row, such as titles, are ignored."""
    beside = cells.filter(pl.len().over("row") > 1)
    lengths = beside.group_by("column").agg(size=pl.col("text").str.len_chars().max() + BLANKS_BESIDE)
    wide = lengths.filter(pl.col("size") > MIN_WIDTH).sort("column")
    return {column: min(size, MAX_WIDTH) for column, size in wide.iter_rows()}


def drop_overlaps(merged: Sequence[Range]) -> Iterable[Range]:
    """Return the ranges that do not overlap, since overlapping ranges damage a workbook."""
    return (one for one in merged if not any(has_overlap(one, other) for other in merged if other != one))


def has_overlap(one: Range, other: Range) -> bool:
    rows = one.first_row <= other.last_row and other.first_row <= one.last_row
    return rows and one.first_column <= other.last_column and other.first_column <= one.last_column


def find_shown_cell(cell: Cell, merged: Iterable[Range]) -> Cell:
    """Return the visible cell for a cell: the first of its merged range, or the cell itself."""
    row, column = cell
    for one in merged:
        if one.first_row <= row <= one.last_row and one.first_column <= column <= one.last_column:
            return one.first_row, one.first_column
    return cell


EXTERNAL_REFERENCE = re.compile(
    rb"<(?:\w+:)?f\b[^<>]*>[^<]*?"
    rb"(?i:\[|\||://|\b(?:HYPERLINK|WEBSERVICE|INDIRECT|IMAGE|RTD|CALL|DDE|EXEC|FILTERXML|CUBE\w+)\s*\()"
)
HYPERLINK = re.compile(rb"<(?:\w+:)?hyperlink\b")
SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")


def name_outside_parts(name: str, content: bytes) -> list[str]:
    archive = Archive(content, name)
    sheets = [archive.read(member) for member in archive.members if SHEET_PART.fullmatch(member)]
    found = {
        "macros or embedded objects": has_part(archive, ACTIVE_PARTS),
        "data connections or links to other files": has_part(archive, SOURCE_PARTS),
        "links of cells": any(map(HYPERLINK.search, sheets)),
        "formulas that may reach out of it": any(map(EXTERNAL_REFERENCE.search, sheets)),
    }
    return [kind for kind, is_there in found.items() if is_there]


def has_part(archive: Archive, kind: re.Pattern[str]) -> bool:
    return any(map(kind.match, archive.members))
