"""Fill questionnaires, and write corrected figures into their source cells.

Each value cell gets a unique number; reading the workbook shows the observation and factor of each cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from sdmxmig.conversion.mapping.grid import build_grid, find_tables
from sdmxmig.conversion.mapping.layout import Layout, locate_block, map_flag_columns
from sdmxmig.conversion.mapping.meanings import Meanings
from sdmxmig.conversion.mapping.readings import read_cell
from sdmxmig.forms.questionnaires.plan import AskedTable, Questionnaire
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.places import Place, format_cell
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.data import Block, ComponentMap, Dataset, Flow, TableMapping
from sdmxmig.sdmx.model.findings import Finding, FindingCollector, Rule
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Cell, Range, Table
from sdmxmig.statistics.model.availability import LOWER, UPPER

FIRST_PROBE = 1_000_003
NUMBER_MARK = "#"
"""The key for an observation's number; not a component id."""


@dataclass(frozen=True, slots=True, eq=False)
class ProbedWorkbook:
    tables: tuple[Table, ...]
    numbers: Mapping[SheetCell, int]
    blocks: Mapping[SheetCell, Block]
    beside: Mapping[SheetCell, list[tuple[ComponentMap, Cell]]]
    formulas: frozenset[SheetCell]


@dataclass(frozen=True, slots=True)
class Filling:
    """Cell contents, and data that have no cell; `empty` counts cells without data."""

    cells: Mapping[SheetCell, str]
    left_out: tuple[str, ...]
    empty: int


def probe(tables: Sequence[Table], mapping: TableMapping, flow: Flow) -> ProbedWorkbook:
    """Put probe numbers into value cells; raise `DeclarationError` if the mapping does not fit."""
    where = mapping.place or Place(mapping.id)
    numbers: dict[SheetCell, int] = {}
    blocks: dict[SheetCell, Block] = {}
    beside: dict[SheetCell, list[tuple[ComponentMap, Cell]]] = {}
    formulas: set[SheetCell] = set()
    probed_tables = []
    for table in tables:
        sheet_blocks = [
            block for block in mapping.blocks if any(each is table for each in find_tables(tables, block.sheet, where))
        ]
        grid = build_grid(table)
        cells: dict[Cell, int] = {}
        for block in sheet_blocks:
            for layout in locate_block(block, grid, where):
                covered = collect_hidden_by_merges(table.merged, layout)
                for cell, cells_beside in find_attribute_cells(layout, flow).items():
                    beside.setdefault((table.sheet, cell), cells_beside)
                for cell in ((row, column) for row in layout.rows for column in layout.columns):
                    if cell not in cells and cell not in covered:
                        cells[cell] = FIRST_PROBE + 2 * (len(numbers) + len(cells))
                        blocks[table.sheet, cell] = block
        numbers |= {(table.sheet, cell): number for cell, number in cells.items()}
        formulas |= {(table.sheet, cell) for cell in table.formulas}
        probed_tables.append(replace(table, cells=insert_numbers(table.cells, cells)))
    return ProbedWorkbook(tuple(probed_tables), numbers, blocks=blocks, beside=beside, formulas=frozenset(formulas))


def collect_hidden_by_merges(merged: Iterable[Range], layout: Layout) -> set[Cell]:
    hidden: set[Cell] = set()
    for merge in merged:
        rows = [row for row in layout.rows if merge.first_row <= row <= merge.last_row]
        columns = [column for column in layout.columns if merge.first_column <= column <= merge.last_column]
        hidden |= {(row, column) for row in rows for column in columns} - {(merge.first_row, merge.first_column)}
    return hidden


def insert_numbers(cells: pl.DataFrame, numbers: Mapping[Cell, int]) -> pl.DataFrame:
    columns = CellColumns()
    for row, column, text, kind, formula, code in cells.iter_rows():
        columns.add(row, column, text, kind=kind, formula=formula, code=code)
    for (row, column), number in numbers.items():
        columns.add(row, column, str(number), kind="number")
    return columns.frame()


