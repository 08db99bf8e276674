"""Indentation: how deep a row label stands below the labels above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.mapping.grid import Grid

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

INDENTED = re.compile(r"( +)@")
"""A cell format that shows a text behind blanks."""


def depths(grid: Grid, rows: pl.Series, column: int) -> pl.Series:
    """The depth of each row by its label in a column: 1 for the outermost, 0 where no label stands.

    A label is a step deeper than the nearest one above that begins further left, however many blanks that are: offices
    count them loosely. Blanks in the text and those of the cell's format count alike.
    """
    table = grid.table
    shown = [match.end(1) if (match := INDENTED.fullmatch(code)) else 0 for code in table.formats]
    by_format = pl.Series([*shown, 0], dtype=pl.UInt32)
    cells = table.cells.filter(pl.col("column") == column).select("row", "text", "format")
    labels = pl.DataFrame({"row": rows}).join(cells, on="row", how="left", maintain_order="left")
    text = labels["text"].str.replace_all(r"\s", " ")
    blanks = text.str.len_chars() - text.str.strip_chars_start(" ").str.len_chars()
    formats = by_format.gather(labels["format"].cast(pl.UInt32).fill_null(len(shown)))
    widths = (blanks + formats).set(text.str.strip_chars() == "", None)
    return pl.Series(list(nested(widths)), dtype=pl.UInt32)


def nested(widths: Iterable[int | None]) -> Iterator[int]:
    """How many labels each one stands below, itself counted, by the blanks before them.

    >>> list(nested([0, 3, 5, 3, None, 0, 2]))
    [1, 2, 3, 2, 0, 1, 2]
    """
    above: list[int] = []
    for width in widths:
        if width is None:
            yield 0
            continue
        while above and above[-1] >= width:
            above.pop()
        above.append(width)
        yield len(above)
