"""Published tables as files of an office: a workspace with a workbook or a CSV file, and the mapping that reads it.

Faults that spreadsheet programs make are planted in files, which are converted and validated as by the commands of
these names. A finding then names a file, a sheet and a cell.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl

from benchmarks.planted_kinds.lines import at
from benchmarks.planted_kinds.people import UNKNOWN
from benchmarks.planted_kinds.tables import DIMENSIONS, TOTAL, Published
from sdmxmig.catalogue import Catalogue
from sdmxmig.primitives.places import format_cell
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.workspace.requests.tasks import ValidateRequest
from sdmxmig.workspace.tasks.converting import convert
from sdmxmig.workspace.tasks.session import lock_session
from sdmxmig.workspace.tasks.validating import validate

WORKBOOK, TEXT_FILE = "office.xlsx", "office.csv"
HEADERS = 2
"""Header rows of a sheet: sexes over years."""
SEXES = {"Men": "M", "Women": "F", "Both": TOTAL}
CORNERS = {"AGE": "Age", "C_RESIDENCE": "Country"}
COUNTRY = """
[country]
area = "{area}"
name.en = "Country"
office.en = "Office"
language = "en"
[message]
sender = "{area}1"
receiver = "UNSD"
test = true
"""
BLOCK = """
id = "MAP_TABLE"
flow = "{flow}"
file = "{file}"
[[block]]
sheet = "*"
anchor = "{corner}"
header_rows = {rows}
header_columns = {columns}
"""
WIDE = """
[block.components.SEX]
from = "header 1"
codes = {{ Men = "M", Women = "F", Both = "_T" }}
[block.components.TIME_PERIOD]
from = "header 2"
[block.components.{dimension}]
from = "column 1"
codes = {{ {codes} }}
"""
Cells = list[list[Any]]
"""What stands in a sheet, row by row; the headers first."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The only sheet of a file and its mapping; the file name determines the format."""

    published: Published
    flow: str
    file: str
    cells: Cells
    mapping: str

    def with_cells(self, changes: Mapping[tuple[int, int], Any]) -> Published:
        """Return the dataset as workspace files, with changed cells (row and column, from 0)."""
        cells = [list(line) for line in self.cells]
        for (row, column), content in changes.items():
            cells[row][column] = content
        content = written(cells) if self.file == WORKBOOK else written_as_text(cells)
        files = {
            "country.toml": COUNTRY.format(area=self.published.people.area).encode(),
            "mappings/table.toml": self.mapping.encode(),
            f"tables/{self.file}": content,
        }
        return replace(self.published, files=files)

    @property
    def clean(self) -> Published:
        return self.with_cells({})

    def figures(self, headers: int = HEADERS) -> Iterator[tuple[int, int]]:
        for row, line in enumerate(self.cells):
            for column, content in enumerate(line):
                if row >= headers and column and isinstance(content, int):
                    yield row, column


def cell_at(row: int, column: int) -> dict[str, str]:
    """Return the cell that a finding must name, by row and column from 0."""
    return {"cell": format_cell(row + 1, column + 1)}


def written(cells: Cells) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in cells:
        sheet.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def written_as_text(cells: Cells) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(cells)
    return stream.getvalue().encode()


def age_label(code: str) -> str:
    """How the office prints an age.

    >>> age_label("Y5T9"), age_label("Y_GE85"), age_label("_T")
    ('5-9', '85+', 'Total')
    """
    if code in (TOTAL, UNKNOWN):
        return {TOTAL: "Total", UNKNOWN: "Unknown"}[code]
    return f"{code.removeprefix('Y_GE')}+" if code.startswith("Y_GE") else code[1:].replace("T", "-")


def wide(published: Published, flow: str, dimension: str, file: str) -> Sheet:
    """A table of a dataflow with ages, or countries of residence, in rows, and years by sex in columns."""
    table = published.tables[flow]
    named = {name: table[name][0] for name in ("DIRECTION", "EVENT") if name in table.columns}
    fixed = {name: TOTAL for name in DIMENSIONS[flow] if name not in ("SEX", dimension)} | named
    shown = table.filter(at(fixed))
    years = sorted(shown["TIME_PERIOD"].unique())
    label = age_label if dimension == "AGE" else str
    codes = {label(code): code for code in shown[dimension].unique(maintain_order=True)}
    figures = {(row[dimension], row["SEX"], row["TIME_PERIOD"]): row["OBS_VALUE"] for row in shown.to_dicts()}
    corner = CORNERS[dimension]
    cells: Cells = [
        [corner, *(sex for sex in SEXES for _ in years)],
        ["", *(int(year) for _ in SEXES for year in years)],
    ]
    cells += [
        [name, *(int(figures[code, SEXES[sex], year]) for sex in SEXES for year in years)]
        for name, code in codes.items()
    ]
    mapping = BLOCK.format(flow=flow, file=file, corner=corner, rows=HEADERS, columns=1) + said(published, flow, fixed)
    listed = ", ".join(f"{json.dumps(name)} = {json.dumps(code)}" for name, code in codes.items())
    return Sheet(published, flow, file, cells, mapping + WIDE.format(dimension=dimension, codes=listed))


def long(published: Published, flow: str, dimensions: Sequence[str]) -> Sheet:
    """A CSV file with one observation a row, by the codes of some dimensions and the year; the others are at totals."""
    table = published.tables[flow]
    named = {name: table[name][0] for name in ("DIRECTION", "EVENT", "CTZ_ITEM") if name in table.columns}
    fixed = {name: TOTAL for name in DIMENSIONS[flow] if name not in dimensions} | named
    columns = [*dimensions, "TIME_PERIOD", "OBS_VALUE"]
    cells: Cells = [columns, *map(list, table.filter(at(fixed)).select(columns).iter_rows())]
    corner, number = columns[0], len(columns) - 1
    mapping = BLOCK.format(flow=flow, file=TEXT_FILE, corner=corner, rows=1, columns=number)
    mapping += said(published, flow, fixed)
    mapping += "".join(
        f'[block.components.{name}]\nfrom = "column {place}"\n' for place, name in enumerate(columns[:-1], start=1)
    )
    return Sheet(published, flow, TEXT_FILE, cells, mapping)


def said(published: Published, flow: str, fixed: Mapping[str, str]) -> str:
    """Write the mapping of all cells of a block."""
    same = {"FREQ": "A", "REF_AREA": published.people.area, **fixed, "UNIT_MEASURE": "PS", "UNIT_MULT": "0"}
    same |= {name: code for name, code in published.declared[flow].items() if code}
    return "[block.fixed]\n" + "".join(f'{name} = "{code}"\n' for name, code in same.items())


def findings_in(files: Mapping[str, bytes], now: str, catalogue: Catalogue, profile: str) -> Findings:
    """Convert and validate a workspace with these files by its commands."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        with lock_session(folder, None, now, read_declarations=lambda _: catalogue) as session:
            convert(session)
            return validate(session, ValidateRequest(profile=profile)).findings
