"""``sdmxmig convert``: conversion of national workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import next_step, show_list

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("convert")
@in_workspace
@click.option(
    "--maps",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the mapping files as structure maps too, into this file (.xml or .json).",
)
@FORMAT_OPTION
def convert_command(session: Session, maps: Path | None, listing_format: str) -> int:
    """Read tables/, convert them by mappings/ and write SDMX-CSV 2.0, SDMX-ML 3.0 and SDMX-ML 2.1.

    Exit code 1 if a table gave no observation, a formula has no result, or a cell holds no number that can be read.

    \b
    Examples:
      sdmxmig convert mycountry
      sdmxmig convert mycountry --format json
      sdmxmig convert mycountry -o result
      sdmxmig convert mycountry --maps maps.xml
    """
    from sdmxmig.workspace.tasks.converting import convert, say_lost, write_maps

    rows, findings = convert(session)
    show_list(rows, listing_format)
    if maps:
        write_maps(session, maps)
    lost = say_lost(session, findings)
    next_step("sdmxmig validate", session.workspace.folder)
    return FINDINGS if lost else OK
