"""Conversion of an office's tables to datasets by a mapping, with source cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from sdmxmig.conversion.convert.assembling import ConversionContext, dataset_of, merge
from sdmxmig.conversion.convert.checking import (
    check_cells,
    check_edges,
    check_formula_texts,
    check_label_texts,
    check_results,
    value_cells,
    without_dropped,
)
from sdmxmig.conversion.convert.computation import derive
from sdmxmig.conversion.convert.coverage import (
    BlockUsage,
    Conversion,
    Coverage,
    Locate,
    check_confirmed,
    check_gives_observations,
    check_listed,
    cover,
)
from sdmxmig.conversion.mapping.grid import Grid, find_tables, grid_of, matches
from sdmxmig.conversion.mapping.layout import Layout, locate
from sdmxmig.conversion.mapping.readings import read_layout
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import later
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import FindingCollector, Findings, Rule
from sdmxmig.sdmx.model.tables import Table

if TYPE_CHECKING:
    from sdmxmig.conversion.convert import notes_used, partial_years
else:  # they need the words of all languages
    notes_used = later("sdmxmig.conversion.convert.notes_used")
    partial_years = later("sdmxmig.conversion.convert.partial_years")

__all__ = ["Conversion", "Coverage", "convert", "merge"]


def convert(
    tables: Sequence[Table],
    mapping: model.TableMapping,
    flow: Flow,
    rules: Mapping[str, Rule] | None = None,
    other_mappings: Sequence[model.TableMapping] = (),
    *,
    make_grid: Callable[[Table], Grid] = grid_of,
    find_block: Locate = locate,
) -> Conversion:
    """Convert the tables of a workbook to observations of one dataflow.

    `rules` are the enabled rules by id. `other_mappings` of the same workbook prevent their figures from being reported
    as unread. To convert several mappings, pass caching `make_grid` and `find_block`. Raises `DeclarationError` for a
    sheet, header, row or column missing from the tables, and `InputError` if no table belongs to the mapping's file.
    """
    mapping_place = mapping.place or Place(mapping.id)
    mapped_tables = tables_of(tables, mapping)
    if not mapped_tables:
        raise InputError(
            f"The mapping {mapping.id} reads {mapping.file}, which is not among the tables.",
            mapping_place,
            "Correct “file” in the mapping, or add the workbook.",
        )
    context = ConversionContext(flow, mapping_place, collector=FindingCollector(flow.id, rules or {}))
    grids = {id(table): make_grid(table) for table in mapped_tables}
    layouts = list(layouts_of(mapped_tables, mapping, grids, find_block))
    readings, block_usages = [], []
    for layout in layouts:
        cells = value_cells(layout, context)
        block_readings = check_cells(layout, read_layout(layout, cells, flow), context)
        notes_used.check_marks(layout, context)
        check_edges(layout, context)
        check_listed(layout, cells, context)
        check_label_texts(layout, cells, context)
        check_formula_texts(block_readings, context)
        kept_readings, dropped = without_dropped(block_readings, mapping)
        readings.append(kept_readings)
        block_usages.append(BlockUsage(layout, cells.select("row", "column"), dropped=dropped))
    notes_used.check_notes(readings, mapping, context)
    dataset = derive(dataset_of(flow, readings, context), mapping.derived, context)
    check_gives_observations(block_usages, context)
    for grid in grids.values():
        sheet_layouts = [layout for layout in layouts if layout.grid is grid]
        check_results(grid, sheet_layouts, context)
        notes_used.check_around(grid, sheet_layouts, mapping, context)
        partial_years.check_years(sheet_layouts, context)
    coverage, unused_cells = cover(
        list(grids.values()),
        block_usages,
        mapping=mapping,
        other_mappings=other_mappings,
        context=context,
        find_block=find_block,
    )
    check_confirmed(unused_cells, list(grids.values()), mapping.blocks, context)
    return Conversion(
        dataset, Findings(tuple(context.collector.findings)), coverage=coverage, unused_cells=unused_cells
    )


def layouts_of(
    tables: Sequence[Table], mapping: model.TableMapping, grids: Mapping[int, Grid], find_block: Locate
) -> Iterator[Layout]:
    mapping_place = mapping.place or Place(mapping.id)
    for block in mapping.blocks:
        for table in find_tables(tables, block.sheet, Place(mapping_place.file, key=f"{block.key}.sheet")):
            yield from find_block(block, grids[id(table)], mapping_place)


def tables_of(tables: Iterable[Table], mapping: model.TableMapping) -> list[Table]:
    return [table for table in tables if matches(PurePath(table.file).name, PurePath(mapping.file).name)]
