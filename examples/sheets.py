"""Lay out one table of figures as a statistical office does: title block, two header rows, notes, sources."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FIRST_HEADER_ROW = 6
NO_BREAK_SPACE = "\u00a0"
NOT_PRINTED = "–"
"""Stands where a row must have a number that nobody printed, such as those whose answer is not known."""
INK, GREY, RULE, ACCENT = "1B2733", "52606D", "9AA7B2", "0B5C8A"
HEADER_FILL = PatternFill("solid", start_color="E8EFF4")
THIN, THICK = Side("thin", color=RULE), Side("medium", color=INK)

Figure = Mapping[str, str]
Layout = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Country:
    """The content of a workspace's ``figures`` folder: notice, coverage, layouts, figures by file, citations by key.

    `labels` are the words of the layout in the language of the workbooks: ``source``, ``sources`` and ``notes``.
    """

    notice: str
    coverage: str
    layouts: tuple[Layout, ...]
    figures: Mapping[str, tuple[Figure, ...]]
    sources: Mapping[str, Figure]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grid:
    """The texts of one table before they are written: header columns, row labels, and figures by position."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[str, ...]
    sections: frozenset[int]
    cells: Mapping[tuple[int, int], Figure]


def arrange(layout: Layout, figures: Sequence[Figure]) -> Grid:
    """Place each figure of a table at its row and column, both counted from 0.

    Raises ValueError if a figure has no place or two figures have the same one.
    """
    columns = tuple((top, label) for top, label in layout["columns"])
    lines = [(section, row) for section in layout.get("sections", [""]) for row in section_rows(layout, section)]
    positions = {line: number for number, line in enumerate(lines)}
    cells: dict[tuple[int, int], Figure] = {}
    for figure in (figure for figure in figures if figure["table"] == layout["table"]):
        line = (figure.get(layout.get("sections_by", ""), ""), figure[layout["rows_by"]])
        # An empty entry of columns_by is a heading that stands over all columns and distinguishes none.
        wanted = [figure[key] if key else None for key in layout["columns_by"]]
        found = [
            number
            for number, header in enumerate(columns)
            if all(want in (None, text) for want, text in zip(wanted, header, strict=True))
        ]
        if line not in positions or len(found) != 1 or (positions[line], found[0]) in cells:
            raise ValueError(f"{layout['workbook']} › {layout['name']}: no single place for {dict(figure)}")
        cells[positions[line], found[0]] = figure
    labels = tuple(row or section for section, row in lines)
    return Grid(columns, labels, frozenset(n for n, (_, row) in enumerate(lines) if not row), cells)


def section_rows(layout: Layout, section: str) -> list[str]:
    """The row labels under one section title; the empty label stands for the title's own row."""
    return ([""] if section else []) + list(layout["rows"])


def paint(cell: Cell, *, bold: bool = False, size: int = 10, colour: str = INK, italic: bool = False) -> None:
    cell.font = Font(name="Calibri", size=size, bold=bold, italic=italic, color=colour)


def put(sheet: Worksheet, row: int, column: int, value: str | int | float, **font: Any) -> Cell:
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError(f"{sheet.title} › {cell.coordinate} is hidden by a merged cell")
    cell.value = value
    paint(cell, **font)
    return cell


def number_format(text: str) -> str:
    """The number format of a figure: blanks between thousands, as many decimals as were printed."""
    decimals = len(text.partition(".")[2])
    tail = "." + "0" * decimals if decimals else ""
    return rf"[>=1000000]#\ ###\ ##0{tail};[>=1000]#\ ##0{tail};0{tail}"


def put_value(sheet: Worksheet, row: int, column: int, text: str, *, store: str, bold: bool) -> None:
    """Write one figure as a number with a format, as a text with blanks between thousands, or a share unchanged."""
    if text.endswith("%"):
        cell = put(sheet, row, column, text, bold=bold)
    elif store == "text":
        grouped = f"{int(text):,}".replace(",", NO_BREAK_SPACE)
        cell = put(sheet, row, column, grouped, bold=bold)
    else:
        cell = put(sheet, row, column, float(text) if "." in text else int(text), bold=bold)
        cell.number_format = number_format(text)
    cell.alignment = Alignment(horizontal="right", vertical="center")


