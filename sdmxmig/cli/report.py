"""``sdmxmig report``: the benchmarking report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import CHANGED_OPTION, FORMAT_OPTION, language_option
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_list

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


@click.command("report")
@in_workspace
@language_option(default="", help_="  [default: that of the workspace]")
@CHANGED_OPTION
@FORMAT_OPTION
def report_command(session: Session, language: str, changed: bool, listing_format: str) -> None:
    """Render the benchmarking report as HTML, PDF, Word, workbook and Markdown.

    \b
    Examples:
      sdmxmig report mycountry
      sdmxmig report mycountry --language en
      sdmxmig report mycountry -o result
    """
    from sdmxmig.application.reporting import report

    show_list(rows := report(session, language, changed=changed), listing_format)
    next_step("open", rows[0]["file"])
