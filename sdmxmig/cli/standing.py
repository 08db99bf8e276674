"""``sdmxmig`` in a workspace: state and next step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sdmxmig.cli.talk import next_step, show
from sdmxmig.primitives.errors import counted

if TYPE_CHECKING:
    from sdmxmig.workspace.tasks.progress import Progress


def show_standing(folder: Path) -> None:
    from sdmxmig.workspace.tasks.progress import progress_of

    progress = progress_of(folder)
    show(*lines_of(progress))
    if progress.next == "start":
        next_step("sdmxmig start WORKBOOK", folder)
    elif progress.next == "map":
        next_step("sdmxmig map", progress.workspace.tables[0])
    elif progress.next == "correct":
        next_step(
            f"correct what {progress.workspace.out / 'findings' / 'findings.html'} names, then sdmxmig run", folder
        )
    elif progress.next == "explain":
        next_step("explain the warnings, or leave them, in sdmxmig open", folder)
    elif progress.next == "approve":
        next_step("let somebody else approve it: sdmxmig approve", folder)
    elif progress.next == "profile":
        next_step("answer Profile in sdmxmig open", folder)
    elif progress.next:
        next_step(f"sdmxmig {progress.next}" if progress.made else "sdmxmig run", folder)
    else:
        reports = sorted(progress.workspace.out.glob("report*.html"))
        next_step("open", reports[0] if reports else progress.workspace.out)


def lines_of(progress: Progress) -> list[str]:
    workspace = progress.workspace
    results = [
        f"{name}{' (older than what it is made from)' if name in progress.older else ''}" for name in progress.made
    ]
    has = [counted(len(workspace.tables), "table"), counted(len(workspace.mappings), "mapping")]
    return [
        f"workspace  {workspace.country.name.in_language(workspace.country.language)} ({workspace.country.area})",
        f"has        {', '.join([*has, 'a profile' if workspace.profile else 'no profile'])}",
        f"results    {', '.join(results) or 'none yet'}",
        *([f"errors     {progress.errors}"] if progress.errors else []),
    ]
