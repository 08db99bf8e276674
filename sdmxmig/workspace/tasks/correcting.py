"""Corrections of cells in the office's tables.

Texts that programs keep as typed.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.conversion.mapping.grid import matches
from sdmxmig.conversion.mapping.sourced_values import is_number, number_of
from sdmxmig.conversion.tables import read, reader_of
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.conversion.tables.text import with_text
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.primitives.text import is_formula
from sdmxmig.reporting.outputs.patched_workbook import NUMBER, patch
from sdmxmig.sdmx.model.tables import Range
from sdmxmig.workspace.tasks.excerpts import is_hidden
from sdmxmig.workspace.tasks.history import Conflict
from sdmxmig.workspace.tasks.mapping_files import mappings_of, text_format_of
from sdmxmig.workspace.tasks.sheet_views import changed_cells, formula_cells

if TYPE_CHECKING:
    from sdmxmig.sdmx.model.data import Block, TableMapping
    from sdmxmig.sdmx.model.tables import Cell, Table
    from sdmxmig.workspace.tasks.session import Session


MOST_NAMED = 10
"""So many cells are named whose formula has no saved result any more."""
LONGEST = 1_000
"""So many signs may be written into a cell."""
TABLES = "tables"
KINDS = ("xlsx", "text")
"""The kinds of tables into whose cells can be written."""
UNWRITABLE = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def correct_cell(session: Session, place: Place, text: str, *, was: str | None = None) -> tuple[Place, ...]:
    """Write a text into a cell.

    `was` is the text seen. The result is verified: other cells stay. Raises `SdmxmigError` for formulas, other content
    (`Conflict`) and unsupported files. Returns formulas without saved results.
    """
    path = table_of(session, place.file)
    text, content = text.strip(), read_bytes(path)
    if len(text) > LONGEST or UNWRITABLE.search(text):
        raise SdmxmigError(f"A cell takes one line of at most {LONGEST:,} characters.", place, "Write it shorter.")
    mappings = mappings_of(session)
    written = text_format_of(mappings, path.name)
    kind = reader_of(path.name, content).name
    if kind not in KINDS:
        hint = "Correct it in the program that wrote it, or save it as .xlsx."
        raise SdmxmigError(f"Cells of this kind of file ({kind}) cannot be written.", place, hint)
    tables = read(path.name, content, written)
    check_is_there(tables, place)
    check_not_covered(tables, place)
    at: Cell = cell_position(place.cell)
    now = cell_of(tables, place)
    if now.is_formula:
        raise SdmxmigError("This cell contains a formula.", place, "Correct the cells that the formula uses.")
    if was is not None and lines_of(was) != lines_of(now.text):
        changed = {f"{TABLES}/{path.name}": hashlib.sha256(content).hexdigest()}
        message = f"The cell now contains “{now.text}”, no longer “{was}”."
        raise Conflict(changed, message, "Check the page again.", place=place)
    if text == now.text:
        return ()
    check_text(text, place)
    emptied: tuple[tuple[str, Cell], ...] = ()
    if kind == "xlsx":
        blocks = blocks_reading(mappings, path.name, place.sheet)
        check_stays_number(now, place, text)
        check_same_figure(now, place, text, blocks)
        cell = (place.sheet, at)
        patched = patch(path.name, content, {cell: text}, kept_as_text={cell} if stays_text(now, text, blocks) else ())
        corrected, emptied = patched.content, patched.emptied
    else:
        corrected = with_text(path.name, content, at=at, text=text, written=written)
    check_is_corrected(tables, read(path.name, corrected, written), place, text)
    publish_file(path, corrected)
    return tuple(Place(place.file, sheet, cell=cell_name(*cell)) for sheet, cell in emptied)


def correct_equal_cells(session: Session, place: Place, text: str, *, was: str | None = None) -> tuple[Place, ...]:
    path = table_of(session, place.file)
    tables = read(path.name, read_bytes(path), text_format_of(mappings_of(session), path.name))
    places = [place, *alike_cells(tables, place)]
    return tuple(emptied for each in places for emptied in correct_cell(session, each, text, was=was))


def alike_cells(tables: Sequence[Table], place: Place) -> list[Place]:
    """Find other visible cells of a file with the same word; none for figures."""
    table = next((table for table in tables if table.sheet == place.sheet), None)
    row, column = cell_position(place.cell)
    own = table.texts(Range(row, column, last_row=row, last_column=column)).get((row, column), "") if table else ""
    if not any(map(str.isalpha, own)):
        return []
    return [
        other
        for sheet in tables
        for at in sheet.cells.filter((pl.col("text") == own) & ~pl.col("formula")).select("row", "column").iter_rows()
        if (other := sheet.place(*at)) != place and not is_hidden(sheet, at)
    ]


def blocks_reading(mappings: Iterable[TableMapping], name: str, sheet: str) -> list[Block]:
    return [
        block
        for mapping in mappings
        if matches(name, mapping.file)
        for block in mapping.blocks
        if matches(sheet, block.sheet)
    ]


def check_is_corrected(before: Sequence[Table], after: Sequence[Table], place: Place, text: str) -> None:
    """Raise `SdmxmigError` unless only the cell has changed, and to this text."""
    others = changed_cells(before, after).keys() - {(place.sheet, cell_position(place.cell))}
    same_formulas = all(
        sheet == other and cells.equals(other_cells)
        for (sheet, cells), (other, other_cells) in zip(formula_cells(before), formula_cells(after), strict=True)
    )
    if others or not same_formulas:
        hint = "Correct it in the program that wrote it."
        raise SdmxmigError("The layout of this file does not allow changing a single cell.", place, hint)
    kept = cell_of(after, place).text
    if kept != text:
        message = f"The file would keep it as “{kept}”, and not as “{text}”."
        is_same = all(NUMBER.fullmatch(figure) for figure in (kept, text)) and Decimal(kept) == Decimal(text)
        hint = f"Write {kept}." if is_same else "Write it in the program that wrote the file."
        raise SdmxmigError(message, place, hint)


def on_emptied(places: Sequence[Place]) -> str:
    """Describe formulas that have lost their saved results.

    >>> on_emptied([Place("a.xlsx", "T", cell="B3")])
    'What the formula in a.xlsx › T › B3 gave is outdated and was removed: open the file, and save it.'
    """
    names = ", ".join(str(place) for place in places[:MOST_NAMED])
    more = f" and {len(places) - MOST_NAMED:,} more" if len(places) > MOST_NAMED else ""
    formulas = "formula" if len(places) == 1 else "formulas"
    return f"What the {formulas} in {names}{more} gave is outdated and was removed: open the file, and save it."


def lines_of(text: str) -> list[str]:
    return text.splitlines()


def correct_command_line(folder: Path, place: Place, text: str, was: str | None, *, alike: bool = False) -> str:
    options = ["--to", text, *(["--was", was] if was is not None else []), *(["--alike"] if alike else [])]
    behind = ["--", place.address] if place.address.startswith("-") else []
    return shlex.join(["sdmxmig", "correct", str(folder), *([] if behind else [place.address]), *options, *behind])


def table_of(session: Session, name: str) -> Path:
    by_name = {path.name: path for path in session.workspace.tables}
    if name not in by_name:
        raise SdmxmigError(f"There is no table “{name}”.", hint=did_you_mean(name, by_name))
    return by_name[name]


def check_is_there(tables: Sequence[Table], place: Place) -> None:
    sheets = [table.sheet for table in tables]
    if place.sheet not in sheets:
        raise SdmxmigError(f"There is no sheet “{place.sheet}” in the file.", place, did_you_mean(place.sheet, sheets))
    row, column = cell_position(place.cell)
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        hint = f"The last cell of a sheet is {cell_name(LAST_ROW, LAST_COLUMN)}."
        raise SdmxmigError(f"No sheet has a cell {place.cell}.", place, hint)


def check_not_covered(tables: Iterable[Table], place: Place) -> None:
    row, column = cell_position(place.cell)
    for table in tables:
        for merged in table.merged if table.sheet == place.sheet else ():
            first = cell_name(merged.first_row, merged.first_column)
            rows = range(merged.first_row, merged.last_row + 1)
            columns = range(merged.first_column, merged.last_column + 1)
            if row in rows and column in columns and first != place.cell:
                raise SdmxmigError(f"The cell is covered by {first}, a merged cell.", place, f"Correct {first}.")


OTHERWISE_WRITTEN = re.compile(
    r"[-+\u2212]?(?:\d[\d\s.,'\u2019\u066b\u066c]*|[.,\u066b]\d+)(?:e[-+]?\d+)?\s*%?", re.IGNORECASE
)
"""A figure as people write it, which a workbook keeps as a text."""
SHIELDED = re.compile(r"'+([-+\u2212.,]?\d.*)")


@dataclass(frozen=True, slots=True)
class CellContent:
    """The content of a cell and its neighbours' types."""

    text: str
    kind: str
    _: KW_ONLY
    is_formula: bool
    is_number: bool
    is_text_figure: bool = False


