"""Texts of components: lines, flags, single cells and block names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from sdmxmig.conversion.mapping.grid import among
from sdmxmig.conversion.mapping.layout import Layout, flags_of, line_at
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import ComponentMap
from sdmxmig.sdmx.model.sources import COLUMN_KINDS, ROW_KINDS, Kind, Source

Axis = tuple["pl.Series", "pl.Series"]
"""The rows or columns of a layout, and at which of them each observation stands."""
CellPosition = tuple[int | None, int | None]
"""Row and column of a cell; none for the name of a sheet or file."""


def axes_of(layout: Layout, cells: pl.DataFrame) -> Mapping[tuple[Kind, ...], Axis]:
    columns = pl.Series(layout.columns, dtype=pl.UInt32)
    return {
        ROW_KINDS: (layout.rows, index_of(layout.rows, cells["row"])),
        COLUMN_KINDS: (columns, index_of(columns, cells["column"])),
    }


def index_of(positions: pl.Series, at: pl.Series) -> pl.Series:
    if not len(positions):
        return at.clear()
    first = int(positions[0])
    return at - first if int(positions[-1]) - first + 1 == len(positions) else positions.search_sorted(at)


def flags_beside(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    column = pl.col("column").replace_strict(flags_of(layout, component_map), default=None, return_dtype=pl.UInt32)
    at = cells.select("row", column)
    return at.join(layout.grid.cells, on=["row", "column"], how="left", maintain_order="left")


def text_of_block(layout: Layout, source: Source) -> tuple[str, CellPosition]:
    table = layout.table
    if source.kind in ("sheet", "file"):
        return table.sheet if source.kind == "sheet" else PurePath(table.file).stem, (None, None)
    if source.kind == "cell":
        return layout.grid.text(*source.cell), source.cell
    return text_above(layout, source.number or 0)


def cells_of_block(layout: Layout) -> list[tuple[int, int]]:
    parts = [
        part for component_map in layout.block.components for part in component_map.source.parts if part.is_of_block
    ]
    cells = [text_of_block(layout, part)[1] for part in parts]
    return [(row, column) for row, column in cells if row is not None and column is not None]


def text_above(layout: Layout, number: int) -> tuple[str, CellPosition]:
    corner = layout.corner
    row = corner.top - number
    low, high = sorted((corner.left, corner.side))
    cells = layout.grid.part((row, row), (low, high)) if row > 0 else layout.grid.cells.clear()
    if cells.is_empty():
        return "", (None, None)
    return cells["text"][0], (row, cells["column"][0])


def texts_together(component_map: ComponentMap, layout: Layout, axes: Mapping[tuple[Kind, ...], Axis]) -> pl.DataFrame:
    """Join the texts of several lines with blanks, in mapping order.

    The cell (``row``, ``column``) is that of the last line.
    """
    by_kind = {kind: axis for kinds, axis in axes.items() for kind in kinds}
    texts, cell = [], dict[str, pl.Series]()
    for part in component_map.source.parts:
        if part.is_of_block:
            texts.append(pl.lit(text_of_block(layout, part)[0]))
            continue
        positions, index = by_kind[part.kind]
        line = line_at(positions, layout.lines[part.line])
        texts.append(pl.lit(line["text"].fill_null("").gather(index)))
        cell = {name: line[name].gather(index) for name in ("row", "column")}
    text = pl.select(pl.concat_str(texts, separator=" ").str.strip_chars()).to_series()
    return pl.DataFrame({"text": text, **cell})


def texts_read(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> Iterator[tuple[str, Place]]:
    table = layout.table
    if component_map.source.is_of_block:
        text, (row, column) = text_of_block(layout, component_map.source)
        yield text, Place(table.file, table.sheet) if row is None or column is None else table.place(row, column)
        return
    telling = telling_cells(component_map, layout, cells).select("text", "row", "column").drop_nulls()
    for text, row, column in telling.unique("text", keep="first", maintain_order=True).iter_rows():
        yield text, table.place(row, column)


def telling_cells(component_map: ComponentMap, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    if component_map.source.is_joined:
        return texts_together(component_map, layout, axes_of(layout, cells))
    if component_map.source.kind == "beside":
        return flags_beside(component_map, layout, cells)
    line = layout.lines[component_map.source.line]
    return line.filter(among("position", layout.columns if component_map.source.is_of_columns else layout.rows))