def determine_fillings(probed: ProbedWorkbook, read: Dataset, dataset: Dataset) -> Filling:
    """Determine cell contents; statuses and notes get their own cells, or marks if no formula uses the figure."""
    measure = dataset.flow.structure.measure.id
    figures, sources = group_by_key(dataset, list_rows(dataset)), find_sources(read, measure)
    numbered = [{**row, NUMBER_MARK: str(number)} for number, row in enumerate(list_rows(read))]
    places = group_by_key(read, (row for row in numbered if sources.get(int(row[NUMBER_MARK])) in probed.numbers))
    texts = CellTexts({table.sheet: table for table in probed.tables}, dataset.flow, calculates=bool(probed.formulas))
    empty = 0
    for key, cells in places.items():
        figures_by_cell = match_figures(figures.get(key, ()), cells)
        for cell in cells:
            where = sources[int(cell[NUMBER_MARK])]
            if where in probed.formulas:
                continue
            if cell[NUMBER_MARK] not in figures_by_cell:
                empty += 1
                continue
            place, figure = convert_to_values(cell, figures_by_cell[cell[NUMBER_MARK]], measure)
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


def group_by_key(
    dataset: Dataset, rows: Iterable[dict[str, str]]
) -> dict[tuple[str | None, ...], list[dict[str, str]]]:
    rows_by_key: dict[tuple[str | None, ...], list[dict[str, str]]] = {}
    for row in rows:
        rows_by_key.setdefault(tuple(row.get(name) for name in dataset.flow.structure.key), []).append(row)
    return rows_by_key


def match_figures(figures: Sequence[dict[str, str]], cells: Sequence[dict[str, str]]) -> dict[str, dict[str, str]]:
    figures_by_cell: dict[str, dict[str, str]] = {}
    for figure in figures:
        likeness = {cell[NUMBER_MARK]: sum(figure.get(name) == code for name, code in cell.items()) for cell in cells}
        for where, count in likeness.items():
            if count == max(likeness.values()):
                figures_by_cell.setdefault(where, figure)
    return figures_by_cell


def convert_to_values(
    place: dict[str, str], figure: dict[str, str], measure: str
) -> tuple[dict[str, str], dict[str, str]]:
    bound = next((name for name in (LOWER, UPPER) if not place.get(measure) and place.get(name)), None)
    if bound is None:
        return place, figure
    others = ({name: value for name, value in row.items() if name not in (measure, bound)} for row in (place, figure))
    other_place, other_figure = others
    limit = {measure: figure[bound]} if figure.get(bound) else {}
    return {**other_place, measure: place[bound]}, {**other_figure, **limit}


def find_sources(read: Dataset, measure: str) -> dict[int, SheetCell]:
    origins = read.origins.filter(pl.col("component").cast(pl.String) == measure)
    cells: dict[int, SheetCell] = {}
    several: set[int] = set()
    for number, sheet, row, column in origins.select("observation", "sheet", "row", "column").iter_rows():
        several |= {number} if number in cells else set()
        cells[number] = (sheet or "", (row, column))
    return {number: where for number, where in cells.items() if number not in several}


NORMAL_STATUS = "A"
SheetCell = tuple[str, Cell]
Observation = Mapping[str, str]
MULTIPLIER, UNIT = "UNIT_MULT", "UNIT_MEASURE"


def find_attribute_cells(layout: Layout, flow: Flow) -> dict[Cell, list[tuple[ComponentMap, Cell]]]:
    cells_by_figure: dict[Cell, list[tuple[ComponentMap, Cell]]] = {}
    of_keys = {each.source for each in layout.block.components if each.component in flow.structure.key}
    for component_map in layout.block.components:
        if flow.structure[component_map.component].role == "attribute" and component_map.source not in of_keys:
            for value, cell in pair_attribute_cells(component_map, layout):
                cells_by_figure.setdefault(value, []).append((component_map, cell))
    return cells_by_figure


def pair_attribute_cells(component_map: ComponentMap, layout: Layout) -> Iterator[tuple[Cell, Cell]]:
    kind = component_map.source.kind
    values = ((row, column) for row in layout.rows for column in layout.columns)
    if kind == "beside":
        flags = map_flag_columns(layout, component_map)
        yield from (((row, column), (row, flags[column])) for row, column in values if column in flags)
    elif kind in ("column", "row"):
        line = layout.lines[component_map.source].select("position", "row", "column").iter_rows()
        at = {position: (row, column) for position, row, column in line}
        axis = 0 if kind == "column" else 1
        yield from ((value, at[value[axis]]) for value in values if value[axis] in at)


