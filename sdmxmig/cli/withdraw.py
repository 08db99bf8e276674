"""``sdmxmig withdraw``: cancellation of deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import stage

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("withdraw")
@of_workspace
@click.argument("dispatch")
@click.option("--because", required=True, metavar="TEXT", help="The reason; it is kept in the journal.")
@BY_OPTION
def withdraw_command(session: Session, dispatch: str, because: str, by: str) -> None:
    """Cancel a delivery that has not been sent yet, or whose arrival is unknown.

    Data at the receiver can only be replaced by another submission, or withdrawn there.

    \b
    Examples:
      sdmxmig withdraw mycountry 0123abcd --because "The figures of 2024 are revised first."
      sdmxmig withdraw mycountry 0123abcd --because "Sent by mistake."
      sdmxmig withdraw . 0123abcd --because "Another submission takes its place."
      sdmxmig withdraw mycountry 0123abcd --because "Sent by mistake." --by reviewer
    """
    from sdmxmig.workspace.tasks import delivering

    withdrawn = delivering.withdraw(session, dispatch, because, by=by)
    stage("withdrawn", withdrawn.id[:12])
