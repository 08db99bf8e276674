"""Data screen: sheets and use of cells."""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sdmxmig.conversion.convert.tracing import parse_place
from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.suggestion.sampling import read_samples
from sdmxmig.conversion.tables import describe_wrong_suffix, read_once
from sdmxmig.conversion.tables.readers import LAST_COLUMN, LAST_ROW
from sdmxmig.io.intake.files import read_bytes, read_inside
from sdmxmig.io.publishing.files import compute_hash, publish_file
from sdmxmig.primitives.errors import SdmxmigError, check_known
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import format_cell, name_column, parse_cell
from sdmxmig.primitives.text import quote_path
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.web.screens import UNPROCESSABLE, Document, Redirect, Screen, ScreenContent, Visit, build_data_query
from sdmxmig.web.workbench import Upload
from sdmxmig.workspace.folder import is_small_enough
from sdmxmig.workspace.tasks.correcting import (
    MAX_NAMED,
    UndoneCorrection,
    apply_corrections,
    correct_cell,
    correct_equal_cells,
    find_table_file,
    find_undone_corrections,
    write_correct_command,
)
from sdmxmig.workspace.tasks.first_tables import name_table
from sdmxmig.workspace.tasks.history import record_changes
from sdmxmig.workspace.tasks.mapping_files import find_text_format
from sdmxmig.workspace.tasks.messages import is_convertible
from sdmxmig.workspace.tasks.own_tables import remove_table, rename_table
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.sheet_views import (
    FATES,
    check_readable,
    detect_direction,
    find_fates,
    index_counts_by_sheet,
    list_differences,
    list_rows,
    select_fates,
)

MIN_FIGURES = 4
SHOWN_ROWS = 60
MAX_ROW = 2_000_000
KEEP, UNDO = "keep", "undo"
SEEN_FIELD = "seen"


def find_table(session: Session, name: str) -> Path:
    """Return a table of the workspace; raise `SdmxmigError` if it has been removed since the page was shown."""
    try:
        return find_table_file(session, name)
    except SdmxmigError as error:
        hint = "If it was renamed or removed, undo this step in the history on Home."
        raise SdmxmigError(error.message, hint=hint) from error


def show(visit: Visit) -> ScreenContent:
    session = visit.workbench.session()
    cell_fates = visit.workbench.kept("fates", lambda: select_fates(session), session.path("data"))
    counts = index_counts_by_sheet(cell_fates)
    name = visit.asked.get("file", "")
    facts: dict[str, Any] = {
        "files": [
            {"name": path.name, "size": path.stat().st_size, "counts": sum_file_fates(counts, path.name)}
            | {"sha256": compute_sha256(visit, path)}
            for path in session.workspace.tables
        ],
        "is_converted": cell_fates.height > 0,
        "is_mapped": is_convertible(session.workspace),
        "older": session.results.older("data"),
        "undone": None,
        "emptied": find_emptied_cells(visit),
        "file": None,
    }
    if not name and len(session.workspace.tables) == 1:
        name = session.workspace.tables[0].name
    if name:
        path = find_table(session, name)
        facts["file"] = (
            describe_file(visit, session, path, cell_fates)
            if is_small_enough(path.stat().st_size)
            else describe_large_file(visit, session, path)
        )
    against = visit.asked.get("against", "")
    what = f"{quote_path(name)} --against {quote_path(against)}" if name and against else "--usage"
    return ScreenContent(facts, command=f"sdmxmig trace {quote_path(visit.workbench.folder)} {what}")


def compute_sha256(visit: Visit, path: Path) -> str:
    return visit.workbench.kept(f"sha256 {path.name}", lambda: compute_hash(path), path)


def explain_wrong_suffix(visit: Visit, path: Path) -> str:
    return visit.workbench.kept(f"suffix {path.name}", lambda: describe_wrong_suffix(path.name, read_bytes(path)), path)