def find_text(component_map: ComponentMap, block: Block, flow: Flow, value: str) -> str | None:
    meanings = Meanings(component_map, block, flow)
    unsaid = NORMAL_STATUS if component_map.component == STATUS_ATTRIBUTE else ""
    texts = ("", *(text for text, code in component_map.codes if code == value), value)
    return next((text for text in texts if (meanings.find_code(text) or unsaid) == value), None)


def add_mark(number: Decimal, block: Block, status: str) -> str | None:
    """Append the mark of a status to a number as read by the mapping; None without a mark."""
    for mark, attributes in block.values.marks:
        if attributes != ((STATUS_ATTRIBUTE, status),):
            continue
        text = f"{number:f}".replace(".", block.values.decimal) + mark
        reading = read_cell(text, block.values, numeric=False)
        try:
            if reading.attributes == attributes and Decimal(reading.number or "") == number:
                return text
        except InvalidOperation:
            continue
    return None


class CellTexts:
    """Collects cell texts; texts for the same cell must be equal."""

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
        """Add a figure to its cell; `place` is the current value of the cell."""
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
            if (
                name not in (STATUS_ATTRIBUTE, MULTIPLIER, *placed)
                and figure.get(name)
                and figure[name] != place.get(name)
            ):
                self.unplaced[f"values of {name}"] += 1

    def finish(self) -> None:
        for (sheet, cell), component_texts in self._shared.items():
            texts = {text for _, text in component_texts} or {""}
            if len(texts) > 1:
                self.unplaced[f"values of {component_texts[0][0]} that differ in one cell"] += len(component_texts)
            elif self._tables[sheet].text(*cell) != (text := next(iter(texts))):
                self.cells[sheet, cell] = text

    def _takes_value(self, component_map: ComponentMap, where: SheetCell, figure: Observation, block: Block) -> bool:
        sheet, cell = where
        value = figure.get(component_map.component, "")
        if cell in self._tables[sheet].formulas:
            return False
        if (
            component_map.component == STATUS_ATTRIBUTE
            and not figure.get(self._measure)
            and find_sign(block, value) is not None
        ):
            self._shared.setdefault(where, [])
            return True  # the symbol instead of the figure states it, whatever the flag
        if component_map.component == STATUS_ATTRIBUTE and not value:
            return False
        text = find_text(component_map, block, self._flow, value)
        if text is None:
            return False
        self._shared.setdefault(where, []).append((component_map.component, text))
        return True

    def _figure(
        self, figure: Observation, place: Observation, factor: Decimal, block: Block, placed: set[str]
    ) -> str | None:
        status = figure.get(STATUS_ATTRIBUTE, "")
        if not figure.get(self._measure):
            sign = find_sign(block, status)
            if sign is None and STATUS_ATTRIBUTE not in placed:
                self.unplaced[f"missing figures with status {status or 'unknown'}"] += 1
                return None
            return sign or ""
        power = int(figure.get(MULTIPLIER) or 0) - int(place.get(MULTIPLIER) or 0)
        try:
            value = Decimal(figure[self._measure]).scaleb(power) / factor
        except InvalidOperation:
            self.unplaced[f"figures that are not numbers, such as “{figure[self._measure]}”"] += 1
            return None
        if status == place.get(STATUS_ATTRIBUTE, "") or STATUS_ATTRIBUTE in placed:
            return f"{value:f}"
        marked = None if self._calculates else add_mark(value, block, status)  # no formula adds marked figures
        if marked is None:
            self.unplaced[f"statuses {status}"] += 1
        return marked or f"{value:f}"


def find_sign(block: Block, status: str) -> str | None:
    signs = [sign for sign, attributes in block.values.missing if dict(attributes) == {STATUS_ATTRIBUTE: status}]
    return signs[0] if signs else None


PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Correction:
    flow: str
    measure: str
    place: Place
    before: str
    text: str


