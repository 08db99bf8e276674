"""``sdmxmig send``: sending of submissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, takes
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import next_step, say, show_list, stage
from sdmxmig.workspace.requests.line import SendRequest

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.revising import AcceptedComparison
    from sdmxmig.workspace.tasks.session import Session


@click.command("send")
@of_workspace
@takes(SendRequest)
@click.option("--dry-run", is_flag=True, help="Show the messages and the changes at the receiver; send nothing.")
@click.option("--resume", is_flag=True, help="End the pause of this receiver after a check.")
@FORMAT_OPTION
def send_command(session: Session, request: SendRequest, *, dry_run: bool, resume: bool, listing_format: str) -> int:
    """Announce the newest sealed submission to its receiver, and send all that can be sent now.

    An announced submission is kept in deliveries/ of the workspace, and this command resumes it after any interruption.
    Each submission is sent once. If its arrival is uncertain, the receiver is asked later, or you are; it is never sent
    again blindly.

    The command first lists the differences from the data that the receiver has accepted; --dry-run lists each
    observation. With --action, the receiver gets all data (replace), new observations (append), new and changed
    observations (merge), or deletions (delete; confirm their number with --deletions). Only delete removes data.
    structures/agencies/ declares the actions that a receiver accepts.

    Data older than the accepted or announced ones need --older; withdrawn submissions need --again.

    country.toml declares the delivery under [receiver.delivery]. The exit code is 1 if a delivery waits for you or has
    not arrived yet.

    \b
    Examples:
      sdmxmig send mycountry --dry-run
      sdmxmig send mycountry
      sdmxmig send mycountry --action merge
      sdmxmig send mycountry --action delete --deletions 3
      sdmxmig send mycountry --submission GE-UNSD-0123456789abcdef0123
      sdmxmig send mycountry --submission GE-UNSD-0123456789abcdef0123 --older
      sdmxmig send mycountry --resume
    """
    from sdmxmig.workspace.tasks import delivering, promising, reaching, unasked
    from sdmxmig.workspace.tasks.revising import DELETED, rows_of_changes

    if dry_run:
        reaching.check_way(session)
        way, chosen = reaching.way_of(session), promising.chosen(session, request.submission)
        how = f" ({request.action})" if request.action else ""
        stage("would send", f"{chosen.id} to {chosen.receiver}: {way.transport}, {way.address}{how}", done=False)
        comparison = say_changes(session, request)
        say_unasked(session, request, comparison)
        show_list(list(rows_of_changes(comparison)) if comparison.since else [], listing_format)
        return OK
    if resume:
        delivering.resume(session, by=request.by)
    comparison = say_changes(session, request)
    if request.older or request.again:
        say_unasked(session, request, comparison)
    if request.action == "delete":
        show_list(list(rows_of_changes(comparison, [DELETED])), listing_format)
    for promised in promising.promise(session, request, comparison):
        parcel = promised.parcel
        stage("promised", f"{parcel.name.removesuffix('.zip')} to {parcel.target}, as {promised.id[:12]}")
    for dispatch in delivering.deliver(session):
        stage(dispatch.state, f"{dispatch.id[:12]} {dispatch.reason}".rstrip(), done=dispatch.state in delivering.THERE)
    unasked.keep_accepted(session)
    standing = delivering.standing(session)
    if standing.paused:
        say(f"! Sending to {session.workspace.receiver} is paused: {standing.paused}")
        next_step("sdmxmig send --resume", session.workspace.folder)
        return FINDINGS
    if any(dispatch.state in delivering.OPEN for dispatch in standing.dispatches):
        next_step("sdmxmig status", session.workspace.folder)
        return FINDINGS
    return OK


def say_changes(session: Session, request: SendRequest) -> AcceptedComparison:
    from sdmxmig.workspace.tasks import promising
    from sdmxmig.workspace.tasks.revising import compared, sentences_of

    comparison = compared(session, promising.chosen(session, request.submission))
    since = f"since {comparison.since}" if comparison.since else "no data were accepted before"
    for sentence in sentences_of(comparison):
        stage("compared", f"{sentence} ({since})", done=False)
    if comparison.deleted and request.action != "delete":
        say(f"! Removed figures stay at the receiver ({comparison.deleted:,}). Delete them with --action delete.")
    return comparison


def say_unasked(session: Session, request: SendRequest, comparison: AcceptedComparison) -> None:
    from sdmxmig.workspace.tasks import promising
    from sdmxmig.workspace.tasks.unasked import sentence_of, withdrawal_of, withdrawn_of

    submission = promising.chosen(session, request.submission)
    if newer := promising.newer_there(session, request, comparison):
        say(f"! {sentence_of(submission, newer)}")
    for withdrawn in withdrawn_of(submission, promising.sent_before(session, submission)):
        say(f"! {withdrawal_of(withdrawn)}")
