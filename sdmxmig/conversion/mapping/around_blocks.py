"""Texts around a block: required titles, and footnotes that explain marks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sdmxmig.conversion.mapping.grid import Grid, among, fitting
from sdmxmig.conversion.mapping.texts import folded, matches
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.patterns import pattern as compiled
from sdmxmig.primitives.places import Place, cell_name
from sdmxmig.sdmx.model.data import Block, Footnotes
from sdmxmig.sdmx.model.sources import Source

BETWEEN = re.compile(r"[\s.:–=-]*")


def check_titles(block: Block, grid: Grid, rows: pl.Series, lines: Mapping[Source, pl.DataFrame], where: Place) -> None:
    """Raise `DeclarationError` with the nearest text if a required text is missing.

    It may also be in a label column, in every row.
    """
    if not block.required_texts:
        return
    around = grid.cells.filter(~among("row", rows))
    beside = [line.filter(among("position", rows)) for source, line in lines.items() if source.kind == "column"]
    for pattern in block.required_texts:

        def fits(texts: pl.Series, wanted: str = pattern) -> pl.Series:
            return fitting(texts, lambda text: matches(text, wanted))

        if not (fits(around["text"]).any() or any(line.height and fits(line["text"]).all() for line in beside)):
            raise _missing_title(pattern, around, grid, Place(where.file, key=f"{block.key}.says"))


def _missing_title(pattern: str, around: pl.DataFrame, grid: Grid, place: Place) -> DeclarationError:
    texts = {
        folded(text): cell_name(row, column) for row, column, text in around.select("row", "column", "text").rows()
    }
    guess = nearest(pattern, texts)
    hint = "Has the table been given another title, or another unit?"
    if guess:
        hint = f"The nearest text is “{guess}” in {texts[guess]}: is it the same table, in the same unit?"
    return DeclarationError(f"No cell around the block of {grid.name} says “{pattern}”.", place, hint)


def with_footnotes(block: Block, grid: Grid, held_rows: pl.Series) -> Block:
    """Add marks explained around the block; declared marks take precedence."""
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
    """Return marks with texts, from one cell (``1) Provisional.``) or two adjacent cells."""
    marks = compiled(footnotes.marks)
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
