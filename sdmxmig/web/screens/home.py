"""Home screen: state of the pipeline, and the next step."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.tables import read_once
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.text import parse_whole_number, quote_path
from sdmxmig.web.screens import Document, Redirect, Screen, ScreenContent, Visit
from sdmxmig.workspace.folder import COUNTRY_FILE, is_small_enough
from sdmxmig.workspace.results import KINDS
from sdmxmig.workspace.tasks.approvals import MANAGES, MissingRoleError
from sdmxmig.workspace.tasks.converting import list_missing_tables
from sdmxmig.workspace.tasks.drafts import read_drafts
from sdmxmig.workspace.tasks.first_tables import build_start, build_start_file
from sdmxmig.workspace.tasks.history import (
    describe_step,
    find_tampered_line,
    find_undo_states,
    read_history,
    settle,
    undo,
    write_csv,
)
from sdmxmig.workspace.tasks.messages import needs_no_mapping
from sdmxmig.workspace.tasks.pipeline import read_progress
from sdmxmig.workspace.tasks.session import Session

CHECK_COMMAND = "run --until findings"
HOME_COMMANDS = ("run", CHECK_COMMAND, *dict.fromkeys(kind.command for kind in KINDS.values()))
SEALING_COMMANDS = ("run", "package")
NUMBER = r"^[^\p{L}]*\p{Nd}[^\p{L}]*$"
"""A cell that may be a figure: a number with signs, without letters."""
MAX_RECENT = 20
"""Maximum number of changes shown, the last one first."""


def show(visit: Visit) -> ScreenContent:
    workbench = visit.workbench
    settle(workbench.folder, workbench.now())
    progress, session = read_progress(workbench.folder), workbench.session()
    workspace = progress.workspace
    steps = read_history(workbench.folder)
    undo_states = find_undo_states(steps)
    drafts = read_drafts(workbench.folder)[0]
    mappings, errors = workbench.mappings(session)
    unreadable = [str(error.place or error) for error in (*errors, *list_missing_tables(workspace, mappings))]
    return ScreenContent(
        {
            "name": workspace.country.name.in_language(visit.language),
            "area": workspace.country.area,
            "is_made_up": workspace.country.is_fictional,
            "counts": {"tables": len(workspace.tables), "mappings": len(workspace.mappings)},
            "stages": [build_stage(name, session.results.older(name), name in progress.made) for name in KINDS],
            "unmapped": list_unmapped_tables(visit, session),
            "drafts": [{"file": draft.table, "sheet": "\n".join(draft.sheets), "flow": draft.flow} for draft in drafts],
            "lost": sorted({draft.table for draft in drafts} - {path.name for path in workspace.tables}),
            "errors": progress.errors,
            "warnings": progress.warnings,
            "unreadable": unreadable,
            "next": "repair" if unreadable else progress.next,
            "steps": [describe_step(step) | asdict(undo_states[step.number]) for step in reversed(steps[-MAX_RECENT:])],
            "steps_before": max(0, len(steps) - MAX_RECENT),
            "altered": find_tampered_line(workbench.folder),
            "job": find_last_job(visit),
        },
        command=f"cd {quote_path(workbench.folder)} && sdmxmig",
    )


def list_unmapped_tables(visit: Visit, session: Session) -> list[str]:
    """Return the tables that lack a mapping, or a mapping for their second dataflow."""
    names = []
    for path in session.workspace.tables:
        mappings = [mapping for mapping in visit.workbench.mappings(session)[0] if is_match(path.name, mapping.file)]
        is_half_read = len({mapping.flow for mapping in mappings}) == 1 and any(
            mapping.leaves_out_a_flow for mapping in mappings
        )
        needs_none = bool(mappings) or visit.workbench.kept(
            f"home {path.name}", partial(has_nothing_to_map, path), path
        )
        if is_half_read or not needs_none:
            names.append(path.name)
    return names


def has_nothing_to_map(path: Path) -> bool:
    """Check whether a file is a filled questionnaire or an SDMX message, or has no number (unless it is large)."""
    if needs_no_mapping(path):
        return True
    try:
        tables = read_once(path.name, read_bytes(path)) if is_small_enough(path.stat().st_size) else ()
    except SdmxmigError:
        return False
    return bool(tables) and not any(table.cells["text"].str.contains(NUMBER).any() for table in tables)


def find_last_job(visit: Visit) -> Mapping[str, Any] | None:
    job = visit.workbench.jobs.last
    return job.facts() if job and (not visit.by or job.folder == visit.workbench.folder) else None


def build_stage(name: str, reasons: list[str], is_made: bool) -> Mapping[str, Any]:
    state = "older" if reasons else "made" if is_made else "missing"
    return {"name": name, "command": KINDS[name].command, "state": state, "reasons": reasons}


REPORTING_COMMANDS = ("run", "report")


def start(visit: Visit) -> Redirect:
    command = visit.word("command")
    if command not in HOME_COMMANDS:
        raise SdmxmigError(
            f"“{command}” is not a command of the pipeline.", hint=f"Possible values: {', '.join(HOME_COMMANDS)}."
        )
    language = ("--language", visit.language) if command in REPORTING_COMMANDS else ()
    named = visit.named if command in SEALING_COMMANDS else ()
    job = visit.begin([*command.split(), str(visit.workbench.folder), *language, *named])
    return visit.watch(job)


def undo_change(visit: Visit) -> Redirect:
    number = parse_whole_number(visit.word("step")) or 0
    changed = {name for step in read_history(visit.workbench.folder) if step.number == number for name in step.files}
    if visit.by and COUNTRY_FILE in changed and MANAGES not in visit.roles:
        raise MissingRoleError(visit.by, (MANAGES,))
    step = undo(visit.workbench.folder, number, visit.workbench.now(), by=visit.by)
    is_undo = find_undo_states(read_history(visit.workbench.folder))[step.number].is_undo
    return Redirect("/", "The change is undone." if is_undo else "The change is redone.")


def serve_history(visit: Visit) -> Document:
    settle(visit.workbench.folder, visit.workbench.now())
    content = write_csv(read_history(visit.workbench.folder)).encode("utf-8-sig")
    return Document("history.csv", content, media_type="text/csv; charset=utf-8")


def serve_start_file(visit: Visit) -> Document:
    if visit.workbench.end is None:
        raise SdmxmigError("This workbench runs on another machine.", hint="Keep its address as a bookmark.")
    name, content = build_start_file(build_start(visit.workbench.folder, sys.executable), sys.platform)
    return Document(name, content, media_type="application/octet-stream")


SCREEN = Screen(
    name="home",
    title="Home",
    show=show,
    actions={"start": start, "undo": undo_change},
    documents={"history": serve_history, "shortcut": serve_start_file},
)
