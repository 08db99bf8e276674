"""Conversion: the tables of an office become datasets by a mapping, and every value remembers its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from sdmxmig.conversion.around import check_around
from sdmxmig.conversion.assembling import dataset_of
from sdmxmig.conversion.astray import check_edges
from sdmxmig.conversion.checking import check_cells, check_results, without_dropped
from sdmxmig.conversion.computation import compute
from sdmxmig.conversion.context import context_of
from sdmxmig.conversion.coverage import Coverage, Fates, cover
from sdmxmig.conversion.derivation import derive
from sdmxmig.conversion.formula_texts import check_formula_texts
from sdmxmig.conversion.given import check_confirmed, check_given
from sdmxmig.conversion.merging import merge
from sdmxmig.conversion.outcome import Conversion
from sdmxmig.conversion.stored import value_cells
from sdmxmig.conversion.streaming import convert_pieces
from sdmxmig.conversion.unexplained import check_marks
from sdmxmig.conversion.unlisted import check_listed
from sdmxmig.errors import InputError
from sdmxmig.mapping.grid import Grid, find_tables, grid_of
from sdmxmig.mapping.layout import Layout, locate
from sdmxmig.mapping.readings import read_layout
from sdmxmig.mapping.texts import matches
from sdmxmig.model import data as model
from sdmxmig.model.data import Flow
from sdmxmig.model.findings import Findings, Rule
from sdmxmig.model.tables import Table
from sdmxmig.places import Place

__all__ = ["Conversion", "Coverage", "convert", "convert_pieces", "merge"]


def convert(
    tables: Sequence[Table],
    mapping: model.Mapping,
    flow: Flow,
    rules: Mapping[str, Rule] | None = None,
    beside: Sequence[model.Mapping] = (),
) -> Conversion:
    """Turn the tables of a workbook into the observations of one dataflow.

    `rules` are the declared rules by id; trouble that no rule is given for is not reported. `beside` are the other
    mappings of the same workbook: a figure that one of them reads is not reported as unread. Raises
    `DeclarationError` if a sheet, header, row or column that the mapping names is not in the tables, and
    `InputError` if no table belongs to the mapping's file.
    """
    where = mapping.place or Place(mapping.id)
    own = tables_of(tables, mapping)
    if not own:
        raise InputError(
            f"The mapping {mapping.id} reads {mapping.file}, which is not among the tables.",
            where,
            "Correct “file” in the mapping, or add the workbook.",
        )
    context = context_of(flow, where, rules or {})
    grids = {id(table): grid_of(table) for table in own}
    layouts = list(layouts_of(own, mapping, grids))
    readings, fates = [], []
    for layout in layouts:
        cells = value_cells(layout, context)
        read = check_cells(layout, read_layout(layout, cells, flow), context)
        check_marks(layout, context)
        check_edges(layout, context)
        check_listed(layout, cells, context)
        check_formula_texts(read, context)
        kept, dropped = without_dropped(read, mapping)
        readings.append(kept)
        fates.append(Fates(layout, cells.select("row", "column"), dropped=dropped))
    dataset = derive(dataset_of(flow, readings, context), mapping.derived, context)
    computed = compute(mapping, flow, list(grids.values()), context)
    dataset = merge([dataset, computed]) if computed else dataset
    check_given(fates, context)
    for grid in grids.values():
        here = [layout for layout in layouts if layout.grid is grid]
        check_results(grid, here, context)
        check_around(grid, here, [layout.block for layout in here], context)
    coverage, left = cover(list(grids.values()), fates, mapping=mapping, beside=beside, context=context)
    check_confirmed(left, list(grids.values()), mapping.blocks, context)
    return Conversion(dataset, Findings(tuple(context.collector.findings)), coverage=coverage, left=left)


def layouts_of(tables: Sequence[Table], mapping: model.Mapping, grids: Mapping[int, Grid]) -> Iterator[Layout]:
    """Where the blocks of a mapping lie in the tables of its file."""
    where = mapping.place or Place(mapping.id)
    for block in mapping.blocks:
        for table in find_tables(tables, block.sheet, Place(where.file, key=f"{block.key}.sheet")):
            yield from locate(block, grids[id(table)], where)


def tables_of(tables: Iterable[Table], mapping: model.Mapping) -> list[Table]:
    """The tables of the workbook that a mapping reads, by the name of their file."""
    return [table for table in tables if matches(PurePath(table.file).name, PurePath(mapping.file).name)]
