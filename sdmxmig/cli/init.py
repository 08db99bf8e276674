"""``sdmxmig init``: a workspace that runs."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.talk import next_step, stage
from sdmxmig.primitives.errors import SdmxmigError, counted


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--table", type=click.Path(path_type=Path), help="A table of yours, in place of the one that ships.")
@click.option("--area", default="", metavar="COUNTRY", help="The country that reports it: its name, or its code.")
@click.option("--made-up", "is_made_up", is_flag=True, help="The country of --area does not exist, and all says so.")
def init_command(folder: Path, table: Path | None, area: str, *, is_made_up: bool) -> None:
    """Create a workspace in FOLDER with commented files and one real table, ready to run; replace the table by yours.

    With --table, the workspace has only that table; map it next. A fictional country for practice can have any name
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
    from sdmxmig.workspace.tasks.first_tables import workspace_with_table
    from sdmxmig.workspace.tasks.new_workspace import copy_workspace

    if bool(area) != (table is not None):
        raise SdmxmigError("--table and --area belong together.", hint="Name both, or neither of them.")
    if is_made_up and table is None:
        raise SdmxmigError("--made-up is said of the country of a table.", hint="Name --table and --area, too.")
    if table is not None:
        files = workspace_with_table(folder, table.name, read_bytes(table), country=area, is_made_up=is_made_up)
    else:
        files = copy_workspace(shipped("templates") / "workspace", folder)
    stage("init", f"{counted(len(files), 'file')} in {folder}")
    next_step("sdmxmig run" if table is None else "sdmxmig open", folder)
