"""Commands for tables and mappings: table, mapping and trace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import (
    BY_OPTION,
    FORMAT_OPTION,
    Commands,
    pass_reading_session,
    pass_session,
    record_change,
    rename_in_workspace,
)
from sdmxmig.cli.terminal import next_step, say, show_list, stage
from sdmxmig.primitives.errors import SdmxmigError, write_count
from sdmxmig.primitives.text import quote_path

if TYPE_CHECKING:
    from sdmxmig.conversion.convert.tracing import Use
    from sdmxmig.workspace.tasks.session import Session


@click.group("table", cls=Commands)
def table_command() -> None:
    """List, rename or remove the tables of a workspace. To see how each cell was used: sdmxmig trace --usage.

    \b
    Examples:
      sdmxmig table list mycountry
      sdmxmig table rename mycountry stocks.xlsx stocks-2024.xlsx
      sdmxmig table remove mycountry stocks.xlsx --with-mappings
    """


@table_command.command("list")
@pass_reading_session
@FORMAT_OPTION
def list_table_command(session: Session, listing_format: str) -> None:
    """List the tables of a WORKSPACE with the mappings that read them.

    \b
    Examples:
      sdmxmig table list mycountry
      sdmxmig table list mycountry --format json
    """
    from sdmxmig.workspace.tasks.own_tables import list_table_mappings

    rows = [
        {
            "file": path.name,
            "mappings": ", ".join(each.place.file for each in list_table_mappings(session, path) if each.place),
        }
        for path in session.workspace.tables
    ]
    show_list(rows, listing_format)


@table_command.command("rename")
@pass_session
@click.argument("name")
@click.argument("new_name")
@BY_OPTION
def rename_table_command(session: Session, name: str, new_name: str, by: str) -> None:
    """Rename the table NAME of a WORKSPACE to NEW_NAME, also in the mappings that read it.

    \b
    Examples:
      sdmxmig table rename mycountry stocks.xlsx stocks-2024.xlsx
      sdmxmig table rename mycountry stocks.xlsx stocks-2024.xlsx --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import rename_table

    rename_in_workspace(session, "table", rename_table, name=name, new_name=new_name, by=by)


@table_command.command("remove")
@pass_session
@click.argument("name")
@click.option("--with-mappings", is_flag=True, help="Also remove the mappings that read no other table.")
@BY_OPTION
def remove_table_command(session: Session, name: str, with_mappings: bool, by: str) -> None:
    """Remove the table NAME of a WORKSPACE. Undo it with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig table remove mycountry stocks.xlsx
      sdmxmig table remove mycountry stocks.xlsx --with-mappings
    """
    from sdmxmig.workspace.tasks.own_tables import remove_table

    words = [quote_path(session.workspace.folder), quote_path(name), *(["--with-mappings"] if with_mappings else [])]
    with record_change(session, "remove", f"sdmxmig table remove {' '.join(words)}", by):
        removed = remove_table(session, name, with_mappings=with_mappings)
    for path in removed:
        stage("removed", str(path))


@click.group("mapping", cls=Commands)
def mapping_command() -> None:
    """List, show, change, rename or remove the mappings of a workspace. To propose a new one: sdmxmig map.

    \b
    Examples:
      sdmxmig mapping list mycountry
      sdmxmig mapping show mycountry stocks
      sdmxmig mapping edit mycountry stocks --set "codes SEX" Femmes F
      sdmxmig mapping rename mycountry stocks stocks-2024
      sdmxmig mapping sheet mycountry stocks "Table 1 (2024)" "Table 1 (2025)"
      sdmxmig mapping remove mycountry stocks
    """


@mapping_command.command("list")
@pass_reading_session
@FORMAT_OPTION
def list_mapping_command(session: Session, listing_format: str) -> None:
    """List the mappings and drafts of a WORKSPACE, with the tables that they read.

    \b
    Examples:
      sdmxmig mapping list mycountry
      sdmxmig mapping list mycountry --format json
    """
    from sdmxmig.workspace.tasks.drafts import name_draft, read_drafts
    from sdmxmig.workspace.tasks.mapping_files import read_valid_mappings

    mappings, errors = read_valid_mappings(session)
    drafts, broken = read_drafts(session.workspace.folder)
    rows = [
        {
            "name": mapping.place.file.removesuffix(".toml") if mapping.place else mapping.id,
            "state": "saved",
            "dataflow": mapping.flow,
            "file": mapping.file,
            "sheets": ", ".join(dict.fromkeys(filter(None, (block.sheet for block in mapping.blocks)))),
        }
        for mapping in mappings
    ]
    rows += [
        {
            "name": name_draft(draft),
            "state": "draft",
            "dataflow": draft.flow,
            "file": draft.table,
            "sheets": ", ".join(draft.sheets),
        }
        for draft in drafts
    ]
    show_list(rows, listing_format)
    for error in (*errors, *broken):
        say(f"! {error.place or ''}: {error.message} {error.hint}".strip())


