"""Samples of long sheets with every label and kind of row; the conversion reads the whole sheet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.primitives.lazily import pl
from sdmxmig.sdmx.model.tables import Table

MAX_WHOLE_CELLS = 50_000
"""Maximum number of filled cells in a sheet read as a whole."""
FIRST_ROWS, LAST_ROWS = 200, 100
MAX_ROWS, MAX_CELLS = 2_000, 60_000
SAME_SHAPE, RARE_SHAPE, MAX_SHAPED_ROWS = 5, 50, 300
MAX_GAPS, MAX_GAP, ROWS_BELOW_GAP = 50, 5, 10
MAX_NUMBERS = 200
NUMBER = r"^[-+−]?\d[\d\s.,'’\u00a0\u202f]*$"
LABEL_COLUMNS = ["column", "text"]


def sample_table(table: Table) -> Table:
    """Sample a long sheet: first and last rows, first occurrences of labels, and rows of each shape."""
    if table.cells.height <= MAX_WHOLE_CELLS:
        return table
    filled = table.cells["row"].unique().sort()
    gaps = (
        pl.DataFrame({"above": filled, "row": filled.shift(-1)})
        .drop_nulls()
        .filter(pl.col("row") > pl.col("above") + 1)
    )
    if gaps.height > MAX_GAPS:
        return table
    rows = {*range(1, FIRST_ROWS + 1), *range(table.last_row - LAST_ROWS + 1, table.last_row + 1)}
    for above, below in gaps.iter_rows():
        rows |= {above - 1, *range(above, min(below, above + MAX_GAP + 1)), *range(below, below + ROWS_BELOW_GAP)}
    for row in (*find_rare_rows(table), *sorted({row for row, _ in table.notes})[:MAX_SHAPED_ROWS]):
        rows |= {row - 1, row, row + 1}
    rows |= set(find_new_label_rows(table)[: max(0, count_max_rows(table, filled.len()) - len(rows))])
    rows |= find_merged_rows(table, rows)
    return select_rows(table, [row for row in sorted(rows) if 1 <= row <= table.last_row])


def count_max_rows(table: Table, filled_rows: int) -> int:
    width = -(-table.cells.height // filled_rows)
    return min(MAX_ROWS, max(MAX_CELLS // width, 2 * (FIRST_ROWS + LAST_ROWS)))


def find_rare_rows(table: Table) -> list[int]:
    cells = table.cells.select("row", pl.struct("column", is_number()).hash().alias("shape"))
    shapes = cells.group_by("row", maintain_order=True).agg(pl.col("shape").sum())
    shapes = shapes.with_columns(
        pl.len().over("shape").alias("count"), pl.int_range(pl.len()).over("shape").alias("at")
    )
    first = shapes.filter((pl.col("at") < SAME_SHAPE) | (pl.col("count") <= RARE_SHAPE)).sort("count", "row")
    return first["row"].head(MAX_SHAPED_ROWS).to_list()


def find_new_label_rows(table: Table) -> list[int]:
    cells = table.cells.with_columns(is_number())
    texts = find_first_rows(cells.filter(~pl.col("is_number")), LABEL_COLUMNS)
    numbers = cells.filter("is_number")
    few = numbers.group_by("column").agg(pl.col("text").n_unique()).filter(pl.col("text") <= MAX_NUMBERS)["column"]
    labels = find_first_rows(numbers.filter(pl.col("column").is_in(few.implode())), LABEL_COLUMNS)
    formats = find_first_rows(cells, ["column", "kind", "formula", "format"])
    return list(dict.fromkeys((*texts, *formats, *labels)))


def find_first_rows(cells: pl.DataFrame, subject: list[str]) -> list[int]:
    firsts = cells.group_by(subject).agg(pl.col("row").min()).sort("column", "row")
    return firsts["row"].unique(maintain_order=True).to_list()


def is_number() -> pl.Expr:
    return ((pl.col("kind") == "number") | pl.col("text").str.contains(NUMBER)).alias("is_number")


def find_merged_rows(table: Table, rows: set[int]) -> set[int]:
    sampled = sorted(rows)
    tall = (merged for merged in table.merged if merged.last_row > merged.first_row)
    return {
        merged.first_row
        for merged in tall
        if (at := bisect_left(sampled, merged.first_row)) < len(sampled) and sampled[at] <= merged.last_row
    }


def restore_region(region: Region, tables: Sequence[Table]) -> Region:
    sampled = region.table
    if not sampled.row_numbers:
        return region
    whole = next(table for table in tables if (table.file, table.sheet) == (sampled.file, sampled.sheet))
    row_number = sampled.row_number
    return replace(
        region,
        table=whole,
        top=row_number(region.top),
        first=row_number(region.first),
        last=row_number(region.last),
        sheet=whole if region.sheet else None,
        cut=tuple((row_number(row), label, count) for row, label, count in region.cut),
        rates=frozenset(map(row_number, region.rates)),
    )


def select_rows(table: Table, rows: list[int]) -> Table:
    position_by_row = {row: position for position, row in enumerate(rows, start=1)}
    positions = pl.DataFrame(
        {"row": rows, "position": range(1, len(rows) + 1)}, schema={"row": pl.UInt32, "position": pl.UInt32}
    )
    cells = table.cells.join(positions, on="row", how="inner", maintain_order="left")
    merged = (
        replace(each, first_row=bisect_left(rows, each.first_row) + 1, last_row=bisect_right(rows, each.last_row))
        for each in table.merged
    )
    return replace(
        table,
        cells=cells.with_columns(row=pl.col("position")).drop("position"),
        merged=tuple(each for each in merged if each.first_row <= each.last_row),
        notes={
            (position_by_row[row], column): texts
            for (row, column), texts in table.notes.items()
            if row in position_by_row
        },
        hidden_rows=frozenset(position_by_row[row] for row in table.hidden_rows if row in position_by_row),
        row_numbers=tuple(rows),
    )
