"""Blocks of a table read in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.conversion.mapping.around_blocks import check_titles
from sdmxmig.conversion.mapping.corners import Corner, corners_if_any, corners_of
from sdmxmig.conversion.mapping.extent import no_end, rows_from
from sdmxmig.conversion.mapping.grid import Grid
from sdmxmig.conversion.mapping.layout import Layout, layout_at
from sdmxmig.conversion.mapping.lines import depths
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model.data import Block

ABOVE = 99
"""So many rows above its headers may say something of a block."""


@dataclass(slots=True)
class OpenBlock:
    """A started block.

    `next_row` continues it; `filled` are its filled columns, `beyond` those outside; `cells_above` are cells of earlier
    pieces still needed.
    """

    corner: Corner
    next_row: int
    _: KW_ONLY
    cells_above: pl.DataFrame
    filled: frozenset[int] = frozenset()
    beyond: frozenset[int] = frozenset()
    is_read: bool = False
    has_ended: bool = False


class LongBlock:
    """A mapping's block across the pieces of a table."""

    def __init__(self, block: Block, mapping_place: Place) -> None:
        self.block, self.mapping_place = block, mapping_place
        self.open_blocks: list[OpenBlock] = []
        self.cells_above: pl.DataFrame | None = None
        self.last: Grid | None = None

    def layouts(self, piece: Grid) -> Iterator[tuple[Layout, bool]]:
        """Yield the layouts of the block in the next piece, and whether each begins there."""
        self.begin(piece)
        for open_block in self.open_blocks:
            if not open_block.has_ended:
                begins_here = not open_block.is_read
                layout = self.layout(open_block, piece)
                if layout is not None:
                    yield layout, begins_here
        self.open_blocks = [
            open_block for open_block in self.open_blocks if not (open_block.has_ended and open_block.is_read)
        ] or self.open_blocks[:1]
        if self.block.every:
            grid_above = piece if self.cells_above is None else below(self.cells_above, piece)
            self.cells_above = may_tell(self.block, grid_above.table.cells, int(piece.cells["row"][-1]))
        self.last = piece

    def begin(self, piece: Grid) -> None:
        """Find the start of the block; a start below in the same column ends the previous one.

        Raises `DeclarationError` if it does not begin in the first piece.
        """
        if self.open_blocks and not self.block.every:
            return
        corners = (
            corners_if_any(self.block, piece) if self.open_blocks else corners_of(self.block, piece, self.mapping_place)
        )
        for going in self.open_blocks:
            tops_below = [corner.top for corner in corners if corner.left == going.corner.left]
            going.corner = replace(going.corner, bottom=min([top - 1 for top in tops_below] + [going.corner.bottom]))
        cells_above = piece.table.cells.clear() if self.cells_above is None else self.cells_above
        self.open_blocks += [
            OpenBlock(corner, corner.top + self.block.header_rows, cells_above=cells_above) for corner in corners
        ]

    def layout(self, open_block: OpenBlock, piece: Grid) -> Layout | None:
        """Where a block lies in a piece, None if it has no rows there."""
        body, has_ended = rows_from(self.block, piece, open_block.corner, open_block.next_row)
        last_row = int(piece.cells["row"][-1])
        open_block.has_ended = has_ended or open_block.corner.bottom <= last_row
        extended = below(open_block.cells_above, piece)
        if body.is_empty():
            if not open_block.is_read:
                open_block.cells_above = may_tell(self.block, extended.table.cells, open_block.corner.top)
            return None
        if lowest_cell(self.block) > last_row:
            raise self.refused(
                "names a cell below the first piece", "Convert it as a whole, or name a cell further up."
            )
        first_row = open_block.corner.top + self.block.header_rows
        low, high = sorted((open_block.corner.left, open_block.corner.side))
        kept_rows = extended.part((first_row, int(body["row"][0]) - 1), (low, high))
        around = body if kept_rows.is_empty() else pl.concat([kept_rows, body])
        layout = layout_at(
            self.block, extended, open_block.corner, self.mapping_place, body=around, filled=open_block.filled
        )
        if not open_block.is_read:
            check_titles(self.block, extended, rows=layout.rows, lines=layout.lines, where=self.mapping_place)
        columns_here = frozenset(values_of(body, "column"))
        block_columns = frozenset(layout.held_columns)
        if block_columns & open_block.beyond:
            raise self.refused(
                "reaches further to the right in a later piece",
                "Write gaps = true in the block, give the empty column a header, or convert it as a whole.",
            )
        open_block.filled, open_block.beyond, open_block.is_read = (
            open_block.filled | columns_here,
            (open_block.beyond | columns_here) - block_columns,
            True,
        )
        open_block.next_row = int(body["row"][-1]) + 1
        open_block.cells_above = still_needed(layout)
        return layout

    def check_end(self) -> None:
        """Raise `DeclarationError` if the block had no rows or no end."""
        for open_block in self.open_blocks:
            if not open_block.is_read:
                table = replace(self.last.table, cells=open_block.cells_above)  # type: ignore[union-attr]
                kept_grid = Grid(table, open_block.cells_above.drop("formula"))
                layout_at(self.block, kept_grid, open_block.corner, self.mapping_place, body=kept_grid.cells.clear())
            if self.block.until and not open_block.has_ended:
                rows = Grid(self.last.table, self.last.cells)  # type: ignore[union-attr]
                labels = rows.cells.filter(pl.col("column") == open_block.corner.left)
                raise no_end(self.block, rows, (open_block.corner, labels), self.mapping_place)

    def refused(self, fault: str, hint: str) -> DeclarationError:
        place = Place(self.mapping_place.file, key=self.block.key)
        return DeclarationError(f"The block {fault}, so that the table cannot be read in pieces.", place, hint)


