"""``sdmxmig validate``: what is wrong with the data, and in which cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_json_text, show_text

if TYPE_CHECKING:
    from sdmxmig.application.session import Session
    from sdmxmig.model.findings import Findings


def show_findings(session: Session, findings: Findings, listing_format: str) -> None:
    """The findings on standard output, as text or as JSON."""
    from sdmxmig.outputs import findings_json, findings_text

    if listing_format == "json":
        show_json_text(findings_json.render(findings, session.catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, flows=session.catalogue.flows))


@click.command("validate")
@in_workspace
@FORMAT_OPTION
@click.option(
    "--mirror",
    "mirrors",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="What partner countries report: a data message, a workspace, or a folder of them; may be given several times.",
)
def validate_command(session: Session, listing_format: str, mirrors: tuple[Path, ...]) -> int:
    """Check the converted data; write findings as JSON and HTML and a copy of each workbook with the cells marked.

    Data of others that lie in comparisons/ are compared with, and those of partner countries (--mirror).

    Exit code 1 if there are findings of severity error.

    \b
    Examples:
      sdmxmig validate mycountry
      sdmxmig validate mycountry --format json > findings.json
      sdmxmig validate mycountry -o result
      sdmxmig validate mycountry --mirror neighbour --mirror eurostat.csv
    """
    from sdmxmig.application.validating import validate

    findings = validate(session, mirrors)
    show_findings(session, findings, listing_format)
    folder = session.out / "findings"
    if findings.has_errors:
        next_step("open", folder)
    else:
        next_step("sdmxmig package", session.workspace.folder)
    return FINDINGS if findings.has_errors else OK
