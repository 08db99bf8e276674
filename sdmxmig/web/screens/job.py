"""Job screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import parse_whole_number
from sdmxmig.web.guidance import SHELL_COMMANDS
from sdmxmig.web.jobs import STOPPED_CODE, Job
from sdmxmig.web.screens import Redirect, Screen, ScreenContent, Visit
from sdmxmig.workspace.results import KINDS
from sdmxmig.workspace.tasks.data_folder import list_stored_flows
from sdmxmig.workspace.tasks.delivering import read_delivery_status
from sdmxmig.workspace.tasks.finding_lists import find_store
from sdmxmig.workspace.tasks.messages import is_convertible
from sdmxmig.workspace.tasks.pipeline import read_progress, read_stored_counts
from sdmxmig.workspace.tasks.sealed_submissions import list_submissions
from sdmxmig.workspace.tasks.session import Session

OK, FINDINGS = 0, 1
"""Exit codes: success, or errors in the data."""
END_CODES = (OK, FINDINGS, STOPPED_CODE)
DELIVERY_COMMANDS = ("send", "status", "withdraw")
"""Commands with these exit codes if a delivery waits for someone."""
LINE_COMMANDS = ("run", "demo")
PERSON_STEPS = ("start", "map", "correct", "explain", "approve")
LINE_STEPS = tuple(name for name in KINDS if name != "protected")
ERROR, PLACE, HINT = "error: ", "  --> ", "  hint: "


def show(visit: Visit) -> ScreenContent:
    job = find_job(visit, visit.asked.get("number", ""))
    return ScreenContent(describe_job(visit, job), command=job.command)


def describe_job(visit: Visit, job: Job) -> dict[str, Any]:
    results = list_results(visit, job)
    made_by = {kind.command: name for name, kind in KINDS.items()}
    asked_for = tuple(made_by[command] for command in job.stages or job.words[:1] if command in made_by)
    missing = [each["name"] for each in results if each["state"] != "made" and each["name"] in asked_for]
    return {
        **job.facts(),
        "lead_to": list_next_screens(visit, job),
        "is_delivery": job.words[0] in DELIVERY_COMMANDS,
        "results": results,
        "missing": missing,
        "next": describe_next_step(visit) if missing and job.code == OK else None,
        "sent": describe_sent(visit, job),
        "trouble": find_error(job.lines) if job.code not in (None, OK) else None,
    }


def find_shown_job(visit: Visit, screen: str) -> dict[str, Any] | None:
    """Return the requested command, or the running one or, on Home, the last one if it failed."""
    number, last = parse_whole_number(visit.asked.get("job", "")), visit.workbench.jobs.last
    is_shown = last is not None and (last.is_running or (screen == "home" and last.code not in END_CODES))
    job = visit.workbench.jobs.get(number) if number else last if is_shown else None
    if screen == SCREEN.name or job is None or job.folder != visit.workbench.folder:
        return None
    return describe_job(visit, job)


def describe_next_step(visit: Visit) -> dict[str, Any] | None:
    """Return the next step for a person, if missing results depend on it."""
    progress = read_progress(visit.workbench.folder)
    is_of_person = progress.next in PERSON_STEPS
    facts = {"next": progress.next, "errors": progress.errors, "warnings": progress.warnings}
    return facts if is_of_person else None


def describe_sent(visit: Visit, job: Job) -> dict[str, str] | None:
    if job.words[0] != "send" or job.code != OK or job.folder != visit.workbench.folder:
        return None
    session = visit.workbench.session()
    dispatches, way = read_delivery_status(session).dispatches, session.workspace.way
    if not dispatches:
        return None
    parcel = dispatches[-1].parcel
    return {
        "submission": parcel.submission,
        "receiver": parcel.target,
        "state": dispatches[-1].state,
        "transport": way.transport if way else "",
        "address": way.address if way else "",
    }


def list_results(visit: Visit, job: Job) -> list[dict[str, Any]]:
    if job.code not in (OK, FINDINGS) or visit.workbench.at_start or job.folder != visit.workbench.folder:
        return []
    session = visit.workbench.session()
    command = job.words[0]
    names = (
        LINE_STEPS if command in LINE_COMMANDS else [name for name, kind in KINDS.items() if kind.command == command]
    )
    return [describe_result(session, name) for name in names]


def describe_result(session: Session, name: str) -> dict[str, Any]:
    is_made = session.results.made(name) is not None
    state = "missing" if not is_made else "older" if session.results.older(name) else "made"
    facts: dict[str, Any] = {"name": name, "state": state}
    if not is_made:
        return facts
    if name == "data":
        facts["dataflows"] = len(list_stored_flows(session))
    elif name == "findings" and find_store(session.out).is_file():
        facts["counts"] = read_stored_counts(find_store(session.out))
    elif name == "submission":
        facts["id"] = next((each.id for each in list_submissions(session) if each.is_newest), "")
    elif name == "report":
        made = session.results.made(name)
        facts["files"] = len(made.files) if made else 0
    return facts


def find_error(lines: Sequence[str]) -> dict[str, str] | None:
    parts = {
        name: next((line.removeprefix(begins) for line in lines if line.startswith(begins)), "")
        for name, begins in (("message", ERROR), ("place", PLACE), ("hint", HINT))
    }
    return parts if parts["message"] else None


def list_next_screens(visit: Visit, job: Job) -> list[str]:
    if job.code is None or visit.workbench.at_start:
        return []
    made = SHELL_COMMANDS[job.words[0]]["results"].split() if job.words[0] in SHELL_COMMANDS else []
    if job.code == FINDINGS and job.words[0] == "get":
        return made
    if job.words[0] in DELIVERY_COMMANDS:
        return ["submission"]
    if job.code == FINDINGS or "--until" in job.words:
        return ["findings"]
    if job.code != OK:
        return ["mapping"] if not is_convertible(visit.workbench.session().workspace) else []
    return made


def stop(visit: Visit) -> Redirect:
    job = find_job(visit, visit.word("number"))
    visit.workbench.jobs.stop(job.number)
    return replace(visit.watch(job), done="The command was stopped. No incomplete file remains.")


def find_job(visit: Visit, number: str) -> Job:
    job = visit.workbench.jobs.get(parse_whole_number(number) or 0)
    if job is None or (visit.by and job.folder != visit.workbench.folder):
        raise SdmxmigError("This command no longer exists.", hint="See Home for its results.")
    return job


SCREEN = Screen(name="job", title="Command", show=show, actions={"stop": stop}, rail=False, of_workspace=False)
