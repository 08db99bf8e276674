"""``sdmxmig send``: a sealed submission on its way to its receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import BY_OPTION
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import next_step, say, stage

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


@click.command("send")
@of_workspace
@click.option("--submission", default="", metavar="ID", help="Which one.  [default: the newest]")
@click.option("--dry-run", is_flag=True, help="Say what would go where, and send nothing.")
@click.option("--resume", is_flag=True, help="Somebody has looked: send to this receiver again.")
@BY_OPTION
def send_command(session: Session, *, submission: str, dry_run: bool, resume: bool, by: str) -> int:
    """Promise the newest sealed submission to its receiver, and send what can be sent now.

    From the promise on nothing is lost: it is kept in deliveries/ of the workspace, and this command goes on with it
    however it was cut off. The same submission is sent once. Of what nobody knows whether it arrived the receiver is
    asked after a while, or you are; it is never sent again blindly.

    How the receiver is reached stands in country.toml, under [receiver.delivery]. The exit code is 1 if something
    waits for you, or has not arrived yet.

    \b
    Examples:
      sdmxmig send mycountry --dry-run
      sdmxmig send mycountry
      sdmxmig send mycountry --submission GE-UNSD-0123456789abcdef0123
      sdmxmig send mycountry --resume
    """
    from sdmxmig.application import acceptance, delivering

    if dry_run:
        way, chosen = delivering.way_of(session), delivering.chosen(session, submission)
        stage("would send", f"{chosen.id} to {chosen.receiver}: {way.transport}, {way.address}", done=False)
        return OK
    if resume:
        delivering.resume(session)
    for promised in delivering.promise(session, submission, by=by):
        parcel = promised.parcel
        stage("promised", f"{parcel.name.removesuffix('.zip')} to {parcel.target}, as {promised.id[:12]}")
    for dispatch in delivering.deliver(session):
        stage(dispatch.state, f"{dispatch.id[:12]} {dispatch.reason}".rstrip(), done=dispatch.state in delivering.THERE)
    acceptance.keep_accepted(session)
    standing = delivering.standing(session)
    if standing.paused:
        say(f"! Nothing is sent to {session.workspace.receiver}: {standing.paused}")
        next_step("sdmxmig send --resume", session.workspace.folder)
        return FINDINGS
    if any(dispatch.state in delivering.OPEN for dispatch in standing.dispatches):
        next_step("sdmxmig status", session.workspace.folder)
        return FINDINGS
    return OK
