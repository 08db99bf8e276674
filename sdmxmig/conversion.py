"""Conversion: the tables of an office become datasets by a mapping, and every value remembers its cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sdmxmig.errors import DeclarationError, InputError
from sdmxmig.frames import Origin, origins_frame, stack, text_frame
from sdmxmig.mapping.layout import Layout, find_tables, locate
from sdmxmig.mapping.readings import Reading, read_layout
from sdmxmig.mapping.texts import folded, matches
from sdmxmig.mapping.values import ERROR_LITERALS, is_number, without_marks
from sdmxmig.model import data as model
from sdmxmig.model.data import Dataset, Flow
from sdmxmig.model.findings import Finding, Findings, Rule
from sdmxmig.model.tables import Table
from sdmxmig.places import Place

ERROR_CELL, HIDDEN, NO_RESULT = "MIG-0-012", "MIG-0-013", "MIG-0-014"
UNREAD, TWO_VALUES = "MIG-0-101", "MIG-0-102"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many values of a sheet became part of a dataset, and what became of the others.

    `used` counts the filled value cells of the blocks, `skipped` those that the mapping leaves out, by reason, and
    `unread` the figures (cells that are stored as numbers, or hold a text that is one by the signs of a block) that
    stand in no block of any mapping.
    """

    file: str
    sheet: str
    used: int
    skipped: tuple[tuple[str, int], ...]
    unread: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """The dataset that a mapping made of tables, what was found on the way, and how much of the sheets it read."""

    dataset: Dataset
    findings: Findings
    coverage: tuple[Coverage, ...] = ()


def convert(
    tables: Sequence[Table],
    mapping: model.Mapping,
    flow: Flow,
    rules: Mapping[str, Rule] | None = None,
    beside: Sequence[model.Mapping] = (),
) -> Conversion:
    """Turn the tables of a workbook into the observations of one dataflow.

    `rules` are the declared rules by id; trouble that no rule is given for is not reported. `beside` are the other
    mappings of the same workbook: a figure that one of them reads is not reported as unread. Raises
    `DeclarationError` if a sheet, header, row or column that the mapping names is not in the tables, and
    `InputError` if no table belongs to the mapping's file.
    """
    where = mapping.place or Place(mapping.id)
    own = tables_of(tables, mapping)
    if not own:
        raise InputError(
            f"The mapping {mapping.id} reads {mapping.file}, which is not among the tables.",
            where,
            "Correct “file” in the mapping, or add the workbook.",
        )
    layouts = [locate(block, table, where) for block in mapping.blocks for table in find_tables(own, block, where)]
    report = Report(flow, rules or {}, where)
    readings = [reading for layout in layouts for reading in check_cells(layout, read_layout(layout, flow), report)]
    dataset = dataset_of(flow, readings, report)
    others = [one for one in beside if one.id != mapping.id]
    coverage = cover(own, layouts, mapping, others, report)
    return Conversion(dataset, Findings(tuple(report.findings)), coverage)


def tables_of(tables: Iterable[Table], mapping: model.Mapping) -> list[Table]:
    """The tables of the workbook that a mapping reads, by the name of their file."""
    return [table for table in tables if matches(PurePath(table.file).name, PurePath(mapping.file).name)]


class Report:
    """Collects what conversion finds, by the rules it was given."""

    def __init__(self, flow: Flow, rules: Mapping[str, Rule], where: Place) -> None:
        self.flow = flow
        self.rules = rules
        self.where = where
        self.findings: list[Finding] = []

    def add(self, rule_id: str, places: Sequence[Place], at: str = "", **parameters: str) -> bool:
        """Report a fault at these places; false if there is no such rule."""
        rule = self.rules.get(rule_id)
        if rule is None or not places:
            return rule is not None
        self.findings.append(
            Finding(
                rule.id,
                rule.version,
                rule.severity,
                rule.level,
                self.flow.id,
                rule.message,
                rule.hint,
                parameters=tuple(sorted(parameters.items())),
                key=(("place", f"{places[0].sheet}!{places[0].cell}"),),
                component=at,
                observed=parameters.get("value", ""),
                place=places[0],
                others=tuple(places[1:]),
                observations=len(places),
            )
        )
        return True


