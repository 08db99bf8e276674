"""The whole line on a workspace: data, structures, findings, submission, assessment, report."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from sdmxmig.primitives.text import locale
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.tasks.approvals import remember_seal, waits_for
from sdmxmig.workspace.tasks.assessing import assess
from sdmxmig.workspace.tasks.building import build
from sdmxmig.workspace.tasks.converting import convert
from sdmxmig.workspace.tasks.data_folder import flows_on_disk
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
    each does as soon as it is made. The report is in this `language`, without one in that of the workspace. Where
    several people work on the workspace, nothing is sealed but by somebody who sends (`by`), and what another person
    has approved. `until` is the result after which the line ends: `findings`, `submission` or `report`. Raises
    `SdmxmigError` for a language that does not exist, before anything is done.
    """
    locale(language or session.workspace.country.language)
    with nullcontext() if one_by_one else session.together():
        convert(session)
        build(session, flows_on_disk(session))
        findings = validate(session)
        ends_here = findings.has_errors or until == "findings"
        sealed, reports = ("", []) if ends_here else finish(session, language, until=until, by=by)
    if sealed:
        remember_seal(session, sealed, by)
    session.tell_of_outdated()
    return LineEnd(findings, tuple(reports))


def sealed_if_ready(session: Session, by: str) -> str:
    """The id of what was sealed; empty, after saying why, if something waits for a reason that a person gives."""
    try:
        return package(session, Sealing(by=by)).id
    except NotReady as error:
        session.say(f"! Nothing is sealed yet. {error.message} {error.hint}")
        return ""


def finish(session: Session, language: str, *, until: str, by: str) -> tuple[str, list[dict[str, str]]]:
    """The stages that follow on data without errors; gives the id of what was sealed, and the files of the report."""
    waiting = waits_for(session, by)
    if waiting:
        session.say(f"! Nothing is sealed yet. {waiting}")
    sealed = "" if waiting else sealed_if_ready(session, by)
    if until == "submission":
        return sealed, []
    assess(session)
    return sealed, report(session, language)
