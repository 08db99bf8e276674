"""``sdmxmig status``: state of deliveries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION, FORMAT_OPTION
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import say, show_list, stage

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session

LARGEST = 10_000_000
"""Maximum bytes of a receipt."""


@click.command("status")
@of_workspace
@click.option("--settle", metavar="ID", help="Record the result of this delivery.")
@click.option(
    "--as",
    "state",
    type=click.Choice(["received", "accepted", "rejected", "ready"]),
    help="Received, accepted, rejected, or missing (then it is sent again).",
)
@click.option("--because", default="", metavar="TEXT", help="The source of the result.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The answer of the receiver; it is kept unchanged.",
)
@click.option("--reconcile", is_flag=True, help="Ask the receiver for its data and list the differences.")
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
    """Show the state of each delivery of a workspace, and the ones that wait for you.

    ready: will be sent with the next sdmxmig send. waiting: in uploads/, for delivery by hand. sent: in process at the
    receiver. received: at the receiver. accepted, rejected: the decision of the receiver. uncertain: arrival unknown.
    dead: all attempts used. The exit code is 1 if a delivery waits for you, or if the journal was altered.

    Many receivers answer by letter only: record the answer with --settle. Accepted submissions are copied to accepted/
    of the workspace; later data are compared with them.

    With --reconcile, the receiver is asked for everything that was sent to it and, for a folder or SFTP, for anything
    else there. The answer settles uncertain deliveries. Other differences are listed: missing submissions, and files
    that were not sent from here. The exit code is then 1.

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
    from sdmxmig.workspace.tasks import delivering, unasked

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
    unasked.keep_accepted(session)
    standing = delivering.standing(session)
    for dispatch in standing.cut:
        say(f"! {dispatch.id[:12]} is uncertain: {dispatch.reason} sdmxmig send continues after its waiting time.")
    show_list([delivering.row_of(dispatch) for dispatch in standing.dispatches], listing_format)
    if standing.paused:
        say(f"! Sending to {session.workspace.receiver} is paused: {standing.paused}")
    if standing.altered_line:
        say(f"! The journal of deliveries was changed from line {standing.altered_line} on.")
    waits = any(dispatch.needs_person for dispatch in standing.dispatches)
    return FINDINGS if waits or standing.cut or standing.paused or standing.altered_line else OK


def show_reconciled(session: Session, listing_format: str) -> int:
    from sdmxmig.transmission.delivery.reconciling import TO_LOOK_AT
    from sdmxmig.workspace.tasks import delivering, unasked

    reconciled = delivering.reconcile(session)
    unasked.keep_accepted(session)
    show_list([delivering.reconciled_row(each) for each in reconciled], listing_format)
    return FINDINGS if any(each.verdict in TO_LOOK_AT for each in reconciled) else OK
