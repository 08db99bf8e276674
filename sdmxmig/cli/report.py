"""``sdmxmig report``: benchmarking reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, takes
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_list
from sdmxmig.workspace.requests.line import ReportRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdmxmig.workspace.tasks.session import Session


@click.command("report")
@in_workspace
@takes(ReportRequest)
@FORMAT_OPTION
def report_command(session: Session, request: ReportRequest, listing_format: str) -> None:
    """Write the benchmarking report, a brief, and the annexes: HTML, PDF, Word, workbook and Markdown.

    \b
    Examples:
      sdmxmig report mycountry
      sdmxmig report mycountry --language en
      sdmxmig report mycountry --document brief
      sdmxmig report mycountry --document annexes
    """
    from sdmxmig.workspace.tasks.reporting import report

    show_list(rows := report(session, request), listing_format)
    next_step("open", first_to_open(rows))


def first_to_open(rows: Sequence[Mapping[str, str]]) -> str:
    return next((row["file"] for row in rows if row["document"] == "report"), rows[0]["file"])
