"""Screens without a workspace: start, tour of a fictional country, help, end."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.errors import SdmxmigError, did_you_mean
from sdmxmig.primitives.text import parse_whole_number, quote_path
from sdmxmig.web.guidance import describe_help, index_help_texts, list_tour_steps, read_step
from sdmxmig.web.screens import UNPROCESSABLE, Redirect, Screen, ScreenContent, Visit, describe_error
from sdmxmig.web.screens.data import read_tables
from sdmxmig.web.workbench import Upload
from sdmxmig.workspace.folder import open_workspace
from sdmxmig.workspace.results import Results
from sdmxmig.workspace.tasks.first_tables import create_workspace_with_tables, index_receivers, name_folder, name_table
from sdmxmig.workspace.tasks.history import BEGIN, begin
from sdmxmig.workspace.tasks.messages import find_message
from sdmxmig.workspace.tasks.new_workspace import (
    EXAMPLES,
    copy_workspace,
    is_copy,
    list_recent_workspaces,
    list_workspaces,
)
from sdmxmig.workspace.tasks.sheet_views import check_readable

MADE_UP_EXAMPLE = "made-up"


def show(visit: Visit) -> ScreenContent:
    workbench = visit.workbench
    recent = list_recent_here(visit)
    nearby = [folder for folder in list_workspaces(workbench.base) if folder not in recent]
    return ScreenContent(
        {
            "base": str(workbench.base),
            "open": "" if workbench.at_start else str(workbench.folder),
            "recent": [describe_workspace(folder, visit) for folder in recent],
            "nearby": [describe_workspace(folder, visit) for folder in nearby],
            "receivers": {name: called.in_language(visit.language) for name, called in index_receivers().items()},
            "examples": [describe_example(example, visit) for example in EXAMPLES],
            "trouble": describe_error(workbench.trouble)
            if workbench.trouble
            else None,  # why the clicked workspace is not open
            "again": None,
        },
        command=f"sdmxmig open --recent {quote_path(workbench.base)}",
    )


def list_recent_here(visit: Visit) -> list[Path]:
    return [] if visit.by else list_recent_workspaces()


def describe_workspace(folder: Path, visit: Visit) -> dict[str, Any]:
    """Return a folder and the name of its workspace, which is empty if unreadable."""
    facts = {"folder": str(folder), "called": folder.name, "name": "", "area": ""}
    with contextlib.suppress(SdmxmigError, OSError):
        country = open_workspace(folder).country
        facts |= {"name": country.name.in_language(visit.language), "area": country.area}
    return facts


def describe_example(example: str, visit: Visit) -> dict[str, Any]:
    return {**describe_workspace(find_shipped_folder("examples") / example, visit), "id": example}


def make(visit: Visit) -> Redirect:
    target = create_folder(visit, visit.word("name"))
    copy_workspace(find_shipped_folder("templates") / "workspace", target)
    begin(target, visit.workbench.intent(BEGIN, shlex.join(["sdmxmig", "init", str(target)]), visit.by))
    return Redirect("/settings", "The workspace is created.", opened=target)


def make_with_table(visit: Visit) -> Redirect | ScreenContent:
    """Create a workspace with uploaded tables; on errors, show the form again with valid input and files."""
    uploads = visit.files("table")
    try:
        see = create_with_tables(visit, uploads)
    except SdmxmigError as error:
        return show_form_with_error(visit, uploads, error)
    visit.workbench.uploads.clear(visit.by)
    return see


def create_with_tables(visit: Visit, uploads: Sequence[Upload]) -> Redirect:
    tables = {name: upload.content for name, upload in read_tables(uploads).items()}
    first = next(iter(tables))
    country, is_made_up = visit.word("country"), MADE_UP_EXAMPLE in visit.form
    usual = first.rpartition(".")[0] if len(tables) == 1 else country
    target = create_folder(visit, visit.form.get("name", "").strip() or usual)
    office, receiver = (" ".join(visit.form.get(field, "").split()) for field in ("office", "receiver"))
    create_workspace_with_tables(
        target,
        tables,
        country=country,
        office=office,
        receiver=receiver,
        is_made_up=is_made_up,
        language=visit.language,
    )
    named = [word for upload in uploads for word in ("--table", upload.name)]
    given = [word for name, text in (("--office", office), ("--receiver", receiver)) if text for word in (name, text)]
    of_browser = ["--language", visit.language] if visit.language != "en" else []
    options = [*named, "--area", country, *given, *(["--made-up"] if is_made_up else []), *of_browser]
    command = shlex.join(["sdmxmig", "init", str(target), *options])
    begin(target, visit.workbench.intent(BEGIN, command, visit.by))
    if len(tables) == 1 and find_message(target / "tables" / first):
        return Redirect(f"/mapping?{urlencode({'file': first})}", "The workspace is created.", opened=target)
    return Redirect("/mapping?next=yes", "The workspace is ready. Next: map your tables.", opened=target)


def show_form_with_error(visit: Visit, uploads: Sequence[Upload], error: SdmxmigError) -> ScreenContent:
    files = []
    for upload in uploads:
        with contextlib.suppress(SdmxmigError):
            check_readable(name_table(upload.name), upload.content)
            files.append({"name": upload.name, "kept": visit.workbench.uploads.keep(upload, visit.by)})
    page = show(visit)
    again = {
        **describe_error(error),
        **{field: visit.form.get(field, "") for field in ("country", "name", "office", "receiver")},
        "is_made_up": MADE_UP_EXAMPLE in visit.form,
        "files": files,
    }
    return ScreenContent({**page.facts, "again": again}, command=page.command, status=UNPROCESSABLE)


def try_example(visit: Visit) -> Redirect:
    example = visit.word("example")
    if example not in EXAMPLES:
        raise SdmxmigError(f"“{example}” is not an example.", hint=did_you_mean(example, EXAMPLES))
    visit.check_idle()
    target = create_folder(visit, visit.form.get("name", "").strip() or example)
    copy_workspace(find_shipped_folder("examples") / example, target)
    job = visit.begin(["demo", str(target), "--example", example], target)
    return Redirect(f"/job?number={job.number}", opened=target)


def open_listed(visit: Visit) -> Redirect:
    folder = Path(visit.word("folder"))
    if folder not in (*list_recent_here(visit), *list_workspaces(visit.workbench.base)):
        raise SdmxmigError(
            f"“{folder}” is not in the list.",
            hint="Move it into the folder of the other workspaces, and load this page again.",
        )
    return Redirect("/", "The workspace is open.", opened=folder)


def create_folder(visit: Visit, name: str) -> Path:
    target = visit.workbench.base / name_folder(name)
    if target.exists():
        raise SdmxmigError(f"The folder “{target}” already exists.", hint="Give the workspace another name.")
    return target


SCREEN = Screen(
    name="start",
    title="Start",
    show=show,
    actions={"new": make, "table": make_with_table, "example": try_example, "open": open_listed},
    of_workspace=False,
)


def show_end(visit: Visit) -> ScreenContent:
    return ScreenContent(describe_end(visit, is_ended=False))


def describe_end(visit: Visit, *, is_ended: bool) -> dict[str, object]:
    workbench = visit.workbench
    last = workbench.jobs.last
    return {
        "is_ended": is_ended,
        "may_end": workbench.end is not None,
        "at_work": last.command if workbench.end is not None and last is not None and last.is_running else "",
        "folder": str(workbench.base if workbench.at_start else workbench.folder),
        "open_again": f"sdmxmig open {quote_path(workbench.base if workbench.at_start else workbench.folder)}",
    }


def end(visit: Visit) -> Redirect | ScreenContent:
    if visit.workbench.end is None:
        raise SdmxmigError("You cannot close this workbench from the browser.", hint="Ask the person who started it.")
    farewell = describe_end(visit, is_ended=True)
    visit.workbench.end()
    return ScreenContent(farewell)


END = Screen(name="end", title="End", show=show_end, actions={"now": end}, rail=False, of_workspace=False)


EXAMPLE, FOLDER = "fictional", "alvoria"
"""The made-up country, and the folder of its copy."""


def show_tour(visit: Visit) -> ScreenContent:
    copy = visit.workbench.base / FOLDER
    facts: dict[str, Any] = {
        "steps": [{"number": number, **step} for number, step in enumerate(list_tour_steps(), 1)],
        "at": read_step(visit.tour, visit.workbench.token),
        "folder": str(copy),
    }
    commands = f"sdmxmig demo {quote_path(copy)} --example {EXAMPLE} && sdmxmig open {quote_path(copy)}"
    return ScreenContent(facts, command=commands)


def begin_tour(visit: Visit) -> Redirect:
    workbench = visit.workbench
    example, target = find_shipped_folder("examples") / EXAMPLE, workbench.base / FOLDER
    is_there = is_copy(target, example)
    is_done = is_there and Results(target, target / "out").made("report") is not None
    if not is_done:
        visit.check_idle()
    if not is_there:
        copy_workspace(example, create_folder(visit, FOLDER))
    if not is_done:
        visit.begin(["demo", str(target), "--example", EXAMPLE, "--one-by-one"], target)
    return Redirect(list_tour_steps()[0]["path"], opened=target, tour=1)


def go_to_step(visit: Visit) -> Redirect:
    word, steps = visit.word("step"), list_tour_steps()
    number = parse_whole_number(word)
    if visit.workbench.at_start or number is None or number > len(steps):
        raise SdmxmigError(f"The tour has no step “{word}” here.", hint="Begin it on Start.")
    if not number:
        return Redirect("/start", "You have left the tour. You can start it again at any time.", tour=0)
    return Redirect(steps[number - 1]["path"], tour=number)


TOUR = Screen(
    name="tour",
    title="Tour",
    show=show_tour,
    actions={"begin": begin_tour, "go": go_to_step},
    rail=False,
    of_workspace=False,
)


def show_help(visit: Visit) -> ScreenContent:  # noqa: ARG001 - help is the same for everybody
    return ScreenContent({"screens": [describe_help(name) for name in index_help_texts()]}, command="sdmxmig --help")


HELP = Screen(name="help", title="Help", show=show_help, rail=False, of_workspace=False)
