"""Campaign: a fault planted in any input cell is reported at that cell.

A case is one input cell of an example workspace (a value, or a header or label of an observation) and one kind of
fault. The cell's text is replaced, the tables are converted and validated again, and a finding must name the cell.

Kinds: text, negative, decimal, label: an error at the cell quotes the text. Repeated: a label equals its neighbour,
such as a wrong year, where the neighbour has values in the same places; the label is at fault or named with the fault.
Empty: a label is missing; an error is at the cell or a value that it labelled, or these values are reported as unread,
or the workbook is refused for a block without header. Tenfold: a value is ten times too large where a sum, total or
account reveals it, which is computed here independently; the cell is at fault or named with the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import polars as pl

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion.convert import Conversion
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.conversion.tables import read
from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import format_cell, parse_cell
from sdmxmig.quality import validation
from sdmxmig.sdmx.model.data import Dataset, TableMapping
from sdmxmig.sdmx.model.findings import Finding
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.folder import open_workspace

PLANTS = {"text": "12x4", "negative": "-7", "decimal": "12.5", "label": "Zzyzx", "empty": ""}
NAMED_WITH = ("repeated", "tenfold")
SPLITS = {"SEX": {"F", "M"}, "CTZ_STATUS": {"NC", "FC"}, "BIRTH_STATUS": {"NB", "FB"}}
"""Breakdowns with the parts that make up the whole."""
ACCOUNT = {"DF_BIRTHS": 0, "DF_DEATHS": 0, "DF_IMM": 0, "DF_EMI": 0}
FREE_TEXT = ("COMMENT_OBS", "SOURCE_DETAIL")
MAY_BE_NEGATIVE = "DF_ACCOUNT"


@dataclass(frozen=True, slots=True)
class Case:
    """A planted fault: mapping, cell and new text."""

    mapping: int
    file: str
    _: KW_ONLY
    sheet: str
    row: int
    column: int
    kind: str
    text: str = ""

    @property
    def id(self) -> str:
        return f"{self.file}/{self.sheet}/{format_cell(self.row, self.column)}/{self.kind}"


class Example:
    """An example workspace, converted once; each case replaces one cell."""

    def __init__(self, folder: Path, catalogue: Catalogue | None = None) -> None:
        workspace = open_workspace(folder)
        self.catalogue = catalogue or load(folder)
        names = {path.name: path for path in workspace.tables}
        self.mappings: list[TableMapping] = []
        self.tables: dict[str, tuple[Table, ...]] = {}
        for path in workspace.mappings:
            mapping = load_mapping(path.name, read_bytes(path), self.catalogue.flows)
            self.mappings.append(mapping)
            if mapping.file not in self.tables:
                self.tables[mapping.file] = read(mapping.file, read_bytes(names[mapping.file]))
        self.datasets = [self._convert(number, None).dataset for number in range(len(self.mappings))]

    def _convert(self, number: int, changed: tuple[Table, ...] | None) -> Conversion:
        mapping = self.mappings[number]
        tables = changed or self.tables[mapping.file]
        flow = self.catalogue.flow(mapping.flow)
        return conversion.convert(tables, mapping, flow, self.catalogue.rules)

    def cases(self) -> Iterator[Case]:
        """Every input cell with every kind of fault that can be planted there."""
        for number, dataset in enumerate(self.datasets):
            columns = ["file", "sheet", "row", "column", "component"]
            for file, sheet, row, column, component in sorted(dataset.origins.select(columns).unique().rows()):
                for kind in kinds_for(component, dataset.flow.id):
                    if kind != "decimal" or (number, sheet, row, column) in self.single_persons:
                        yield Case(number, file, sheet=sheet, row=row, column=column, kind=kind, text=PLANTS[kind])
            yield from self._repeated(number)
            yield from self._tenfold(number)

    @cached_property
    def single_persons(self) -> set[tuple[int, str, int, int]]:
        """Return the value cells counted in single persons."""
        return {
            (number, sheet, row, column)
            for number, dataset in enumerate(self.datasets)
            for _, sheet, row, column, said in values(dataset)
            if said["UNIT_MULT"] == "0"
        }

    def _repeated(self, number: int) -> Iterator[Case]:
        """Yield labels equal to the next one, where both label values in the same places."""
        dataset = self.datasets[number]
        time = dataset.flow.structure.key[-1]
        at: dict[tuple[str, int, int], list[tuple[tuple[str, ...], str]]] = {}
        keys = {tuple(said[name] or "" for name in dataset.flow.structure.key) for *_, said in values(dataset)}
        frame = dataset.observations
        for n, component, file, sheet, row, column in dataset.origins.rows():
            if component == time:
                key = tuple(frame.row(n, named=True)[name] or "" for name in dataset.flow.structure.key)
                at.setdefault((f"{file}|{sheet}", row, column), []).append((key[:-1], key[-1]))
        texts = {(name, place[0]): place for place, ones in at.items() for name in {one[1] for one in ones}}
        for (where, row, column), ones in sorted(at.items()):
            file, sheet = where.split("|")
            year = year_of(ones[0][1])
            for other in (str(year + 1), str(year - 1)) if year else ():
                if (other, where) in texts and any((*series, other) in keys for series, _ in ones):
                    yield Case(number, file, sheet=sheet, row=row, column=column, kind="repeated", text=other)
                    break

    def _tenfold(self, number: int) -> Iterator[Case]:
        """Yield values ten times too large where this is visible."""
        dataset = self.datasets[number]
        known = {tuple(sorted(key_of(dataset, said).items())): said["OBS_VALUE"] for *_, said in values(dataset)}
        for file, sheet, row, column, said in values(dataset):
            if said["OBS_VALUE"] not in (None, "0") and (
                is_seen(key_of(dataset, said), Decimal(said["OBS_VALUE"]), known) or self._in_account(dataset, said)
            ):
                yield Case(
                    number,
                    file,
                    sheet=sheet,
                    row=row,
                    column=column,
                    kind="tenfold",
                    text=str(Decimal(said["OBS_VALUE"]) * 10),
                )

    def _in_account(self, dataset: Dataset, said: Said) -> bool:
        """Check whether a value of the whole population is in a year with a complete account."""
        series = [name for name in dataset.flow.structure.key[1:-1] if name not in ("REF_AREA", "DIRECTION", "EVENT")]
        if any(said[name] != "_T" for name in series) or dataset.flow.id not in (*ACCOUNT, "DF_POP"):
            return False
        year = year_of(said["TIME_PERIOD"])
        starts = (year, year - 1) if dataset.flow.id == "DF_POP" else (year,)
        first_day = {dataset.attributes.get("REF_DATE") for dataset in self.datasets} & {"D0101"}
        return any(
            first_day
            and {start, start + 1} <= self.whole_years["DF_POP"]
            and start + 1 not in self.breaks  # no account reaches across a break in the series
            and all(start in self.whole_years[flow] for flow in ACCOUNT)
            for start in starts
        )

    @cached_property
    def breaks(self) -> set[int]:
        return {
            int(said["TIME_PERIOD"] or 0)
            for dataset in self.datasets
            if dataset.flow.id == "DF_POP"
            for *_, said in values(dataset)
            if said.get("OBS_STATUS") == "B"
        }

    @cached_property
    def whole_years(self) -> dict[str, set[int]]:
        """The years in which each flow reports the whole population."""
        found: dict[str, set[int]] = {flow: set() for flow in (*ACCOUNT, "DF_POP")}
        for dataset in self.datasets:
            for *_, said in values(dataset):
                split = [said[name] for name in dataset.flow.structure.key if name not in UNSPLIT]
                if dataset.flow.id in found and set(split) <= {"_T"}:
                    found[dataset.flow.id].add(year_of(said["TIME_PERIOD"]))
        return found

    def outcome(self, case: Case) -> str:
        """Return ``found``, or the other findings."""
        text = case.text
        mapping = self.mappings[case.mapping]
        tables = tuple(planted(table, case, text) for table in self.tables[mapping.file])
        try:
            converted = self._convert(case.mapping, tables)
        except SdmxmigError as error:
            return "refused" if case.kind == "empty" and case.file in str(error) else f"refused: {error}"
        same = [
            self.datasets[n] for n, one in enumerate(self.mappings) if one.flow == mapping.flow and n != case.mapping
        ]
        dataset = conversion.merge([converted.dataset, *same])
        flows = dict.fromkeys(one.flow for one in self.mappings if one.flow != mapping.flow)
        others = [self._whole(flow) for flow in flows]
        findings = converted.findings.items + validation.validate(dataset, self.catalogue, others).items
        if case.kind == "tenfold":
            for other in others:
                rest = [dataset, *(one for one in others if one is not other)]
                findings += validation.validate(other, self.catalogue, rest).items
        if any(names_cell(finding, case, text) for finding in findings):
            return "found"
        return "; ".join(sorted({f"{finding.rule} at {finding.place}" for finding in findings})) or "nothing found"

    def _whole(self, flow: str) -> Dataset:
        return conversion.merge([self.datasets[n] for n, mapping in enumerate(self.mappings) if mapping.flow == flow])


Said = dict[str, str | None]
UNSPLIT = ("FREQ", "REF_AREA", "DIRECTION", "EVENT", "TIME_PERIOD")


def values(dataset: Dataset) -> list[tuple[str, str, int, int, Said]]:
    """Return every value cell with its observation."""
    rows = dataset.observations.rows(named=True)
    cells = [row for row in dataset.origins.rows() if row[1] == "OBS_VALUE"]
    return [(file, sheet, row, column, rows[n]) for n, _, file, sheet, row, column in cells]


def year_of(period: str | None) -> int:
    return int(period) if period and period.isdigit() else 0


def key_of(dataset: Dataset, said: Said) -> dict[str, str]:
    return {name: said[name] or "" for name in dataset.flow.structure.key}


def is_seen(key: dict[str, str], value: Decimal, known: dict[tuple[tuple[str, str], ...], str | None]) -> bool:
    """Check whether ten times a value exceeds its total, or the value is a total or part of a whole breakdown."""
    for dimension, code in key.items():
        beside = {
            dict(one)[dimension]: text
            for one, text in known.items()
            if {**dict(one), dimension: ""} == {**key, dimension: ""} and text
        }
        if dimension in SPLITS and SPLITS[dimension] | {"_T"} <= set(beside) and code in beside:
            return True
        whole = None if code == "_T" or dimension in UNSPLIT else beside.get("_T")
        if whole and 10 * value > Decimal(whole):
            return True
    return False


def kinds_for(component: str, flow: str) -> list[str]:
    if component == "OBS_VALUE":
        return ["text", "decimal"] if flow == MAY_BE_NEGATIVE else ["text", "negative", "decimal"]
    return [] if component in FREE_TEXT else ["label", "empty"]


def planted(table: Table, case: Case, text: str) -> Table:
    if table.sheet != case.sheet:
        return table
    here = (pl.col("row") == case.row) & (pl.col("column") == case.column)
    if not text:
        return replace(table, cells=table.cells.filter(~here))
    changed = {"text": text, "kind": "text", "formula": False}
    return replace(
        table,
        cells=table.cells.with_columns(
            pl.when(here).then(pl.lit(value, table.cells.schema[name])).otherwise(name).alias(name)
            for name, value in changed.items()
        ),
    )


def names_cell(finding: Finding, case: Case, text: str) -> bool:
    """Check whether a finding names the cell as the kind of fault requires."""
    cell = format_cell(case.row, case.column)
    places = [place for place in (finding.place, *finding.others) if place]
    if case.kind in NAMED_WITH:
        places += finding.related
    at_cell = any((place.file, place.sheet, place.cell) == (case.file, case.sheet, cell) for place in places)
    if case.kind == "empty":
        in_line = [place for place in places if (place.file, place.sheet) == (case.file, case.sheet)]
        unread = finding.level == 0 and finding.severity == "warning"
        wanted = finding.severity == "error" or unread
        return wanted and (at_cell or any(labelled(place.cell, case) for place in in_line))
    if case.kind in NAMED_WITH:
        return finding.severity != "information" and at_cell
    return finding.severity == "error" and at_cell and text in (finding.observed, in_cells(finding.observed))


def in_cells(observed: str) -> str:
    """Write a figure in thousands as its cell has it, such as −7 for −0.007; empty for a text."""
    return f"{Decimal(observed) * 1000:f}".removesuffix(".000") if re.fullmatch(r"-?\d+(\.\d+)?", observed) else ""


def labelled(cell: str, case: Case) -> bool:
    """Check whether a value cell is in the row or column of a label."""
    row, column = parse_cell(cell)
    return row == case.row or (row > case.row and column >= case.column)
