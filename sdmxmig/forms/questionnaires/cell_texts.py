"""Texts for agencies' workbooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from sdmxmig.conversion.mapping.layout import Layout, flags_of
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.mapping.numbers import cell_reading
from sdmxmig.forms.questionnaires.prefill import STATUS
from sdmxmig.sdmx.model.data import Block, ComponentMap, Flow
from sdmxmig.sdmx.model.tables import Cell, Table

NORMAL = "A"
"""The status of a figure without a remark on it."""
SheetCell = tuple[str, Cell]
"""A cell with the name of its sheet."""
Observation = Mapping[str, str]
"""An observation by component."""
MULTIPLIER, UNIT = "UNIT_MULT", "UNIT_MEASURE"


def attribute_cells(layout: Layout, flow: Flow) -> dict[Cell, list[tuple[ComponentMap, Cell]]]:
    cells_by_figure: dict[Cell, list[tuple[ComponentMap, Cell]]] = {}
    for component_map in layout.block.components:
        if flow.structure[component_map.component].role == "attribute":
            for value, cell in cells_of(component_map, layout):
                cells_by_figure.setdefault(value, []).append((component_map, cell))
    return cells_by_figure


def cells_of(component_map: ComponentMap, layout: Layout) -> Iterator[tuple[Cell, Cell]]:
    kind = component_map.source.kind
    values = ((row, column) for row in layout.rows for column in layout.columns)
    if kind == "beside":
        flags = flags_of(layout, component_map)
        yield from (((row, column), (row, flags[column])) for row, column in values if column in flags)
    elif kind in ("column", "row"):
        line = layout.lines[component_map.source].select("position", "row", "column").iter_rows()
        at = {position: (row, column) for position, row, column in line}
        axis = 0 if kind == "column" else 1
        yield from ((value, at[value[axis]]) for value in values if value[axis] in at)


def text_for(component_map: ComponentMap, block: Block, flow: Flow, value: str) -> str | None:
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


class CellTexts:
    """Collects cell texts; shared cells need equal texts."""

    def __init__(self, tables: Mapping[str, Table], flow: Flow, *, calculates: bool) -> None:
        self.cells: dict[SheetCell, str] = {}
        self.unplaced: Counter[str] = Counter()
        self._tables, self._flow, self._calculates = tables, flow, calculates
        self._measure = flow.structure.measure.id
        self._observed = [component.id for component in flow.structure.attributes("observation")]
        self._shared: dict[SheetCell, list[tuple[str, str]]] = {}

    def add(
        self,
        where: SheetCell,
        figure: Observation,
        place: Observation,
        factor: Decimal,
        around: tuple[Block, list[tuple[ComponentMap, Cell]]],
    ) -> None:
        """A figure and its cell; `place` is what the mapping reads there now, by which factor of what is written."""
        block, beside = around
        if figure.get(UNIT) != place.get(UNIT) and figure.get(UNIT) and place.get(UNIT):
            self.unplaced[f"figures in {figure[UNIT]}, which the workbook asks for in {place[UNIT]}"] += 1
            return
        placed = {
            component_map.component
            for component_map, cell in beside
            if self._takes_value(component_map, (where[0], cell), figure, block)
        }
        text = self._figure(figure, place, factor=factor, block=block, placed=placed)
        if text is None:
            return
        self.cells[where] = text
        for name in self._observed:
            if name not in (STATUS, MULTIPLIER, *placed) and figure.get(name) and figure[name] != place.get(name):
                self.unplaced[f"values of {name}"] += 1

    def finish(self) -> None:
        for (sheet, cell), component_texts in self._shared.items():
            texts = {text for _, text in component_texts} or {""}
            if len(texts) > 1:
                self.unplaced[f"values of {component_texts[0][0]} that differ in one cell"] += len(component_texts)
            elif self._tables[sheet].text(*cell) != (text := next(iter(texts))):
                self.cells[sheet, cell] = text

    def _takes_value(self, component_map: ComponentMap, where: SheetCell, figure: Observation, block: Block) -> bool:
        """Whether a cell beside a figure takes its value of a component."""
        sheet, cell = where
        value = figure.get(component_map.component, "")
        if cell in self._tables[sheet].formulas:
            return False
        if component_map.component == STATUS and not figure.get(self._measure) and sign_of(block, value) is not None:
            self._shared.setdefault(where, [])
            return True  # the sign in the place of the figure says it, whatever the flag
        if component_map.component == STATUS and not value:
            return False
        text = text_for(component_map, block, self._flow, value)
        if text is None:
            return False
        self._shared.setdefault(where, []).append((component_map.component, text))
        return True

    def _figure(
        self, figure: Observation, place: Observation, factor: Decimal, block: Block, placed: set[str]
    ) -> str | None:
        status = figure.get(STATUS, "")
        if not figure.get(self._measure):
            sign = sign_of(block, status)
            if sign is None and STATUS not in placed:
                self.unplaced[f"missing figures with status {status or 'unknown'}"] += 1
                return None
            return sign or ""
        power = int(figure.get(MULTIPLIER) or 0) - int(place.get(MULTIPLIER) or 0)
        try:
            value = Decimal(figure[self._measure]).scaleb(power) / factor
        except InvalidOperation:
            self.unplaced[f"figures that are no numbers, such as “{figure[self._measure]}”"] += 1
            return None
        if status == place.get(STATUS, "") or STATUS in placed:
            return f"{value:f}"
        marked = None if self._calculates else with_mark(value, block, status)  # no formula adds up marked figures
        if marked is None:
            self.unplaced[f"statuses {status}"] += 1
        return marked or f"{value:f}"


def sign_of(block: Block, status: str) -> str | None:
    signs = [sign for sign, attributes in block.values.missing if dict(attributes) == {STATUS: status}]
    return signs[0] if signs else None