def check_cells(layout: Layout, readings: list[Reading], report: Report) -> list[Reading]:
    """Report cells that hold an error, no result or stand hidden; errors are no observations once reported."""
    table = layout.table
    measure = report.flow.structure.measures[0].id
    kept = []
    for reading in readings:
        text = folded(table.text(*reading.cell))
        is_error = text in ERROR_LITERALS
        if not (is_error and report.add(ERROR_CELL, [table.place(*reading.cell)], measure, value=text)):
            kept.append(reading)
    rows, columns = set(layout.rows), set(layout.columns)
    empty = sorted(cell for cell in table.formulas if cell[0] in rows and cell[1] in columns and not table.text(*cell))
    report.add(NO_RESULT, [table.place(*cell) for cell in empty], measure, count=str(len(empty)))
    hidden = [
        reading.cell
        for reading in readings
        if table.hidden or reading.cell[0] in table.hidden_rows or reading.cell[1] in table.hidden_columns
    ]
    report.add(HIDDEN, [table.place(*cell) for cell in hidden], measure, sheet=table.sheet, count=str(len(hidden)))
    return kept


def dataset_of(flow: Flow, readings: Sequence[Reading], report: Report) -> Dataset:
    """The observations, series and attributes of these readings, each at its level, with their origins."""
    structure = flow.structure
    columns = [*structure.key, *(one.id for one in structure.measures)]
    columns += [one.id for one in structure.attributes("observation")]
    of_series = [one.id for one in structure.attributes("series")]
    of_dataset = [one.id for one in structure.attributes("dataset")]
    keys = structure.series_key
    series: dict[tuple[str, ...], dict[str, Reading]] = {}
    whole: dict[str, Reading] = {}
    for reading in readings:
        key = tuple(reading.values.get(name, "") for name in keys)
        settle(series.setdefault(key, {}), of_series, reading, report)
        settle(whole, of_dataset, reading, report)
    rows = (
        {name: value for name, value in zip(keys, key, strict=True) if value}
        | {name: reading.values[name] for name, reading in given.items()}
        for key, given in series.items()
    )
    observations, origins = stack(
        [text_frame(columns, (reading.values for reading in readings))], [origins_frame(origins_of(readings, flow))]
    )
    attributes = {name: whole[name].values[name] for name in of_dataset if name in whole}
    return Dataset(flow, observations, text_frame([*structure.series_key, *of_series], rows), attributes, origins)


def settle(given: dict[str, Reading], names: Iterable[str], reading: Reading, report: Report) -> None:
    """Keep the first value of each attribute of a series or dataset, and report another one.

    Raises `DeclarationError` if the mapping itself fixes two values.
    """
    for name in names:
        if name not in reading.values:
            continue
        first = given.setdefault(name, reading)
        value, other = first.values[name], reading.values[name]
        if value == other:
            continue
        if name not in reading.cells and name not in first.cells:
            raise DeclarationError(
                f"{name} is fixed as {value} and as {other} for the same data of {report.flow.id}.",
                Place(report.where.file, key=f"{reading.layout.block.key}.fixed.{name}"),
                "Give it one value in all blocks.",
            )
        place = reading.layout.table.place(*reading.cells.get(name, reading.cell))
        report.add(TWO_VALUES, [place], name, component=name, value=other, first=value)


def origins_of(readings: Iterable[Reading], flow: Flow) -> Iterator[Origin]:
    """Where the value and each component of each observation stand."""
    measure = flow.structure.measures[0].id
    for number, reading in enumerate(readings):
        table = reading.layout.table
        yield (number, measure, table.file, table.sheet, *reading.cell)
        for component, cell in reading.cells.items():
            yield (number, component, table.file, table.sheet, *cell)


