"""The texts that tell a component of a block, wherever a mapping says that they stand, each with its cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sdmxmig.mapping.axes import COLUMN_SOURCES, axes_of
from sdmxmig.mapping.flags import flags_beside
from sdmxmig.mapping.grid import among
from sdmxmig.mapping.joined import texts_together
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.sources import is_joined, line_named
from sdmxmig.mapping.whole_block import is_of_block, text_of_block
from sdmxmig.model.data import ComponentMap
from sdmxmig.places import Place

if TYPE_CHECKING:
    import polars as pl


def texts_read(one: ComponentMap, layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, Place]]:
    """Each text that tells a component of these value cells once, with where it stands first."""
    table = layout.table
    if is_of_block(one.source):
        text, (row, column) = text_of_block(layout, one.source)
        yield text, Place(table.file, table.sheet) if row is None or column is None else table.place(row, column)
        return
    telling = telling_cells(one, layout, cells).select("text", "row", "column").drop_nulls()
    for text, row, column in telling.unique("text", keep="first", maintain_order=True).iter_rows():
        yield text, table.place(row, column)


def telling_cells(one: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells (``text``, ``row``, ``column``) of rows, columns or figures that tell a component of these figures."""
    if is_joined(one.source):
        return texts_together(one, layout, axes_of(layout, cells))
    if one.source.startswith("beside "):
        return flags_beside(one, layout, cells)
    line = layout.lines[line_named(one.source)]
    along_columns = one.source.partition(" ")[0] in COLUMN_SOURCES
    return line.filter(among("position", layout.columns if along_columns else layout.rows))
