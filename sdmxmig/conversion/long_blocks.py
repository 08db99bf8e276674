"""Blocks of a table that is read in pieces: where each goes on, and what the pieces below need of those above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from sdmxmig.errors import DeclarationError
from sdmxmig.frames import values_of
from sdmxmig.lazily import later
from sdmxmig.mapping.around_blocks import check_titles
from sdmxmig.mapping.corners import Corner, corners_if_any, corners_of
from sdmxmig.mapping.extent import no_end, rows_from
from sdmxmig.mapping.grid import Grid
from sdmxmig.mapping.layout import Layout, layout_at
from sdmxmig.mapping.lines import depths
from sdmxmig.model.data import Block
from sdmxmig.places import Place

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

ABOVE = 99
"""So many rows above its headers may say something of a block."""


@dataclass(slots=True)
class Begun:
    """A block that has begun at a corner.

    `next_row` is the row that continues it, `filled` the columns that were filled so far and `beyond` those that did
    not belong to it; `kept` are the cells of the pieces above that are still needed, as in `Table.cells`.
    """

    corner: Corner
    next_row: int
    _: KW_ONLY
    kept: pl.DataFrame
    filled: frozenset[int] = frozenset()
    beyond: frozenset[int] = frozenset()
    is_read: bool = False
    has_ended: bool = False


class LongBlock:
    """A block of a mapping on its way through the pieces of a table."""

    def __init__(self, block: Block, where: Place) -> None:
        """Nothing has been read yet; `where` is the mapping file."""
        self.block, self.where = block, where
        self.begun: list[Begun] = []
        self.tail: pl.DataFrame | None = None
        self.last: Grid | None = None

    def layouts(self, piece: Grid) -> Iterator[tuple[Layout, bool]]:
        """Where the block lies in the next piece, once or several times, and whether it begins there."""
        self.begin(piece)
        for one in self.begun:
            if not one.has_ended:
                begins = not one.is_read
                layout = self.layout(one, piece)
                if layout is not None:
                    yield layout, begins
        self.begun = [one for one in self.begun if not (one.has_ended and one.is_read)] or self.begun[:1]
        if self.block.every:
            above = piece if self.tail is None else below(self.tail, piece)
            self.tail = may_tell(self.block, above.table.cells, int(piece.cells["row"][-1]))
        self.last = piece

    def begin(self, piece: Grid) -> None:
        """Look for where the block begins; one that begins below another in its column ends that one.

        Raises `DeclarationError` if it does not begin in the first piece.
        """
        if self.begun and not self.block.every:
            return
        corners = corners_if_any(self.block, piece) if self.begun else corners_of(self.block, piece, self.where)
        for going in self.begun:
            below = [corner.top for corner in corners if corner.left == going.corner.left]
            going.corner = replace(going.corner, bottom=min([one - 1 for one in below] + [going.corner.bottom]))
        above = piece.table.cells.clear() if self.tail is None else self.tail
        self.begun += [Begun(corner, corner.top + self.block.header_rows, kept=above) for corner in corners]

    def layout(self, one: Begun, piece: Grid) -> Layout | None:
        """Where a block lies in a piece, None if it has no rows there."""
        body, ended = rows_from(self.block, piece, one.corner, one.next_row)
        last = int(piece.cells["row"][-1])
        one.has_ended = ended or one.corner.bottom <= last
        whole = below(one.kept, piece)
        if body.is_empty():
            if not one.is_read:
                one.kept = may_tell(self.block, whole.table.cells, one.corner.top)
            return None
        if lowest_cell(self.block) > last:
            raise self.refused(
                "names a cell below the first piece", "Convert it as a whole, or name a cell further up."
            )
        first = one.corner.top + self.block.header_rows
        low, high = sorted((one.corner.left, one.corner.side))
        held = whole.part((first, int(body["row"][0]) - 1), (low, high))
        around = body if held.is_empty() else pl.concat([held, body])
        layout = layout_at(self.block, whole, one.corner, self.where, body=around, filled=one.filled)
        if not one.is_read:
            check_titles(self.block, whole, rows=layout.rows, lines=layout.lines, where=self.where)
        here = frozenset(values_of(body, "column"))
        own = frozenset(layout.held_columns)
        if own & one.beyond:
            raise self.refused(
                "reaches further to the right in a later piece",
                "Write gaps = true in the block, give the empty column a header, or convert it as a whole.",
            )
        one.filled, one.beyond, one.is_read = one.filled | here, (one.beyond | here) - own, True
        one.next_row = int(body["row"][-1]) + 1
        one.kept = still_needed(layout)
        return layout

    def check_end(self) -> None:
        """Raise `DeclarationError` if the block had no rows or no end."""
        for one in self.begun:
            if not one.is_read:
                table = replace(self.last.table, cells=one.kept)  # type: ignore[union-attr]
                kept = Grid(table, one.kept.drop("formula"))
                layout_at(self.block, kept, one.corner, self.where, body=kept.cells.clear())
            if self.block.until and not one.has_ended:
                rows = Grid(self.last.table, self.last.cells)  # type: ignore[union-attr]
                labels = rows.cells.filter(pl.col("column") == one.corner.left)
                raise no_end(self.block, rows, (one.corner, labels), self.where)

    def refused(self, what: str, hint: str) -> DeclarationError:
        """The error for a block that cannot be read in pieces."""
        place = Place(self.where.file, key=self.block.key)
        return DeclarationError(f"The block {what}, so that the table cannot be read in pieces.", place, hint)


def lowest_cell(block: Block) -> int:
    """The last row in which a component of a block is told by a single cell."""
    places = (part for component_map in block.components for part in component_map.source.parts)
    return max((place.cell[0] for place in places if place.kind == "cell"), default=0)


def may_tell(block: Block, cells: pl.DataFrame, row: int) -> pl.DataFrame:
    """The cells of which one may say something of a block that begins at a row: those near above, and at the top."""
    return cells.filter((cells["row"] > max(row - ABOVE, 0)) | (cells["row"] <= lowest_cell(block)))


def below(kept: pl.DataFrame, piece: Grid) -> Grid:
    """A piece below what is still needed of those above it."""
    if kept.is_empty():
        return piece
    table = replace(piece.table, cells=pl.concat([kept, piece.table.cells]))
    return Grid(table, pl.concat([kept.drop("formula"), piece.cells]))


def still_needed(layout: Layout) -> pl.DataFrame:
    """The cells that pieces below need: headers and what stands above, the last titles, carried labels, named rows."""
    block, top = layout.block, layout.corner.top
    wanted = [
        part for component_map in block.components if component_map.carried for part in component_map.source.parts
    ]
    lines = [line for source, line in layout.lines.items() if source in wanted or source.kind == "section"]
    rows = {int(line["row"][-1]) for line in lines}
    rows |= {int(line["row"][0]) for source, line in layout.lines.items() if source.kind == "row"}
    for title in block.sections:
        if title.indent:
            rows |= set(open_rows(layout, title.column))
    heads = pl.col("row").is_between(max(top - ABOVE, 0), top + block.header_rows - 1)
    cells = layout.table.cells
    return cells.filter(heads | (pl.col("row") <= lowest_cell(block)) | pl.col("row").is_in(sorted(rows)))


def open_rows(layout: Layout, number: int) -> Iterator[int]:
    """The rows below which the next row may stand by its indentation, the lowest first."""
    rows = layout.held_rows.slice(layout.block.header_rows)
    sign = -1 if layout.block.labels_right else 1
    above = None
    found = depths(layout.grid, rows, layout.corner.left + sign * (number - 1))
    for row, depth in zip(reversed(rows.to_list()), reversed(found.to_list()), strict=True):
        if depth and (above is None or depth < above):
            above = depth
            yield row
