"""Footnotes: texts outside a block that begin with a mark and explain it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.mapping.grid import Grid, among
from sdmxmig.mapping.texts import folded
from sdmxmig.model.data import Block, Footnotes
from sdmxmig.patterns import pattern

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")

BETWEEN = re.compile(r"[\s.:–=-]*")
"""What stands between a mark and its text."""


def with_footnotes(block: Block, grid: Grid, held_rows: pl.Series) -> Block:
    """The block with the marks that the texts around it explain; a mark that the mapping declares stays as it is."""
    if block.footnotes is None:
        return block
    outside = grid.cells.filter(~among("row", held_rows))
    texts_by_mark = texts_of(block.footnotes, outside)
    declared = {mark for mark, _ in block.values.marks}
    more = tuple(
        (mark, ((block.footnotes.component, text),)) for mark, text in texts_by_mark.items() if mark not in declared
    )
    return replace(block, values=replace(block.values, marks=(*block.values.marks, *more)))


def texts_of(footnotes: Footnotes, cells: pl.DataFrame) -> dict[str, str]:
    """The marks with their texts: in one cell (``1) Provisional.``) or in two beside each other."""
    marks = pattern(footnotes.marks)
    texts_by_mark: dict[str, str] = {}
    alone: dict[int, str] = {}
    for row, text in cells.select("row", "text").iter_rows():
        written = folded(text)
        mark = marks.match(written)
        if row in alone and written:
            texts_by_mark.setdefault(alone.pop(row), written)
        elif mark and (text_of_note := BETWEEN.sub("", written[mark.end :], count=1)):
            texts_by_mark.setdefault(written[: mark.end], text_of_note)
        elif mark:
            alone[row] = written[: mark.end]
    return texts_by_mark
