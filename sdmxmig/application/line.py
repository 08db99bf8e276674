"""The whole line on a workspace: data, structures, findings, submission, assessment, report."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from sdmxmig.application.approvals import remember_seal, waits_for
from sdmxmig.application.assessing import assess
from sdmxmig.application.building import build
from sdmxmig.application.converting import convert
from sdmxmig.application.data_folder import flows_on_disk
from sdmxmig.application.packaging import package
from sdmxmig.application.reporting import report
from sdmxmig.application.session import Session
from sdmxmig.application.validating import validate
from sdmxmig.model.findings import Findings
from sdmxmig.text import locale


@dataclass(frozen=True, slots=True)
class LineEnd:
    """How the line ended: the findings, and one row for each file of the report, none if errors stopped the line."""

    findings: Findings
    reports: tuple[dict[str, str], ...]


def run_line(session: Session, language: str = "", *, by: str = "", one_by_one: bool = False) -> LineEnd:
    """Run all stages in their order; stop after validation if there are errors.

    The results of all stages take their place together at the end, also those of a line that stops early; `one_by_one`
    each does as soon as it is made. The report is in this `language`, without one in that of the workspace. Where
    several people work on the workspace, nothing is sealed but by somebody who sends (`by`), and what another person
    has approved. Raises `SdmxmigError` for a language that does not exist, before anything is done.
    """
    locale(language or session.workspace.language)
    with nullcontext() if one_by_one else session.together():
        convert(session)
        build(session, flows_on_disk(session))
        findings = validate(session)
        sealed, reports = ("", []) if findings.has_errors else finish(session, language, by)
    if sealed:
        remember_seal(session, sealed, by)
    session.tell_of_outdated()
    return LineEnd(findings, tuple(reports))


def finish(session: Session, language: str, by: str) -> tuple[str, list[dict[str, str]]]:
    """The stages that follow on data without errors; gives the id of what was sealed, and the files of the report."""
    waiting = waits_for(session, by)
    if waiting:
        session.say(f"! Nothing is sealed yet. {waiting}")
    sealed = "" if waiting else package(session, by).id
    assess(session)
    return sealed, report(session, language)
