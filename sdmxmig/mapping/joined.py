"""Components that two lines tell together, such as a year in one header row and the month in the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sdmxmig.mapping.grid import translated
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.lines import line_at
from sdmxmig.mapping.meanings import Meanings
from sdmxmig.mapping.sources import is_joined, line_named, parts_of
from sdmxmig.mapping.told import Told
from sdmxmig.mapping.whole_block import is_of_block, text_of_block
from sdmxmig.model.data import Flow

if TYPE_CHECKING:
    import polars as pl

Axis = tuple["pl.Series", "pl.Series"]
"""The rows or columns of a layout, and at which of them each observation stands."""


def joined(layout: Layout, flow: Flow, freq: str, axes: Mapping[str, Axis]) -> Iterator[tuple[str, Told]]:
    """What lines say together: their texts with a blank between, in the order in which the mapping names them.

    `axes` are those of rows and columns by the kind of line; the name of the sheet and the like say the same of all
    observations. The cell is that of the last line, which differs from observation to observation.
    """
    import polars as pl

    for one in layout.block.components:
        if not is_joined(one.source):
            continue
        texts, rows, columns = [], None, None
        for part in map(line_named, parts_of(one.source)):
            if is_of_block(part):
                texts.append(pl.lit(text_of_block(layout, part)[0]))
                continue
            positions, index = axes[part.partition(" ")[0]]
            line = line_at(positions, layout.lines[part])
            texts.append(pl.lit(line["text"].fill_null("").gather(index)))
            rows, columns = (line[name].gather(index) for name in ("row", "column"))
        text = pl.select(pl.concat_str(texts, separator=" ").str.strip_chars()).to_series()
        values = translated(text, Meanings(one, flow, layout.block.values, freq).of)
        if rows is not None and columns is not None:
            yield one.component, Told(values, rows, columns).where_said()
