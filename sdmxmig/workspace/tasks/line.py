"""The whole line on a workspace: data, structures, findings, submission, assessment, report."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sdmxmig.primitives.text import locale
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.results import SUBMISSION
from sdmxmig.workspace.tasks.approvals import remember_seal, waits_for
from sdmxmig.workspace.tasks.assessing import assess
from sdmxmig.workspace.tasks.building import build
from sdmxmig.workspace.tasks.converting import convert
from sdmxmig.workspace.tasks.data_folder import flows_on_disk, read_findings
from sdmxmig.workspace.tasks.packaging import NotReady, Sealing, package
from sdmxmig.workspace.tasks.reporting import report
from sdmxmig.workspace.tasks.session import Session
from sdmxmig.workspace.tasks.validating import validate


@dataclass(frozen=True, slots=True)
class LineEnd:
    """How the line ended: the findings, and one row for each file of the report, if it came so far.

    It does not where errors stopped it, or where it was to end earlier.
    """

    findings: Findings
    reports: tuple[dict[str, str], ...]


def run_line(
    session: Session, language: str = "", *, until: str = "report", by: str = "", one_by_one: bool = False
) -> LineEnd:
    """Run all stages in their order; stop after validation if there are errors.

    The results of all stages take their place together at the end, also those of a line that stops early; `one_by_one`
    each does as soon as it is made. A run that was interrupted continues after the last result that it finished, unless
    the workspace has changed. The report is in this `language`, without one in that of the workspace. Where
    several people work on the workspace, nothing is sealed but by somebody who sends (`by`), and what another person
    has approved. `until` is the result after which the line ends: `findings`, `submission` or `report`. Raises
    `SdmxmigError` for a language that does not exist, before anything is done.
    """
    locale(language or session.workspace.country.language)
    sealed, reports = "", []
    try:
        with session.run(by, one_by_one=one_by_one) as finished:
            findings = checked_data(session, finished)
            if not (findings.has_errors or until == "findings"):
                sealed = "" if SUBMISSION in finished else seal(session, by)
                reports = [] if until == "submission" else reported(session, language, finished)
    finally:
        if sealed and (session.out / SUBMISSION / sealed).is_dir():
            remember_seal(session, sealed, by)
    session.tell_of_outdated()
    return LineEnd(findings, tuple(reports))


def checked_data(session: Session, finished: Collection[str]) -> Findings:
    """The findings on the data of a workspace; what is `finished` is not made again."""
    if "data" not in finished:
        convert(session)
    if "structures" not in finished:
        build(session, flows_on_disk(session))
    if "findings" in finished:
        return read_findings(session.path("findings") / findings_lines.NAME)
    return validate(session)


def seal(session: Session, by: str) -> str:
    """Seal a submission; gives its id, or an empty text after saying what it waits for."""
    waiting = waits_for(session, by)
    if not waiting:
        try:
            return package(session, Sealing(by=by)).id
        except NotReady as error:
            waiting = f"{error.message} {error.hint}"
    session.say(f"! Nothing is sealed yet. {waiting}")
    return ""


def reported(session: Session, language: str, finished: Collection[str]) -> list[dict[str, str]]:
    """Assess and report; gives one row a file. An assessment that is `finished` is not made again."""
    if "assessment" not in finished:
        assess(session)
    return report(session, language)
