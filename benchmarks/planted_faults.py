"""Campaign: a fault planted in any input cell is reported as an error at that very cell.

A case is one input cell of an example workspace (a value, a header or a label that became part of an observation) and
one kind of fault. The cell's text is replaced, the tables are converted and validated again, and an error must name the
cell and quote the planted text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sdmxmig import conversion, validation
from sdmxmig.catalogue import Catalogue, load
from sdmxmig.intake import read_bytes
from sdmxmig.mapping import load as load_mapping
from sdmxmig.model.data import Dataset, Mapping, Table
from sdmxmig.model.findings import Finding
from sdmxmig.places import cell_name
from sdmxmig.tables import read
from sdmxmig.workspace import open_workspace

PLANTS = {"text": "12x4", "negative": "-7", "label": "Zzyzx"}
FREE_TEXT = ("COMMENT_OBS", "SOURCE_DETAIL")
MAY_BE_NEGATIVE = "DF_ACCOUNT"


@dataclass(frozen=True, slots=True)
class Case:
    """One plant: in which mapping's table, which cell, and what is written there."""

    mapping: int
    file: str
    sheet: str
    row: int
    column: int
    kind: str

    @property
    def id(self) -> str:
        """A stable name."""
        return f"{self.file}/{self.sheet}/{cell_name(self.row, self.column)}/{self.kind}"


class Example:
    """An example workspace, converted once; every case replaces one cell of it."""

    def __init__(self, folder: Path, catalogue: Catalogue | None = None) -> None:
        workspace = open_workspace(folder)
        self.catalogue = catalogue or load(folder)
        names = {path.name: path for path in workspace.tables}
        self.mappings: list[Mapping] = []
        self.tables: dict[str, tuple[Table, ...]] = {}
        for path in workspace.mappings:
            mapping = load_mapping(path.name, read_bytes(path), self.catalogue.flows)
            self.mappings.append(mapping)
            if mapping.file not in self.tables:
                self.tables[mapping.file] = read(mapping.file, read_bytes(names[mapping.file]))
        self.datasets = [self._convert(number, None) for number in range(len(self.mappings))]

    def _convert(self, number: int, changed: tuple[Table, ...] | None) -> Dataset:
        mapping = self.mappings[number]
        tables = changed or self.tables[mapping.file]
        flow = self.catalogue.flow(mapping.flow)
        return conversion.convert(tables, mapping, flow, self.catalogue.rules).dataset

    def cases(self) -> Iterator[Case]:
        """Every input cell with every kind of fault that can be planted there."""
        for number, dataset in enumerate(self.datasets):
            columns = ["file", "sheet", "row", "column", "component"]
            for file, sheet, row, column, component in sorted(dataset.origins.select(columns).unique().rows()):
                for kind in kinds_for(component, dataset.flow.id):
                    yield Case(number, file, sheet, row, column, kind)

    def outcome(self, case: Case) -> str:
        """What became of a plant: ``found``, or what was said instead."""
        text = PLANTS[case.kind]
        mapping = self.mappings[case.mapping]
        tables = tuple(planted(table, case, text) for table in self.tables[mapping.file])
        changed = self._convert(case.mapping, tables)
        same = [
            self.datasets[n] for n, one in enumerate(self.mappings) if one.flow == mapping.flow and n != case.mapping
        ]
        dataset = conversion.merge([changed, *same])
        findings = validation.validate(dataset, self.catalogue).items
        if any(names_cell(finding, case, text) for finding in findings):
            return "found"
        return "; ".join(sorted({f"{finding.rule} at {finding.place}" for finding in findings})) or "nothing found"


def kinds_for(component: str, flow: str) -> list[str]:
    """Which faults can be planted in a cell that gave this component."""
    if component == "OBS_VALUE":
        return ["text"] if flow == MAY_BE_NEGATIVE else ["text", "negative"]
    return [] if component in FREE_TEXT else ["label"]


def planted(table: Table, case: Case, text: str) -> Table:
    """The table with the fault in its cell; other tables unchanged."""
    if table.sheet != case.sheet:
        return table
    rows = {number: dict(cells) for number, cells in table.rows.items()}
    rows[case.row][case.column] = text
    return replace(table, rows=rows, numeric=table.numeric - {(case.row, case.column)})


def names_cell(finding: Finding, case: Case, text: str) -> bool:
    """Whether a finding is an error that names the very cell and quotes what was planted."""
    cell = cell_name(case.row, case.column)
    places = [place for place in (finding.place, *finding.others) if place]
    return (
        finding.severity == "error"
        and finding.observed == text
        and any((place.file, place.sheet, place.cell) == (case.file, case.sheet, cell) for place in places)
    )
