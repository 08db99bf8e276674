"""Cutting of long tables between blocks, not between a block's headers and its first row.

Otherwise years in headers and titles would be counted as unread figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sdmxmig.conversion.mapping.corners import corners_if_any
from sdmxmig.conversion.mapping.extent import rows_from
from sdmxmig.conversion.mapping.grid import Grid, grid_of
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.data import Block
from sdmxmig.sdmx.model.tables import Table

FAR = 99
"""A block without a row so far below its headers is not waited for."""


def recut_pieces(pieces: Iterable[Table], blocks: Sequence[Block]) -> Iterator[Table]:
    """The same rows in pieces that tear no block of a mapping: one may become longer, or end some rows earlier."""
    above = max((rows_above(block) for block in blocks), default=0)
    waiting: Table | None = None
    unstarted = list(blocks)
    for piece in pieces:
        waiting = piece if waiting is None else replace(piece, cells=pl.concat([waiting.cells, piece.cells]))
        grid = grid_of(waiting)
        cut_row = waiting.last_row if grid.cells.is_empty() else whole_until(grid, blocks, unstarted, above)
        if cut_row:
            unstarted = [
                block for block in unstarted if not any(corner.top <= cut_row for corner in corners_if_any(block, grid))
            ]
            rows = waiting.cells["row"]
            yield replace(waiting, cells=waiting.cells.filter(rows <= cut_row))
            waiting = (
                replace(waiting, cells=waiting.cells.filter(rows > cut_row)) if cut_row < waiting.last_row else None
            )
    if waiting is not None:
        yield waiting


def whole_until(grid: Grid, blocks: Sequence[Block], unstarted: Sequence[Block], above: int) -> int:
    """Find the last row at which a table may be cut; 0 if more rows are needed."""
    first_row, end = int(grid.cells["row"][0]), int(grid.cells["row"][-1])
    cut_row = end - above
    while cut_row >= first_row:
        tops = [
            top for block in blocks if block.every or block in unstarted for top in torn(block, grid, cut_row, above)
        ]
        if not tops:
            tops_of_unstarted = [
                [corner.top for corner in corners_if_any(block, grid) if corner.top <= end] for block in unstarted
            ]
            return cut_row if all(min(corners) <= cut_row for corners in tops_of_unstarted if corners) else 0
        cut_row = min(tops) - above - 1
    return 0


def torn(block: Block, grid: Grid, cut_row: int, above: int) -> Iterator[int]:
    end = int(grid.cells["row"][-1])
    for corner in corners_if_any(block, grid):
        first_row = corner.top + block.header_rows
        if corner.top - above <= cut_row and corner.top <= end < min(first_row + FAR, corner.bottom):
            upper = replace(corner, bottom=min(corner.bottom, cut_row))
            body, has_ended = rows_from(block, grid, upper, first_row) if first_row <= cut_row else (None, False)
            if not has_ended and (body is None or body.is_empty()):
                yield corner.top


def rows_above(block: Block) -> int:
    parts = [part for component_map in block.components for part in component_map.source.parts]
    return max((part.number or 0 for part in parts if part.kind == "above"), default=0)