@mapping_command.command("show")
@pass_reading_session
@click.argument("name")
@FORMAT_OPTION
def show_mapping_command(session: Session, name: str, listing_format: str) -> None:
    """Show the mapping NAME of a WORKSPACE line by line, and some of its observations in words.

    \b
    Examples:
      sdmxmig mapping show mycountry stocks
      sdmxmig mapping show mycountry stocks --format json
    """
    from sdmxmig.workspace.tasks.own_tables import open_saved

    tried = open_saved(session, name).work.tried
    rows = [
        {
            "sheet": f"{len(question.sheets)} sheets" if question.sheets else question.sheet,
            "part": question.part,
            "label": question.label,
            "code": question.chosen.code or f"? {question.chosen.reason}",
        }
        for question in tried.questions
    ]
    show_list(rows, listing_format)
    for example in tried.examples:
        say(f"  {example.sentence}")


@mapping_command.command("edit")
@pass_session
@click.argument("name")
@click.option("--set", "settings", nargs=3, multiple=True, metavar="PART LABEL CODE", help="Set the code of a line.")
@click.option("--read", "draft", type=click.Path(path_type=Path), help="Use the answers in this draft.")
@BY_OPTION
def edit_mapping_command(
    session: Session, name: str, settings: tuple[tuple[str, str, str], ...], draft: Path | None, by: str
) -> None:
    """Change the mapping NAME of a WORKSPACE: values of all figures, codes of labels, notes on some figures.

    PART, LABEL and CODE are as sdmxmig mapping show lists them. CODE “leave out” skips the figures with this label.
    The change is in the history of the workspace; undo it with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig mapping edit mycountry stocks --set "codes SEX" Femmes F
      sdmxmig mapping edit mycountry stocks --set "fixed SRC_TYPE" "" CEN
      sdmxmig mapping edit mycountry stocks --read mycountry/drafts/stocks.DF_POP.toml
    """
    from sdmxmig.conversion.suggestion.answers import check_answers
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.drafts import save_mapping
    from sdmxmig.workspace.tasks.mapping_files import read_valid_mappings
    from sdmxmig.workspace.tasks.own_tables import apply_changes, open_saved

    folder = session.workspace.folder
    opened = open_saved(session, name)
    flow = session.catalogue.flow(opened.work.answers.flow)
    answered = check_answers(draft.name, read_bytes(draft), flow) if draft else None
    opened = apply_changes(session, opened, settings, answered)
    others = [each for each in read_valid_mappings(session)[0] if each.place and each.place.file != opened.path.name]
    words = [f"--set {quote_path(part)} {quote_path(label)} {quote_path(code)}" for part, label, code in settings]
    words += [f"--read {quote_path(draft)}"] if draft else []
    command = f"sdmxmig mapping edit {quote_path(folder)} {quote_path(opened.path.stem)} {' '.join(words)}"
    with record_change(session, "map", command, by):
        save_mapping(opened.path, opened.work, opened.material, others)
    stage("map", str(opened.path))
    next_step("sdmxmig validate", folder)


@mapping_command.command("rename")
@pass_session
@click.argument("name")
@click.argument("new_name")
@BY_OPTION
def rename_mapping_command(session: Session, name: str, new_name: str, by: str) -> None:
    """Rename the mapping NAME of a WORKSPACE to NEW_NAME.

    \b
    Examples:
      sdmxmig mapping rename mycountry stocks stocks-2024
      sdmxmig mapping rename mycountry stocks stocks-2024 --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import rename_mapping

    rename_in_workspace(session, "mapping", rename_mapping, name=name, new_name=new_name, by=by)


@mapping_command.command("sheet")
@pass_session
@click.argument("name")
@click.argument("sheet")
@click.argument("new_name")
@BY_OPTION
def sheet_mapping_command(session: Session, name: str, sheet: str, new_name: str, by: str) -> None:
    """Change the name of SHEET to NEW_NAME in the mapping NAME of a WORKSPACE.

    \b
    Examples:
      sdmxmig mapping sheet mycountry stocks "Table 1 (2024)" "Table 1 (2025)"
      sdmxmig mapping sheet mycountry stocks Men Male --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import rename_sheet

    words = " ".join(map(quote_path, (session.workspace.folder, name, sheet, new_name)))
    with record_change(session, "rename", f"sdmxmig mapping sheet {words}", by):
        path = rename_sheet(session, name, sheet, new_name)
    stage("renamed", f"“{new_name}” in {path}")


