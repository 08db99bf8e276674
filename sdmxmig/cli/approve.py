"""``sdmxmig approve``: approval before sealing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("approve")
@in_workspace
@BY_OPTION
@click.option(
    "--state",
    "seen",
    default="",
    metavar="HASH",
    help="The state that you have checked; any other state is not approved.",
)
@click.option("--withdraw", is_flag=True, help="Withdraw your approval.")
def approve_command(session: Session, by: str, seen: str, withdraw: bool) -> None:
    """Approve the current data and findings for sealing, by their hashes.

    If people.toml in the folder of the workspace (or above it) lists people, only data approved by a person other than
    the author of the changes are sealed. Changes to data, findings or structures cancel the approval.

    \b
    Examples:
      sdmxmig approve mycountry --by reviewer
      sdmxmig approve mycountry --by reviewer --withdraw
      sdmxmig approve --by reviewer
      sdmxmig package mycountry --check
    """
    from sdmxmig.workspace.tasks import preflight
    from sdmxmig.workspace.tasks.approvals import lacking

    folder = session.workspace.folder
    if withdraw:
        preflight.withdraw(session, by)
        say(f"{by} has withdrawn the approval.")
        return
    approval = preflight.approve(session, by, seen=seen)
    say(f"{by} has approved {approval.state[:12]}…, the state after step {approval.step}.")
    for reason in lacking(session):
        say(f"! Further conditions are open: {reason}")
    next_step("sdmxmig package", folder)
