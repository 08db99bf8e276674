"""The pipeline: data, structures, findings, submission, assessment, report; its progress and next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sdmxmig.io.intake.files import open_file, read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import import_lazily
from sdmxmig.primitives.text import find_locale
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.reporting.outputs.findings_lines import FILE_NAME, read_counts
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.folder import Workspace, check_result_links, open_workspace
from sdmxmig.workspace.requests.tasks import ConvertRequest, PackageRequest, ReportRequest, RunRequest, ValidateRequest
from sdmxmig.workspace.results import KINDS, SUBMISSION, Results
from sdmxmig.workspace.tasks.approvals import explain_sealing_obstacle, list_missing_approvals, read_people, record_seal
from sdmxmig.workspace.tasks.data_folder import list_stored_flows, read_findings
from sdmxmig.workspace.tasks.messages import is_convertible
from sdmxmig.workspace.tasks.session import Session, open_session

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks import assessing, building, converting, packaging, reporting, validating
else:  # each step loads what it needs
    STEPS = ("assessing", "building", "converting", "packaging", "reporting", "validating")
    assessing, building, converting, packaging, reporting, validating = (
        import_lazily(f"sdmxmig.workspace.tasks.{step}") for step in STEPS
    )

WHOLE_LINE = RunRequest()


class DueCheck(Protocol):
    """Decides whether a result must be created."""

    def __call__(self, result: str, **options: str) -> bool: ...


def run_stages(
    session: Session, request: RunRequest = WHOLE_LINE, *, one_by_one: bool = False
) -> tuple[Findings, list[dict[str, str]]]:
    """Run all stages and return findings and report files; stop after validation if there are errors.

    Results are replaced together at the end, even if the run stops early, or `one_by_one`. Unchanged results are
    skipped unless `force`, so an interrupted run continues. The report is in `language`, by default that of the
    workspace. If several people work on the workspace, sealing requires a sender (`by`) and another person's approval.
    `until` is the last result: `findings`, `submission` or `report`. Raises `SdmxmigError` at once for an unknown
    language.
    """
    find_locale(request.language or session.workspace.country.language)
    sealed, reports = "", []

    def is_due(result: str, **options: str) -> bool:
        session.warnings.clear()
        if request.force or not session.is_unchanged(result, options):
            return True
        session.listener.stage(KINDS[result].command, "unchanged")
        return False

    try:
        with session.run(one_by_one=one_by_one):
            findings = check_data(session, is_due, force=request.force)
            if not (findings.has_errors or request.until == "findings"):
                sealed = seal(session, request.by) if needs_sealing(session, request.by, is_due) else ""
                reports = [] if request.until == "submission" else render_reports(session, request.language, is_due)
    finally:
        if sealed and (session.out / SUBMISSION / sealed).is_dir():
            record_seal(session, sealed, request.by)
    session.report_outdated()
    return findings, reports


def check_data(session: Session, is_due: DueCheck, *, force: bool) -> Findings:
    if is_due("data"):
        converting.convert(session, ConvertRequest(force=force), checks_numbers=False)
    flows = list_stored_flows(session)
    if is_due("structures", flows=",".join(flows)):
        building.build(session, flows)
    if is_due("findings"):
        return validating.validate(session, ValidateRequest(force=True)).findings
    return read_findings(session.path("findings") / findings_lines.FILE_NAME)


def needs_sealing(session: Session, by: str, is_due: DueCheck) -> bool:
    """Check whether a submission is due; approvals of several people are always checked."""
    return read_people(session.workspace.folder) is not None or is_due(SUBMISSION, by=by, override="", key="")


def seal(session: Session, by: str) -> str:
    waiting = explain_sealing_obstacle(session, by)
    if not waiting:
        try:
            return packaging.package(session, PackageRequest(by=by)).id
        except packaging.NotReady as error:
            waiting = f"{error.message} {error.hint}"
    session.say(f"! No submission is sealed yet. {waiting}")
    return ""


def render_reports(session: Session, language: str, is_due: DueCheck) -> list[dict[str, str]]:
    assessment = assessing.assess(session) if is_due("assessment", folder=session.workspace.name) else None
    if is_due("report", **reporting.index_options(session, language)):
        return reporting.report(session, ReportRequest(language), assessment)
    return reporting.list_files(session, language)


JUDGED, OF_ANSWERS = ("data", "findings"), ("assessment", "report")
MAX_LENGTH = 1_000_000
"""Maximum size in bytes of a store's first line."""
FACT_KEYS = ("area", "year", "signed_off", "sources")


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a workspace.

    `next` is a command, or ``start``, ``map``, ``correct``, ``explain``, ``approve``, ``profile``.
    Protection is optional.
    """

    workspace: Workspace
    made: tuple[str, ...]
    _: KW_ONLY
    older: tuple[str, ...]
    errors: int
    warnings: int
    next: str


def read_progress(folder: Path, out: Path | None = None) -> Progress:
    workspace = open_workspace(folder)
    if out in (None, workspace.out):
        check_result_links(folder)
    results = Results(folder, out or workspace.out)
    made_names = tuple(name for name in KINDS if results.made(name) is not None)
    older = tuple(name for name in made_names if results.older(name))
    is_judged = "findings" in made_names and "findings" not in older
    store = (out or workspace.out) / "findings" / FILE_NAME
    counts = read_stored_counts(store) if is_judged and store.is_file() else {}
    progress = Progress(
        workspace,
        made_names,
        older=older,
        errors=counts.get("error", 0),
        warnings=counts.get("warning", 0) - counts.get("justified", 0),
        next="",
    )
    return replace(progress, next=next(find_next_steps(progress, folder, out), ""))


def find_next_steps(progress: Progress, folder: Path, out: Path | None) -> Iterator[str]:
    workspace = progress.workspace
    open_results = [name for name in KINDS if name not in progress.made or name in progress.older]
    has_data = bool(workspace.tables or workspace.mappings)
    if not workspace.tables and (has_data or workspace.profile is None):
        yield "start"
    elif has_data:
        is_ready = is_convertible(workspace)
        yield from find_steps_with_data(progress, open_results, folder, out) if is_ready else ["map"]
    elif "structures" in open_results:
        yield KINDS["structures"].command
    yield from (KINDS[name].command for name in OF_ANSWERS if name in open_results)
    if not has_answers(workspace):
        yield "profile"


def find_steps_with_data(
    progress: Progress, open_results: Sequence[str], folder: Path, out: Path | None
) -> Iterator[str]:
    yield from (KINDS[name].command for name in JUDGED if name in open_results)
    if progress.errors:
        yield "correct"
    if "structures" in open_results:
        yield KINDS["structures"].command
    if SUBMISSION in open_results:
        yield from ["explain"] if progress.warnings else []
        yield from ["approve"] if waits_for_approval(folder, out) else []
        yield KINDS[SUBMISSION].command
    if "protected" in progress.older:
        yield KINDS["protected"].command


def waits_for_approval(folder: Path, out: Path | None) -> bool:
    people = read_people(folder)
    return people is not None and any(list_missing_approvals(open_session(folder, out, ""), people))


def has_answers(workspace: Workspace) -> bool:
    if workspace.profile is None:
        return False
    try:
        content = Declared.parse(str(workspace.profile), read_bytes(workspace.profile)).values
    except SdmxmigError:
        return True
    return any(part for name, part in content.items() if name not in FACT_KEYS)


def read_stored_counts(store: Path) -> Mapping[str, int]:
    with open_file(store) as file:
        return read_counts(file.readline(MAX_LENGTH), str(store))
