"""Observations computed from named cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import PurePath

from sdmxmig.conversion.convert.context import ConversionContext
from sdmxmig.conversion.convert.merging import merge
from sdmxmig.conversion.mapping.grid import Grid
from sdmxmig.conversion.mapping.numbers import cell_reading
from sdmxmig.conversion.mapping.texts import folded, matches
from sdmxmig.primitives.errors import DeclarationError, nearest
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, cell_name, cell_position
from sdmxmig.sdmx.frames import Origin, origins_frame, text_frame
from sdmxmig.sdmx.model import data as model
from sdmxmig.sdmx.model.data import Block, Computed, Dataset, Flow, NamedCell
from sdmxmig.sdmx.model.rule_ids import RuleId

NORMAL = "A"


def compute(mapping: model.Mapping, flow: Flow, grids: Sequence[Grid], context: ConversionContext) -> Dataset | None:
    """Compute a mapping's observations from named cells; None if absent.

    Reports and omits observations with cells that are not numbers. Raises `DeclarationError` for a missing sheet or
    changed labels.
    """
    computed_datasets = []
    for computed in mapping.computed:
        check(computed, mapping, grids, context)
        value = total(computed, (mapping, flow), grids, context)
        if value is not None:
            tables = [
                sheet_of(cell, computed, mapping=mapping, grids=grids, context=context).table
                for _, cell in computed.terms
            ]
            places = [
                (table.file, table.sheet, *cell_position(cell.cell))
                for table, (_, cell) in zip(tables, computed.terms, strict=True)
            ]
            computed_datasets.append(observation(computed, flow, value, places))
    return merge(computed_datasets) if computed_datasets else None


def observation(computed: Computed, flow: Flow, value: str, places: Iterable[tuple[str, str, int, int]]) -> Dataset:
    """A computed value as a dataset of one observation, with attributes at their levels, and the cells it is from."""
    structure = flow.structure
    status = {"OBS_STATUS": NORMAL} if "OBS_STATUS" in structure else {}
    row = {**status, **dict(computed.fixed), structure.measure.id: value}
    columns = [
        *structure.key,
        structure.measure.id,
        *(component.id for component in structure.attributes("observation")),
    ]
    series = [*structure.series_key, *(component.id for component in structure.attributes("series"))]
    of_dataset = {
        component.id: row[component.id] for component in structure.attributes("dataset") if component.id in row
    }
    origins: list[Origin] = [(0, structure.measure.id, *place) for place in places]
    return Dataset(
        flow,
        text_frame(columns, [row]),
        series=text_frame(series, [row]),
        attributes=of_dataset,
        origins=origins_frame(origins),
    )


class NamedCells:
    """The cells named by formulas, collected from the pieces of a long table."""

    def __init__(self, mapping: model.Mapping) -> None:
        cells = [cell for computed in mapping.computed for _, cell in computed.terms]
        cells += [cell for computed in mapping.computed for cell, _ in computed.required_texts]
        self.rows = sorted({cell_position(cell.cell)[0] for cell in cells})
        self.kept_rows: list[pl.DataFrame] = []

    def add(self, grid: Grid) -> None:
        self.kept_rows.append(grid.cells.filter(grid.cells["row"].is_in(self.rows)))

    def grid(self, last_piece: Grid) -> Grid:
        return Grid(last_piece.table, pl.concat(self.kept_rows))


def check(computed: Computed, mapping: model.Mapping, grids: Sequence[Grid], context: ConversionContext) -> None:
    """Raise `DeclarationError` for a changed label, with the nearest matching cell."""
    for cell, text in computed.required_texts:
        grid = sheet_of(cell, computed, mapping=mapping, grids=grids, context=context)
        cell_text = grid.text(*cell_position(cell.cell))
        if matches(cell_text, text):
            continue
        cells_with_text = grid.cells.filter([matches(folded(other_text), text) for other_text in grid.cells["text"]])
        cell_names = [cell_name(*position) for position in cells_with_text.select("row", "column").rows()]
        hint = f"It stands in {', '.join(cell_names[:3])}: have rows or columns moved?" if cell_names else ""
        message = f"The cell {cell.cell} of {grid.name} says “{cell_text}”, not “{text}”."
        raise DeclarationError(
            message, Place(context.mapping_place.file, key=f"{computed.key}.says"), hint or "Look at the sheet."
        )


def sheet_of(
    cell: NamedCell, computed: Computed, mapping: model.Mapping, grids: Sequence[Grid], context: ConversionContext
) -> Grid:
    """The sheet of a named cell; the one of the first block if the cell names none."""
    sheet_name = cell.sheet or mapping.blocks[0].sheet
    candidates = [
        grid
        for grid in grids
        if (grid.table.sheet == sheet_name if cell.sheet else matches(grid.table.sheet, sheet_name))
    ]
    if len(candidates) == 1:
        return candidates[0]
    place = Place(context.mapping_place.file, key=f"{computed.key}.formula")
    if candidates:
        hint = "Write the sheet before the cell, such as 'Table 1'!C14."
        raise DeclarationError(f"The cell {cell.cell} may be one of {len(candidates)} sheets.", place, hint)
    guess = nearest(sheet_name, [grid.table.sheet for grid in grids])
    hint = f"Did you mean “{guess}”?" if guess else "Look at the sheets of the workbook."
    raise DeclarationError(f"There is no sheet “{sheet_name}”.", place, hint)


def total(
    computed: Computed, mapping_and_flow: tuple[model.Mapping, Flow], grids: Sequence[Grid], context: ConversionContext
) -> str | None:
    """Add the cells exactly; None if one is not a number, which is reported."""
    mapping, flow = mapping_and_flow
    sum_of_terms = Decimal(0)
    for sign, cell in computed.terms:
        grid = sheet_of(cell, computed, mapping=mapping, grids=grids, context=context)
        position = cell_position(cell.cell)
        number = number_in(grid, position, block_of(mapping, grid))
        try:
            sum_of_terms += sign * Decimal(number or "")
        except InvalidOperation:
            place = grid.table.place(*position)
            context.collector.add(
                RuleId.TERM_WITHOUT_NUMBER,
                [place],
                flow.structure.measure.id,
                value=grid.text(*position),
                cell=cell.cell,
            )
            return None
    return f"{sum_of_terms:f}"


def number_in(grid: Grid, position: tuple[int, int], block: Block) -> str | None:
    cells = grid.part((position[0], position[0]), (position[1], position[1]))
    if cells.is_empty():
        return None
    return cell_reading(cells["text"][0], block.values, numeric=cells["kind"][0] == "number").number


def block_of(mapping: model.Mapping, grid: Grid) -> Block:
    return next((block for block in mapping.blocks if matches(grid.table.sheet, block.sheet)), mapping.blocks[0])


def cells_named(mapping: model.Mapping, grid: Grid) -> list[tuple[int, int]]:
    """The cells of a sheet that a mapping adds up."""
    if not matches(PurePath(grid.table.file).name, PurePath(mapping.file).name):
        return []
    first_sheet = mapping.blocks[0].sheet
    return [
        cell_position(cell.cell)
        for computed in mapping.computed
        for _, cell in computed.terms
        if (grid.table.sheet == cell.sheet if cell.sheet else matches(grid.table.sheet, first_sheet))
    ]
