"""Samples of long sheets with every label and kind of row; the conversion reads the whole sheet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from sdmxmig.conversion.suggestion.regions import Region
from sdmxmig.conversion.tables import find_reader, read, text
from sdmxmig.conversion.tables.readers import READERS
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.data import TableMapping
from sdmxmig.sdmx.model.sources import ROW_KINDS
from sdmxmig.sdmx.model.tables import AUTODETECT, Table, TextFormat

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
    sampled = drop_unsampled_rows(table)
    return select_rows(sampled, sampled.sampled) if sampled.sampled else sampled


def drop_unsampled_rows(table: Table) -> Table:
    """Drop the rows of a long sheet that are not in its sample; the others keep their numbers."""
    rows = table.sampled or choose_rows(table)
    return keep_rows(table, rows) if len(rows) < table.last_row else table


def keep_rows(table: Table, rows: Sequence[int]) -> Table:
    kept = pl.Series(rows, dtype=pl.UInt32).implode()
    return replace(table, cells=table.cells.filter(pl.col("row").is_in(kept)), sampled=tuple(rows))


def choose_tables(whole: Sequence[Table], sampled: Sequence[Table], mapping: TableMapping) -> Sequence[Table]:
    """Return samples, or whole sheets if rows depend on those above; raise `InputError` if a sheet is only a sample."""
    carried = [each.source for block in mapping.blocks for each in block.components if each.carried]
    is_carried_down = any(part.kind in ROW_KINDS for source in carried for part in source.parts)
    if not is_carried_down and not any(block.sections for block in mapping.blocks):
        return sampled
    for table in whole:
        if table.sampled:
            message = "This file is too large to be mapped in the browser: its rows depend on the rows above them."
            raise InputError(message, Place(table.file), "Split the file, for example by year.")
    return whole


def read_samples(name: str, content: bytes, written: TextFormat) -> tuple[Table, ...]:
    """Read the samples of the sheets of a large file; text files are read in parts."""
    if written == AUTODETECT and find_reader(name, content) is not READERS["text"]:
        return tuple(map(drop_unsampled_rows, read(name, content)))
    (table,) = text.read(name, content, written, choose_rows=choose_rows)
    packed = select_rows(table, table.sampled)
    return (keep_rows(table, [packed.row_number(row) for row in choose_rows(packed)]),)


def choose_rows(table: Table) -> Sequence[int]:
    """Choose the rows of a sample, or all rows of a sheet that is short or has many gaps."""
    if table.cells.height <= MAX_WHOLE_CELLS:
        return table.numbers
    filled = table.cells["row"].unique().sort()
    gaps = (
        pl.DataFrame({"above": filled, "row": filled.shift(-1)})
        .drop_nulls()
        .filter(pl.col("row") > pl.col("above") + 1)
    )
    if gaps.height > MAX_GAPS:
        return table.numbers
    rows = {*range(1, FIRST_ROWS + 1), *range(table.last_row - LAST_ROWS + 1, table.last_row + 1)}
    for above, below in gaps.iter_rows():
        rows |= {above - 1, *range(above, min(below, above + MAX_GAP + 1)), *range(below, below + ROWS_BELOW_GAP)}
    for row in (*find_rare_rows(table), *sorted({row for row, _ in table.notes})[:MAX_SHAPED_ROWS]):
        rows |= {row - 1, row, row + 1}
    rows |= set(find_new_label_rows(table)[: max(0, count_max_rows(table, filled.len()) - len(rows))])
    rows |= find_merged_rows(table, rows)
    return [row for row in sorted(rows) if 1 <= row <= table.last_row]


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
    if not (sampled.row_numbers or sampled.sampled):
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


def select_rows(table: Table, rows: Sequence[int]) -> Table:
    """Select the rows of a table and count them without gaps."""
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
        sampled=(),
    )
