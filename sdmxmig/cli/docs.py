"""``sdmxmig docs``: the framework as a site to browse."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.publishing import publish
from sdmxmig.cli.show import WORKSPACE_OPTION, at_work
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, show_list, stage
from sdmxmig.errors import OutputError, counted
from sdmxmig.places import Place

FOLDER = "sdmxmig-docs"
OWN = "assets/site.js"
"""The file by which sdmxmig knows a site of its own."""


@click.command("docs")
@WORKSPACE_OPTION
@click.option(
    "--output",
    "-o",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(FOLDER),
    show_default=True,
    help="The folder of the site.",
)
@click.option(
    "--language", "languages", multiple=True, help="Only this language; may be given several times.  [default: all six]"
)
@FORMAT_OPTION
def docs_command(workspace: Path | None, folder: Path, languages: tuple[str, ...], output: str) -> None:
    """Render the framework as a site: definitions, indicators, lists, structures and dataflows, with a search.

    It is plain HTML that is opened from its folder, without network or server, in six languages.

    \b
    Examples:
      sdmxmig docs
      sdmxmig docs -o site --language en --language fr
      sdmxmig docs --workspace mycountry -o site
    """
    from sdmxmig.catalogue import load
    from sdmxmig.documentation import LANGUAGES, render

    check_folder(folder)
    work = at_work(workspace)
    files = render(load(work), languages or LANGUAGES)
    publish(folder, files)
    stage("docs", f"{counted(len(files), 'file')} in {folder}")
    starts = sorted(name for name in files if name.endswith("/index.html"))
    show_list([{"language": name.partition("/")[0], "file": str(folder / name)} for name in starts], output)
    next_step("open", folder / "index.html")


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds something else, since the site replaces it as a whole."""
    if folder.is_file():
        raise OutputError("This is a file, not a folder.", Place(str(folder)), "Name a folder with -o FOLDER.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / OWN).is_file():
        message = "This folder was not made by sdmxmig docs and would be replaced."
        raise OutputError(message, Place(str(folder)), "Name another folder with -o FOLDER, or move that one away.")
