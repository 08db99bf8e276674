"""Reports of validation in chosen files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sdmxmig.io.publishing.files import open_result
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.outputs.finding_reports import FindingReport, Validation, report_for
from sdmxmig.workspace.folder import OWN_FOLDERS
from sdmxmig.workspace.tasks.talk import Talk

RESULTS, DECLARATION = "out", ".toml"
WantedReports = Sequence[tuple[FindingReport, Path]]
"""Reports that are asked for, and where they go."""


def reports_for(files: Iterable[str], judged: Iterable[Path] = ()) -> WantedReports:
    """Parse reports (``FILE`` or ``REPORT=FILE``).

    Raises `SdmxmigError` for unknown, duplicate and overwriting ones.
    """
    reports = [(report, Path(path)) for report, path in map(report_for, files)]
    read, taken = [path.resolve() for path in judged], set()
    for _, path in reports:
        if path.resolve() in taken:
            raise SdmxmigError(f"Two reports cannot both be written to {path}.", hint="Name a file for each.")
        taken.add(path.resolve())
        if any(belongs_to(path.resolve(), place) for place in read):
            raise SdmxmigError(f"{path} belongs to what is judged.", hint="Write the report to another place.")
    return reports


def belongs_to(path: Path, judged: Path) -> bool:
    if path == judged:
        return True
    if not judged.is_dir() or not path.is_relative_to(judged):
        return False
    first, *rest = path.relative_to(judged).parts
    return first in (*OWN_FOLDERS, RESULTS) if rest else path.suffix == DECLARATION


def write_reports(validation: Validation, reports: WantedReports, talk: Talk) -> None:
    for report, path in reports:
        with open_result(path, report.endings[0], "--report FILE") as file:
            for piece in report.write(validation):
                file.write(piece)
        talk.stage("report", f"{report.name} in {path}")
