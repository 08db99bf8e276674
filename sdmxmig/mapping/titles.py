"""Titles: the texts around a block that say what its figures are, and that must be the same in every edition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sdmxmig.errors import DeclarationError, nearest
from sdmxmig.lazily import later
from sdmxmig.mapping.grid import Grid, among, fitting
from sdmxmig.mapping.texts import folded, matches
from sdmxmig.model.data import Block
from sdmxmig.model.sources import Source
from sdmxmig.places import Place, cell_name

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")


def check_titles(block: Block, grid: Grid, rows: pl.Series, lines: Mapping[Source, pl.DataFrame], where: Place) -> None:
    """Raise `DeclarationError` with the nearest text if a text that must stand around the block does not.

    It may also stand in a label column, in every row. `rows` are those of the figures, `lines` their labels by source;
    `where` is the mapping file.
    """
    if not block.required_texts:
        return
    around = grid.cells.filter(~among("row", rows))
    beside = [line.filter(among("position", rows)) for source, line in lines.items() if source.kind == "column"]
    for pattern in block.required_texts:

        def fits(texts: pl.Series, wanted: str = pattern) -> pl.Series:
            return fitting(texts, lambda text: matches(text, wanted))

        if not (fits(around["text"]).any() or any(line.height and fits(line["text"]).all() for line in beside)):
            raise _otherwise(pattern, around, grid, Place(where.file, key=f"{block.key}.says"))


def _otherwise(pattern: str, around: pl.DataFrame, grid: Grid, place: Place) -> DeclarationError:
    texts = {
        folded(text): cell_name(row, column) for row, column, text in around.select("row", "column", "text").rows()
    }
    guess = nearest(pattern, texts)
    hint = "Has the table been given another title, or another unit?"
    if guess:
        hint = f"The nearest text is “{guess}” in {texts[guess]}: is it the same table, in the same unit?"
    return DeclarationError(f"No cell around the block of {grid.name} says “{pattern}”.", place, hint)
