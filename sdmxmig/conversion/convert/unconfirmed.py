"""Tables without observations, and figures skipped without confirmation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.convert.coverage import BlockUsage, figures
from sdmxmig.conversion.mapping.grid import Grid
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import TO_CONFIRM, Block
from sdmxmig.sdmx.model.rule_ids import RuleId


def check_gives_observations(block_usages: Sequence[BlockUsage], context: ConversionContext) -> None:
    """Report the blocks that gave no observation in a sheet, though nobody left all of them out on purpose."""
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
