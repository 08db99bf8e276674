"""Texts that tell a component of a whole block: the names of its sheet and file, and single cells."""

from __future__ import annotations

from pathlib import PurePath

from sdmxmig.mapping.layout import Layout
from sdmxmig.model.sources import Source

Where = tuple[int | None, int | None]
"""Row and column of a cell; none for the name of a sheet or file."""


def text_of_block(layout: Layout, source: Source) -> tuple[str, Where]:
    """The text of a place that says the same of a whole block, and the cell in which it stands."""
    table = layout.table
    if source.kind in ("sheet", "file"):
        return table.sheet if source.kind == "sheet" else PurePath(table.file).stem, (None, None)
    if source.kind == "cell":
        return layout.grid.text(*source.cell), source.cell
    return text_above(layout, source.number or 0)


def cells_of_block(layout: Layout) -> list[tuple[int, int]]:
    """The cells that tell a component of the whole block, alone or together with lines."""
    parts = [
        part for component_map in layout.block.components for part in component_map.source.parts if part.is_of_block
    ]
    cells = [text_of_block(layout, part)[1] for part in parts]
    return [(row, column) for row, column in cells if row is not None and column is not None]


def text_above(layout: Layout, number: int) -> tuple[str, Where]:
    """The first text of the row so far above the anchor, at its column or beyond."""
    corner = layout.corner
    row = corner.top - number
    low, high = sorted((corner.left, corner.side))
    cells = layout.grid.part((row, row), (low, high)) if row > 0 else layout.grid.cells.clear()
    if cells.is_empty():
        return "", (None, None)
    return cells["text"][0], (row, cells["column"][0])
