"""``sdmxmig build``: structure messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, takes
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_list
from sdmxmig.workspace.requests.line import BuildRequest

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("build")
@in_workspace
@takes(BuildRequest)
@FORMAT_OPTION
def build_command(session: Session, request: BuildRequest, listing_format: str) -> None:
    """Write codelists, structures, dataflows and all other declared artefacts as SDMX.

    The formats are SDMX-ML 2.1, 3.0 and 3.1 and SDMX-JSON 2.0 and 2.1. Artefacts that a version cannot hold are listed
    in left-out.md.

    With --vtl, the validation rules are exported as VTL: one script for all (rules.vtl), one for each dataflow, and
    SDMX artefacts. Rules that VTL cannot express are listed in not-in-vtl.md.

    \b
    Examples:
      sdmxmig build mycountry
      sdmxmig build mycountry -o result
      sdmxmig build mycountry --vtl
      sdmxmig build mycountry --format json
    """
    from sdmxmig.workspace.tasks.building import build

    show_list(build(session, rules=request.vtl), listing_format)
    next_step("sdmxmig convert", session.workspace.folder)