def sum_file_fates(counts: dict[tuple[str, str], dict[str, int]], name: str) -> dict[str, int]:
    return {fate: sum(of[fate] for (file, _), of in counts.items() if file == name) for fate in FATES}


def describe_file(visit: Visit, session: Session, path: Path, cell_fates: pl.DataFrame) -> dict[str, Any]:
    tables = read_sheets(visit, session, path)
    counts = index_counts_by_sheet(cell_fates)
    names = [table.sheet for table in tables]
    sheet = visit.asked.get("sheet") or next(
        (each.sheet for each in tables if not each.hidden and has_figures(each)), names[0]
    )
    check_known("sheet", sheet, names)
    table = tables[names.index(sheet)]
    return {
        **describe_named(visit, session, path),
        "is_large": False,
        "remark": explain_wrong_suffix(visit, path),
        "detected": dict(table.detected),
        "sheets": [
            {
                "name": each.sheet,
                "rows": each.last_row,
                "columns": each.last_column,
                "hidden": each.hidden,
                "counts": counts.get((each.file, each.sheet), dict.fromkeys(FATES, 0)),
            }
            for each in tables
        ],
        "sheet": sheet,
        "is_read": bool(counts.get((table.file, table.sheet), {}).get("figure")),
        **build_rows(table, cell_fates, max(1, visit.number("row", 1, most=MAX_ROW))),
        "cell": describe_cell(table, visit.asked["cell"]) if visit.asked.get("cell") else None,
        "others": [other.name for other in session.workspace.tables if other != path],
        "against": compare_tables(visit, session, tables),
    }


def describe_named(visit: Visit, session: Session, path: Path) -> dict[str, Any]:
    return {
        "name": path.name,
        "sha256": compute_sha256(visit, path),
        "mappings": [
            mapping.place.file
            for mapping in visit.workbench.mappings(session)[0]
            if mapping.place and is_match(path.name, mapping.file)
        ],
    }


def describe_large_file(visit: Visit, session: Session, path: Path) -> dict[str, Any]:
    return {
        **describe_named(visit, session, path),
        "is_large": True,
        "remark": "",
        "sheet": "",
        "is_read": False,
    }


def has_figures(table: Table) -> bool:
    """Check whether a sheet may have statistics; a cover or table of contents has few numbers."""
    is_figure = pl.col("text").str.contains(r"\p{Nd}") & ~pl.col("text").str.contains(r"\p{L}")
    return table.cells.filter(is_figure & (pl.col("kind") != "date")).height >= MIN_FIGURES


def describe_cell(table: Table, cell: str) -> dict[str, str]:
    place = table.place(*find_position(cell))
    return {"at": place.cell, "address": place.address, "text": table.text(*parse_cell(place.cell))}


def find_position(cell: str) -> tuple[int, int]:
    try:
        row, column = parse_cell(cell.strip().upper()) if len(cell) <= 12 else (0, 0)
    except ValueError:
        row, column = 0, 0
    if not 0 < row <= LAST_ROW or not 0 < column <= LAST_COLUMN:
        raise SdmxmigError(f"“{cell}” is not a cell.", hint="Write its letters and number, such as B7.")
    return row, column


def build_rows(table: Table, cell_fates: pl.DataFrame, first: int) -> dict[str, Any]:
    numbers = table.numbers
    at = bisect_left(numbers, first)
    shown = list_rows(table, numbers[at : at + SHOWN_ROWS])
    fates_of_cells = find_fates(table, cell_fates, shown.keys())
    width = max(map(len, shown.values()), default=0)
    return {
        "direction": detect_direction(text for texts in shown.values() for text in texts),
        "row": first,
        "a_page": SHOWN_ROWS,
        "previous": numbers[max(0, at - SHOWN_ROWS)] if at else 0,
        "next": numbers[at + SHOWN_ROWS] if at + SHOWN_ROWS < len(numbers) else 0,
        "last_row": table.last_row,
        "sampled": len(table.sampled),
        "columns": [name_column(column) for column in range(1, width + 1)],
        "rows": [
            {
                "number": row,
                "hidden": row in table.hidden_rows,
                "cells": [
                    {"at": format_cell(row, column), "text": text, "fate": fate, "reason": reason}
                    for column, text in enumerate(texts, 1)
                    for fate, reason in (fates_of_cells.get((row, column), ("text", "")),)
                ],
            }
            for row, texts in shown.items()
        ],
    }


