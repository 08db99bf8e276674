"""A command that runs or has run: what it says, and how to stop it."""

from __future__ import annotations

from sdmxmig.errors import SdmxmigError
from sdmxmig.web.jobs import Job
from sdmxmig.web.screens import Screen, See, Shown, Visit

MADE = {
    "convert": ("data",),
    "validate": ("findings",),
    "run": ("report", "findings", "submission"),
    "demo": ("report", "findings", "submission"),
    "protect": ("accounts",),
    "package": ("submission",),
    "assess": ("report",),
    "report": ("report",),
}
"""The screens that show what a command has made."""
OK, FINDINGS = 0, 1
"""How a command ended: all is fine, or the data have errors."""


def show(visit: Visit) -> Shown:
    """What a command has said so far, and once it has ended, where to look at what it made."""
    job = job_of(visit, visit.asked.get("number", ""))
    return Shown({**job.facts(), "lead_to": screens_after(visit, job)}, command=job.command)


def screens_after(visit: Visit, job: Job) -> list[str]:
    """The screens to look at after a command, the one that comes next first."""
    if job.code is None or visit.desk.at_start:
        return []
    made = list(MADE.get(job.words[0], ()))
    if job.code == FINDINGS or "--until" in job.words:
        return ["findings"]
    if job.code == OK and visit.desk.session().workspace.profile is None and "report" in made:
        return ["profile", *[name for name in made if name != "report"]]
    if job.code != OK:
        return ["mapping"] if not visit.desk.session().workspace.mappings else []
    return made


def stop(visit: Visit) -> See:
    """Let a command end."""
    job = job_of(visit, visit.word("number"))
    visit.desk.jobs.stop(job.number)
    return See(f"/job?number={job.number}", "The command was stopped; nothing half-written was left behind.")


def job_of(visit: Visit, number: str) -> Job:
    """The job of this number; raises `SdmxmigError` if there is none."""
    job = visit.desk.jobs.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if job is None or (visit.by and job.folder != visit.desk.folder):
        raise SdmxmigError("There is no such command any more.", hint="What it made is there: see Home.")
    return job


SCREEN = Screen(name="job", title="Command", show=show, actions={"stop": stop}, rail=False, of_workspace=False)
