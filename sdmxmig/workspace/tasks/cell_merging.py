"""Taking one change of the cells of a workbook back and keeping the later ones, cell by cell."""

from __future__ import annotations

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.workspace.tasks.changed_cells import changed_cells, texts_among
from sdmxmig.workspace.tasks.merging import NotMergeable

MOST_CELLS = 1_000
"""A change of more cells than so many was made in another program, which changes more than their texts."""


def without_mended_cells(name: str, before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    """A workbook as it is now, but with those cells as before that a change wrote, where they still say what it wrote.

    Raises `NotMergeable` for anything but a workbook in all three states, for cells that were changed again since, and
    where more than the texts of these cells would change.
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
