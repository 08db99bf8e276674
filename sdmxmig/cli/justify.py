"""``sdmxmig justify``: justification of warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("justify")
@click.argument("finding")
@in_workspace
@click.option("--and", "others", multiple=True, metavar="FINDING", help="Another finding; may be repeated.")
@click.option("--text", required=True, metavar="REASON", help="The reason that justifies the warning.")
@click.option("--by", default="", metavar="NAME", help="The author of the reason.")
def justify_command(session: Session, finding: str, others: tuple[str, ...], text: str, by: str) -> None:
    """Give the reason for a warning, or for several warnings at once.

    FINDING is the fingerprint that validate shows beside a warning, or the id of a rule: then the reason is for all its
    warnings that have none. Reasons are kept in justifications.toml of the workspace and stay in later submissions, as
    long as the finding is the same. Errors must be corrected. Information needs no reason.

    \b
    Examples:
      sdmxmig justify 0a1b2c3d4e5f6071 mycountry --text "The register was cleaned in 2022."
      sdmxmig justify RULE mycountry --text "No survey was held in these years."
      sdmxmig justify 0a1b2c3d4e5f6071 --text "Confirmed by the ministry." --by "Migration statistics"
    """
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.justifying import justify, justify_command_line, warnings_named
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may

    folder = session.workspace.folder
    check_may(folder, by, ANSWERS)
    fingerprints = [fingerprint for name in (finding, *others) for fingerprint in warnings_named(session, name)]
    command = justify_command_line(folder, fingerprints, text, by=by)
    with recorded(folder, Intent(what="justify", command=command, at=session.prepared, by=by)):
        justifications = justify(session, fingerprints, text, by=by)
    for justification in justifications:
        say(f"{justification.rule} on {justification.flow} is justified: {justification.text}")
    next_step("sdmxmig validate", folder)
