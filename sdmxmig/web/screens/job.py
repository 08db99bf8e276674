"""A command that runs or has run: what it says, and how to stop it."""

from __future__ import annotations

from sdmxmig.errors import SdmxmigError
from sdmxmig.web.jobs import Job
from sdmxmig.web.screens import Screen, See, Shown, Visit


def show(visit: Visit) -> Shown:
    """What a command has said so far."""
    job = job_of(visit, visit.asked.get("number", ""))
    return Shown(job.facts(), command=job.command)


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
