"""The pipeline: data, structures, findings, submission, assessment, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sdmxmig.primitives.lazily import later
from sdmxmig.primitives.text import find_locale
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.requests.tasks import ConvertRequest, PackageRequest, ReportRequest, RunRequest, ValidateRequest
from sdmxmig.workspace.results import KINDS, SUBMISSION
from sdmxmig.workspace.tasks.approvals import read_people, remember_seal, waits_for
from sdmxmig.workspace.tasks.data_folder import list_stored_flows, read_findings
from sdmxmig.workspace.tasks.session import Session

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks import assessing, building, converting, packaging, reporting, validating
else:  # each step loads what it needs
    STEPS = ("assessing", "building", "converting", "packaging", "reporting", "validating")
    assessing, building, converting, packaging, reporting, validating = (
        later(f"sdmxmig.workspace.tasks.{step}") for step in STEPS
    )

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
    find_locale(request.language or session.workspace.country.language)
    sealed, reports = "", []

    def is_due(result: str, **options: str) -> bool:
        session.warnings.clear()
        if request.force or not session.is_unchanged(result, options):
            return True
        session.talk.stage(KINDS[result].command, "unchanged")
        return False

    try:
        with session.run(one_by_one=one_by_one):
            findings = check_data(session, is_due)
            if not (findings.has_errors or request.until == "findings"):
                sealed = seal(session, request.by) if is_to_be_sealed(session, request.by, is_due) else ""
                reports = [] if request.until == "submission" else render_reports(session, request.language, is_due)
    finally:
        if sealed and (session.out / SUBMISSION / sealed).is_dir():
            remember_seal(session, sealed, request.by)
    session.report_outdated()
    return findings, reports


def check_data(session: Session, is_due: IsDue) -> Findings:
    if is_due("data"):
        converting.convert(session, ConvertRequest(force=True))
    flows = list_stored_flows(session)
    if is_due("structures", flows=",".join(flows)):
        building.build(session, flows)
    if is_due("findings"):
        return validating.validate(session, ValidateRequest(force=True)).findings
    return read_findings(session.path("findings") / findings_lines.NAME)


def is_to_be_sealed(session: Session, by: str, is_due: IsDue) -> bool:
    """Check whether a submission is due; approvals of several people are always checked."""
    return read_people(session.workspace.folder) is not None or is_due(SUBMISSION, by=by, override="", key="")


def seal(session: Session, by: str) -> str:
    waiting = waits_for(session, by)
    if not waiting:
        try:
            return packaging.package(session, PackageRequest(by=by)).id
        except packaging.NotReady as error:
            waiting = f"{error.message} {error.hint}"
    session.say(f"! No submission is sealed yet. {waiting}")
    return ""


def render_reports(session: Session, language: str, is_due: IsDue) -> list[dict[str, str]]:
    assessment = assessing.assess(session) if is_due("assessment", folder=assessing.folder_name(session)) else None
    if is_due("report", **reporting.options_of_report(session, language)):
        return reporting.report(session, ReportRequest(language), assessment)
    return reporting.files_of_report(session, language)
