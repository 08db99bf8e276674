"""Filling of agencies' questionnaires by inverting the mapping.

Each value cell gets a unique number; reading it shows its observation and factor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal

from sdmxmig.conversion.mapping.grid import find_tables, grid_of
from sdmxmig.conversion.mapping.layout import Layout, locate
from sdmxmig.forms.questionnaires.cell_texts import CellTexts, SheetCell, attribute_cells
from sdmxmig.forms.questionnaires.prefill import rows_of
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.bounds import LOWER, UPPER
from sdmxmig.sdmx.model.data import Block, ComponentMap, Dataset, Flow
from sdmxmig.sdmx.model.data import Mapping as TableMapping
from sdmxmig.sdmx.model.tables import Cell, Range, Table

FIRST_PROBE = 1_000_003
NUMBER = "#"
"""Under this name, which no component has, an observation tells its number."""


@dataclass(frozen=True, slots=True, eq=False)
class ProbedWorkbook:
    """A workbook with probe numbers."""

    tables: tuple[Table, ...]
    numbers: Mapping[SheetCell, int]
    _: KW_ONLY
    blocks: Mapping[SheetCell, Block]
    beside: Mapping[SheetCell, list[tuple[ComponentMap, Cell]]]
    formulas: frozenset[SheetCell]


@dataclass(frozen=True, slots=True)
class Filling:
    """Cell contents, and data without a cell; `empty` counts cells without data."""

    cells: Mapping[SheetCell, str]
    left_out: tuple[str, ...]
    _: KW_ONLY
    empty: int


def probe(tables: Sequence[Table], mapping: TableMapping, flow: Flow) -> ProbedWorkbook:
    """Put probe numbers into value cells; raises `DeclarationError`."""
    where = mapping.place or Place(mapping.id)
    numbers: dict[SheetCell, int] = {}
    blocks: dict[SheetCell, Block] = {}
    beside: dict[SheetCell, list[tuple[ComponentMap, Cell]]] = {}
    formulas: set[SheetCell] = set()
    probed_tables = []
    for table in tables:
        sheet_blocks = [block for block in mapping.blocks if find_any(table, tables, block, where)]
        grid = grid_of(table)
        cells: dict[Cell, int] = {}
        for block in sheet_blocks:
            for layout in locate(block, grid, where):
                covered = hidden_by_merges(table.merged, layout)
                for cell, cells_beside in attribute_cells(layout, flow).items():
                    beside.setdefault((table.sheet, cell), cells_beside)
                for cell in ((row, column) for row in layout.rows for column in layout.columns):
                    if cell not in cells and cell not in covered:
                        cells[cell] = FIRST_PROBE + 2 * (len(numbers) + len(cells))
                        blocks[table.sheet, cell] = block
        numbers |= {(table.sheet, cell): number for cell, number in cells.items()}
        formulas |= {(table.sheet, cell) for cell in table.formulas}
        probed_tables.append(replace(table, cells=with_numbers(table.cells, cells)))
    return ProbedWorkbook(tuple(probed_tables), numbers, blocks=blocks, beside=beside, formulas=frozenset(formulas))


def find_any(table: Table, tables: Sequence[Table], block: Block, where: Place) -> bool:
    return any(candidate is table for candidate in find_tables(tables, block.sheet, where))


def hidden_by_merges(merged: Iterable[Range], layout: Layout) -> set[Cell]:
    hidden: set[Cell] = set()
    for merge in merged:
        rows = [row for row in layout.rows if merge.first_row <= row <= merge.last_row]
        columns = [column for column in layout.columns if merge.first_column <= column <= merge.last_column]
        hidden |= {(row, column) for row in rows for column in columns} - {(merge.first_row, merge.first_column)}
    return hidden


def with_numbers(cells: pl.DataFrame, numbers: Mapping[Cell, int]) -> pl.DataFrame:
    columns = CellColumns()
    for row, column, text, kind, formula, code in cells.iter_rows():
        columns.add(row, column, text, kind=kind, formula=formula, code=code)
    for (row, column), number in numbers.items():
        columns.add(row, column, str(number), kind="number")
    return columns.frame()


def fillings(probed: ProbedWorkbook, read: Dataset, dataset: Dataset) -> Filling:
    """Determine cell contents.

    Statuses and notes go into their cells, or as marks where no formula uses the figure.
    """
    measure = dataset.flow.structure.measure.id
    figures, sources = by_key(dataset, rows_of(dataset)), sources_of(read, measure)
    numbered = [{**row, NUMBER: str(number)} for number, row in enumerate(rows_of(read))]
    places = by_key(read, (row for row in numbered if sources.get(int(row[NUMBER])) in probed.numbers))
    texts = CellTexts({table.sheet: table for table in probed.tables}, dataset.flow, calculates=bool(probed.formulas))
    empty = 0
    for key, cells in places.items():
        figures_by_cell = meant_for(figures.get(key, ()), cells)
        for cell in cells:
            where = sources[int(cell[NUMBER])]
            if where in probed.formulas:
                continue
            if cell[NUMBER] not in figures_by_cell:
                empty += 1
                continue
            place, figure = as_values(cell, figures_by_cell[cell[NUMBER]], measure)
            factor = Decimal(place[measure]) / probed.numbers[where]
            around = (probed.blocks[where], probed.beside.get(where, []))
            texts.add(where, figure, place=place, factor=factor, around=around)
    texts.finish()
    untold = sum(len(rows) for key, rows in figures.items() if key not in places)
    if untold:
        texts.unplaced["figures for which the workbook has no cell"] = untold
    return Filling(
        texts.cells, tuple(f"{count} {reason}" for reason, count in sorted(texts.unplaced.items())), empty=empty
    )


def by_key(dataset: Dataset, rows: Iterable[dict[str, str]]) -> dict[tuple[str | None, ...], list[dict[str, str]]]:
    rows_by_key: dict[tuple[str | None, ...], list[dict[str, str]]] = {}
    for row in rows:
        rows_by_key.setdefault(tuple(row.get(name) for name in dataset.flow.structure.key), []).append(row)
    return rows_by_key


def meant_for(figures: Sequence[dict[str, str]], cells: Sequence[dict[str, str]]) -> dict[str, dict[str, str]]:
    figures_by_cell: dict[str, dict[str, str]] = {}
    for figure in figures:
        likeness = {cell[NUMBER]: sum(figure.get(name) == code for name, code in cell.items()) for cell in cells}
        for where, count in likeness.items():
            if count == max(likeness.values()):
                figures_by_cell.setdefault(where, figure)
    return figures_by_cell


def as_values(place: dict[str, str], figure: dict[str, str], measure: str) -> tuple[dict[str, str], dict[str, str]]:
    bound = next((name for name in (LOWER, UPPER) if not place.get(measure) and place.get(name)), None)
    if bound is None:
        return place, figure
    others = ({name: value for name, value in row.items() if name not in (measure, bound)} for row in (place, figure))
    other_place, other_figure = others
    limit = {measure: figure[bound]} if figure.get(bound) else {}
    return {**other_place, measure: place[bound]}, {**other_figure, **limit}


def sources_of(read: Dataset, measure: str) -> dict[int, SheetCell]:
    origins = read.origins.filter(pl.col("component").cast(pl.String) == measure)
    cells: dict[int, SheetCell] = {}
    several: set[int] = set()
    for number, sheet, row, column in origins.select("observation", "sheet", "row", "column").iter_rows():
        several |= {number} if number in cells else set()
        cells[number] = (sheet or "", (row, column))
    return {number: where for number, where in cells.items() if number not in several}