def compare_tables(visit: Visit, session: Session, tables: tuple[Table, ...]) -> dict[str, Any] | None:
    name = visit.asked.get("against", "")
    if not name:
        return None
    listed, count = list_differences(read_sheets(visit, session, find_table(session, name)), tables)
    return {"name": name, "count": count, "cells": listed}


def read_sheets(visit: Visit, session: Session, path: Path) -> tuple[Table, ...]:
    """Read the sheets of a file; of a large one only samples."""
    written = find_text_format(visit.workbench.mappings(session)[0], path.name)
    if is_small_enough(path.stat().st_size):
        return read_once(path.name, read_bytes(path), written)
    return visit.workbench.kept(
        f"samples {path.name}", lambda: read_samples(path.name, read_bytes(path), written), path, about=written
    )


def add_tables(visit: Visit) -> Redirect | ScreenContent:
    """Add uploaded tables; ask first if they would replace tables or undo corrections."""
    workbench, uploads = visit.workbench, read_tables(visit.files("table"))
    mappings, decision = workbench.mappings(workbench.session())[0], visit.form.get("corrections", "")
    formats = {name: find_text_format(mappings, name) for name in uploads}
    paths = {name: workbench.folder / "tables" / name for name in uploads}
    there = [name for name, path in paths.items() if path.exists()]
    corrections = {
        name: find_undone_corrections(workbench.folder, paths[name], uploads[name].content, formats[name])
        for name in there
    }
    if (there and "replace" not in visit.form) or (any(corrections.values()) and decision not in (KEEP, UNDO)):
        undone = [correction for each in corrections.values() for correction in each]
        return ask_before_replacing(visit, uploads.values(), there, undone)
    contents, commands = {}, []
    for name, upload in uploads.items():
        kept = corrections.get(name, ()) if decision == KEEP else ()
        contents[name] = apply_corrections(name, upload.content, kept, formats[name]) if kept else upload.content
        commands += [f"cp {quote_path(upload.name)} {quote_path(paths[name])}"]
        commands += [
            write_correct_command(workbench.folder, correction.place, correction.now, correction.before)
            for correction in kept
        ]
    with record_changes(
        workbench.folder, workbench.intent("add", " && ".join(commands), visit.by), list_seen_hashes(visit, uploads)
    ):
        taken = [name for name in paths.keys() - {*there} if paths[name].exists()]
        if taken:  # meanwhile
            raise SdmxmigError(f"The table “{taken[0]}” already exists.", hint="Give this one another name.")
        for name, path in paths.items():
            path.parent.mkdir(exist_ok=True)
            publish_file(path, contents[name])
    workbench.uploads.clear(visit.by)
    if len(uploads) > 1:
        return Redirect("/mapping", "The tables are added. Map those that no mapping reads yet.")
    return Redirect(f"/data?{urlencode({'file': name})}", "The table is added. Map it, if no mapping reads it yet.")


def read_tables(uploads: Sequence[Upload]) -> dict[str, Upload]:
    if not uploads:
        raise SdmxmigError("No file was sent.", hint="Choose a workbook or a text file with a table.")
    by_name = {name_table(upload.name): upload for upload in uploads}
    if len(by_name) < len(uploads):
        raise SdmxmigError("Two of these files have the same name.", hint="Give each file a different name.")
    for name, upload in by_name.items():
        check_readable(name, upload.content)
    return by_name


