"""Fast lookup of rows, columns and texts in the filled cells of a sheet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.conversion.mapping.texts import folded, matches
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Cell, Table


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The non-blank cells of a table, as in `Table.cells` without ``formula``."""

    table: Table
    cells: pl.DataFrame

    @property
    def name(self) -> str:
        table = self.table
        return f"the sheet “{table.sheet}” of {table.file}" if table.sheet else table.file

    def part(self, rows: tuple[int, int], columns: tuple[int, int]) -> pl.DataFrame:
        return self.between(*rows).filter(pl.col("column").is_between(*columns))

    def narrowed(self, rows: tuple[int, int], columns: Sequence[int]) -> Grid:
        if not columns:
            return self
        return Grid(self.table, self.part(rows, (min(columns), max(columns))))

    def between(self, first: int, last: int) -> pl.DataFrame:
        rows = self.cells["row"]
        start = bisect_left(rows, first)  # search_sorted of polars takes ten times longer for one number
        return self.cells.slice(start, bisect_right(rows, last, lo=start) - start)

    def text(self, row: int, column: int) -> str:
        cells = self.between(row, row)
        columns = cells["column"]
        at = bisect_left(columns, column)
        return folded(cells["text"][at]) if at < len(columns) and columns[at] == column else ""


def grid_of(table: Table) -> Grid:
    cells = table.cells.drop("formula")
    doubtful = may_be_blank(cells["text"]).arg_true()
    text, kind = cells["text"].gather(doubtful), cells["kind"].gather(doubtful)
    blank = doubtful.filter((text == "") | ((kind == "text") & ~text.str.contains(r"\S")))
    if not len(blank):
        return Grid(table, cells)
    filled = pl.repeat(value=True, n=cells.height, dtype=pl.Boolean, eager=True).scatter(blank, values=False)
    return Grid(table, cells.filter(filled))


def may_be_blank(texts: pl.Series) -> pl.Series:
    return (texts < "!") | (texts > "~")


def translated(texts: pl.Series, meaning: Callable[[str], str | None]) -> pl.Series:
    distinct = texts.unique(maintain_order=True).drop_nulls()
    meanings = pl.Series([meaning(text) for text in distinct], dtype=pl.String)
    if distinct.equals(meanings):
        return texts.rechunk()  # they are codes already; several chunks would make what follows slow
    return texts.replace_strict(distinct, meanings, default=None, return_dtype=pl.String)


def fitting(texts: pl.Series, fits: Callable[[str], bool]) -> pl.Series:
    filled = texts.fill_null("")
    distinct = filled.unique(maintain_order=True)
    good = [text for text in distinct if fits(folded(text))]
    return filled.is_in(pl.Series(good, dtype=pl.String).implode())


def among(column: str, numbers: Sequence[int] | pl.Series) -> pl.Expr:
    if not len(numbers):
        return pl.lit(value=False)
    first, last = int(numbers[0]), int(numbers[-1])
    within = pl.col(column).is_between(first, last)
    if last - first + 1 == len(numbers):
        return within
    return within & pl.col(column).is_in(pl.Series(numbers, dtype=pl.UInt32).implode())


def find_tables(tables: Iterable[Table], pattern: str, at: Place) -> list[Table]:
    """Find the tables whose sheet matches a pattern.

    Raises `DeclarationError` with the nearest sheet if missing.
    """
    all_tables = list(tables)
    fitting_tables = [table for table in all_tables if matches(table.sheet, pattern)]
    if not fitting_tables:
        sheets = [table.sheet for table in all_tables]
        guess = nearest(pattern, sheets)
        hint = f"Did you mean “{guess}”?" if guess else f"Its sheets are: {', '.join(sheets)}."
        if not any(sheets):
            hint = 'A text file has one sheet without a name: write sheet = "*".'
        file = all_tables[0].file if all_tables else "the workbook"
        raise DeclarationError(f"There is no sheet “{pattern}” in {file}.", at, hint)
    return fitting_tables


def overrides(cells: Mapping[Cell, Cell], grid: Grid, axis: str, fixed: int) -> pl.DataFrame:
    origins = [
        (row if axis == "row" else column, origin)
        for (row, column), origin in cells.items()
        if (column if axis == "row" else row) == fixed
    ]
    schema = {"position": pl.UInt32, "other": pl.String, "at_row": pl.UInt32, "at_column": pl.UInt32}
    rows = [(position, grid.text(*origin), *origin) for position, origin in origins]
    return pl.DataFrame(rows, schema=schema, orient="row")