def cell_of(tables: Sequence[Table], place: Place) -> CellContent:
    row, column = cell_position(place.cell)
    cells = next(table.cells for table in tables if table.sheet == place.sheet)
    is_near = cells["row"].is_between(row - 1, row + 1) & cells["column"].is_between(column - 1, column + 1)
    return content_at((row, column), cells.filter(is_near))


def content_at(at: Cell, near: pl.DataFrame) -> CellContent:
    facts = near.select(["row", "column", "text", "kind", "formula"]).iter_rows()
    contents = {(row, column): (text, kind, is_formula) for row, column, text, kind, is_formula in facts}
    numbers = {cell for cell, (text, kind, _) in contents.items() if kind == "number" and text}
    text_figures = {cell for cell, (text, kind, _) in contents.items() if kind == "text" and has_digit(text)}
    text, kind, formula = contents.get(at, ("", "text", False))
    if at in numbers or at in text_figures:
        is_number, is_text_figure = at in numbers, at in text_figures
    else:
        is_among_numbers = is_among(at, numbers)
        is_number = is_among_numbers and at not in contents
        is_text_figure = not is_among_numbers and is_among(at, text_figures)
    return CellContent(text, kind, is_formula=formula, is_number=is_number, is_text_figure=is_text_figure)


def has_digit(text: str) -> bool:
    return any(sign.isdecimal() for sign in text)


