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
from sdmxmig.places import Place

if TYPE_CHECKING:
    import polars as pl


def convert_pieces(
    pieces: Iterable[Table], mapping: model.Mapping, flow: Flow, rules: Mapping[str, Rule] | None = None
) -> Iterator[tuple[Dataset, tuple[Finding, ...]]]:
    """Turn a long table that is read in pieces into datasets, one a piece, with what was found in each.

    Every piece has the same columns and the row numbers of the whole table; the first begins with the headers, which
    count for all. All datasets but the first continue the one before. The attributes of the dataset are those of its
    first piece. Raises `DeclarationError` for a mapping that must see the whole table at once, and as `convert` does.
    """
    where = mapping.place or Place(mapping.id)
    block = streamable(mapping, where)
    first: Layout | None = None
    for piece in pieces:
        if not matches(PurePath(piece.file).name, PurePath(mapping.file).name):
            hint = "Correct “file” in the mapping."
            raise InputError(f"The mapping {mapping.id} reads {mapping.file}, not {piece.file}.", where, hint)
        grid = grid_of(piece)
        if first is not None:
            grid = below(first, grid)
        if grid.cells.is_empty():
            continue
        (layout,) = locate(replace(block, gaps=True), grid, where)
        report = Report(flow, rules or {}, where)
        readings, _ = without_dropped(
            check_cells(layout, read_layout(layout, value_cells(layout, report), flow), report), mapping.dropped
        )
        made = dataset_of(flow, [readings], report)
        yield replace(made, continues=first is not None), tuple(report.findings)
        first = first or layout


def streamable(mapping: model.Mapping, where: Place) -> Block:
    """The one block of a mapping that needs no look back or ahead, else `DeclarationError`."""
    block = mapping.blocks[0]
    labels = any(one.carried and one.source.startswith("column") for one in block.components)
    rows = any(one.source.startswith("row ") for one in block.components)
    whole = (labels, rows, block.sections, block.until, block.every, block.footnotes, block.last, mapping.derived)
    if len(mapping.blocks) > 1 or any(whole):
        hint = "Convert it as a whole, or describe one plain block without titles, ends and carried labels."
        raise DeclarationError(f"The mapping {mapping.id} cannot read a table in pieces.", where, hint)
    return block


def below(first: Layout, grid: Grid) -> Grid:
    """A later piece below the headers of the first one."""
    import polars as pl

    last = first.corner.top + first.block.header_rows - 1
    headers: pl.DataFrame = first.grid.part((first.corner.top, last), (1, 2**31 - 1))
    cells = pl.concat([headers, grid.cells.filter(pl.col("row") > last)])
    return Grid(grid.table, cells if cells.height > headers.height else cells.clear())