@mapping_command.command("remove")
@pass_session
@click.argument("name")
@BY_OPTION
def remove_mapping_command(session: Session, name: str, by: str) -> None:
    """Remove the mapping or draft NAME of a WORKSPACE. Its tables are kept. Undo with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig mapping remove mycountry stocks
      sdmxmig mapping remove mycountry stocks --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import remove_mapping

    command = f"sdmxmig mapping remove {quote_path(session.workspace.folder)} {quote_path(name)}"
    with record_change(session, "remove", command, by):
        path = remove_mapping(session, name)
    stage("removed", str(path))


MAX_SHOWN = 50


@click.command("trace")
@pass_reading_session
@click.argument("what", nargs=-1, metavar="[CELL | DATAFLOW [CONDITION]...]")
@click.option("--usage", is_flag=True, help="Count the figures of every sheet: used, skipped, unread.")
@click.option("--cells", is_flag=True, help="With --usage: list every figure that was skipped or not read.")
@click.option("--against", default="", metavar="TABLE", help="List the cells that differ from this table.")
@FORMAT_OPTION
def trace_command(
    session: Session, *, what: Sequence[str], usage: bool, cells: bool, against: str, listing_format: str
) -> None:
    """Trace observations to their source cells, or a cell to its observations.

    Name a cell (file, sheet and cell, separated by ! or ›), or a dataflow with conditions. Run convert first. With
    --against, name a table of the workspace instead: it is compared with another one, such as last year’s.

    \b
    Examples:
      sdmxmig trace mycountry "stocks.xlsx!Table 3!C14"
      sdmxmig trace mycountry DF_POP SEX=F TIME_PERIOD=2023
      sdmxmig trace mycountry --usage
      sdmxmig trace mycountry --usage --cells --format json
      sdmxmig trace mycountry stocks-2026.xlsx --against stocks-2025.xlsx
    """
    from sdmxmig.conversion.convert.tracing import compute_coverage, find_usage, parse_place
    from sdmxmig.workspace.tasks.data_folder import (
        build_record,
        is_cell,
        list_unused_cells,
        read_datasets,
        read_unused_cells,
        trace_figures,
    )

    if usage and what:
        raise SdmxmigError(
            f"--usage covers all cells and cannot be combined with “{what[0]}”.", hint="Leave out one of them."
        )
    if against:
        show_list(list_changed_cells(session, " ".join(what), against), listing_format)
        return
    if cells and not usage:
        raise SdmxmigError("--cells requires --usage.", hint="Write --usage --cells.")
    session.report_if_older("data")
    datasets = read_datasets(session)
    if usage:
        unused = read_unused_cells(session)
        if listing_format == "text":
            say(
                "file, sheet, figures used, skipped, not read" if not cells else f"{unused.height} cells were not used."
            )
        show_list(list_unused_cells(unused) if cells else compute_coverage(datasets, unused), listing_format)
        return
    if not what:
        raise SdmxmigError("There is nothing to trace.", hint="Name a cell, a dataflow, or write --usage.")
    if is_cell(what[0]):
        fate = find_usage(parse_place(" ".join(what)), datasets, read_unused_cells(session))
        rows: list[dict[str, object]] = [{"cell": str(fate.place), "fate": fate.fate, "reason": fate.reason}]
        show_list(
            [*rows, *list_first_uses(fate.uses, listing_format)]
            if listing_format == "text"
            else [*rows, *map(build_record, fate.uses)],
            listing_format,
        )
        return
    uses = trace_figures(datasets, what[0], parse_conditions(what[1:]))
    show_list(
        list_first_uses(uses, listing_format) if listing_format == "text" else [*map(build_record, uses)],
        listing_format,
    )


def list_changed_cells(session: Session, name: str, against: str) -> list[dict[str, object]]:
    from sdmxmig.conversion.tables import read
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.correcting import find_table_file
    from sdmxmig.workspace.tasks.mapping_files import find_text_format, read_valid_mappings
    from sdmxmig.workspace.tasks.sheet_views import list_differences

    mappings, _ = read_valid_mappings(session)
    before, after = (
        read(path.name, read_bytes(path), find_text_format(mappings, path.name))
        for path in (find_table_file(session, against), find_table_file(session, name))
    )
    listed, count = list_differences(before, after)
    say(f"{write_count(count, 'cell')} of {name} differ from those in {against}.")
    return listed


def parse_conditions(words: Sequence[str]) -> dict[str, str]:
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise SdmxmigError(f"“{wrong[0]}” is not a condition.", hint="Write component and code, such as SEX=F.")
    return dict(word.split("=", 1) for word in words)


def list_first_uses(uses: Sequence[Use], listing_format: str) -> list[dict[str, object]]:
    """List the source cells of observations, limited to the first if many."""
    if len(uses) > MAX_SHOWN and listing_format == "text":
        say(f"{len(uses) - MAX_SHOWN:,} more lines; --format json lists them all.")
    return [
        {
            "key": " ".join([use.flow, *(code for _, code in use.key)]),
            "component": f"{use.component} {use.value}",
            "cells": ", ".join(map(str, use.cells)),
        }
        for use in uses[:MAX_SHOWN]
    ]
