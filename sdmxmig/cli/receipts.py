"""``sdmxmig receipts``: responses of receivers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import of_workspace
from sdmxmig.cli.talk import show_list

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("receipts")
@of_workspace
@click.option("--of", "name", default="", metavar="ID", help="The answer to this delivery.")
@click.option("--to", type=click.Path(path_type=Path), default=Path("-"), metavar="FILE", help="The file to write.")
@FORMAT_OPTION
def receipts_command(session: Session, *, name: str, to: Path, listing_format: str) -> None:
    """List the answers of receivers with their SHA-256; with --of, show one answer.

    Answers are kept unchanged and are never replaced.

    \b
    Examples:
      sdmxmig receipts mycountry
      sdmxmig receipts mycountry --of 0123abcd
      sdmxmig receipts mycountry --of 0123abcd --to receipt.xml
    """
    from sdmxmig.io.publishing.files import open_result
    from sdmxmig.workspace.tasks import delivering

    if name:
        with open_result(to, "", "--to FILE") as file:
            file.write(delivering.receipt_of(session, name))
        return
    answered = [dispatch for dispatch in delivering.standing(session).dispatches if dispatch.receipt]
    show_list([delivering.row_of(dispatch) | {"sha256": dispatch.receipt} for dispatch in answered], listing_format)
