"""The cells beside a figure that take its status and notes, and the texts by which a mapping reads them there."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from sdmxmig.mapping.layout import Layout, flags_of
from sdmxmig.mapping.meanings import Meanings
from sdmxmig.mapping.numbers import cell_reading
from sdmxmig.model.data import Block, ComponentMap, Flow
from sdmxmig.model.tables import Cell
from sdmxmig.questionnaires.prefill import STATUS

NORMAL = "A"
"""The status of a figure without a remark on it."""


def attribute_cells(layout: Layout, flow: Flow) -> dict[Cell, list[tuple[ComponentMap, Cell]]]:
    """For each value cell of a block the cells that say its attributes: flags beside it, notes of its row or column."""
    cells_by_figure: dict[Cell, list[tuple[ComponentMap, Cell]]] = {}
    for component_map in layout.block.components:
        if flow.structure[component_map.component].role == "attribute":
            for value, cell in cells_of(component_map, layout):
                cells_by_figure.setdefault(value, []).append((component_map, cell))
    return cells_by_figure


def cells_of(component_map: ComponentMap, layout: Layout) -> Iterator[tuple[Cell, Cell]]:
    """The value cells, each with the cell from which one attribute of it is read."""
    kind = component_map.source.kind
    values = ((row, column) for row in layout.rows for column in layout.columns)
    if kind == "beside":
        flags = flags_of(layout, component_map)
        yield from (((row, column), (row, flags[column])) for row, column in values if column in flags)
    elif kind in ("column", "row"):
        line = layout.lines[component_map.source].select("position", "row", "column").iter_rows()
        at = {position: (row, column) for position, row, column in line}
        by = 0 if kind == "column" else 1
        yield from ((value, at[value[by]]) for value in values if value[by] in at)


def text_for(component_map: ComponentMap, block: Block, flow: Flow, value: str) -> str | None:
    """The text that a cell must have so that its attribute is read as this value, None if there is none."""
    meanings = Meanings(component_map, flow, values=block.values, freq=dict(block.fixed).get("FREQ", ""))
    unsaid = NORMAL if component_map.component == STATUS else ""
    texts = ("", *(text for text, code in component_map.codes if code == value), value)
    return next((text for text in texts if (meanings.of(text) or unsaid) == value), None)


def with_mark(number: Decimal, block: Block, status: str) -> str | None:
    """A number with the mark that says its status, as the mapping reads it; None if it has no such mark."""
    for mark, attributes in block.values.marks:
        if attributes != ((STATUS, status),):
            continue
        text = f"{number:f}".replace(".", block.values.decimal) + mark
        reading = cell_reading(text, block.values, numeric=False)
        try:
            if reading.attributes == attributes and Decimal(reading.number or "") == number:
                return text
        except InvalidOperation:
            continue
    return None
