"""Which cells of a file say something else than those of another one; sheets may have millions of cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.tables import Cell, Table

PLACE = ["row", "column"]
CellAt = tuple[str, Cell]
"""A cell of a file: the name of its sheet, and its row and column."""


def changed_cells(before: Sequence[Table], after: Sequence[Table]) -> dict[CellAt, tuple[str, str]]:
    """The cells of two states of a file that say something else: what they said, and what they say now.

    Where nothing stands the text is empty. Formulas are left out, since they are worked out.
    """
    old, new = ({table.sheet: table for table in tables} for tables in (before, after))
    return {
        (sheet, (row, column)): (was, now)
        for sheet in dict.fromkeys((*old, *new))
        for row, column, was, now in differing_cells(old.get(sheet), new.get(sheet), typed=True).iter_rows()
    }


def differing_cells(before: Table | None, after: Table | None, *, typed: bool = False) -> pl.DataFrame:
    """The cells that say different things: ``row``, ``column``, ``before``, ``after``, in their order.

    With `typed`, cells with formulas are left out.
    """
    old, new = between_common_ends(cell_texts(before, typed=typed), cell_texts(after, typed=typed))
    first, second = old.rename({"text": "before"}), new.rename({"text": "after"})
    both = first.join(second, on=PLACE, how="full", coalesce=True)
    both = both.with_columns(pl.col("before", "after").fill_null(""))
    return both.filter(pl.col("before") != pl.col("after")).sort(PLACE)


def between_common_ends(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two frames without the rows at their beginning and at their end that are the same: the others are joined."""
    most = min(old.height, new.height)
    ahead = count_alike(old.head(most), new.head(most))
    old, new, most = old.slice(ahead), new.slice(ahead), most - ahead
    behind = count_alike(old.tail(most).reverse(), new.tail(most).reverse())
    return old.head(old.height - behind), new.head(new.height - behind)


def count_alike(first: pl.DataFrame, second: pl.DataFrame) -> int:
    """How many rows of two frames of the same height are the same, up to the first that is not."""
    alike = pl.repeat(value=True, n=first.height, eager=True)
    for column in first.columns:
        alike &= first[column] == second[column]
    return first.height if alike.all() else int(alike.arg_min() or 0)


def cell_texts(table: Table | None, *, typed: bool) -> pl.DataFrame:
    """The texts of a sheet by row and column, none of a sheet that is not there."""
    if table is None:
        return pl.DataFrame(schema={"row": pl.UInt32, "column": pl.UInt32, "text": pl.String})
    cells = table.cells.filter(~table.cells["formula"]) if typed else table.cells
    return cells.select(pl.col(PLACE).cast(pl.UInt32), pl.col("text"))


def formula_cells(tables: Sequence[Table]) -> list[tuple[str, pl.DataFrame]]:
    """Where the formulas of a file stand, by sheet."""
    return [(table.sheet, table.cells.select(PLACE).filter(table.cells["formula"])) for table in tables]


def texts_among(tables: Sequence[Table], cells: Collection[CellAt]) -> set[CellAt]:
    """Those of some cells of a file that hold a text, whatever it looks like."""
    kept = set()
    for table in tables:
        own = [cell for sheet, cell in cells if sheet == table.sheet]
        frame = pl.DataFrame(own, schema={"row": pl.UInt32, "column": pl.UInt32}, orient="row")
        texts = table.cells.filter(pl.col("kind") == "text").select(pl.col(PLACE).cast(pl.UInt32))
        kept |= {(table.sheet, cell) for cell in frame.join(texts, on=PLACE, how="semi").iter_rows()}
    return kept
