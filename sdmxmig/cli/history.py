"""``sdmxmig history``: changes and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import say, show, show_json, show_text

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.history import Step
    from sdmxmig.workspace.tasks.session import Session


@click.command("history")
@of_workspace
@click.option("--undo", "number", type=int, metavar="N", help="Undo step N; later steps stay.")
@BY_OPTION
@click.option(
    "--format",
    "listing_format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="The format of the list.",
)
def history_command(session: Session, number: int | None, by: str, listing_format: str) -> int:
    """List the changes of a workspace with date, person and command, and undo one of them.

    Changes by other programs are listed as “outside”. Each line of the history holds the hash of the line before. If a
    line was changed or removed, a message names it, and the exit code is 1.

    \b
    Examples:
      sdmxmig history mycountry
      sdmxmig history mycountry --undo 7
      sdmxmig history mycountry --format csv
      sdmxmig history
    """
    from sdmxmig.workspace.tasks.history import altered_line, as_csv, as_facts, read_history, settle, undo
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may

    folder = session.workspace.folder
    if number is not None:
        check_may(folder, by, ANSWERS)
        step = undo(folder, number, session.prepared, by=by)
        say(f"Step {number} is undone, as step {step.number}: {', '.join(step.files)}")
        return OK
    settle(folder, session.prepared)
    steps = read_history(folder)
    if listing_format == "json":
        show_json([as_facts(step) for step in steps])
    elif listing_format == "csv":
        show_text(as_csv(steps))
    else:
        show(*map(line_of, steps))
    line = altered_line(folder)
    if line:
        say(f"! Line {line} of history.jsonl was changed, or lines after it were removed.")
    return FINDINGS if line else OK


def line_of(step: Step) -> str:
    who = f"  by {step.by}" if step.by else ""
    return f"{step.number:>4}  {step.at}  {step.what:<10} {', '.join(step.files)}{who}"
