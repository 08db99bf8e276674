"""Undo of cell changes, keeping later ones."""

from __future__ import annotations

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.workspace.tasks.changed_cells import changed_cells, texts_among
from sdmxmig.workspace.tasks.merging import NotMergeable

MOST_CELLS = 1_000


def without_mended_cells(name: str, before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    """Restore cells that still have the written text.

    Raises `NotMergeable` for other files and later changes of these cells.
    """
    if before is None or after is None or present is None or not name.lower().endswith(".xlsx"):
        raise NotMergeable
    try:
        then = read(name, before)
        changes = changed_cells(then, read(name, after))
        cells = {at: was for at, (was, _) in changes.items()}
        now = read(name, present)
        since = changed_cells(read(name, after), now)
        if not 0 < len(cells) <= MOST_CELLS or cells.keys() & since.keys():
            raise NotMergeable
        patched = patch(name, present, cells, kept_as_text=texts_among(then, cells))
        merged = changed_cells(now, read(name, patched.content))
    except SdmxmigError:
        raise NotMergeable from None
    if patched.formulas or {at: text for at, (_, text) in merged.items()} != cells:
        raise NotMergeable
    return patched.content
