"""``sdmxmig run``: the whole pipeline."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import FORMAT_OPTION, takes
from sdmxmig.cli.report import first_to_open
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.stopping import FINDINGS, OK
from sdmxmig.cli.talk import next_step, show_list
from sdmxmig.cli.validate import show_findings
from sdmxmig.workspace.requests.line import RunRequest

WHOLE_LINE = RunRequest()
MAX_BYTES_FOR_ONE_THREAD = 20_000_000
"""The size of all tables up to which polars works with one thread."""

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.session import Session


def run_line(
    session: Session, listing_format: str = "text", request: RunRequest = WHOLE_LINE, *, one_by_one: bool = False
) -> int:
    limit_threads(session)
    from sdmxmig.workspace.tasks import line

    line_end = line.run_line(session, request, one_by_one=one_by_one)
    if line_end.findings.has_errors:
        show_findings(session, line_end.findings, listing_format)
        next_step("correct the cells marked in the workbooks and run again; they are in", session.out / "findings")
        return FINDINGS
    if not line_end.reports:
        show_findings(session, line_end.findings, listing_format)
        is_asked_for = request.until != "report"
        next_step("sdmxmig run" if is_asked_for else "answer Profile in sdmxmig open", session.workspace.folder)
        return OK
    show_list(
        line_end.reports if listing_format == "json" else [{"file": row["file"]} for row in line_end.reports],
        listing_format,
    )
    next_step("open", first_to_open(line_end.reports))
    return OK


def limit_threads(session: Session) -> None:
    """Limit polars to one thread for small tables.

    Must precede its import; POLARS_MAX_THREADS takes precedence.
    """
    if sum(table.stat().st_size for table in session.workspace.tables) <= MAX_BYTES_FOR_ONE_THREAD:
        os.environ.setdefault("POLARS_MAX_THREADS", "1")


@click.command("run")
@in_workspace
@takes(RunRequest)
@FORMAT_OPTION
def run_command(session: Session, request: RunRequest, listing_format: str) -> int:
    """Run all stages on a workspace: data, their structures, findings, submission, assessment, report.

    The structures are those of the data; `sdmxmig build` writes all structures. If validation finds errors, the run
    stops there with exit code 1. Without a profile, it ends after the submission. Steps whose inputs have not changed
    are left out, so an interrupted run continues where it stopped.

    \b
    Examples:
      sdmxmig run mycountry
      sdmxmig run examples/georgia -o georgia
      sdmxmig run mycountry --language fr
      sdmxmig run mycountry --until findings
      sdmxmig run mycountry --force
      sdmxmig run mycountry --now 2026-01-31T12:00:00
    """
    return run_line(session, listing_format, request)