def ask_before_replacing(
    visit: Visit, uploads: Iterable[Upload], replaced: Sequence[str], corrections: Sequence[UndoneCorrection]
) -> ScreenContent:
    """Show the tables that uploads replace and the corrections that they undo, and keep the uploads."""
    page = show(visit)
    cells = [
        {"cell": str(correction.place), "before": correction.before, "now": correction.now}
        for correction in corrections
    ]
    files = [{"name": each.name, "kept": visit.workbench.uploads.keep(each, visit.by)} for each in uploads]
    facts = {**page.facts, "undone": {"files": files, "replaced": list(replaced), "cells": cells}}
    return ScreenContent(facts, command=page.command, status=UNPROCESSABLE)


def list_seen_hashes(visit: Visit, names: Iterable[str]) -> dict[str, str]:
    """Return the hashes of the tables that a form replaces; empty for new tables."""
    tables = [f"tables/{name}" for name in names if SEEN_FIELD in visit.form]
    return {table: visit.made_from.get(table, "") for table in tables}


def rename(visit: Visit) -> Redirect:
    workbench, name, new_name = visit.workbench, visit.word("file"), visit.word("name")
    command = f"sdmxmig table rename {quote_path(workbench.folder)} {quote_path(name)} {quote_path(new_name)}"
    with record_changes(workbench.folder, workbench.intent("rename", command, visit.by), visit.made_from):
        path = rename_table(workbench.session(), name, new_name)
    return Redirect(f"/data?{urlencode({'file': path.name})}", "The table is renamed.")


def remove(visit: Visit) -> Redirect:
    workbench, name, with_mappings = visit.workbench, visit.word("file"), "mappings" in visit.form
    words = [quote_path(workbench.folder), quote_path(name), *(["--with-mappings"] if with_mappings else [])]
    intent = workbench.intent("remove", f"sdmxmig table remove {' '.join(words)}", visit.by)
    with record_changes(workbench.folder, intent, visit.made_from):
        remove_table(workbench.session(), name, with_mappings=with_mappings)
    return Redirect("/data", "The table is removed.")


def correct(visit: Visit) -> Redirect:
    place = parse_place(visit.form.get("cell", ""))
    path = write_correction(visit, f"/data?{urlencode({**build_data_query(place), 'cell': place.cell})}")
    return Redirect(f"{path}#cell", "The cell is corrected. Run all stages.")


def write_correction(visit: Visit, path: str) -> str:
    workbench = visit.workbench
    visit.word("cell")
    place = parse_place(visit.form["cell"])  # with a possible leading blank of a table name
    text, was = visit.form.get("to", ""), visit.form.get("was")
    # otherwise another person's correction would be lost
    if was is None and f"tables/{place.file}" not in visit.made_from:
        message = "This form lacks the earlier content of the cell."
        raise SdmxmigError(message, place, "Load the page again, and correct the cell there.")
    find_table(workbench.session(), place.file)
    is_alike = "alike" in visit.form and was is not None
    command = write_correct_command(workbench.folder, place, text, was, alike=is_alike)
    with record_changes(workbench.folder, workbench.intent("correct", command, visit.by), visit.made_from):
        change = correct_equal_cells if is_alike else correct_cell
        emptied = change(workbench.session(), place, text, was=was)
    return build_path(path, emptied=[cell.address for cell in emptied[:MAX_NAMED]])


def build_path(path: str, **more: Iterable[str]) -> str:
    added = urlencode(more, doseq=True)
    return f"{path}{'&' if '?' in path else '?'}{added}" if added else path


def find_emptied_cells(visit: Visit) -> list[str]:
    cells = []
    for line in visit.asked.get("emptied", "").splitlines()[:MAX_NAMED]:
        with contextlib.suppress(SdmxmigError):
            cells.append(str(parse_place(line)))
    return cells


def serve_table(visit: Visit) -> Document:
    path = find_table(visit.workbench.session(), visit.form["path"])
    return Document(path.name, read_inside(path.parent, path.name))


SCREEN = Screen(
    name="data",
    title="Data",
    show=show,
    actions={"add": add_tables, "rename": rename, "remove": remove, "correct": correct},
    documents={"table": serve_table},
)
