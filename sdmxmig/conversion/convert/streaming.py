"""Conversion in pieces for tables larger than memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from sdmxmig.conversion.convert.assembling import dataset_of
from sdmxmig.conversion.convert.checking import check_cells, check_results, without_dropped
from sdmxmig.conversion.convert.computation import NamedCells, compute
from sdmxmig.conversion.convert.context import ConversionContext, context_of
from sdmxmig.conversion.convert.coverage import BlockUsage, Conversion
from sdmxmig.conversion.convert.derivation import FormulaLabels, derive_within
from sdmxmig.conversion.convert.formula_texts import check_formula_texts
from sdmxmig.conversion.convert.header_label_overlap import check_edges
from sdmxmig.conversion.convert.label_texts import check_label_texts
from sdmxmig.conversion.convert.long_blocks import LongBlock
from sdmxmig.conversion.convert.notes_used import NotesWaiting
from sdmxmig.conversion.convert.partial_years import check_years
from sdmxmig.conversion.convert.piece_boundaries import recut_pieces
from sdmxmig.conversion.convert.stored import value_cells
from sdmxmig.conversion.convert.tally import Tally
from sdmxmig.conversion.convert.unexplained import check_marks, check_notes
from sdmxmig.conversion.convert.unlisted import check_listed
from sdmxmig.conversion.convert.unused_notes import check_around
from sdmxmig.conversion.mapping.grid import Grid, grid_of
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.readings import Readings, read_layout
from sdmxmig.conversion.mapping.texts import matches
from sdmxmig.primitives.errors import DeclarationError, InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Finding, Findings, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Table


def convert_pieces(
    pieces: Iterable[Table], mapping: model.Mapping, flow: Flow, rules: Mapping[str, Rule] | None = None
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
    grid: Grid, blocks: Sequence[LongBlock], mapping: model.Mapping, context: ConversionContext
) -> tuple[list[Readings], list[BlockUsage]]:
    """The observations of a piece, and what became of its figures."""
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
    """Remove findings that an earlier piece has reported."""
    only_once = (
        *(RuleId.NOTE_NOT_USED, RuleId.UNEXPLAINED_MARK, RuleId.UNLISTED_TEXT),
        *(RuleId.TEXT_TURNED, RuleId.HIDDEN_LETTERS, RuleId.YEAR_IN_PART),
    )
    for finding in findings:
        subject = (finding.rule, finding.component or finding.observed)
        if finding.rule not in only_once or subject not in reported:
            yield finding
        reported.add(subject)


def check_formulas(mapping: model.Mapping, mapping_place: Place) -> None:
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
            hint = f"Convert it as a whole, or remove the formula: its parts are told by {source_texts}."
            message = "A formula can add what stands in one row only, if a table is read in pieces."
            raise DeclarationError(message, Place(mapping_place.file, key=f"{formula.key}.formula"), hint)
