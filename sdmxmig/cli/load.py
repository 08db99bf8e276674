"""``sdmxmig load``: lists from spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.talk import next_step, say, say_formulas, show, show_list, stage
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.workspace.folder import check_declares

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.lists import IncomingList

SHOWN = 40


@click.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("workspace", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--as", "called", default="", metavar="NAME", help="The list: AGENCY:ID(VERSION).  [default: as the file says]"
)
@click.option("--dry-run", is_flag=True, help="Show the changes, and write nothing.")
@FORMAT_OPTION
def load_command(file: Path, workspace: Path, called: str, dry_run: bool, listing_format: str) -> int:
    """Read a list from a spreadsheet (as `show -o` writes it) or CSV file into the workspace's codelists/.

    Codes that a spreadsheet program has changed are listed with their cell: lost leading zeros, dates, decimals,
    exponents, TRUE and FALSE. If the earlier list had the original code, the file is refused with exit code 1.

    \b
    Examples:
      sdmxmig load CL_SEX.xlsx mycountry
      sdmxmig load CL_SEX.xlsx mycountry --dry-run
      sdmxmig load regions.csv mycountry --as "GE1:CL_REGION(1.0.0)"
    """
    from sdmxmig.workspace.tasks.lists import incoming_list

    check_declares(workspace)
    incoming = incoming_list(file, workspace, called)
    show_changes(incoming, listing_format)
    if incoming.is_spoilt:
        say("No file was written. Set these cells to text in the spreadsheet, correct them, and load it again.")
        return 1
    incoming.try_out(workspace)
    ref, target = incoming.ref, workspace / incoming.path
    if incoming.is_of_others:
        say(f"This list belongs to {ref.agency}: your changes apply to your workspace only.")
    say_formulas(target.name, incoming.content)
    if incoming.is_same:
        say("No changes: no file was written.")
    elif dry_run:
        say(f"It would be written to {target}.")
    else:
        publish_file(target, incoming.content, "WORKSPACE")
        stage("load", f"{ref.short} in {target}")
        next_step("sdmxmig build", workspace)
    return 0


def show_changes(incoming: IncomingList, listing_format: str) -> None:
    spoilt_codes, changes = incoming.spoilt, incoming.changes
    if listing_format == "json":
        spoilt_rows = [
            {
                "what": spoilt.kind,
                "cell": str(spoilt.place),
                "found": spoilt.text,
                "expected": spoilt.expected,
                "severity": "error" if spoilt.is_certain else "warning",
            }
            for spoilt in spoilt_codes
        ]
        change_rows = [
            {"what": c.kind, "row": c.row, "column": c.column, "before": c.before, "after": c.after} for c in changes
        ]
        show_list([*spoilt_rows, *change_rows], listing_format)
        return
    for spoilt in spoilt_codes:
        show(f"{'✕ error' if spoilt.is_certain else '! warning'}  {spoilt.place}  {spoilt}")
    for change in changes[:SHOWN]:
        show(str(change))
    if len(changes) > SHOWN:
        say(f"… and {len(changes) - SHOWN} more differences; all of them: --format json")
    name = incoming.ref.short
    say(f"{name} is new." if incoming.is_new else f"{name}: {len(changes)} differences.")
