"""``sdmxmig init``: a workspace that runs."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.talk import next_step, stage
from sdmxmig.errors import SdmxmigError, counted
from sdmxmig.places import Place
from sdmxmig.publishing.folders import WORK, make_folder

LEFT_BEHIND = ("out", "figures")


def copy_workspace(source: Path, target: Path) -> list[Path]:
    """Copy a workspace without its results; raises `SdmxmigError` rather than overwrite anything."""
    if target.is_dir() and any(path.name != WORK for path in target.iterdir()):
        raise SdmxmigError(
            "This folder is not empty.", Place(str(target)), "Name a new folder; nothing is overwritten."
        )
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and path.relative_to(source).parts[0] not in LEFT_BEHIND
    }
    return make_folder(target, files, "FOLDER")


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
    from sdmxmig.catalogue.folders import shipped

    files = copy_workspace(shipped("templates") / "workspace", folder)
    stage("init", f"{counted(len(files), 'file')} in {folder}")
    next_step("sdmxmig run", folder)