def merge(sheet: Worksheet, first: tuple[int, int], last: tuple[int, int]) -> None:
    if first != last:
        sheet.merge_cells(start_row=first[0], start_column=first[1], end_row=last[0], end_column=last[1])


def last_column_of(layout: Layout, grid: Grid) -> int:
    """Return the last column of a table: its source column, else that of its last figures."""
    return len(grid.columns) + (2 if layout["source"] == "column" else 1)


def write_header(sheet: Worksheet, layout: Layout, grid: Grid, source_label: str) -> None:
    """Write the two header rows, equal neighbours of the first one merged, the corner merged over both."""
    last_column = last_column_of(layout, grid)
    top, below = FIRST_HEADER_ROW, FIRST_HEADER_ROW + 1
    put(sheet, top, 1, layout["corner"], bold=True)
    merge(sheet, (top, 1), (below, 1))
    for heading, group in groupby(enumerate(grid.columns, start=2), key=lambda pair: pair[1][0]):
        numbers = [number for number, _ in group]
        put(sheet, top, numbers[0], number_or_text(heading), bold=True)
        merge(sheet, (top, numbers[0]), (top, numbers[-1]))
    for number, (_, label) in enumerate(grid.columns, start=2):
        put(sheet, below, number, number_or_text(label), bold=True)
    if layout["source"] == "column":
        put(sheet, top, last_column, source_label, bold=True)
        merge(sheet, (top, last_column), (below, last_column))
    for row, column in product((top, below), range(1, last_column + 1)):
        cell = sheet.cell(row, column)
        cell.fill = HEADER_FILL
        cell.border = Border(top=THICK if row == top else None, bottom=THIN)
        side = "left" if column == 1 else "center" if row == top else "right"
        cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)


def number_or_text(label: str) -> str | int:
    """Convert a label for a sheet: years are numbers, others texts."""
    return int(label) if re.fullmatch(r"\d{4}", label) else label


def write_body(sheet: Worksheet, layout: Layout, grid: Grid) -> int:
    """Write row labels and figures below the header; return the last row."""
    totals, marks = layout.get("total_rows", ()), layout.get("row_marks", {})
    first = FIRST_HEADER_ROW + 2
    for number, label in enumerate(grid.rows):
        bold = number in grid.sections or label in totals
        shown: str | int = label + marks[label] if label in marks else number_or_text(label)
        cell = put(sheet, first + number, 1, shown, bold=bold)
        indent = 1 if grid.sections and number not in grid.sections else 0
        cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=indent)
        for column in range(len(grid.columns)):
            if figure := grid.cells.get((number, column)):
                store = layout.get("store", "number")
                put_value(sheet, first + number, column + 2, figure["value"], store=store, bold=bold)
            elif label in layout.get("not_printed", ()):
                sign = put(sheet, first + number, column + 2, NOT_PRINTED)
                sign.alignment = Alignment(horizontal="right", vertical="center")
    return first + len(grid.rows) - 1


