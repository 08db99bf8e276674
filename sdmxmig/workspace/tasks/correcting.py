"""Corrections of cells in the office's tables: made, undone by a new file, and written to workbooks."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from pathlib import Path

from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.convert.tracing import find_usage, parse_place
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.mapping.sourced_values import is_number, normalise_number
from sdmxmig.conversion.tables import find_reader, read
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.conversion.tables.text import replace_cell_text
from sdmxmig.forms.questionnaires.filling import (
    Correction,
    compute_sheet_factors,
    correct_text,
    find_number,
    list_corrections,
    report_corrections,
)
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.io.intake.incoming import read_message
from sdmxmig.io.publishing.files import check_new, publish_file
from sdmxmig.primitives.errors import SdmxmigError, check_known, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell, parse_cell
from sdmxmig.primitives.text import is_formula
from sdmxmig.reporting.outputs import marked_workbook
from sdmxmig.reporting.outputs.patched_workbook import NUMBER, patch
from sdmxmig.reporting.outputs.workbook_copy import find_shown_cell
from sdmxmig.sdmx.model.data import Block, Dataset, TableMapping
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.tables import Cell, Range, Table, TextFormat
from sdmxmig.workspace.tasks.data_folder import read_datasets
from sdmxmig.workspace.tasks.history import CORRECTED, Conflict, Step, read_history, read_kept
from sdmxmig.workspace.tasks.mapping_files import find_text_format, load_mappings
from sdmxmig.workspace.tasks.messages import join_by_flow, read_message_datasets
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.sheet_views import CellAt, collect_texts, find_changed_cells, find_formula_cells, is_hidden

MAX_NAMED = 10
"""Maximum number of cells named whose formula has lost its saved result."""
MAX_LENGTH = 1_000
"""Maximum number of characters written into a cell."""
TABLES_FOLDER = "tables"
FILE_KINDS = ("xlsx", "text")
"""The kinds of tables into whose cells can be written."""
UNWRITABLE = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def correct_cell(session: Session, place: Place, text: str, *, was: str | None = None) -> tuple[Place, ...]:
    """Write a text into a cell.

    `was` is the text that the user saw. The result is verified, so that other cells stay unchanged. Returns formulas
    without saved results. Raises `SdmxmigError` for formulas, other content (`Conflict`) and unsupported files.
    """
    path = find_table_file(session, place.file)
    text, content = text.strip(), read_bytes(path)
    if len(text) > MAX_LENGTH or UNWRITABLE.search(text):
        raise SdmxmigError(f"A cell takes one line of at most {MAX_LENGTH:,} characters.", place, "Shorten it.")
    mappings = load_mappings(session)
    written = find_text_format(mappings, path.name)
    kind = find_reader(path.name, content).name
    if kind not in FILE_KINDS:
        hint = "Correct it in the program that wrote it, or save it as .xlsx."
        raise SdmxmigError(f"Cells of this kind of file ({kind}) cannot be written.", place, hint)
    tables = read(path.name, content, written)
    check_is_there(tables, place)
    check_not_covered(tables, place)
    at: Cell = parse_cell(place.cell)
    now = read_cell(tables, place)
    if now.is_formula:
        raise SdmxmigError("This cell contains a formula.", place, "Correct the cells that the formula uses.")
    if was is not None and was.splitlines() != now.text.splitlines():
        changed = {f"{TABLES_FOLDER}/{path.name}": hashlib.sha256(content).hexdigest()}
        message = f"The cell now contains “{now.text}”, no longer “{was}”."
        raise Conflict(changed, message, "Check the page again.", place=place)
    if text == now.text:
        return ()
    check_text(text, place)
    emptied: tuple[tuple[str, Cell], ...] = ()
    if kind == "xlsx":
        blocks = find_blocks(mappings, path.name, place.sheet)
        check_stays_number(now, place, text)
        check_same_figure(now, place, text, blocks)
        cell = (place.sheet, at)
        patched = patch(
            path.name, content, {cell: text}, kept_as_text={cell} if is_kept_as_text(now, text, blocks) else ()
        )
        corrected, emptied = patched.content, patched.emptied
    else:
        corrected = replace_cell_text(path.name, content, at=at, text=text, written=written)
    after = read(path.name, corrected, written)
    check_is_corrected(tables, after, place, text)
    if has_digit(now.text) and not (has_digit(text) and text.upper() == text.lower()):
        check_is_read(session, mappings, after, place, text)
    publish_file(path, corrected)
    return tuple(Place(place.file, sheet, cell=format_cell(*cell)) for sheet, cell in emptied)


def check_is_read(
    session: Session, mappings: Iterable[TableMapping], tables: Sequence[Table], place: Place, text: str
) -> None:
    """Raise `SdmxmigError` if a mapping reads a figure from this cell but cannot read the text."""
    for mapping in mappings:
        if not is_match(place.file, mapping.file):
            continue
        flow = session.catalogue.flow(mapping.flow)
        try:
            trial = conversion.convert(tables, mapping, flow, session.catalogue.rules)
            uses = find_usage(place, [trial.dataset], trial.unused_cells).uses
        except SdmxmigError:  # reported when the tables are converted
            continue
        measure = flow.structure.measure.id
        if any(use.component == measure and use.value == text for use in uses):
            signs = sorted({sign for block in mapping.blocks for sign, _ in block.values.missing if sign})
            known = f", or a sign for a missing figure: {', '.join(signs)}" if signs else ""
            message = f"This cell contains a figure. “{text}” is not a number."
            raise SdmxmigError(message, place, f"Write a number{known}. To leave the figure out, empty the cell.")


def correct_equal_cells(session: Session, place: Place, text: str, *, was: str | None = None) -> tuple[Place, ...]:
    path = find_table_file(session, place.file)
    tables = read(path.name, read_bytes(path), find_text_format(load_mappings(session), path.name))
    places = [place, *find_equal_cells(tables, place)]
    return tuple(emptied for each in places for emptied in correct_cell(session, each, text, was=was))


def find_equal_cells(tables: Sequence[Table], place: Place) -> list[Place]:
    """Find other visible cells of a file with the same text; empty for figures."""
    table = next((table for table in tables if table.sheet == place.sheet), None)
    row, column = parse_cell(place.cell)
    own = table.texts(Range(row, column, last_row=row, last_column=column)).get((row, column), "") if table else ""
    if not any(map(str.isalpha, own)):
        return []
    return [
        other
        for sheet in tables
        for at in sheet.cells.filter((pl.col("text") == own) & ~pl.col("formula")).select("row", "column").iter_rows()
        if (other := sheet.place(*at)) != place and not is_hidden(sheet, at)
    ]


def find_blocks(mappings: Iterable[TableMapping], name: str, sheet: str) -> list[Block]:
    return [
        block
        for mapping in mappings
        if is_match(name, mapping.file)
        for block in mapping.blocks
        if is_match(sheet, block.sheet)
    ]


def check_is_corrected(before: Sequence[Table], after: Sequence[Table], place: Place, text: str) -> None:
    others = find_changed_cells(before, after).keys() - {(place.sheet, parse_cell(place.cell))}
    same_formulas = all(
        sheet == other and cells.equals(other_cells)
        for (sheet, cells), (other, other_cells) in zip(
            find_formula_cells(before), find_formula_cells(after), strict=True
        )
    )
    if others or not same_formulas:
        hint = "Correct it in the program that wrote it."
        raise SdmxmigError("The layout of this file does not allow changing a single cell.", place, hint)
    kept = read_cell(after, place).text
    if kept != text:
        message = f"The file would store it as “{kept}”, not as “{text}”."
        is_same = all(NUMBER.fullmatch(figure) for figure in (kept, text)) and Decimal(kept) == Decimal(text)
        hint = f"Write {kept}." if is_same else "Write it in the program that wrote the file."
        raise SdmxmigError(message, place, hint)


def describe_cleared_formulas(places: Sequence[Place]) -> str:
    """Describe formulas that have lost their saved results.

    >>> describe_cleared_formulas([Place("a.xlsx", "T", cell="B3")])
    'Outdated formula results were removed in a.xlsx › T › B3. Open the file and save it.'
    """
    names = ", ".join(str(place) for place in places[:MAX_NAMED])
    more = f" and {len(places) - MAX_NAMED:,} more" if len(places) > MAX_NAMED else ""
    return f"Outdated formula results were removed in {names}{more}. Open the file and save it."


def write_correct_command(folder: Path, place: Place, text: str, was: str | None, *, alike: bool = False) -> str:
    options = ["--to", text, *(["--was", was] if was is not None else []), *(["--alike"] if alike else [])]
    behind = ["--", place.address] if place.address.startswith("-") else []
    return shlex.join(["sdmxmig", "correct", str(folder), *([] if behind else [place.address]), *options, *behind])


def find_table_file(session: Session, name: str) -> Path:
    by_name = {path.name: path for path in session.workspace.tables}
    check_known("table", name, by_name)
    return by_name[name]


def check_is_there(tables: Sequence[Table], place: Place) -> None:
    sheets = [table.sheet for table in tables]
    if place.sheet not in sheets:
        what = f"There is no sheet “{place.sheet}” in the file." if place.sheet else "The sheet of the cell is missing."
        raise SdmxmigError(what, place, did_you_mean(place.sheet, sheets))
    row, column = parse_cell(place.cell)
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        hint = f"The last cell of a sheet is {format_cell(LAST_ROW, LAST_COLUMN)}."
        raise SdmxmigError(f"No sheet has a cell {place.cell}.", place, hint)


def check_not_covered(tables: Iterable[Table], place: Place) -> None:
    at: Cell = parse_cell(place.cell)
    first = find_shown_cell(at, next(table.merged for table in tables if table.sheet == place.sheet))
    if first != at:
        name = format_cell(*first)
        raise SdmxmigError(f"The cell is covered by {name}, a merged cell.", place, f"Correct {name}.")


NUMBER_PATTERN = re.compile(
    r"[-+\u2212]?(?:\d[\d\s.,'\u2019\u066b\u066c]*|[.,\u066b]\d+)(?:e[-+]?\d+)?\s*%?", re.IGNORECASE
)
"""A figure as people write it, which a workbook keeps as a text."""
SHIELDED_NUMBER = re.compile(r"'+([-+\u2212.,]?\d.*)")


@dataclass(frozen=True, slots=True)
class CellContent:
    """A cell to correct; `is_number` and `is_text_figure` follow its neighbours if it is empty."""

    text: str
    _: KW_ONLY
    is_formula: bool
    is_number: bool
    is_text_figure: bool = False


def read_cell(tables: Sequence[Table], place: Place) -> CellContent:
    row, column = parse_cell(place.cell)
    cells = next(table.cells for table in tables if table.sheet == place.sheet)
    is_near = cells["row"].is_between(row - 1, row + 1) & cells["column"].is_between(column - 1, column + 1)
    return read_content((row, column), cells.filter(is_near))


def read_content(at: Cell, near: pl.DataFrame) -> CellContent:
    facts = near.select(["row", "column", "text", "kind", "formula"]).iter_rows()
    contents = {(row, column): (text, kind, is_formula) for row, column, text, kind, is_formula in facts}
    numbers = {cell for cell, (text, kind, _) in contents.items() if kind == "number" and text}
    text_figures = {cell for cell, (text, kind, _) in contents.items() if kind == "text" and has_digit(text)}
    text, _, formula = contents.get(at, ("", "text", False))
    if at in numbers or at in text_figures:
        is_number, is_text_figure = at in numbers, at in text_figures
    else:
        is_among_numbers = is_among(at, numbers)
        is_number = is_among_numbers and at not in contents
        is_text_figure = not is_among_numbers and is_among(at, text_figures)
    return CellContent(text, is_formula=formula, is_number=is_number, is_text_figure=is_text_figure)


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
    if shielded := SHIELDED_NUMBER.fullmatch(text):
        raise SdmxmigError(
            "The apostrophe would become part of the cell.", place, f"Write {shielded[1]} without the apostrophe."
        )


def is_kept_as_text(now: CellContent, text: str, blocks: Iterable[Block]) -> bool:
    """Check whether a figure must be stored as text: next to texts, or if `blocks` read it differently."""
    if has_digit(now.text):
        return now.is_text_figure
    return not now.is_number and (find_other_figure(text, blocks) != "" or (now.is_text_figure and "." in text))


def find_other_figure(text: str, blocks: Iterable[Block]) -> str:
    if not NUMBER.fullmatch(text):
        return ""
    signs = {(block.values.thousands, block.values.decimal) for block in blocks}
    figures = {normalise_number(text, *pair) for pair in signs if is_number(text, *pair)}
    return min(figures - {text}, default="")


def check_same_figure(now: CellContent, place: Place, text: str, blocks: Iterable[Block]) -> None:
    figure = find_other_figure(text, blocks)
    if now.is_number and now.text.removeprefix("-").isdecimal() and figure:
        message = f"This cell contains a number: “{text}” would be stored with decimals, not as {figure}."
        raise SdmxmigError(message, place, f"Write {figure}.")


def check_stays_number(now: CellContent, place: Place, text: str) -> None:
    if now.is_number and NUMBER_PATTERN.fullmatch(text) and not NUMBER.fullmatch(text):
        reason = "This cell contains a number." if now.text else "The cells around this one contain numbers."
        message = f"{reason} “{text}” would be stored as text, and programs would not add it up."
        raise SdmxmigError(message, place, "Write digits only, with a point before decimals, such as 1234.5.")


@dataclass(frozen=True, slots=True)
class UndoneCorrection:
    """A cell that a new file would reset from `now` to `before`, its text before a correction."""

    place: Place
    before: str
    _: KW_ONLY
    now: str
    is_text: bool = False


def find_undone_corrections(
    workspace: Path, path: Path, new: bytes, written: TextFormat
) -> tuple[UndoneCorrection, ...]:
    steps = [step for step in read_history(workspace) if step.what == CORRECTED and f"tables/{path.name}" in step.files]
    if not steps or not path.is_file():
        return ()
    coming = read(path.name, new, written)
    try:
        now = read(path.name, read_bytes(path), written)
    except SdmxmigError:
        return ()
    changes = find_changed_cells(now, coming)
    corrected: dict[CellAt, set[str]] = {}
    for step in steps:
        for at, before in read_correction(workspace, step, written).items():
            corrected.setdefault(at, set()).add(before)
    texts = collect_texts(now, corrected)
    return tuple(
        UndoneCorrection(
            Place(path.name, at[0], cell=format_cell(*at[1])), changes[at][1], now=changes[at][0], is_text=at in texts
        )
        for at in sorted(corrected.keys() & changes.keys())
        if changes[at][1] in corrected[at]
    )


def read_correction(workspace: Path, step: Step, written: TextFormat) -> Mapping[CellAt, str]:
    try:
        place, was = parse_correction(step.command)
    except (ValueError, SdmxmigError):
        return {}
    at = (place.sheet, parse_cell(place.cell))
    if was is not None:
        return {at: was.strip()}
    try:
        before = read(place.file, read_kept(workspace, step.before[f"tables/{place.file}"]), written)
        return {at: read_cell(before, place).text}
    except (KeyError, StopIteration, SdmxmigError):  # not kept, or another table then
        return {}


def parse_correction(command: str) -> tuple[Place, str | None]:
    words = iter(shlex.split(command)[3:])
    address, was = "", None
    for word in words:
        if word in ("--to", "--was"):
            text = next(words, "")
            was = text if word == "--was" else was
        elif word != "--":
            address = word
    place = parse_place(address)
    if not place.cell:
        raise ValueError(command)
    return place, was


def apply_corrections(name: str, new: bytes, corrections: Sequence[UndoneCorrection], written: TextFormat) -> bytes:
    by_cell = {(correction.place.sheet, parse_cell(correction.place.cell)): correction for correction in corrections}
    cells = {at: correction.now for at, correction in by_cell.items()}
    if find_reader(name, new).name == "xlsx":
        texts = {at for at, correction in by_cell.items() if correction.is_text}
        content = patch(name, new, cells, kept_as_text=texts).content
    else:
        content = new
        for (_, at), text in cells.items():
            content = replace_cell_text(name, content, at=at, text=text, written=written)
    merged = find_changed_cells(read(name, new, written), read(name, content, written))
    if {at: text for at, (_, text) in merged.items()} != cells:
        hint = "Correct the cells in it first, or undo the corrections."
        raise SdmxmigError("The new file cannot take the corrected cells.", Place(name), hint)
    return content


def read_corrections(session: Session, data: Path) -> list[tuple[Dataset, Correction]]:
    after = join_by_flow(read_message_datasets(*read_message(data), session.catalogue.flows))
    pairs = [(before, after[before.flow.id]) for before in read_datasets(session) if before.flow.id in after]
    if not pairs:
        message = "The workspace has no data of these dataflows."
        raise SdmxmigError(message, Place(str(data)), "Run first: sdmxmig convert")
    return [(before, correction) for before, now in pairs for correction in list_corrections(before, now)]


def name_copy(path: Path, tables: Sequence[Path]) -> str:
    return path.name if sum(table.stem == path.stem for table in tables) > 1 else path.stem


def correct_file(
    session: Session, path: Path, corrections: Sequence[tuple[Dataset, Correction]]
) -> tuple[dict[str, bytes], int]:
    """Write corrected figures into copies of a file; return the copies by suffix and the number written.

    ``.corrected.xlsx`` is the workbook with corrected cells; ``.checked.xlsx`` also marks and lists them. Other formats
    become one workbook, corrected and marked. Formulas and mixed cells are only marked.
    """
    name, content = path.name, read_bytes(path)
    text_format = find_text_format(load_mappings(session), name)
    tables = {table.sheet: table for table in read(name, content, text_format)}
    ratios = {id(before): compute_sheet_factors(before, tables) for before, _ in corrections}
    cells: dict[tuple[str, Cell], str] = {}
    for before, correction in corrections:
        sheet, cell = correction.place.sheet, parse_cell(correction.place.cell)
        text = correct_text(correction, tables[sheet].text(*cell), ratios[id(before)].get(sheet))
        if (
            text is not None
            and cell not in tables[sheet].formulas
            and not has_thousands_as_decimals(correction, tables[sheet])
        ):
            cells[sheet, cell] = text
    copies: dict[str, bytes] = {}
    is_office = find_reader(name, content).name == "xlsx"
    if is_office and cells:
        content = patch(name, content, cells, kept_as_text=collect_texts(tuple(tables.values()), cells)).content
        copies[f".corrected{path.suffix}"] = content
    copies[".checked.xlsx" if is_office else ".corrected.xlsx"] = marked_workbook.copy_with_marks(
        name,
        content,
        Findings(tuple(report_corrections((correction for _, correction in corrections), session.catalogue.rules))),
        language=session.workspace.country.language,
        flows=session.catalogue.flows,
        written=text_format,
        instead={} if is_office else cells,
    )
    return copies, len(cells)


def has_thousands_as_decimals(correction: Correction, table: Table) -> bool:
    cell = parse_cell(correction.place.cell)
    held = table.text(*cell)
    return "." in held and cell not in table.numeric and find_number(held) != find_number(correction.before)


@dataclass(frozen=True, slots=True)
class CorrectedCopies:
    files: Mapping[str, bytes]
    written: int
    _: KW_ONLY
    marked: int


def make_corrected_copies(session: Session, data: Path, folder: Path) -> CorrectedCopies:
    """Copy each workbook with figures corrected by these data; raise `SdmxmigError` if a copy exists."""
    corrections = read_corrections(session, data)
    written_cells = marked = 0
    files: dict[str, bytes] = {}
    for path in session.workspace.tables:
        file_corrections = [
            (before, correction) for before, correction in corrections if correction.place.file == path.name
        ]
        if file_corrections:
            copies, cells = correct_file(session, path, file_corrections)
            for ending, content in copies.items():
                name = f"{name_copy(path, session.workspace.tables)}{ending}"
                check_new(folder / name, "-o FOLDER")
                files[name] = content
            written_cells, marked = written_cells + cells, marked + len(file_corrections)
            if cells < len(file_corrections):
                count = len(file_corrections) - cells
                sentence = f"{count} cells of {path.name} contain a formula or more than a number"
                session.say(f"{sentence}; a comment has the new figure.")
    return CorrectedCopies(files, written_cells, marked=marked)
