"""``sdmxmig questionnaire correct``: corrections in source cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli import talk
from sdmxmig.cli.exit_codes import OK
from sdmxmig.cli.options import WORKSPACE_OPTION, output_option
from sdmxmig.cli.show import at_work
from sdmxmig.cli.talk import next_step, say, show, stage
from sdmxmig.primitives.errors import SdmxmigError

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


@click.command("correct")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The data with corrected figures."
)
@WORKSPACE_OPTION
@output_option("out", "The folder of the copies.  [default: out/corrected]")
def correct_command(data: Path, workspace: Path | None, out: Path | None) -> int:
    """Write corrected figures into your workbooks.

    Each figure goes into its source cell, in the unit and sign of that cell, and the cell is marked. The workbooks of
    the workspace are not changed: the corrections go into copies.

    \b
    Examples:
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry
      sdmxmig questionnaire correct --data corrected.csv --workspace mycountry -o corrected
    """
    from sdmxmig.io.publishing.folders import add_files
    from sdmxmig.workspace.tasks.corrections import corrected_copies

    session = session_of(at_work(workspace))
    folder = out or session.out / "corrected"
    session.results.reading()
    session.tell_if_older("data")
    correction = corrected_copies(session, data, folder)
    for target in add_files(folder, correction.files, "-o FOLDER") if correction.files else ():
        show(str(target))
    stage("correct", f"{correction.written} cells written, {correction.marked} marked")
    if correction.marked:
        next_step("open", folder)
    else:
        say("No figure differs from those of the workspace's workbooks; nothing was written.")
    return OK


def session_of(folder: Path | None) -> Session:
    from sdmxmig.workspace.tasks.session import open_session

    if folder is None:
        raise SdmxmigError("No workspace is named.", hint="Name that of the workbooks with --workspace.")
    return open_session(folder, None, "", talk=talk)
