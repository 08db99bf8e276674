"""``sdmxmig mapping``: mappings of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION, Commands
from sdmxmig.cli.session import in_workspace, of_workspace, recorded_change, rename_in_workspace
from sdmxmig.cli.talk import next_step, say, show_list, stage
from sdmxmig.workspace.tasks.talk import quoted

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


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
@of_workspace
@FORMAT_OPTION
def list_command(session: Session, listing_format: str) -> None:
    """List the mappings and drafts of a WORKSPACE, with the tables that they read.

    \b
    Examples:
      sdmxmig mapping list mycountry
      sdmxmig mapping list mycountry --format json
    """
    from sdmxmig.workspace.tasks.drafts import draft_name, drafts_in
    from sdmxmig.workspace.tasks.mapping_files import readable_mappings

    mappings, errors = readable_mappings(session)
    drafts, broken = drafts_in(session.workspace.folder)
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
            "name": draft_name(draft),
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
@of_workspace
@click.argument("name")
@FORMAT_OPTION
def show_command(session: Session, name: str, listing_format: str) -> None:
    """Show what the mapping NAME of a WORKSPACE says, line by line, and some of its observations in words.

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
@in_workspace
@click.argument("name")
@click.option("--set", "settings", nargs=3, multiple=True, metavar="PART LABEL CODE", help="Give a line another code.")
@click.option("--read", "draft", type=click.Path(path_type=Path), help="Take the answers of this draft.")
@BY_OPTION
def edit_command(
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
    from sdmxmig.workspace.tasks.mapping_files import readable_mappings
    from sdmxmig.workspace.tasks.own_tables import open_saved, with_changes

    folder = session.workspace.folder
    opened = open_saved(session, name)
    flow = session.catalogue.flow(opened.work.answers.flow)
    answered = check_answers(draft.name, read_bytes(draft), flow) if draft else None
    opened = with_changes(session, opened, settings, answered)
    others = [each for each in readable_mappings(session)[0] if each.place and each.place.file != opened.path.name]
    words = [f"--set {quoted(part)} {quoted(label)} {quoted(code)}" for part, label, code in settings]
    words += [f"--read {quoted(draft)}"] if draft else []
    command = f"sdmxmig mapping edit {quoted(folder)} {quoted(opened.path.stem)} {' '.join(words)}"
    with recorded_change(session, "map", command, by):
        save_mapping(opened.path, opened.work, opened.material, others)
    stage("map", str(opened.path))
    next_step("sdmxmig convert", folder)


@mapping_command.command("rename")
@in_workspace
@click.argument("name")
@click.argument("new_name")
@BY_OPTION
def rename_command(session: Session, name: str, new_name: str, by: str) -> None:
    """Give the mapping NAME of a WORKSPACE the name NEW_NAME.

    \b
    Examples:
      sdmxmig mapping rename mycountry stocks stocks-2024
      sdmxmig mapping rename mycountry stocks stocks-2024 --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import rename_mapping

    rename_in_workspace(session, "mapping", rename_mapping, name=name, new_name=new_name, by=by)


@mapping_command.command("sheet")
@in_workspace
@click.argument("name")
@click.argument("sheet")
@click.argument("new_name")
@BY_OPTION
def sheet_command(session: Session, name: str, sheet: str, new_name: str, by: str) -> None:
    """Let the mapping NAME of a WORKSPACE read the sheet SHEET under its NEW_NAME in the workbook.

    \b
    Examples:
      sdmxmig mapping sheet mycountry stocks "Table 1 (2024)" "Table 1 (2025)"
      sdmxmig mapping sheet mycountry stocks Men Male --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import rename_sheet

    words = " ".join(map(quoted, (session.workspace.folder, name, sheet, new_name)))
    with recorded_change(session, "rename", f"sdmxmig mapping sheet {words}", by):
        path = rename_sheet(session, name, sheet, new_name)
    stage("renamed", f"“{new_name}” in {path}")


@mapping_command.command("remove")
@in_workspace
@click.argument("name")
@BY_OPTION
def remove_command(session: Session, name: str, by: str) -> None:
    """Remove the mapping NAME of a WORKSPACE. Its tables stay; undo it with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig mapping remove mycountry stocks
      sdmxmig mapping remove mycountry stocks --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import remove_mapping

    command = f"sdmxmig mapping remove {quoted(session.workspace.folder)} {quoted(name)}"
    with recorded_change(session, "remove", command, by):
        path = remove_mapping(session, name)
    stage("removed", str(path))
