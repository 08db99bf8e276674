"""Reports of a validation as files of somebody's choice, beside those that a workspace keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sdmxmig.application.talk import Talk
from sdmxmig.outputs.finding_reports import FindingReport, Validation, report_for
from sdmxmig.publishing.files import open_result

WantedReports = Sequence[tuple[FindingReport, Path]]
"""Reports that are asked for, and where they go."""


def reports_for(files: Iterable[str]) -> WantedReports:
    """The reports that are asked for as ``FILE`` or ``REPORT=FILE``.

    Raises `SdmxmigError` for one that is not known, so that it is refused before anything is done.
    """
    return [(report, Path(path)) for report, path in map(report_for, files)]


def write_reports(validation: Validation, reports: WantedReports, talk: Talk) -> None:
    """Write the reports, each whole or not at all; raises `OutputError` if one cannot be written."""
    for report, path in reports:
        with open_result(path, report.endings[0], "--report FILE") as file:
            for piece in report.write(validation):
                file.write(piece)
        talk.stage("report", f"{report.name} in {path}")
