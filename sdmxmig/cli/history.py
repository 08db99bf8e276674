"""``sdmxmig history``: what was changed in a workspace, and taking a change back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import say, show

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


@click.command("history")
@of_workspace
@click.option("--undo", "number", type=int, metavar="N", help="Take step N back; later ones stay.")
def history_command(session: Session, number: int | None) -> None:
    """Say what was changed in a workspace, when and by which command, and take one change back.

    Changes that were made by other programs are noticed, and named “outside”.

    \b
    Examples:
      sdmxmig history mycountry
      sdmxmig history mycountry --undo 7
      sdmxmig history
    """
    from sdmxmig.application.history import read_history, settle, undo

    folder = session.workspace.folder
    if number is not None:
        step = undo(folder, number, session.prepared)
        say(f"Step {number} is taken back, as step {step.number}: {', '.join(step.files)}")
        return
    settle(folder, session.prepared)
    show(*(f"{step.number:>4}  {step.at}  {step.what:<10} {', '.join(step.files)}" for step in read_history(folder)))
