"""``sdmxmig report``: the benchmarking report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, show_list

if TYPE_CHECKING:
    from sdmxmig.application.session import Session


CHANGED_OPTION: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--changed", is_flag=True, help="Take what somebody has changed by hand since sdmxmig made it."
)


@click.command("report")
@in_workspace
@click.option("--language", default="", help="Language of the report.  [default: that of the workspace]")
@CHANGED_OPTION
@FORMAT_OPTION
def report_command(session: Session, language: str, changed: bool, output: str) -> None:
    """Render the benchmarking report as HTML, PDF, Word, workbook and Markdown.

    \b
    Examples:
      sdmxmig report mycountry
      sdmxmig report mycountry --language en
      sdmxmig report mycountry --out result
    """
    from sdmxmig.application.reporting import report

    show_list(rows := report(session, language, changed=changed), output)
    next_step("open", rows[0]["file"])
