"""The option ``--report``: the findings of a validation once more, for other readers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import Decorator
from sdmxmig.cli.talk import stage

if TYPE_CHECKING:
    from sdmxmig.outputs.finding_reports import FindingReport, Validation

REPORT_OPTION: Decorator = click.option(
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