def list_corrections(before: Dataset, after: Dataset) -> Iterator[Correction]:
    structure = before.flow.structure
    measure = structure.measure.id
    figures_after = {tuple(row.get(name) for name in structure.key): row.get(measure, "") for row in list_rows(after)}
    files = dict(before.origins.select("observation", "file").iter_rows())
    cells = find_sources(before, measure)
    for number, row in enumerate(list_rows(before)):
        old, new = row.get(measure, ""), figures_after.get(tuple(row.get(name) for name in structure.key), "")
        if new and new != old and number in cells:
            sheet, cell = cells[number]
            yield Correction(
                before.flow.id,
                measure,
                place=Place(files[number], sheet, cell=format_cell(*cell)),
                before=old,
                text=new,
            )


def compute_sheet_factors(before: Dataset, tables: Mapping[str, Table]) -> dict[str, Fraction]:
    ratios_by_sheet: dict[str, set[Fraction]] = {}
    measure = before.flow.structure.measure.id
    cells = find_sources(before, measure)
    for number, row in enumerate(list_rows(before)):
        sheet, cell = cells.get(number, ("", (0, 0)))
        held = find_number(tables[sheet].text(*cell)) if sheet in tables else None
        figure = find_number(row.get(measure, ""))
        if held and figure:
            ratios_by_sheet.setdefault(sheet, set()).add(held / figure)
    return {sheet: next(iter(ratios)) for sheet, ratios in ratios_by_sheet.items() if len(ratios) == 1}


def find_number(text: str) -> Fraction | None:
    return Fraction(text) if PLAIN_NUMBER.fullmatch(text) else None


def correct_text(correction: Correction, held: str, factor: Fraction | None) -> str | None:
    """Return the new text of a cell, or None if it is not a plain number (``1 234p``).

    >>> moved = Correction("DF_EMI", "OBS_VALUE", place=Place("a.xlsx", "T", cell="B2"), before="5", text="6.5")
    >>> correct_text(moved, "-5", None), correct_text(moved, "5p", Fraction(1))
    ('-6.5', None)
    """
    before, after, held_number = find_number(correction.before), find_number(correction.text), find_number(held)
    if held_number is not None and before:
        factor = held_number / before
    elif correction.before and held_number is None:
        return None
    if after is None or factor is None:
        return None
    value = Decimal((after * factor).numerator) / Decimal((after * factor).denominator)
    return f"{value:f}" if Fraction(value) == after * factor else None


def report_corrections(corrections: Iterable[Correction], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    for correction in corrections:
        collector = FindingCollector(correction.flow, rules)
        parameters = {"said": correction.before or NO_VALUE, "expected": correction.text}
        collector.add(RuleId.CORRECTED_FIGURE, [correction.place], correction.measure, **parameters)
        yield from collector.findings


NO_VALUE = "–"
STATUS_ATTRIBUTE = "OBS_STATUS"
FigureKey = tuple[tuple[str, str], ...]


@dataclass(slots=True, kw_only=True)
class PrefilledFigures:
    figures: dict[FigureKey, tuple[str, str]] = field(default_factory=dict)
    general: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, tuple[str, ...]], dict[str, str]] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)
    more: list[dict[str, str]] = field(default_factory=list)


def prefill(questionnaire: Questionnaire, dataset: Dataset | None) -> PrefilledFigures:
    flow = questionnaire.flow
    structure = flow.structure
    prefilled = PrefilledFigures()
    varying = list_varying_attributes(questionnaire)
    attribute_ids = {component.id for component in structure.attributes()}
    prefilled.general = {name: code for name, code in questionnaire.layouts.defaults.items() if name in attribute_ids}
    if dataset is None:
        return prefilled
    if dataset.flow.id != flow.id:
        raise SdmxmigError(f"The data are of {dataset.flow.id}, not of {flow.id}.", hint="Give data of this dataflow.")
    if dataset.partial:
        raise SdmxmigError("A questionnaire has no place for attributes of groups.", hint="Leave them out of the data.")
    rows = list_rows(dataset)
    prefilled.general = {**dict(dataset.attributes), **find_general_values(rows, varying)}
    if STATUS_ATTRIBUTE in varying:
        prefilled.general.setdefault(STATUS_ATTRIBUTE, questionnaire.layouts.defaults.get(STATUS_ATTRIBUTE, ""))
    places = list_cells(questionnaire)
    inside: list[dict[str, str]] = []
    for row in rows:
        key = tuple((name, row.get(name, "")) for name in sorted(structure.key))
        if key in places and key not in prefilled.figures:
            status = row.get(STATUS_ATTRIBUTE, NO_VALUE) if STATUS_ATTRIBUTE in structure else ""
            value = row.get(structure.measure.id, "")
            usual = value and status == prefilled.general.get(STATUS_ATTRIBUTE)
            prefilled.figures[key] = value, "" if usual else status
            inside.append(row)
        else:
            prefilled.more.append(add_signs(row, varying, prefilled.general))
    for grid in questionnaire.grids:
        fill_columns(grid, questionnaire, inside, prefilled)
    attributes = [name for name in varying if name != STATUS_ATTRIBUTE]
    for row in inside:
        note = build_note(row, attributes, questionnaire, prefilled)
        if note:
            prefilled.notes.append(note)
    return prefilled


