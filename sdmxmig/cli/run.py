"""``sdmxmig run``: the whole line."""

from __future__ import annotations

import click

from sdmxmig.cli import FINDINGS, OK
from sdmxmig.cli.assess import assess
from sdmxmig.cli.build import build
from sdmxmig.cli.convert import convert
from sdmxmig.cli.package import package
from sdmxmig.cli.report import report
from sdmxmig.cli.session import Session, in_workspace
from sdmxmig.cli.talk import FORMAT_OPTION, next_step, show_list
from sdmxmig.cli.validate import show_findings, validate


def run_line(session: Session, output: str = "text") -> int:
    """Run all stages in their order; stop after validation if there are errors. Gives the exit code.

    The results of all stages take their place together at the end, also those of a line that stops early.
    """
    from sdmxmig.cli.data_folder import flows_on_disk

    with session.together():
        convert(session)
        build(session, flows_on_disk(session))
        findings = validate(session)
        files = [] if findings.has_errors else finish(session)
    session.tell_of_outdated()
    if findings.has_errors:
        show_findings(session, findings, output)
        next_step("mend the cells marked in the workbooks and run again; they are in", session.out / "findings")
        return FINDINGS
    show_list(files if output == "json" else [{"file": row["file"]} for row in files], output)
    next_step("open", files[0]["file"])
    return OK


def finish(session: Session) -> list[dict[str, str]]:
    """The stages that follow on data without errors; gives the files of the report."""
    package(session)
    assess(session)
    return report(session)


@click.command("run")
@in_workspace
@FORMAT_OPTION
def run_command(session: Session, output: str) -> int:
    """Run the whole line on a workspace: data, their structures, findings, submission, assessment, report.

    The structures are those that the data rest on; `sdmxmig build` writes all there are. Stops after validation,
    with exit code 1, if the data have findings of severity error.

    \b
    Examples:
      sdmxmig run mycountry
      sdmxmig run examples/georgia --out georgia
      sdmxmig run mycountry --now 2026-01-31T12:00:00
    """
    return run_line(session, output)
