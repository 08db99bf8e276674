"""The texts that tell a component of a block, wherever a mapping says that they stand, each with its cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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


def texts_read(one: ComponentMap, layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, Place]]:
    """Each text that tells a component of these value cells once, with where it stands first."""
    table = layout.table
    if one.source.is_of_block:
        text, (row, column) = text_of_block(layout, one.source)
        yield text, Place(table.file, table.sheet) if row is None or column is None else table.place(row, column)
        return
    telling = telling_cells(one, layout, cells).select("text", "row", "column").drop_nulls()
    for text, row, column in telling.unique("text", keep="first", maintain_order=True).iter_rows():
        yield text, table.place(row, column)


def telling_cells(one: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells (``text``, ``row``, ``column``) of rows, columns or figures that tell a component of these figures."""
    if one.source.is_joined:
        return texts_together(one, layout, axes_of(layout, cells))
    if one.source.kind == "beside":
        return flags_beside(one, layout, cells)
    line = layout.lines[one.source.line]
    return line.filter(among("position", layout.columns if one.source.is_of_columns else layout.rows))