def keys_of(figures: Sequence[Figure]) -> list[str]:
    """The keys of the sources of some figures, each once, by their letters and numbers: U6, U10, CL20a."""
    keys = {key for figure in figures for key in figure["source"].split(";")}
    return sorted(keys, key=lambda key: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", key)])


def write_sources(sheet: Worksheet, layout: Layout, grid: Grid, country: Country, last_row: int) -> int:
    """Write the source of each row or column into the table itself; return the last row of the table."""
    if not layout["source"]:
        return last_row
    by_row = layout["source"] == "column"
    if not by_row:
        last_row += 1
        label = put(sheet, last_row, 1, country.labels["source"], italic=True, size=9, colour=GREY)
        label.alignment = Alignment(vertical="top")
    except_ = layout.get("source_except", ())
    for number in range(len(grid.rows) if by_row else len(grid.columns)):
        figures = [
            figure
            for (row, column), figure in sorted(grid.cells.items())
            if (row if by_row else column) == number
            and grid.rows[row] not in except_
            and grid.columns[column][1] not in except_
        ]
        if figures:
            text = "; ".join(f"{country.sources[key]['citation']} [{key}]" for key in keys_of(figures))
            at = (FIRST_HEADER_ROW + 2 + number, len(grid.columns) + 2) if by_row else (last_row, number + 2)
            cell = put(sheet, *at, text, size=9, colour=GREY)
            cell.alignment = Alignment(wrap_text=True, vertical="center" if by_row else "top", indent=int(by_row))
    return last_row


def write_text(sheet: Worksheet, row: int, text: str, widths: float, last_column: int, **font: Any) -> None:
    """Write a line of text over the whole width of the table, as high as its wrapped text needs."""
    cell = put(sheet, row, 1, text, **font)
    cell.alignment = Alignment(wrap_text=True, vertical="bottom" if font.get("bold") else "top")
    merge(sheet, (row, 1), (row, last_column))
    lines = math.ceil(len(text) * 0.88 / widths)
    sheet.row_dimensions[row].height = 22.0 if font.get("bold") else 13.0 * lines


def finish_rows(sheet: Worksheet, layout: Layout, last_row: int, last_column: int) -> None:
    """Draw the closing rule of the table and make rows high enough for their texts, all rows of figures alike."""
    for column in range(1, last_column + 1):
        sheet.cell(last_row, column).border = Border(bottom=THICK)
    first = FIRST_HEADER_ROW + 2
    lines = {row: lines_of(sheet, row, last_column) for row in range(first, last_row + 1)}
    apart = last_row if layout["source"] == "row" else 0
    most = max(number for row, number in lines.items() if row != apart)
    for row, number in lines.items():
        sheet.row_dimensions[row].height = 3 + 12.5 * (number if row == apart else most)
    for row in (FIRST_HEADER_ROW, FIRST_HEADER_ROW + 1):
        sheet.row_dimensions[row].height = 18


def lines_of(sheet: Worksheet, row: int, last_column: int) -> int:
    """How many lines the longest text of a row needs in the width of its column."""
    lines = 1
    for column in range(1, last_column + 1):
        width = sheet.column_dimensions[get_column_letter(column)].width
        text = sheet.cell(row, column).value
        if isinstance(text, str):
            lines = max(lines, math.ceil(len(text) * 1.05 / (width - 1)))
    return lines


def write_sheet(sheet: Worksheet, layout: Layout, country: Country) -> None:
    """Lay out one table as an office does: title block, two-level header, figures, notes, sources."""
    figures = country.figures[layout["figures"]]
    grid = arrange(layout, figures)
    last_column = last_column_of(layout, grid)
    widths = [float(layout["label_width"])] + [float(layout["width"])] * len(grid.columns)
    widths += [76.0] * (last_column - len(widths))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    put(sheet, 1, 1, layout["title"], bold=True, size=14)
    put(sheet, 2, 1, layout["unit"], colour=GREY)
    put(sheet, 3, 1, layout.get("coverage", country.coverage), colour=GREY)
    put(sheet, 4, 1, country.notice, bold=True, colour=ACCENT)
    write_header(sheet, layout, grid, country.labels["source"])
    last_row = write_sources(sheet, layout, grid, country, write_body(sheet, layout, grid))
    finish_rows(sheet, layout, last_row, last_column)
    used = keys_of([figure for figure in figures if figure["table"] == layout["table"]])
    cited = [country.sources[key] for key in used]
    lines = [
        *((country.labels["notes"], *layout["notes"]) if layout["notes"] else ()),
        country.labels["sources"],
        *(f"[{row['key']}] {row['citation']}. {row['address']}".rstrip() for row in cited),
    ]
    for row, text in enumerate(lines, start=last_row + 3):
        heading = text in (country.labels["notes"], country.labels["sources"])
        colour = INK if heading else GREY
        write_text(sheet, row, text, sum(widths), last_column, size=9, bold=heading, colour=colour)
    set_page(sheet)


def set_page(sheet: Worksheet) -> None:
    """Freeze the headers, hide the grid and make the sheet print on the width of one page."""
    sheet.freeze_panes = f"B{FIRST_HEADER_ROW + 2}"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{FIRST_HEADER_ROW}:{FIRST_HEADER_ROW + 1}"
