"""``sdmxmig convert``: conversion of national workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, takes
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import next_step, show_list
from sdmxmig.workspace.requests.messages import ConvertRequest

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("convert")
@in_workspace
@takes(ConvertRequest)
@FORMAT_OPTION
def convert_command(session: Session, request: ConvertRequest, listing_format: str) -> int:
    """Read tables/, convert them by mappings/ and write SDMX-CSV 2.0, SDMX-ML 3.0 and SDMX-ML 2.1.

    Data whose tables and mappings have not changed are not converted again.

    Exit code 1 if a table gave no observation, a formula has no result, or a cell holds no number that can be read.

    \b
    Examples:
      sdmxmig convert mycountry
      sdmxmig convert mycountry --format json
      sdmxmig convert mycountry -o result
      sdmxmig convert mycountry --maps maps.xml
    """
    from sdmxmig.workspace.tasks.converting import convert, say_lost

    rows, findings = convert(session, request)
    show_list(rows, listing_format)
    lost = say_lost(session, findings)
    next_step("sdmxmig validate", session.workspace.folder)
    return FINDINGS if lost else OK
