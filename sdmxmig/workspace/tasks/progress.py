"""Progress of a workspace and next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

from sdmxmig.io.intake.files import open_file, read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.outputs.findings_lines import NAME, read_counts
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.workspace.folder import Workspace, check_links_of_results, open_workspace
from sdmxmig.workspace.results import KINDS, SUBMISSION, Results
from sdmxmig.workspace.tasks.approvals import list_missing_approvals, read_people
from sdmxmig.workspace.tasks.messages import is_convertible
from sdmxmig.workspace.tasks.session import open_session

JUDGED, OF_ANSWERS = ("data", "findings"), ("assessment", "report")
LONGEST = 1_000_000
"""Maximum size in bytes of a store's first line."""
NOT_ANSWERS = ("area", "year", "signed_off", "sources")


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
        check_links_of_results(folder)
    results = Results(folder, out or workspace.out)
    made_names = tuple(name for name in KINDS if results.made(name) is not None)
    older = tuple(name for name in made_names if results.older(name))
    is_judged = "findings" in made_names and "findings" not in older
    store = (out or workspace.out) / "findings" / NAME
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
    return any(part for name, part in content.items() if name not in NOT_ANSWERS)


def read_stored_counts(store: Path) -> Mapping[str, int]:
    with open_file(store) as file:
        return read_counts(file.readline(LONGEST), str(store))
