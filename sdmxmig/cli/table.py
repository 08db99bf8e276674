"""``sdmxmig table``: tables of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION, Commands
from sdmxmig.cli.session import in_workspace, of_workspace, recorded_change, rename_in_workspace
from sdmxmig.cli.talk import show_list, stage
from sdmxmig.workspace.tasks.talk import quoted

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.group("table", cls=Commands)
def table_command() -> None:
    """List, rename or remove the tables of a workspace. To see what became of each cell: sdmxmig trace --usage.

    \b
    Examples:
      sdmxmig table list mycountry
      sdmxmig table rename mycountry stocks.xlsx stocks-2024.xlsx
      sdmxmig table remove mycountry stocks.xlsx --with-mappings
    """


@table_command.command("list")
@of_workspace
@FORMAT_OPTION
def list_command(session: Session, listing_format: str) -> None:
    """List the tables of a WORKSPACE with the mappings that read them.

    \b
    Examples:
      sdmxmig table list mycountry
      sdmxmig table list mycountry --format json
    """
    from sdmxmig.workspace.tasks.own_tables import mappings_of_table

    rows = [
        {
            "file": path.name,
            "mappings": ", ".join(each.place.file for each in mappings_of_table(session, path) if each.place),
        }
        for path in session.workspace.tables
    ]
    show_list(rows, listing_format)


@table_command.command("rename")
@in_workspace
@click.argument("name")
@click.argument("new_name")
@BY_OPTION
def rename_command(session: Session, name: str, new_name: str, by: str) -> None:
    """Give the table NAME of a WORKSPACE the name NEW_NAME, in the mappings that read it too.

    \b
    Examples:
      sdmxmig table rename mycountry stocks.xlsx stocks-2024.xlsx
      sdmxmig table rename mycountry stocks.xlsx stocks-2024.xlsx --by "A. Person"
    """
    from sdmxmig.workspace.tasks.own_tables import rename_table

    rename_in_workspace(session, "table", rename_table, name=name, new_name=new_name, by=by)


@table_command.command("remove")
@in_workspace
@click.argument("name")
@click.option("--with-mappings", is_flag=True, help="Remove the mappings that read no other table, too.")
@BY_OPTION
def remove_command(session: Session, name: str, with_mappings: bool, by: str) -> None:
    """Remove the table NAME of a WORKSPACE. Undo it with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig table remove mycountry stocks.xlsx
      sdmxmig table remove mycountry stocks.xlsx --with-mappings
    """
    from sdmxmig.workspace.tasks.own_tables import remove_table

    words = [quoted(session.workspace.folder), quoted(name), *(["--with-mappings"] if with_mappings else [])]
    with recorded_change(session, "remove", f"sdmxmig table remove {' '.join(words)}", by):
        removed = remove_table(session, name, with_mappings=with_mappings)
    for path in removed:
        stage("removed", str(path))