def list_varying_attributes(questionnaire: Questionnaire) -> tuple[str, ...]:
    structure = questionnaire.flow.structure
    return tuple(component.id for component in (*structure.attributes("series"), *structure.attributes("observation")))


def list_rows(dataset: Dataset) -> list[dict[str, str]]:
    keys = dataset.flow.structure.series_key
    series = {tuple(row[name] for name in keys): row for row in dataset.series.iter_rows(named=True)}
    rows = []
    for observation in dataset.observations.iter_rows(named=True):
        row = {**series.get(tuple(observation[name] for name in keys), {}), **observation}
        rows.append({name: value for name, value in row.items() if value is not None})
    return rows


def find_general_values(rows: Iterable[Mapping[str, str]], names: Iterable[str]) -> dict[str, str]:
    all_rows = list(rows)
    most_frequent = {}
    for name in names:
        counts = Counter(row[name] for row in all_rows if name in row)
        if counts and 2 * sum(counts.values()) > len(all_rows):
            most_frequent[name] = min(counts, key=lambda code: (-counts[code], code))
    return most_frequent


def list_cells(questionnaire: Questionnaire) -> frozenset[FigureKey]:
    return frozenset(
        tuple(sorted(grid.key(row, column).items()))
        for grid in questionnaire.grids
        for row in grid.rows
        for column in grid.columns
    )


def fill_columns(
    grid: AskedTable, questionnaire: Questionnaire, rows: list[dict[str, str]], prefilled: PrefilledFigures
) -> None:
    names = [name for name in questionnaire.layouts.by_column if name in questionnaire.flow.structure]
    values_by_column: dict[tuple[str, ...], dict[str, set[str]]] = {}
    for row in rows:
        if all(row.get(name) == code for name, code in grid.fixed.items()):
            column = tuple(row.get(name, "") for name in grid.by_column)
            for name in names:
                values_by_column.setdefault(column, {}).setdefault(name, set()).add(row.get(name, NO_VALUE))
    for column, values in values_by_column.items():
        same = {name: next(iter(codes)) for name, codes in values.items() if len(codes) == 1}
        differing = {name: code for name, code in same.items() if code != prefilled.general.get(name, NO_VALUE)}
        if differing:
            prefilled.columns[grid.id, column] = differing


def build_note(
    row: Mapping[str, str], attributes: Iterable[str], questionnaire: Questionnaire, prefilled: PrefilledFigures
) -> dict[str, str]:
    stated_answers: list[Mapping[str, str]] = []
    for grid in questionnaire.grids:
        column = tuple(row.get(name, "") for name in grid.by_column)
        if all(row.get(name) == code for name, code in grid.fixed.items()):
            stated_answers.append({**prefilled.general, **prefilled.columns.get((grid.id, column), {})})
    differing = {
        name: row.get(name, NO_VALUE)
        for name in attributes
        if any(row.get(name, NO_VALUE) != answers.get(name, NO_VALUE) for answers in stated_answers)
    }
    if not differing:
        return {}
    return {name: row[name] for name in questionnaire.flow.structure.key if name in row} | differing


def add_signs(row: Mapping[str, str], names: Iterable[str], general_answers: Mapping[str, str]) -> dict[str, str]:
    return {**row, **{name: NO_VALUE for name in names if name not in row and name in general_answers}}
