"""The pipeline: data, structures, findings, submission, assessment, report."""

from __future__ import annotations

from typing import Protocol

from sdmxmig.primitives.text import locale
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.requests.tasks import ConvertRequest, PackageRequest, ReportRequest, RunRequest, ValidateRequest
from sdmxmig.workspace.results import KINDS, SUBMISSION
from sdmxmig.workspace.tasks.approvals import people_of, remember_seal, waits_for
from sdmxmig.workspace.tasks.assessing import assess, folder_name
from sdmxmig.workspace.tasks.building import build
from sdmxmig.workspace.tasks.converting import convert
from sdmxmig.workspace.tasks.data_folder import flows_on_disk, read_findings
from sdmxmig.workspace.tasks.packaging import NotReady, package
from sdmxmig.workspace.tasks.reporting import files_of_report, options_of_report, report
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.validating import validate

WHOLE_LINE = RunRequest()


class IsDue(Protocol):
    """Decides whether a result must be made, given its options."""

    def __call__(self, result: str, **options: str) -> bool: ...


def run_line(
    session: Session, request: RunRequest = WHOLE_LINE, *, one_by_one: bool = False
) -> tuple[Findings, list[dict[str, str]]]:
    """Run all stages in order and return findings and report files; stop after validation if there are errors.

    Results are replaced together at the end, also if the run stops early, or `one_by_one`. Unchanged results are
    skipped unless `force`, so an interrupted run continues. The report is in `language`, by default that of the
    workspace. If several people work on the workspace, sealing requires a sender (`by`) and another person's approval.
    `until` is the last result: `findings`, `submission` or `report`. Raises `SdmxmigError` for an unknown language
    before anything is done.
    """
    locale(request.language or session.workspace.country.language)
    sealed, reports = "", []

    def is_due(result: str, **options: str) -> bool:
        session.warnings.clear()
        if request.force or not session.is_unchanged(result, options):
            return True
        session.talk.stage(KINDS[result].command, "unchanged")
        return False

    try:
        with session.run(one_by_one=one_by_one):
            findings = checked_data(session, is_due)
            if not (findings.has_errors or request.until == "findings"):
                sealed = seal(session, request.by) if is_to_be_sealed(session, request.by, is_due) else ""
                reports = [] if request.until == "submission" else reported(session, request.language, is_due)
    finally:
        if sealed and (session.out / SUBMISSION / sealed).is_dir():
            remember_seal(session, sealed, request.by)
    session.tell_of_outdated()
    return findings, reports


def checked_data(session: Session, is_due: IsDue) -> Findings:
    if is_due("data"):
        convert(session, ConvertRequest(force=True))
    flows = flows_on_disk(session)
    if is_due("structures", flows=",".join(flows)):
        build(session, flows)
    if is_due("findings"):
        return validate(session, ValidateRequest(force=True)).findings
    return read_findings(session.path("findings") / findings_lines.NAME)


def is_to_be_sealed(session: Session, by: str, is_due: IsDue) -> bool:
    """Check whether a submission is due; approvals of several people are always checked."""
    return people_of(session.workspace.folder) is not None or is_due(SUBMISSION, by=by, override="", key="")


def seal(session: Session, by: str) -> str:
    waiting = waits_for(session, by)
    if not waiting:
        try:
            return package(session, PackageRequest(by=by)).id
        except NotReady as error:
            waiting = f"{error.message} {error.hint}"
    session.say(f"! No submission is sealed yet. {waiting}")
    return ""


def reported(session: Session, language: str, is_due: IsDue) -> list[dict[str, str]]:
    assessment = assess(session) if is_due("assessment", folder=folder_name(session)) else None
    if is_due("report", **options_of_report(session, language)):
        return report(session, ReportRequest(language), assessment)
    return files_of_report(session, language)
