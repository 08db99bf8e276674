"""Differences between cells of two files."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.tables import Cell, Table

PLACE = ["row", "column"]
CellAt = tuple[str, Cell]
"""A cell of a file: the name of its sheet, and its row and column."""


def changed_cells(before: Sequence[Table], after: Sequence[Table]) -> dict[CellAt, tuple[str, str]]:
    old, new = ({table.sheet: table for table in tables} for tables in (before, after))
    return {
        (sheet, (row, column)): (was, now)
        for sheet in dict.fromkeys((*old, *new))
        for row, column, was, now in differing_cells(old.get(sheet), new.get(sheet), typed=True).iter_rows()
    }


def differing_cells(before: Table | None, after: Table | None, *, typed: bool = False) -> pl.DataFrame:
    old, new = between_common_ends(cell_texts(before, typed=typed), cell_texts(after, typed=typed))
    first, second = old.rename({"text": "before"}), new.rename({"text": "after"})
    both = first.join(second, on=PLACE, how="full", coalesce=True)
    both = both.with_columns(pl.col("before", "after").fill_null(""))
    return both.filter(pl.col("before") != pl.col("after")).sort(PLACE)


def between_common_ends(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    most = min(old.height, new.height)
    ahead = count_alike(old.head(most), new.head(most))
    old, new, most = old.slice(ahead), new.slice(ahead), most - ahead
    behind = count_alike(old.tail(most).reverse(), new.tail(most).reverse())
    return old.head(old.height - behind), new.head(new.height - behind)


def count_alike(first: pl.DataFrame, second: pl.DataFrame) -> int:
    alike = pl.repeat(value=True, n=first.height, eager=True)
    for column in first.columns:
        alike &= first[column] == second[column]
    return first.height if alike.all() else int(alike.arg_min() or 0)


def cell_texts(table: Table | None, *, typed: bool) -> pl.DataFrame:
    if table is None:
        return pl.DataFrame(schema={"row": pl.UInt32, "column": pl.UInt32, "text": pl.String})
    cells = table.cells.filter(~table.cells["formula"]) if typed else table.cells
    return cells.select(pl.col(PLACE).cast(pl.UInt32), pl.col("text"))


def formula_cells(tables: Sequence[Table]) -> list[tuple[str, pl.DataFrame]]:
    return [(table.sheet, table.cells.select(PLACE).filter(table.cells["formula"])) for table in tables]


def texts_among(tables: Sequence[Table], cells: Collection[CellAt]) -> set[CellAt]:
    kept = set()
    for table in tables:
        own = [cell for sheet, cell in cells if sheet == table.sheet]
        frame = pl.DataFrame(own, schema={"row": pl.UInt32, "column": pl.UInt32}, orient="row")
        texts = table.cells.filter(pl.col("kind") == "text").select(pl.col(PLACE).cast(pl.UInt32))
        kept |= {(table.sheet, cell) for cell in frame.join(texts, on=PLACE, how="semi").iter_rows()}
    return kept
