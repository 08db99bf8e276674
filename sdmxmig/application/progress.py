"""How far a workspace has come: what it has, which results there are, which are older, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from sdmxmig.intake.files import open_file
from sdmxmig.outputs.findings_lines import NAME, counts_in
from sdmxmig.publishing.results import KINDS, Results
from sdmxmig.workspace import Workspace, open_workspace

WITH_DATA = ("data", "findings", "submission")
"""Results that need tables and mappings."""
LONGEST = 1_000_000
"""So many bytes the first line of a store of findings has at most."""
IF_WANTED = ("protected",)
"""Results that not every office needs."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a workspace has and lacks; `older` are the results that are older than what they are made from.

    `errors` counts those of findings that are fresh; `next` is the command that comes next, empty if all is there and
    fresh. Protected figures are no stage of the line: not every office withholds any, so they only have to be fresh.
    Without a profile there is nothing to assess, and `profile` comes next.
    """

    workspace: Workspace
    made: tuple[str, ...]
    _: KW_ONLY
    older: tuple[str, ...]
    errors: int
    next: str


def progress_of(folder: Path, out: Path | None = None) -> Progress:
    """How far a workspace has come; raises `SdmxmigError` if the folder is none."""
    workspace = open_workspace(folder)
    results = Results(folder, out or workspace.out)
    made_names = tuple(name for name in KINDS if results.made(name) is not None)
    older = tuple(name for name in made_names if results.older(name))
    with_data = [name for name in KINDS if workspace.mappings or name not in WITH_DATA]
    expected = [name for name in with_data if name not in IF_WANTED or name in older]
    next_name = next((name for name in expected if name not in made_names or name in older), "")
    is_begun = bool(workspace.tables and workspace.mappings) or workspace.profile is not None
    task = KINDS[next_name].command if next_name else ""
    task = "profile" if task in {"assess", "report"} and workspace.profile is None else task
    is_judged = "findings" in made_names and "findings" not in older
    store = (out or workspace.out) / "findings" / NAME
    errors = stored_counts(store)["error"] if is_judged and store.is_file() else 0
    return Progress(
        workspace,
        made_names,
        older=older,
        errors=errors,
        next=task if is_begun else "map" if workspace.tables else "start",
    )


def stored_counts(store: Path) -> Mapping[str, int]:
    """How many findings of each kind a store counts; of very many findings only the first line is read."""
    with open_file(store) as file:
        return counts_in(file.readline(LONGEST), str(store))
