"""Fast lookup of rows, columns and texts in the filled cells of a sheet."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sdmxmig.primitives.errors import DeclarationError, did_you_mean
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.patterns import pattern as compiled
from sdmxmig.primitives.places import Place, parse_cell
from sdmxmig.sdmx.model.tables import Cell, Range, Table


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

    def between(self, first: int, last: int) -> pl.DataFrame:
        rows = self.cells["row"]
        start = bisect_left(rows, first)  # polars' search_sorted is ten times slower for single numbers
        return self.cells.slice(start, bisect_right(rows, last, lo=start) - start)

    def text(self, row: int, column: int) -> str:
        cells = self.between(row, row)
        columns = cells["column"]
        at = bisect_left(columns, column)
        return collapse_blanks(cells["text"][at]) if at < len(columns) and columns[at] == column else ""


def build_grid(table: Table) -> Grid:
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


def translate_texts(texts: pl.Series, meaning: Callable[[str], str | None]) -> pl.Series:
    distinct = texts.unique(maintain_order=True).drop_nulls()
    meanings = pl.Series([meaning(text) for text in distinct], dtype=pl.String)
    if distinct.equals(meanings):
        return texts.rechunk()  # already codes; several chunks would slow down later steps
    return texts.replace_strict(distinct, meanings, default=None, return_dtype=pl.String)


def fitting(texts: pl.Series, fits: Callable[[str], bool]) -> pl.Series:
    filled = texts.fill_null("")
    distinct = filled.unique(maintain_order=True)
    good = [text for text in distinct if fits(collapse_blanks(text))]
    return filled.is_in(pl.Series(good, dtype=pl.String).implode())


def is_in(column: str, numbers: Sequence[int] | pl.Series) -> pl.Expr:
    if not len(numbers):
        return pl.lit(value=False)
    first, last = int(numbers[0]), int(numbers[-1])
    within = pl.col(column).is_between(first, last)
    if last - first + 1 == len(numbers):
        return within
    return within & pl.col(column).is_in(pl.Series(numbers, dtype=pl.UInt32).implode())


def find_tables(tables: Iterable[Table], pattern: str, at: Place) -> list[Table]:
    """Find the tables whose sheet matches a pattern; raise `DeclarationError` with the nearest sheet."""
    all_tables = list(tables)
    fitting_tables = [table for table in all_tables if is_match(table.sheet, pattern)]
    if not fitting_tables:
        sheets = [table.sheet for table in all_tables]
        hint = did_you_mean(pattern, sheets)
        if not any(sheets):
            hint = 'A text file has one sheet without a name: write sheet = "*".'
        file = all_tables[0].file if all_tables else "the workbook"
        raise DeclarationError(f"There is no sheet “{pattern}” in {file}.", at, hint)
    return fitting_tables


def read_overrides(cells: Mapping[Cell, Cell], grid: Grid, axis: str, fixed: int) -> pl.DataFrame:
    origins = [
        (row if axis == "row" else column, origin)
        for (row, column), origin in cells.items()
        if (column if axis == "row" else row) == fixed
    ]
    schema = {"position": pl.UInt32, "other": pl.String, "at_row": pl.UInt32, "at_column": pl.UInt32}
    rows = [(position, grid.text(*origin), *origin) for position, origin in origins]
    return pl.DataFrame(rows, schema=schema, orient="row")


def collapse_blanks(text: str) -> str:
    r"""Collapse line breaks and repeated blanks to single blanks.

    >>> collapse_blanks("Both\n sexes ")
    'Both sexes'
    """
    return " ".join(text.split())


def plain(text: str) -> str:
    """Remove case, accents, punctuation and blanks.

    >>> plain("États-Unis ") == plain("ETATS UNIS")
    True
    """
    spelt = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in spelt if unicodedata.category(sign)[0] in "LN")


def extract_expression(pattern: str) -> str:
    """Return the regular expression between slashes, or an empty text.

    >>> extract_expression("/^Tab/"), extract_expression("1990/91")
    ('^Tab', '')
    """
    return pattern[1:-1] if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/") else ""


def is_match(text: str, pattern: str) -> bool:
    """Check whether a text matches a pattern: literal, glob, or regular expression between slashes.

    >>> is_match("Source: Office", "Source*"), is_match("Table [1]", "Table [1]"), is_match("Table 2", "Table 1")
    (True, True, False)
    >>> is_match("Tabelle 7", "/^Tab(elle)? [0-9]/")
    True
    """
    # compare as displayed
    text, pattern = (unicodedata.normalize("NFC", collapse_blanks(written)) for written in (text, pattern))
    if text == pattern:
        return True
    expression = extract_expression(pattern)
    return compiled(expression).search(text) is not None if expression else fnmatchcase(text, pattern)


def matches_any(text: str, patterns: Iterable[str]) -> bool:
    return any(is_match(text, pattern) for pattern in patterns)


LAST = 2**31 - 1
CELL_REFERENCE = re.compile(r"([A-Za-z]{0,3})([0-9]{0,7})")


def parse_range(written: str) -> Range | None:
    """Parse a cell range; None if invalid. Whole rows and columns end at `LAST`.

    >>> parse_range("B2:C9")
    Range(first_row=2, first_column=2, last_row=9, last_column=3)
    >>> parse_range("40:60").first_column, parse_range("B:") is None
    (1, True)
    """
    first, _, last = written.replace(" ", "").partition(":")
    corners = [corner for text in (first, last or first) if (corner := CELL_REFERENCE.fullmatch(text))]
    if len(corners) < 2 or not first:
        return None
    shapes = [(bool(match[1]), bool(match[2])) for match in corners]
    if shapes[0] != shapes[1] or not any(shapes[0]) or (not last and not all(shapes[0])):
        return None
    (top, left), (bottom, right) = (parse_cell(f"{match[1] or 'A'}{match[2] or '1'}") for match in corners)
    has_columns, has_rows = shapes[0]
    cells = Range(top, left, last_row=bottom if has_rows else LAST, last_column=right if has_columns else LAST)
    return cells if 1 <= cells.first_row <= cells.last_row and cells.first_column <= cells.last_column else None