def is_among(at: Cell, cells: set[Cell]) -> bool:
    row, column = at
    beside = {(row, column - 1), (row, column + 1)}
    return not cells.isdisjoint({(row - 1, column), (row + 1, column)}) or beside <= cells


def check_text(text: str, place: Place) -> None:
    if is_formula(text):
        raise SdmxmigError(
            f"“{text}” is a formula. Formulas are not computed here.", place, "Write the result of the formula."
        )
    if shielded := SHIELDED.fullmatch(text):
        raise SdmxmigError(
            "The apostrophe would become part of the cell.", place, f"Write {shielded[1]} without the apostrophe."
        )


def stays_text(now: CellContent, text: str, blocks: Iterable[Block]) -> bool:
    """Whether a figure must be stored as text.

    For text neighbours, or if `blocks` read the text differently: 25.404 may be 25 thousand.
    """
    if has_digit(now.text):
        return now.is_text_figure
    return not now.is_number and (other_figure(text, blocks) != "" or (now.is_text_figure and "." in text))


def other_figure(text: str, blocks: Iterable[Block]) -> str:
    if not NUMBER.fullmatch(text):
        return ""
    signs = {(block.values.thousands, block.values.decimal) for block in blocks}
    figures = {number_of(text, *pair) for pair in signs if is_number(text, *pair)}
    return min(figures - {text}, default="")


def check_same_figure(now: CellContent, place: Place, text: str, blocks: Iterable[Block]) -> None:
    figure = other_figure(text, blocks)
    if now.is_number and now.text.removeprefix("-").isdecimal() and figure:
        message = f"This cell contains a number: “{text}” would be kept with decimals, and not as {figure}."
        raise SdmxmigError(message, place, f"Write {figure}.")


def check_stays_number(now: CellContent, place: Place, text: str) -> None:
    if now.is_number and OTHERWISE_WRITTEN.fullmatch(text) and not NUMBER.fullmatch(text):
        message = f"This cell contains a number. “{text}” would be stored as text, and programs would not add it up."
        if not now.text:
            message = (
                f"The cells around this one contain numbers. “{text}” would be stored as text, and "
                "programs would not add it up."
            )
        raise SdmxmigError(message, place, "Write digits only, with a point before decimals, such as 1234.5.")
