"""``sdmxmig correct``: correction of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import BY_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, say

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("correct")
@in_workspace
@click.argument("cell")
@click.option("--to", "text", required=True, metavar="TEXT", help="The new content of the cell; may be empty.")
@click.option("--was", default=None, metavar="TEXT", help="The current content; any other content is not replaced.")
@click.option("--alike", is_flag=True, help="Change all cells of the file with the same text.")
@BY_OPTION
def correct_command(session: Session, cell: str, text: str, was: str | None, alike: bool, by: str) -> None:
    """Correct a cell of one of your tables; nothing else in the file changes.

    CELL is a file, a sheet and a cell, separated by ! or ›, as in findings. Cells with a formula are not changed. Saved
    results of formulas that may use the cell are removed and listed. Undo the change with: sdmxmig history --undo N.

    \b
    Examples:
      sdmxmig correct mycountry "stocks.xlsx!Table 3!C14" --to 1027
      sdmxmig correct mycountry "stocks.xlsx!Table 3!C14" --to 1027 --was 1072
      sdmxmig correct mycountry "stocks.csv!B4" --to ""
      sdmxmig correct mycountry "stocks.xlsx!Table 3!A7" --to Ukraine --was Ukrania --alike
    """
    from sdmxmig.conversion.convert.tracing import place_of
    from sdmxmig.workspace.tasks.correcting import correct_cell, correct_command_line, correct_equal_cells, on_emptied
    from sdmxmig.workspace.tasks.history import Intent, recorded
    from sdmxmig.workspace.tasks.people import ANSWERS, check_may

    folder, place = session.workspace.folder, place_of(cell)
    check_may(folder, by, ANSWERS)
    command = correct_command_line(folder, place, text, was, alike=alike)
    with recorded(folder, Intent(what="correct", command=command, at=session.prepared, by=by)):
        change = correct_equal_cells if alike else correct_cell
        emptied = change(session, place, text, was=was)
    say(f"{place} now contains “{text}”." if text else f"{place} is empty now.")
    if emptied:
        say(f"! {on_emptied(emptied)}")
    next_step("sdmxmig convert", folder)
