"""Marked copies of workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.outputs import marked_workbook
from sdmxmig.workspace.tasks.talk import Talk

if TYPE_CHECKING:
    from pathlib import Path

    from sdmxmig.sdmx.model.findings import Findings


def marked_copy(path: Path, findings: Findings, talk: Talk, **options: Any) -> bytes | None:
    """Mark findings in a copy; None if impossible, with a message."""
    try:
        return marked_workbook.mark(path.name, read_bytes(path), findings, **options)
    except Exception as error:  # a library that copies workbooks fails in many ways; the findings stand elsewhere too
        reason = str(error) if isinstance(error, SdmxmigError) else f"{type(error).__name__}: {error}"
        talk.say(f"! There is no marked copy of {path.name}: {reason} All findings stand in the lists.")
        return None
