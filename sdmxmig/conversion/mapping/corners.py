"""Corners of blocks, found by anchors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.conversion.mapping.grid import Grid, fitting
from sdmxmig.conversion.mapping.rectangles import LAST
from sdmxmig.conversion.mapping.texts import expression_of, folded, matches
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.sdmx.model.data import Block
from sdmxmig.sdmx.model.tables import Cell

HEAD = 2_000


@dataclass(frozen=True, slots=True)
class Corner:
    """The anchor of a block, and the last row and column that it may reach."""

    top: int
    left: int
    _: KW_ONLY
    bottom: int
    side: int


def corners_of(block: Block, grid: Grid, where: Place) -> list[Corner]:
    """Find the corners of a block in a sheet.

    Raises `DeclarationError` with the nearest text if no anchor is found.
    """
    corners = corners_if_any(block, grid)
    if not corners:
        raise no_anchor(block, grid, where)
    return corners


def corners_if_any(block: Block, grid: Grid) -> list[Corner]:
    outermost = 1 if block.labels_right else LAST
    bottom, side = end_of(block.last) or (LAST, outermost)
    if block.cell:
        return [Corner(*cell_position(block.cell), bottom=bottom, side=side)]
    anchor_cells: list[Cell] = []
    for anchor in block.anchors:
        cells = (cell for head in (True, False) for cell in matching_cells(anchor, grid, head=head))
        anchor_cells = sorted(cells) if block.every else list(next(([cell] for cell in cells), []))
        if anchor_cells:
            break
    if not block.every:
        return [Corner(*cell, bottom=bottom, side=side) for cell in anchor_cells]
    anchor_cells = [(row, column) for row, column in anchor_cells if row <= bottom and _is_within(column, side, block)]
    return [_limited(Corner(*cell, bottom=bottom, side=side), anchor_cells, block) for cell in anchor_cells]


def end_of(last: str) -> tuple[int, int] | None:
    """Return the last row and column of a block; a column alone (``F``) does not limit rows.

    >>> end_of("F12"), end_of("F"), end_of("")
    ((12, 6), (2147483647, 6), None)
    """
    if last.isalpha():
        return LAST, cell_position(f"{last}1")[1]
    return cell_position(last) if last else None


def matching_cells(anchor: str, grid: Grid, *, head: bool) -> Iterator[Cell]:
    end = int(grid.cells["row"].search_sorted(HEAD, "right"))
    cells = grid.cells.slice(0, end) if head else grid.cells.slice(end)
    if not (expression_of(anchor) or set(anchor) & set("*?[")):
        word = max(anchor.split(), key=len, default="")
        if word.isascii():
            cells = cells.filter(pl.col("text").str.contains(word, literal=True))
    if cells.is_empty():
        return
    fitting_cells = cells.filter(fitting(cells["text"], lambda text: matches(text, anchor)))
    yield from ((row, column) for row, column in fitting_cells.select("row", "column").iter_rows())


def _is_within(column: int, side: int, block: Block) -> bool:
    return column >= side if block.labels_right else column <= side


def _limited(corner: Corner, anchor_cells: list[Cell], block: Block) -> Corner:
    top, left = corner.top, corner.left
    below = [row for row, column in anchor_cells if row >= top + max(block.header_rows, 1) and column == left]
    sign = -1 if block.labels_right else 1
    beside = [column for row, column in anchor_cells if row == top and (column - left) * sign > 0]
    nearest_beside = min(beside, key=lambda column: abs(column - left), default=0)
    side = nearest_beside - sign if nearest_beside else corner.side
    return replace(corner, bottom=min([corner.bottom, *(row - 1 for row in below)]), side=side)


def no_anchor(block: Block, grid: Grid, where: Place) -> DeclarationError:
    """The error for a sheet in which a block does not begin, with the nearest text."""
    texts: dict[str, Cell] = {}
    for row, column, text in grid.cells.head(HEAD).select("row", "column", "text").iter_rows():
        texts.setdefault(folded(text), (row, column))
    guess = nearest(folded(block.anchors[0]), texts)
    hint = f"The nearest text is “{guess}” in {cell_name(*texts[guess])}." if guess else "Look at its headers."
    anchors = "” or “".join(block.anchors)
    return DeclarationError(
        f"No cell of {grid.name} says “{anchors}”.", Place(where.file, key=f"{block.key}.anchor"), hint
    )
