"""Conversion in pieces: a table that is longer than memory becomes a sequence of datasets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from sdmxmig.conversion.assembling import dataset_of
from sdmxmig.conversion.checking import check_cells, without_dropped
from sdmxmig.conversion.report import Report
from sdmxmig.conversion.stored import value_cells
from sdmxmig.errors import DeclarationError, InputError
from sdmxmig.mapping.grid import Grid, grid_of
from sdmxmig.mapping.layout import Layout, locate
from sdmxmig.mapping.readings import read_layout
from sdmxmig.mapping.texts import matches
from sdmxmig.model import data as model
from sdmxmig.model.data import Block, Dataset, Flow
from sdmxmig.model.findings import Finding, Rule
from sdmxmig.model.tables import Table
from sdmxmig.places import Place, cell_position

if TYPE_CHECKING:
    import polars as pl


def convert_pieces(
    pieces: Iterable[Table], mapping: model.Mapping, flow: Flow, rules: Mapping[str, Rule] | None = None
) -> Iterator[tuple[Dataset, tuple[Finding, ...]]]:
    """Turn a long table that is read in pieces into datasets, one a piece, with what was found in each.

    Every piece has the same columns and the row numbers of the whole table; the first begins with the headers, which
    count for all. Titles and carried labels count for the pieces below too. All datasets but the first continue the
    one before. The attributes of the dataset are those of its first piece. Raises `DeclarationError` for a mapping that
    must see the whole table at once, and as `convert` does.
    """
    where = mapping.place or Place(mapping.id)
    blocks = streamable(mapping, where)
    needed: dict[int, pl.DataFrame] = {}
    continues = False
    for piece in pieces:
        if not matches(PurePath(piece.file).name, PurePath(mapping.file).name):
            hint = "Correct “file” in the mapping."
            raise InputError(f"The mapping {mapping.id} reads {mapping.file}, not {piece.file}.", where, hint)
        grid, report, found = grid_of(piece), Report(flow, rules or {}, where), []
        if grid.cells.is_empty():
            continue
        first, last = int(grid.cells["row"][0]), int(grid.cells["row"][-1])
        for number, block in enumerate(blocks):
            if not continues and lowest_cell(block) > last:
                raise _refused(mapping, where)
            (layout,) = locate(replace(block, gaps=True), below(needed.get(number), grid), where)
            needed[number] = still_needed(layout)
            cells = value_cells(layout, report)
            cells = cells.filter(cells["row"] >= first)
            readings, _ = without_dropped(check_cells(layout, read_layout(layout, cells, flow), report), mapping)
            found.append(readings)
        yield dataset_of(flow, found, report, continues=continues), tuple(report.findings)
        continues = True


def streamable(mapping: model.Mapping, where: Place) -> tuple[Block, ...]:
    """The blocks of a mapping that need no look ahead: one, or several that begin at one cell and read other columns.

    Raises `DeclarationError` for any other mapping.
    """
    begins = {(one.sheet, one.anchors, one.cell, one.header_rows, one.header_columns) for one in mapping.blocks}
    ahead: list[object] = [mapping.derived, mapping.computed]
    for block in mapping.blocks:
        rows = any(one.source.startswith("row ") for one in block.components)
        indented = any(one.indent for one in block.sections)
        ahead += [rows, indented, block.until, block.every, block.footnotes, block.last]
    if len(begins) > 1 or any(ahead):
        raise _refused(mapping, where)
    return mapping.blocks


def _refused(mapping: model.Mapping, where: Place) -> DeclarationError:
    hint = "Convert it as a whole, or describe a plain block without ends, footnotes, formulas and cells far below."
    return DeclarationError(f"The mapping {mapping.id} cannot read a table in pieces.", where, hint)


def lowest_cell(block: Block) -> int:
    """The last row in which a component of a block is told by a single cell."""
    cells = [one.source.split()[1] for one in block.components if one.source.startswith("cell ")]
    return max((cell_position(cell)[0] for cell in cells), default=0)


def below(needed: pl.DataFrame | None, grid: Grid) -> Grid:
    """A later piece below what is still needed of those above it."""
    import polars as pl

    return grid if needed is None else Grid(grid.table, pl.concat([needed, grid.cells]))


def still_needed(layout: Layout) -> pl.DataFrame:
    """The cells that pieces below need: the headers and what stands above them, the last titles and carried labels."""
    import polars as pl

    block = layout.block
    carried = {one.source for one in block.components if one.carried and one.source.startswith("column")}
    lines = [line for name, line in layout.lines.items() if name in carried or name.startswith("section")]
    rows = {int(line["row"][-1]) for line in lines}
    heads = max(layout.corner.top + block.header_rows - 1, lowest_cell(block))
    cells = layout.grid.cells
    return cells.filter((pl.col("row") <= heads) | pl.col("row").is_in(sorted(rows)))
