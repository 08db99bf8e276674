"""Taking one change of the cells of a workbook back and keeping the later ones, cell by cell."""

from __future__ import annotations

from sdmxmig.application.merging import NotMergeable
from sdmxmig.errors import SdmxmigError
from sdmxmig.outputs.patched_workbook import patch
from sdmxmig.tables import read

MOST_CELLS = 1_000
"""A change of more cells than so many was made in another program, which changes more than their texts."""
Texts = dict[tuple[str, int, int], str]


def without_mended_cells(name: str, before: bytes | None, after: bytes | None, present: bytes | None) -> bytes:
    """A workbook as it is now, but with those cells as before that a change wrote, where they still say what it wrote.

    Raises `NotMergeable` for anything but a workbook in all three states, for cells that were changed again since, and
    where more than the texts of these cells would change.
    """
    if before is None or after is None or present is None or not name.lower().endswith(".xlsx"):
        raise NotMergeable
    try:
        then, written, now = (texts_of(name, content) for content in (before, after, present))
        cells = {at: then.get(at, "") for at in then.keys() | written.keys() if then.get(at, "") != written.get(at, "")}
        if not 0 < len(cells) <= MOST_CELLS or any(now.get(at, "") != written.get(at, "") for at in cells):
            raise NotMergeable
        patched = patch(name, present, {(sheet, (row, column)): text for (sheet, row, column), text in cells.items()})
        merged = texts_of(name, patched.content)
    except SdmxmigError:
        raise NotMergeable from None
    wanted = {at: text for at, text in {**now, **cells}.items() if text}
    if patched.formulas or {at: text for at, text in merged.items() if text} != wanted:
        raise NotMergeable
    return patched.content


def texts_of(name: str, content: bytes) -> Texts:
    """What every cell says that holds no formula, by sheet, row and column."""
    return {
        (table.sheet, row, column): text
        for table in read(name, content)
        for row, column, text, formula in table.cells.select("row", "column", "text", "formula").iter_rows()
        if not formula
    }
