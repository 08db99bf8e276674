"""``sdmxmig init``: new workspaces."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from sdmxmig.cli.talk import next_step, stage
from sdmxmig.primitives.errors import SdmxmigError, counted


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--table",
    "tables",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A table of yours, in place of the one that ships. Repeat it for several.",
)
@click.option("--area", default="", metavar="COUNTRY", help="The country that reports it: its name, or its code.")
@click.option("--made-up", "is_made_up", is_flag=True, help="The country of --area is fictional.")
def init_command(folder: Path, tables: tuple[Path, ...], area: str, *, is_made_up: bool) -> None:
    """Create a workspace in FOLDER with commented files and one real table, ready to run; replace the table by yours.

    With --table, the workspace has only your tables; map them next. A fictional country for practice can have any name
    that no country has: reports say that it is fictional, and its messages are marked as tests.

    \b
    Examples:
      sdmxmig init mycountry
      sdmxmig init mycountry && sdmxmig run mycountry
      sdmxmig init work/2026
      sdmxmig init mycountry --table stocks.xlsx --area GE
      sdmxmig init exercise --table stocks.xlsx --area Atlantis --made-up
    """
    from sdmxmig.catalogue.folders import shipped
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks.first_tables import workspace_with_tables
    from sdmxmig.workspace.tasks.new_workspace import copy_workspace

    if area and not tables:
        command = shlex.join(["sdmxmig", "init", str(folder), "--table", "stocks.xlsx", "--area", area])
        raise SdmxmigError("--area is the country of a table, and no table is named.", hint=f"For example: {command}")
    if tables and not area:
        command = shlex.join(["sdmxmig", "init", str(folder), "--table", str(tables[0]), "--area", "GE"])
        raise SdmxmigError("The country that reports the table is not named.", hint=f"For example: {command}")
    if is_made_up and not tables:
        raise SdmxmigError("--made-up applies to the country of a table.", hint="Add --table and --area.")
    if tables:
        contents = {table.name: read_bytes(table) for table in tables}
        if len(contents) < len(tables):
            raise SdmxmigError("Two of these files have the same name.", hint="Give each file another name.")
        files = workspace_with_tables(folder, contents, country=area, is_made_up=is_made_up)
    else:
        files = copy_workspace(shipped("templates") / "workspace", folder)
    stage("init", f"{counted(len(files), 'file')} in {folder}")
    next_step("sdmxmig open" if tables else "sdmxmig run", folder)
