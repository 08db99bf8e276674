"""``sdmxmig init``: a workspace that runs."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.talk import next_step, stage
from sdmxmig.errors import counted


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
def init_command(folder: Path) -> None:
    """Make a workspace in FOLDER with commented files and one real table, ready to run and to be replaced by yours.

    \b
    Examples:
      sdmxmig init mycountry
      sdmxmig init mycountry && sdmxmig run mycountry
      sdmxmig init work/2026
    """
    from sdmxmig.application.new_workspace import copy_workspace
    from sdmxmig.catalogue.folders import shipped

    files = copy_workspace(shipped("templates") / "workspace", folder)
    stage("init", f"{counted(len(files), 'file')} in {folder}")
    next_step("sdmxmig run", folder)
