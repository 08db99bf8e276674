"""Pieces of a long table, cut anew: none ends between the headers of a block and its first row, or a title above them.

What a block says of its headers and of the rows above them is known from its first row on. A piece that ended before
that row would leave years in headers and titles behind as figures that nobody read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.mapping.corners import corners_if_any
from sdmxmig.mapping.extent import rows_from
from sdmxmig.mapping.grid import grid_of
from sdmxmig.model.data import Block

if TYPE_CHECKING:
    import polars as pl

    from sdmxmig.mapping.grid import Grid
    from sdmxmig.model.tables import Table
else:
    pl = later("polars")

FAR = 99
"""A block without a row so far below its headers is not waited for."""


def uncut(pieces: Iterable[Table], blocks: Sequence[Block]) -> Iterator[Table]:
    """The same rows in pieces that tear no block of a mapping: one may become longer, or end some rows earlier."""
    above = max((rows_above(block) for block in blocks), default=0)
    held: Table | None = None
    new = list(blocks)
    for piece in pieces:
        held = piece if held is None else replace(piece, cells=pl.concat([held.cells, piece.cells]))
        grid = grid_of(held)
        last = held.last_row if grid.cells.is_empty() else whole_until(grid, blocks, new, above)
        if last:
            new = [block for block in new if not any(corner.top <= last for corner in corners_if_any(block, grid))]
            rows = held.cells["row"]
            yield replace(held, cells=held.cells.filter(rows <= last))
            held = replace(held, cells=held.cells.filter(rows > last)) if last < held.last_row else None
    if held is not None:
        yield held


def whole_until(grid: Grid, blocks: Sequence[Block], new: Sequence[Block], above: int) -> int:
    """The last row at which a table may be cut; 0 if more of it must be seen first.

    Of the blocks the `new` ones have not begun: where they do, they do in this piece. So many rows `above` a header are
    kept together with it.
    """
    first, end = int(grid.cells["row"][0]), int(grid.cells["row"][-1])
    last = end - above
    while last >= first:
        tops = [top for block in blocks if block.every or block in new for top in torn(block, grid, last, above)]
        if not tops:
            begun = [[corner.top for corner in corners_if_any(block, grid) if corner.top <= end] for block in new]
            return last if all(min(corners) <= last for corners in begun if corners) else 0
        last = min(tops) - above - 1
    return 0


def torn(block: Block, grid: Grid, last: int, above: int) -> Iterator[int]:
    """Where a block begins that has no row yet down to a row of a table, but may have one below.

    One that begins further down, with the rows above it, is whole.
    """
    end = int(grid.cells["row"][-1])
    for corner in corners_if_any(block, grid):
        first = corner.top + block.header_rows
        if corner.top - above <= last and corner.top <= end < min(first + FAR, corner.bottom):
            upper = replace(corner, bottom=min(corner.bottom, last))
            body, has_ended = rows_from(block, grid, upper, first) if first <= last else (None, False)
            if not has_ended and (body is None or body.is_empty()):
                yield corner.top


def rows_above(block: Block) -> int:
    """How many rows above its headers tell something of a block."""
    parts = [part for component_map in block.components for part in component_map.source.parts]
    return max((part.number or 0 for part in parts if part.kind == "above"), default=0)
