"""What the cells of a block say: one reading a value, with all its components and the cells they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath

from sdmxmig.mapping.layout import Layout
from sdmxmig.mapping.texts import folded
from sdmxmig.mapping.values import attributes_of, meaning, number_of, without_marks
from sdmxmig.model.data import Block, ComponentMap, Flow

STATUS = "OBS_STATUS"
NORMAL = "A"


@dataclass(slots=True)
class Part:
    """What one row, one column or the block gives to its observations: values and the cells they come from."""

    values: dict[str, str] = field(default_factory=dict)
    cells: dict[str, tuple[int, int]] = field(default_factory=dict)
    marked: list[tuple[str, str, tuple[int, int]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """One observation as it was read: the values of all components, their cells, and that of the value."""

    values: dict[str, str]
    cells: dict[str, tuple[int, int]]
    cell: tuple[int, int]
    layout: Layout


@dataclass(frozen=True, slots=True)
class Signs:
    """What the signs in the value cells of a block mean, made ready once."""

    measure: str
    missing: dict[str, str]
    marks: dict[str, tuple[tuple[str, str], ...]]
    free_text: frozenset[str]
    has_status: bool

    @classmethod
    def of(cls, block: Block, flow: Flow) -> Signs:
        """The signs of a block, by the structure of its flow."""
        return cls(
            flow.structure.measures[0].id,
            {folded(sign): status for sign, status in block.missing},
            dict(block.marks),
            frozenset(one.id for one in flow.structure.attributes() if not one.is_coded),
            STATUS in flow.structure,
        )


def read_layout(layout: Layout, flow: Flow) -> list[Reading]:
    """The observations of one block, row by row; an empty cell is none."""
    freq = dict(layout.block.fixed).get("FREQ", "")
    whole = block_part(layout, freq)
    columns = {column: column_part(layout, column, freq) for column in layout.columns}
    signs = Signs.of(layout.block, flow)
    readings: list[Reading] = []
    for row in layout.rows:
        filled = [column for column in layout.columns if layout.table.text(row, column).strip()]
        if filled:
            parts = (whole, row_part(layout, row, freq))
            readings += [read_value(layout, (row, c), (*parts, columns[c]), signs) for c in filled]
    return readings


def take(part: Part, layout: Layout, one: ComponentMap | None, cell: tuple[int, int], freq: str) -> None:
    """Add what a header or label cell says: a component's value if one is read from it, and its marks."""
    text = folded(layout.table.text(*cell))
    codes = codes_of(one) if one else {}
    if not text:
        return
    marks: tuple[str, ...] = ()
    if text not in codes:
        text, marks = without_marks(text, dict(layout.block.marks))
    if one:
        part.values[one.component] = meaning(text, one, codes, freq)
        part.cells[one.component] = cell
    for attribute, value in attributes_of(marks, layout.block):
        if (attribute, value, cell) not in part.marked:
            part.marked.append((attribute, value, cell))


@lru_cache(maxsize=256)
def codes_of(one: ComponentMap) -> Mapping[str, str]:
    """The representation map of a component, by folded text."""
    return {folded(key): code for key, code in one.codes}


def block_part(layout: Layout, freq: str) -> Part:
    """What the whole block gives: fixed values, and those from the names of the sheet and the file."""
    part = Part(dict(layout.block.fixed))
    for one in layout.block.components:
        if one.source in ("sheet", "file"):
            table = layout.table
            text = folded(table.sheet if one.source == "sheet" else PurePath(table.file).stem)
            part.values[one.component] = meaning(text, one, codes_of(one), freq)
    return part


def column_part(layout: Layout, column: int, freq: str) -> Part:
    """What a column gives to its observations: its headers, and rows of notes."""
    part = Part()
    sources = by_source(layout.block)
    for number in range(1, layout.block.header_rows + 1):
        cell = layout.origin(layout.top + number - 1, column)
        for one in sources.get(f"header {number}", (None,)):
            take(part, layout, one, cell, freq)
    for label, row in layout.noted_rows.items():
        for one in sources[f"row {label}"]:
            take(part, layout, one, (row, column), freq)
    return part


def row_part(layout: Layout, row: int, freq: str) -> Part:
    """What a row gives to its observations: its labels, columns of notes, and its section title."""
    part = Part()
    sources = by_source(layout.block)
    if row in layout.sections:
        for one in sources.get("section", (None,)):
            take(part, layout, one, (layout.sections[row], layout.left), freq)
    for number in range(1, layout.block.header_columns + 1):
        cell = layout.origin(row, layout.left + number - 1)
        for one in sources.get(f"column {number}", (None,)):
            take(part, layout, one, cell, freq)
    for label, column in layout.noted_columns.items():
        for one in sources[f"column {label}"]:
            take(part, layout, one, (row, column), freq)
    return part


def by_source(block: Block) -> dict[str, tuple[ComponentMap | None, ...]]:
    """The components of a block by where they are read from."""
    found: dict[str, tuple[ComponentMap | None, ...]] = {}
    for one in block.components:
        found[one.source] = (*found.get(one.source, ()), one)
    return found


def read_value(layout: Layout, cell: tuple[int, int], parts: Iterable[Part], signs: Signs) -> Reading:
    """One observation: what block, row and column give, then the value cell itself."""
    values: dict[str, str] = {}
    cells: dict[str, tuple[int, int]] = {}
    marked: list[tuple[str, str, tuple[int, int]]] = []
    for part in parts:
        values |= part.values
        cells |= part.cells
        marked += part.marked
    text = folded(layout.table.text(*cell))
    is_number = cell in layout.table.numeric
    if text not in signs.missing and not is_number:
        text, marks = without_marks(text, signs.marks)
        marked += [(attribute, value, cell) for attribute, value in attributes_of(marks, layout.block)]
    for attribute, value, source in marked:
        if attribute in signs.free_text and attribute in values:
            said = values[attribute].split("; ")
            values[attribute] = "; ".join(said if value in said else [*said, value])
        else:
            values[attribute] = value
        cells[attribute] = source
    if text in signs.missing:
        values[STATUS], cells[STATUS] = signs.missing[text], cell
    else:
        values[signs.measure] = text if is_number else number_of(text, layout.block.thousands, layout.block.decimal)
    if signs.has_status:
        values.setdefault(STATUS, NORMAL)
    return Reading(values, cells, cell, layout)
