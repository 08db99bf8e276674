"""Texts that tell a component of a whole block: the names of its sheet and file, and single cells."""

from __future__ import annotations

from pathlib import PurePath

from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.sources import is_joined, parts_of
from sdmxmig.places import cell_position

KINDS = ("sheet", "file", "cell", "above")
Where = tuple[int | None, int | None]
"""Row and column of a cell; none for the name of a sheet or file."""


def is_of_block(source: str) -> bool:
    """Whether a place says the same of a whole block.

    >>> is_of_block("above 1"), is_of_block("header 1")
    (True, False)
    """
    return source.partition(" ")[0] in KINDS and not is_joined(source)


def text_of_block(layout: Layout, source: str) -> tuple[str, Where]:
    """The text of such a place, and the cell in which it stands."""
    kind, _, written = source.partition(" ")
    table = layout.table
    if kind in ("sheet", "file"):
        return table.sheet if kind == "sheet" else PurePath(table.file).stem, (None, None)
    if kind == "cell":
        return layout.grid.text(*cell_position(written)), cell_position(written)
    return text_above(layout, int(written))


def cells_of_block(layout: Layout) -> list[tuple[int, int]]:
    """The cells that tell a component of the whole block, alone or together with lines."""
    parts = [part for one in layout.block.components for part in parts_of(one.source) if is_of_block(part)]
    found = [text_of_block(layout, part)[1] for part in parts]
    return [(row, column) for row, column in found if row is not None and column is not None]


def text_above(layout: Layout, number: int) -> tuple[str, Where]:
    """The first text of the row so far above the anchor, at its column or beyond."""
    corner = layout.corner
    row = corner.top - number
    low, high = sorted((corner.left, corner.side))
    cells = layout.grid.part((row, row), (low, high)) if row > 0 else layout.grid.cells.clear()
    if cells.is_empty():
        return "", (None, None)
    return cells["text"][0], (row, cells["column"][0])
