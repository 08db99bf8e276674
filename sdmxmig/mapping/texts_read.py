"""The texts that tell a component of a block, wherever a mapping says that they stand, each with its cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.mapping.axes import axes_of
from sdmxmig.mapping.flags import flags_beside
from sdmxmig.mapping.grid import among
from sdmxmig.mapping.joined import texts_together
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.whole_block import text_of_block
from sdmxmig.model.data import ComponentMap
from sdmxmig.places import Place

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")


def texts_read(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, Place]]:
    """Each text that tells a component of these value cells once, with where it stands first."""
    table = layout.table
    if component_map.source.is_of_block:
        text, (row, column) = text_of_block(layout, component_map.source)
        yield text, Place(table.file, table.sheet) if row is None or column is None else table.place(row, column)
        return
    telling = telling_cells(component_map, layout, cells).select("text", "row", "column").drop_nulls()
    for text, row, column in telling.unique("text", keep="first", maintain_order=True).iter_rows():
        yield text, table.place(row, column)


def telling_cells(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells (``text``, ``row``, ``column``) of rows, columns or figures that tell a component of these figures."""
    if component_map.source.is_joined:
        return texts_together(component_map, layout, axes_of(layout, cells))
    if component_map.source.kind == "beside":
        return flags_beside(component_map, layout, cells)
    line = layout.lines[component_map.source.line]
    return line.filter(among("position", layout.columns if component_map.source.is_of_columns else layout.rows))
