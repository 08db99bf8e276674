"""Titles: the texts around a block that say what its figures are, and that must be the same in every edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.errors import DeclarationError, nearest
from sdmxmig.mapping.grid import Grid, among, fitting
from sdmxmig.mapping.texts import folded, matches
from sdmxmig.model.data import Block
from sdmxmig.places import Place, cell_name

if TYPE_CHECKING:
    import polars as pl


def check_titles(block: Block, grid: Grid, rows: pl.Series, where: Place) -> None:
    """Raise `DeclarationError` with the nearest text if a text that must stand around the block does not.

    `rows` are those of the figures; `where` is the mapping file.
    """
    if not block.says:
        return
    around = grid.cells.filter(~among("row", rows))
    for pattern in block.says:
        if not fitting(around["text"], lambda text, wanted=pattern: matches(text, wanted)).any():  # type: ignore[misc]
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
