"""``sdmxmig status``: where each delivery stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import say, show_list, stage

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

LARGEST = 10_000_000
"""A receipt that a person brings has at most so many bytes."""


@click.command("status")
@of_workspace
@click.option("--settle", metavar="ID", help="Say of this dispatch what you found out.")
@click.option(
    "--as",
    "state",
    type=click.Choice(["received", "accepted", "rejected", "ready"]),
    help="The receiver has it, took it over, refused it; or does not have it, so that it goes again.",
)
@click.option("--because", default="", metavar="TEXT", help="How you found out.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the receiver gave you; it is kept as it is.",
)
@click.option("--reconcile", is_flag=True, help="Ask the receiver what it has, and say what differs.")
@BY_OPTION
@FORMAT_OPTION
def status_command(
    session: Session,
    *,
    settle: str | None,
    state: str | None,
    because: str,
    receipt: Path | None,
    reconcile: bool,
    by: str,
    listing_format: str,
) -> int:
    """Say where every delivery of a workspace stands, and what waits for you.

    ready: it goes with the next sdmxmig send. waiting: it lies in uploads/, for you to bring it there. sent: the
    receiver works on it. received: the receiver has it. accepted, rejected: what the receiver made of it. uncertain:
    nobody knows whether it arrived. dead: it was tried often enough. The exit code is 1 if something waits for you, or
    the journal was tampered with.

    Many receivers say by letter alone what they made of it: --settle writes it down. What was accepted as a whole comes
    into accepted/ of the workspace, as it was sent: the next data are compared with it.

    With --reconcile the receiver is asked for all that it was sent and, in a folder or by SFTP, for what else lies
    there. What was uncertain is settled by its answer; all else is only told: what should be there and is not, and what
    is there and was never sent from here. The exit code is 1 if there is any.

    \b
    Examples:
      sdmxmig status mycountry
      sdmxmig status mycountry --reconcile
      sdmxmig status mycountry --format json
      sdmxmig status mycountry --settle 0123abcd --as received --because "Their portal lists it."
      sdmxmig status mycountry --settle 0123abcd --as received --because "Uploaded." --receipt page.pdf
      sdmxmig status mycountry --settle 0123abcd --as accepted --because "Their letter of 3 March."
    """
    from sdmxmig.io.intake.files import read_bytes
    from sdmxmig.workspace.tasks import acceptance, delivering

    if receipt and settle is None:
        raise click.UsageError("--receipt needs --settle.")
    if settle is not None:
        if state is None or not because:
            raise click.UsageError("--settle needs --as and --because.")
        content = read_bytes(receipt, limit=LARGEST) if receipt else b""
        settled = delivering.settle(session, settle, state=state, reason=because, receipt=content, by=by)
        stage("settled", f"{settled.id[:12]} is {settled.state}")
    if reconcile:
        return show_reconciled(session, listing_format)
    acceptance.keep_accepted(session)
    standing = delivering.standing(session)
    for dispatch in standing.cut:
        say(f"! {dispatch.id[:12]} is uncertain: {dispatch.reason} sdmxmig send goes on once its quiet time is over.")
    show_list([delivering.row_of(dispatch) for dispatch in standing.dispatches], listing_format)
    if standing.paused:
        say(f"! Nothing is sent to {session.workspace.receiver}: {standing.paused}")
    if standing.altered_line:
        say(f"! The journal of deliveries was tampered with, from its line {standing.altered_line} on.")
    waits = any(dispatch.needs_person for dispatch in standing.dispatches)
    return FINDINGS if waits or standing.cut or standing.paused or standing.altered_line else OK


def show_reconciled(session: Session, listing_format: str) -> int:
    """Say what the receiver has of what it was sent, and what else; the exit code says whether somebody has to look."""
    from sdmxmig.transmission.delivery.reconciling import TO_LOOK_AT
    from sdmxmig.workspace.tasks import acceptance, delivering

    reconciled = delivering.reconcile(session)
    acceptance.keep_accepted(session)
    show_list([delivering.reconciled_row(each) for each in reconciled], listing_format)
    return FINDINGS if any(each.verdict in TO_LOOK_AT for each in reconciled) else OK
