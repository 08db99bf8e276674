"""Tables without observations, and figures skipped without confirmation.

Unlisted texts read as one code because of `otherwise`. Detection of figures read by two mappings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.convert.coverage import BlockUsage, figures
from sdmxmig.conversion.mapping.component_texts import texts_read
from sdmxmig.conversion.mapping.grid import Grid
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.primitives.errors import DeclarationError, counted
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.data import TO_CONFIRM, Block, Dataset, TableMapping
from sdmxmig.sdmx.model.rule_ids import RuleId


def check_gives_observations(block_usages: Sequence[BlockUsage], context: ConversionContext) -> None:
    """Report blocks without observations, unless all of their figures were left out on purpose."""
    blocks: dict[tuple[str, int], list[BlockUsage]] = {}
    for block_usage in block_usages:
        blocks.setdefault((block_usage.layout.block.key, id(block_usage.layout.grid)), []).append(block_usage)
    for usages_of_block in blocks.values():
        if not any(block_usage.values.height for block_usage in usages_of_block):
            layout = usages_of_block[0].layout
            sheet = layout.table.sheet or layout.table.file
            place = layout.table.place(layout.corner.top, layout.corner.left)
            context.collector.add(RuleId.NO_OBSERVATION, [place], sheet=sheet, flow=context.flow.id)


def check_confirmed(
    unused_cells: pl.DataFrame, grids: Sequence[Grid], blocks: Sequence[Block], context: ConversionContext
) -> None:
    for grid in grids:
        for reason, places in unconfirmed(unused_cells, grid, blocks):
            sheet = grid.table.sheet or grid.table.file
            context.collector.add(
                RuleId.LEFT_OUT_UNCONFIRMED, places, sheet=sheet, reason=reason, count=str(len(places))
            )


def unconfirmed(unused_cells: pl.DataFrame, grid: Grid, blocks: Sequence[Block]) -> Iterator[tuple[str, list[Place]]]:
    """Return figures skipped for an unconfirmed reason."""
    in_sheet = (pl.col("file") == grid.table.file) & (pl.col("sheet") == grid.table.sheet)
    open_ones = unused_cells.filter(in_sheet & pl.col("reason").str.ends_with(TO_CONFIRM))
    if open_ones.is_empty():
        return
    cells = figures(grid.cells.join(open_ones, on=["row", "column"], how="semi"), blocks)
    with_reason = cells.join(open_ones.select("row", "column", "reason"), on=["row", "column"], maintain_order="left")
    for (reason,), group in with_reason.group_by("reason", maintain_order=True):
        yield str(reason), grid.table.places(group)


def check_listed(layout: Layout, cells: pl.DataFrame, context: ConversionContext) -> None:
    """Report texts read as `otherwise`, once per component: one may have been renamed."""
    for component_map in layout.block.components:
        if not component_map.otherwise:
            continue
        meanings = Meanings(
            component_map, context.flow, values=layout.block.values, freq=dict(layout.block.fixed).get("FREQ", "")
        )
        places_by_text = {
            text: place
            for text, place in texts_read(component_map, layout, cells)
            if text and meanings.of(text) == component_map.otherwise and not meanings.understands(text)
        }
        parameters = {
            "value": next(iter(places_by_text), ""),
            "component": component_map.component,
            "code": component_map.otherwise,
        }
        context.collector.add(
            RuleId.UNLISTED_TEXT,
            list(dict.fromkeys(places_by_text.values())),
            component_map.component,
            **parameters,
            count=str(len(places_by_text)),
        )


CELL = ("file", "sheet", "row", "column")


def check_read_once(datasets: Iterable[tuple[TableMapping, Dataset]]) -> None:
    """Reject two mappings that read the same figure.

    Raises `DeclarationError` with both mappings and the first shared cell. Cells that are only summed do not count.
    """
    read: list[tuple[TableMapping, pl.DataFrame]] = []
    for mapping, dataset in datasets:
        figures = figures_read(dataset)
        for other, other_figures in read:
            shared = figures.join(other_figures, on=CELL, how="semi", nulls_equal=True).sort(CELL)
            if shared.height:
                raise read_twice(other, mapping, shared)
        read.append((mapping, figures))


def figures_read(dataset: Dataset) -> pl.DataFrame:
    values = dataset.origins.filter(pl.col("component").cast(pl.String) == dataset.flow.structure.measure.id)
    of_one_cell = values.filter(pl.len().over("observation") == 1)
    return of_one_cell.select(pl.col("file", "sheet").cast(pl.String), *CELL[2:]).unique()


def read_twice(first: TableMapping, second: TableMapping, shared: pl.DataFrame) -> DeclarationError:
    names: Sequence[str] = [mapping.place.file if mapping.place else mapping.id for mapping in (first, second)]
    file, sheet, row, column = shared.select(CELL).row(0)
    more = f" and {counted(shared.height - 1, 'more cell')}" if shared.height > 1 else ""
    return DeclarationError(
        f"{names[0]} and {names[1]} both read {Place(file, sheet or '', cell=cell_name(row, column))}{more}.",
        Place(names[1]),
        "Each figure belongs to one mapping. Remove one of the two, or leave these cells out of one.",
    )
