"""``sdmxmig justify``: why a warning may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("justify")
@click.argument("fingerprint")
@in_workspace
@click.option("--text", required=True, metavar="REASON", help="Why the warning may stand.")
@click.option("--by", default="", metavar="NAME", help="Who says so.")
def justify_command(session: Session, fingerprint: str, text: str, by: str) -> None:
    """Say why a warning may stand; it is kept in justifications.toml of the workspace.

    FINGERPRINT is what validate shows beside a warning. The same finding has it again in every resubmission, and with
    it the reason. Errors cannot be justified: they have to be mended. Information needs no reason.

    \b
    Examples:
      sdmxmig justify 0a1b2c3d4e5f6071 mycountry --text "The register was cleaned in 2022."
      sdmxmig justify 0a1b2c3d4e5f6071 mycountry --text "Three offices were merged."
      sdmxmig justify 0a1b2c3d4e5f6071 --text "Confirmed by the ministry." --by "Migration statistics"
    """
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.justifying import justify, justify_command_line
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may

    folder = session.workspace.folder
    check_may(folder, by, ANSWERS)
    command = justify_command_line(folder, fingerprint, text, by=by)
    with recorded(folder, Intent(what="justify", command=command, at=session.prepared, by=by)):
        justification = justify(session, fingerprint, text, by=by)
    say(f"{justification.rule} on {justification.flow} may stand: {justification.text}")
    next_step("sdmxmig validate", folder)
