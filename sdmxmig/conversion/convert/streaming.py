"""Conversion in pieces for tables larger than memory.

Blocks of a table read in pieces. Cutting of long tables between blocks, not between a block's headers and its first
row. Counts of figures of a long table, by piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import PurePath

from sdmxmig.conversion.convert.assembling import dataset_of
from sdmxmig.conversion.convert.checking import check_cells, check_results, value_cells, without_dropped
from sdmxmig.conversion.convert.computation import FormulaLabels, NamedCells, compute, derive_within
from sdmxmig.conversion.convert.context import ConversionContext, context_of
from sdmxmig.conversion.convert.coverage import (
    UNREAD_FATE,
    BlockUsage,
    Conversion,
    Coverage,
    check_listed,
    cover,
    unconfirmed,
    unused_frame,
)
from sdmxmig.conversion.convert.label_texts import check_edges, check_formula_texts, check_label_texts
from sdmxmig.conversion.convert.notes_used import NotesWaiting, check_around, check_marks, check_notes
from sdmxmig.conversion.convert.partial_years import check_years
from sdmxmig.conversion.mapping.extent import Corner, check_titles, corners_if_any, corners_of, no_end, rows_from
from sdmxmig.conversion.mapping.grid import Grid, grid_of, matches
from sdmxmig.conversion.mapping.layout import Layout, depths, layout_at
from sdmxmig.conversion.mapping.readings import Readings, read_layout
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Block, Flow
from sdmxmig.sdmx.model.findings import Finding, Findings, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Table


def convert_pieces(
    pieces: Iterable[Table], mapping: model.TableMapping, flow: Flow, rules: Mapping[str, Rule] | None = None
) -> Iterator[Conversion]:
    """Convert a long table piece by piece to datasets.

    Pieces have the same columns and global row numbers; every block begins in the first piece. Later datasets continue
    the first, which has the dataset attributes. Coverage is cumulative. Equal observations in different pieces are not
    merged. The last conversion contains computed cells and unread figures. Raises `DeclarationError` like `convert`,
    and for mappings that need to look ahead: formulas over several rows, footnotes below, columns filled further down.
    """
    mapping_place = mapping.place or Place(mapping.id)
    check_formulas(mapping, mapping_place)
    blocks = [LongBlock(block, mapping_place) for block in mapping.blocks]
    labels, tally, named_cells = FormulaLabels(mapping.derived), Tally(mapping), NamedCells(mapping)
    waiting = NotesWaiting(mapping)
    reported: set[tuple[str, str]] = set()
    continues, last_piece = False, None
    for piece in recut_pieces(pieces, mapping.blocks):
        if not matches(PurePath(piece.file).name, PurePath(mapping.file).name):
            hint = "Correct “file” in the mapping."
            raise InputError(f"The mapping {mapping.id} reads {mapping.file}, not {piece.file}.", mapping_place, hint)
        last_piece, context = grid_of(piece), context_of(flow, mapping_place, rules or {})
        if last_piece.cells.is_empty():
            continue
        readings, block_usages = read_piece(last_piece, blocks, mapping, context)
        tally.add(last_piece, block_usages)
        for block_readings in readings:
            waiting.add(block_readings, context)
        named_cells.add(last_piece)
        if not (readings or continues):
            continue
        dataset = derive_within(dataset_of(flow, readings, context, continues=continues), labels, context)
        yield Conversion(
            dataset,
            Findings(tuple(once(context.collector.findings, reported))),
            coverage=tally.coverage,
            unused_cells=tally.unused_cells(),
        )
        continues = True
    if last_piece is None:
        return
    for block in blocks:
        block.check_end()
    context = context_of(flow, mapping_place, rules or {})
    labels.check(context)
    waiting.check(context)
    computed = compute(mapping, flow, [named_cells.grid(last_piece)], context)
    dataset = replace(computed, continues=continues) if computed else dataset_of(flow, [], context, continues=continues)
    tally.check(context)
    yield Conversion(
        dataset, Findings(tuple(context.collector.findings)), coverage=tally.coverage, unused_cells=tally.unused_cells()
    )


def read_piece(
    grid: Grid, blocks: Sequence[LongBlock], mapping: model.TableMapping, context: ConversionContext
) -> tuple[list[Readings], list[BlockUsage]]:
    first_row = int(grid.cells["row"][0])
    readings, block_usages = [], []
    for layout, begins_here in (located for block in blocks for located in block.layouts(grid)):
        cells = value_cells(layout, context)
        cells = cells.filter(cells["row"] >= first_row)
        check_notes(layout, cells, context)
        check_marks(layout, context)
        check_listed(layout, cells, context)
        check_label_texts(layout, cells, context)
        if begins_here:
            check_edges(layout, context)
        block_readings = check_cells(layout, read_layout(layout, cells, context.flow), context)
        check_formula_texts(block_readings, context)
        kept_readings, dropped = without_dropped(block_readings, mapping)
        readings.append(kept_readings)
        block_usages.append(BlockUsage(of_piece(layout, grid), cells.select("row", "column"), dropped=dropped))
    check_results(grid, [block_usage.layout for block_usage in block_usages], context)
    check_around(grid, [block_usage.layout for block_usage in block_usages], mapping.blocks, context)
    check_years([block_usage.layout for block_usage in block_usages], context)
    return readings, block_usages


def of_piece(layout: Layout, grid: Grid) -> Layout:
    return replace(layout, grid=grid)


def once(findings: Iterable[Finding], reported: set[tuple[str, str]]) -> Iterator[Finding]:
    only_once = (
        RuleId.NOTE_NOT_USED,
        RuleId.UNEXPLAINED_MARK,
        RuleId.UNLISTED_TEXT,
        RuleId.TEXT_TURNED,
        RuleId.HIDDEN_LETTERS,
        RuleId.YEAR_IN_PART,
    )
    for finding in findings:
        subject = (finding.rule, finding.component or finding.observed)
        if finding.rule not in only_once or subject not in reported:
            yield finding
        reported.add(subject)


def check_formulas(mapping: model.TableMapping, mapping_place: Place) -> None:
    for formula in mapping.derived:
        component_maps = [
            component_map
            for block in mapping.blocks
            for component_map in block.components
            if component_map.component == formula.component
        ]
        sources = list(dict.fromkeys(part for component_map in component_maps for part in component_map.source.parts))
        if not all(source.is_of_columns for source in sources):
            source_texts = ", ".join(map(str, sources))
            hint = f"Convert it as a whole, or remove the formula: its parts are identified by {source_texts}."
            message = "If a table is converted in pieces, a formula can only add cells of one row."
            raise DeclarationError(message, Place(mapping_place.file, key=f"{formula.key}.formula"), hint)


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
        """Build the layout of a block in a piece; None if it has no rows there."""
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
        for open_block in self.open_blocks:
            if not open_block.is_read:
                table = replace(self.last.table, cells=open_block.cells_above)  # type: ignore[union-attr]
                kept_grid = Grid(table, open_block.cells_above.drop("formula"))
                layout_at(self.block, kept_grid, open_block.corner, self.mapping_place, body=kept_grid.cells.clear())
            if self.block.until and not open_block.has_ended:
                rows = Grid(self.last.table, self.last.cells)  # type: ignore[union-attr]
                labels = rows.cells.filter(pl.col("column") == open_block.corner.left)
                raise no_end(self.block, rows, open_block.corner, labels, self.mapping_place)

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


FAR = 99
"""A block without a row so far below its headers is not waited for."""


def recut_pieces(pieces: Iterable[Table], blocks: Sequence[Block]) -> Iterator[Table]:
    """Cut the rows into other pieces, so that no block of a mapping is split."""
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


class Tally:
    """Counts figures by piece and keeps the places of the first unread ones."""

    def __init__(self, mapping: model.TableMapping) -> None:
        self.mapping = mapping
        self.used = self.unread = 0
        self.skipped: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.places: list[Place] = []
        self.unconfirmed: dict[str, list[Place]] = {}
        self.uncollected: list[pl.DataFrame] = []
        self.names = ("", "")

    def add(self, grid: Grid, block_usages: Sequence[BlockUsage]) -> None:
        self.names = (grid.table.file, grid.table.sheet)
        if block_usages:  # marks explained above remain valid below
            self.mapping = replace(self.mapping, blocks=tuple(block_usage.layout.block for block_usage in block_usages))
        coverages, unused = cover([grid], block_usages, self.mapping)
        for coverage in coverages:
            self.used += coverage.used
            self.unread += coverage.unread
            self.skipped.update(dict(coverage.skipped))
        self.uncollected.append(unused)
        for reason, places in unconfirmed(unused, grid, self.mapping.blocks):
            self.counts[reason] += len(places)
            self.unconfirmed.setdefault(reason, places)
        if not self.places:
            self.places = grid.table.places(unused.filter(pl.col("fate") == UNREAD_FATE))

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        skipped = tuple(sorted(self.skipped.items()))
        return (Coverage(*self.names, used=self.used, skipped=skipped, unread=self.unread),)

    def unused_cells(self) -> pl.DataFrame:
        unused, self.uncollected = pl.concat([unused_frame(None, []), *self.uncollected]), []
        return unused

    def check(self, context: ConversionContext) -> None:
        file, sheet = self.names
        context.collector.add(RuleId.UNREAD_FIGURES, self.places, sheet=sheet or file, count=str(self.unread))
        for reason, places in self.unconfirmed.items():
            context.collector.add(
                RuleId.LEFT_OUT_UNCONFIRMED, places, sheet=sheet or file, reason=reason, count=str(self.counts[reason])
            )
        if not (self.used or self.skipped):
            context.collector.add(
                RuleId.NO_OBSERVATION, [Place(file, sheet)], sheet=sheet or file, flow=context.flow.id
            )
