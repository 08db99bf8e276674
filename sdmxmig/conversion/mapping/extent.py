"""Extent of a block: rows, columns and merged cells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence

from sdmxmig.conversion.mapping.corners import Corner
from sdmxmig.conversion.mapping.grid import Grid, fitting
from sdmxmig.conversion.mapping.texts import folded, matches_any
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import changes
from sdmxmig.sdmx.model.data import Block
from sdmxmig.sdmx.model.tables import Cell, Table


def body_rows(block: Block, grid: Grid, corner: Corner, where: Place) -> pl.DataFrame:
    """Return the cells of a block's rows; empty rows are ignored.

    Raises `DeclarationError` with the nearest label if its end is missing.
    """
    body, ended = rows_from(block, grid, corner, corner.top + block.header_rows)
    if block.until and not ended:
        raise no_end(block, grid, (corner, body), where)
    return body


def rows_from(block: Block, grid: Grid, corner: Corner, first: int) -> tuple[pl.DataFrame, bool]:
    """Return the cells of a block from a row on, and whether it ends before the last one."""
    span = (corner.side, corner.left) if block.labels_right else (corner.left, corner.side)
    body = grid.part((first, corner.bottom), span)
    if block.until:
        labels = body.filter(pl.col("column") == corner.left)
        ends = labels["row"].filter(fitting(labels["text"], lambda text: matches_any(text, block.until)))
        return (body.filter(pl.col("row") < ends[0]), True) if len(ends) else (body, False)
    if block.gaps or block.last[-1:].isdigit():
        return body, False
    rows = changes(body, "row")
    broken = rows.filter(rows != pl.int_range(first, first + len(rows), eager=True, dtype=pl.UInt32))
    return (body.filter(pl.col("row") < broken[0]), True) if len(broken) else (body, False)


def no_end(block: Block, grid: Grid, at: tuple[Corner, pl.DataFrame], where: Place) -> DeclarationError:
    corner, body = at
    labels = body.filter(body["column"] == corner.left)["text"]
    guess = nearest(block.until[0], [folded(text) for text in labels.unique(maintain_order=True)])
    hint = f"The nearest row is “{guess}”." if guess else "Correct or remove “until”."
    place = Place(where.file, key=f"{block.key}.until")
    ends = "” or “".join(block.until)
    return DeclarationError(f"No row of {grid.name} below its headers says “{ends}”.", place, hint)


def value_columns(
    block: Block, grid: Grid, corner: Corner, below: Iterable[int], covered: Mapping[Cell, Cell]
) -> tuple[int, ...]:
    """Find the value columns up to the first empty one; with gaps, all filled ones.

    Flag columns may be empty.
    """
    sign = -1 if block.labels_right else 1
    first = corner.left + sign * block.header_columns
    low, high = (first, corner.side) if sign > 0 else (corner.side, first)
    heads = (corner.top, corner.top + block.header_rows - 1)
    headed = {column for (row, column), cell in covered.items() if row <= heads[1] and grid.text(*cell)}
    if block.header_rows:
        headed |= set(grid.part(heads, (low, high))["column"].unique())
    filled = headed | set(below)
    filled |= {column + number for column in headed if column >= low for number in range(1, flag_columns(block) + 1)}
    inside = sorted(column for column in filled if low <= column <= high)
    if block.gaps or block.last:
        return tuple(inside)
    ordered = inside if sign > 0 else inside[::-1]
    reached = [column for number, column in enumerate(ordered) if column == first + sign * number]
    return tuple(sorted(reached))


def flag_columns(block: Block) -> int:
    return max(
        (
            component_map.source.number or 0
            for component_map in block.components
            if component_map.source.kind == "beside"
        ),
        default=0,
    )


def covered_cells(table: Table, headers: Sequence[int], labels: Sequence[int], rows: pl.Series) -> dict[Cell, Cell]:
    """For each cell of the header rows and label columns that a merged cell hides, that merged cell."""
    covered: dict[Cell, Cell] = {}
    below = rows.to_list() if table.merged else []
    for merged in table.merged:
        cell = (merged.first_row, merged.first_column)
        for row in headers:
            if merged.first_row <= row <= merged.last_row:
                covered |= {(row, column): cell for column in range(merged.first_column, merged.last_column + 1)}
        inside = [column for column in labels if merged.first_column <= column <= merged.last_column]
        for row in below[bisect_left(below, merged.first_row) : bisect_right(below, merged.last_row)] if inside else ():
            covered |= {(row, column): cell for column in inside}
    return {at: cell for at, cell in covered.items() if at != cell}