def lowest_cell(block: Block) -> int:
    places = (part for component_map in block.components for part in component_map.source.parts)
    return max((place.cell[0] for place in places if place.kind == "cell"), default=0)


def may_tell(block: Block, cells: pl.DataFrame, row: int) -> pl.DataFrame:
    return cells.filter((cells["row"] > max(row - ABOVE, 0)) | (cells["row"] <= lowest_cell(block)))


def below(cells_above: pl.DataFrame, piece: Grid) -> Grid:
    if cells_above.is_empty():
        return piece
    table = replace(piece.table, cells=pl.concat([cells_above, piece.table.cells]))
    return Grid(table, pl.concat([cells_above.drop("formula"), piece.cells]))


def still_needed(layout: Layout) -> pl.DataFrame:
    """Return the cells needed by later pieces: headers, titles, carried labels, named rows."""
    block, top = layout.block, layout.corner.top
    carried_sources = [
        part for component_map in block.components if component_map.carried for part in component_map.source.parts
    ]
    lines = [line for source, line in layout.lines.items() if source in carried_sources or source.kind == "section"]
    rows = {int(line["row"][-1]) for line in lines}
    rows |= {int(line["row"][0]) for source, line in layout.lines.items() if source.kind == "row"}
    for title in block.sections:
        if title.indent:
            rows |= set(open_rows(layout, title.column))
    heads = pl.col("row").is_between(max(top - ABOVE, 0), top + block.header_rows - 1)
    cells = layout.table.cells
    return cells.filter(heads | (pl.col("row") <= lowest_cell(block)) | pl.col("row").is_in(sorted(rows)))


def open_rows(layout: Layout, number: int) -> Iterator[int]:
    rows = layout.held_rows.slice(layout.block.header_rows)
    sign = -1 if layout.block.labels_right else 1
    depth_above = None
    row_depths = depths(layout.grid, rows, layout.corner.left + sign * (number - 1))
    for row, depth in zip(reversed(rows.to_list()), reversed(row_depths.to_list()), strict=True):
        if depth and (depth_above is None or depth < depth_above):
            depth_above = depth
            yield row
