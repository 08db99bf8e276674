"""Detection of value columns or rows mistaken for labels or headers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.mapping.grid import among
from sdmxmig.conversion.mapping.layout import Layout
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import values_of
from sdmxmig.sdmx.model.data import ComponentMap
from sdmxmig.sdmx.model.rule_ids import RuleId


def check_edges(layout: Layout, context: ConversionContext) -> None:
    """Report texts of figures above labels or beside headers: a label column or header row may be missing.

    These are texts that the mapping recognises: listed, period or country.
    """
    for component_map in layout.block.components:
        meanings = Meanings(
            component_map, context.flow, values=layout.block.values, freq=dict(layout.block.fixed).get("FREQ", "")
        )
        texts_by_place = {place: text for place, text in at_edges(layout, component_map) if meanings.understands(text)}
        if texts_by_place:
            first_text = next(iter(texts_by_place.values()))
            context.collector.add(
                RuleId.HEADER_LABEL_OVERLAP,
                list(texts_by_place),
                component_map.component,
                value=first_text,
                component=component_map.component,
            )


def at_edges(layout: Layout, component_map: ComponentMap) -> Iterator[tuple[Place, str]]:
    block, table, corner = layout.block, layout.table, layout.corner
    line = layout.lines.get(component_map.source)
    if line is None or line.is_empty():
        return
    if component_map.source.kind == "header":
        label_columns = (corner.left, corner.left + (1 - block.header_columns) * (-1 if not block.labels_right else 1))
        labels = range(min(label_columns), max(label_columns) + 1)
        for text, row, column in line.filter(among("position", labels)).select("text", "row", "column").iter_rows():
            yield table.place(row, column), text
    elif component_map.source.kind == "column":
        heads = range(corner.top, corner.top + block.header_rows)
        for row, column in product(heads, values_of(line, "column")):
            yield table.place(row, column), layout.grid.text(row, column)
