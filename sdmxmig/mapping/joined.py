"""Components that two lines tell together, such as a year in one header row and the month in the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sdmxmig.lazily import later
from sdmxmig.mapping.axes import Axis
from sdmxmig.mapping.grid import translated
from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.lines import line_at
from sdmxmig.mapping.meanings import Meanings
from sdmxmig.mapping.sourced_values import SourcedValues
from sdmxmig.mapping.whole_block import text_of_block
from sdmxmig.model.data import ComponentMap, Flow
from sdmxmig.model.sources import Kind

if TYPE_CHECKING:
    import polars as pl
else:
    pl = later("polars")


def joined(
    layout: Layout, flow: Flow, freq: str, axes: Mapping[tuple[Kind, ...], Axis]
) -> Iterator[tuple[str, SourcedValues]]:
    """What lines say together of each component that a mapping reads so."""
    for component_map in layout.block.components:
        if component_map.source.is_joined:
            texts = texts_together(component_map, layout, axes)
            values = translated(texts["text"], Meanings(component_map, flow, values=layout.block.values, freq=freq).of)
            yield (
                component_map.component,
                SourcedValues(values, texts["row"], cell_columns=texts["column"]).without_empty_cells(),
            )


def texts_together(component_map: ComponentMap, layout: Layout, axes: Mapping[tuple[Kind, ...], Axis]) -> pl.DataFrame:
    """The texts of several lines with a blank between, in the order in which the mapping names them.

    `axes` are the rows and columns by the kinds of lines; the name of the sheet and the like say the same of all
    observations. The cell (``row``, ``column``) is that of the last line, which differs from one to the other.
    """
    by_kind = {kind: axis for kinds, axis in axes.items() for kind in kinds}
    texts, cell = [], dict[str, pl.Series]()
    for part in component_map.source.parts:
        if part.is_of_block:
            texts.append(pl.lit(text_of_block(layout, part)[0]))
            continue
        positions, index = by_kind[part.kind]
        line = line_at(positions, layout.lines[part.line])
        texts.append(pl.lit(line["text"].fill_null("").gather(index)))
        cell = {name: line[name].gather(index) for name in ("row", "column")}
    text = pl.select(pl.concat_str(texts, separator=" ").str.strip_chars()).to_series()
    return pl.DataFrame({"text": text, **cell})
