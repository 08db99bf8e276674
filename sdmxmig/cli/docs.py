"""``sdmxmig docs``: documentation site."""

from __future__ import annotations

from pathlib import Path

import click

from sdmxmig.cli.options import FORMAT_OPTION, WORKSPACE_OPTION, language_option, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show_list, stage
from sdmxmig.io.publishing.files import check_folder
from sdmxmig.io.publishing.folders import publish_folder
from sdmxmig.primitives.errors import counted

FOLDER, OPTION, MAKER = "sdmxmig-docs", "-o FOLDER", "sdmxmig docs"


@click.command("docs")
@WORKSPACE_OPTION
@output_option("folder", "The folder of the site.", default=Path(FOLDER), show_default=True)
@language_option("languages", " May be given several times.  [default: all six]", multiple=True)
@FORMAT_OPTION
def docs_command(workspace: Path | None, folder: Path, languages: tuple[str, ...], listing_format: str) -> None:
    """Render the framework as a site: definitions, indicators, lists, structures and dataflows, with a search.

    It is plain HTML that is opened from its folder, without network or server, in six languages.

    \b
    Examples:
      sdmxmig docs
      sdmxmig docs -o site --language en --language fr
      sdmxmig docs --workspace mycountry -o site
    """
    from sdmxmig.catalogue import load
    from sdmxmig.catalogue.documentation import LANGUAGES, render

    check_folder(folder, "docs", MAKER, OPTION)
    work = at_work(workspace)
    files = render(load(work), languages or LANGUAGES)
    for note in publish_folder(folder, "docs", files, maker=MAKER, option=OPTION)[1]:
        say(note)
    stage("docs", f"{counted(len(files), 'file')} in {folder}")
    starts = sorted(name for name in files if name.endswith("/index.html"))
    show_list([{"language": name.partition("/")[0], "file": str(folder / name)} for name in starts], listing_format)
    next_step("open", folder / "index.html")