def cover(
    tables: Iterable[Table],
    layouts: Sequence[Layout],
    mapping: model.Mapping,
    beside: Sequence[model.Mapping],
    report: Report,
) -> tuple[Coverage, ...]:
    """Count the figures of the mapped sheets, and report those that no mapping reads or leaves out."""
    listed = list(tables)
    others = [(one.id, layout) for one in beside for layout in layouts_beside(listed, one)]
    coverage = []
    for table in listed:
        here = [layout for layout in layouts if layout.table is table]
        if not here:
            continue
        also = [(id_, layout) for id_, layout in others if layout.table is table]
        used = {cell for layout in here for cell in layout.values() if not layout.reason(*cell)}
        skipped = {cell: layout.reason(*cell) for layout in here for cell in layout.values() if cell not in used}
        holding = [*here, *(layout for _, layout in also)]
        unread = [cell for cell in figures(table, here) if not any(layout.holds(*cell) for layout in holding)]
        reasons = tuple(sorted(Counter(skipped.values()).items()))
        coverage.append(Coverage(table.file, table.sheet, len(used), reasons, len(unread)))
        if all(mapping.id < id_ for id_, _ in also):  # one of the mappings of a sheet reports for all
            places = [table.place(*cell) for cell in unread]
            report.add(UNREAD, places, sheet=table.sheet or table.file, count=str(len(unread)))
    return tuple(coverage)


def figures(table: Table, layouts: Sequence[Layout]) -> list[tuple[int, int]]:
    """The cells of a sheet that hold a number, also those that hold it as text by the signs of one of its blocks."""
    signs = sorted({(layout.block.thousands, layout.block.decimal) for layout in layouts})
    marks = sorted({mark for layout in layouts for mark, _ in layout.block.marks})

    def holds_figure(cell: tuple[int, int], text: str) -> bool:
        if cell in table.numeric:
            return True
        bare, _ = without_marks(text, marks)
        return any(is_number(bare, thousands, decimal) for thousands, decimal in signs)

    cells = (((row, column), text) for row, found in table.rows.items() for column, text in found.items())
    return sorted(cell for cell, text in cells if holds_figure(cell, text))


def layouts_beside(tables: Iterable[Table], mapping: model.Mapping) -> list[Layout]:
    """Where the blocks of another mapping lie; one that does not fit is reported by its own conversion."""
    where = mapping.place or Place(mapping.id)
    found = []
    for block in mapping.blocks:
        try:
            found += [locate(block, table, where) for table in find_tables(tables_of(tables, mapping), block, where)]
        except DeclarationError:
            continue
    return found


def merge(datasets: Sequence[Dataset]) -> Dataset:
    """Several datasets of one flow as one; equal observations are kept once, unequal ones both.

    Raises `DeclarationError` if they belong to different flows, or if their attributes of the dataset or of a
    series contradict each other.
    """
    if not datasets:
        raise DeclarationError("There is no dataset to merge.")
    first = datasets[0]
    for other in datasets[1:]:
        if other.flow.id != first.flow.id:
            raise DeclarationError(f"Data of {first.flow.id} and of {other.flow.id} are not one dataset.")
    attributes: dict[str, str] = {}
    for name, value in (pair for one in datasets for pair in one.attributes.items()):
        if attributes.setdefault(name, value) != value:
            raise contradiction(first.flow, name, attributes[name], value)
    observations, origins = stack([one.observations for one in datasets], [one.origins for one in datasets])
    series: dict[tuple[str | None, ...], dict[str, str]] = {}
    keys = first.flow.structure.series_key
    for row in (row for one in datasets for row in one.series.iter_rows(named=True)):
        given = series.setdefault(tuple(row[name] for name in keys), {})
        for name, value in row.items():
            if value is not None and given.setdefault(name, value) != value:
                raise contradiction(first.flow, name, given[name], value)
    frame = text_frame(first.series.columns, series.values())
    return Dataset(first.flow, observations, frame, attributes, origins, first.action)


def contradiction(flow: Flow, name: str, one: str, other: str) -> DeclarationError:
    """The error for two values of an attribute that can have one only."""
    return DeclarationError(
        f"The mappings of {flow.id} give {name} two values for the same data: {one} and {other}.",
        Place(flow.id, key=name),
        "Give it one value in all mappings of the flow.",
    )
