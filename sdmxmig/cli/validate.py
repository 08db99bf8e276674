"""``sdmxmig validate``: what is wrong with the data, and in which cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.exit_codes import FINDINGS, OK
from sdmxmig.cli.options import FORMAT_OPTION
from sdmxmig.cli.session import in_workspace
from sdmxmig.cli.talk import next_step, show_json_text, show_text, stage

if TYPE_CHECKING:
    from sdmxmig.application.session import Session
    from sdmxmig.model.findings import Findings
    from sdmxmig.outputs.finding_reports import FindingReport, Validation

REPORT_OPTION = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="[REPORT=]FILE",
    help="Write the findings into this file too, such as findings.sarif; may be given several times.",
)


def reports_for(files: Sequence[str]) -> list[tuple[FindingReport, Path]]:
    """The reports that are asked for, and where they go; one that is not known is refused before anything is done."""
    from sdmxmig.outputs.finding_reports import report_for

    return [(report, Path(path)) for report, path in map(report_for, files)]


def write_reports(validation: Validation, reports: Sequence[tuple[FindingReport, Path]]) -> None:
    """Write the reports, each whole or not at all."""
    from sdmxmig.publishing.files import open_result

    for report, path in reports:
        with open_result(path, report.endings[0], "--report FILE") as file:
            for piece in report.write(validation):
                file.write(piece)
        stage("report", f"{report.name} in {path}")


def show_findings(session: Session, findings: Findings, listing_format: str) -> None:
    """The findings on standard output, as text or as JSON."""
    from sdmxmig.outputs import findings_json, findings_text

    if listing_format == "json":
        show_json_text(findings_json.render(findings, session.catalogue.rules).decode())
    else:
        show_text(findings_text.render(findings, flows=session.catalogue.flows))


@click.command("validate")
@in_workspace
@REPORT_OPTION
@FORMAT_OPTION
def validate_command(session: Session, reports: Sequence[str], listing_format: str) -> int:
    """Check the converted data; write findings as JSON and HTML and a copy of each workbook with the cells marked.

    Exit code 1 if there are findings of severity error. --report writes them once more for other readers: what kind of
    report a file is, the end of its name says (.html, .txt, .xlsx, .csv, .json, .jsonl, .ess.json, .sarif, .junit.xml,
    .sdmx.csv, .sdmx.xml, .sdmx.json), or the name of the report before it. Figures that are confidential are masked in
    all of them.

    \b
    Examples:
      sdmxmig validate mycountry
      sdmxmig validate mycountry --format json > findings.json
      sdmxmig validate mycountry -o result
      sdmxmig validate mycountry --report findings.sarif --report findings.xlsx
      sdmxmig validate mycountry --report junit=results.xml
    """
    from sdmxmig.application.validating import validated

    report_files = reports_for(reports)
    validation = validated(session)
    findings = validation.findings
    write_reports(validation, report_files)
    show_findings(session, findings, listing_format)
    folder = session.out / "findings"
    if findings.has_errors:
        next_step("open", folder)
    else:
        next_step("sdmxmig package", session.workspace.folder)
    return FINDINGS if findings.has_errors else OK
