"""Reading of lists from spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import PurePath

from sdmxmig.conversion.tables import read
from sdmxmig.forms.sheets.writing import ARTEFACT
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.tables import Table

KEYS = ("id", "source")
"""Key columns: ``id``, or ``source`` in representation maps."""


@dataclass(frozen=True, slots=True)
class ListSheet:
    """A list as in the file; `at` are column numbers."""

    name: Ref
    table: Table
    _: KW_ONLY
    columns: tuple[str, ...]
    at: Mapping[str, int]
    rows: tuple[tuple[int, Mapping[str, str]], ...]

    @property
    def key(self) -> str:
        return next(column for column in KEYS if column in self.at)

    def place(self, row: int, column: str) -> Place:
        return self.table.place(row, self.at[column])


def read_sheet(name: str, content: bytes, called: str = "") -> ListSheet:
    """Read a list.

    Name: `called`, sheet “About”, or file name (``CL_SEX.2.1.xlsx``). Raises `InputError`, `SdmxmigError`.
    """
    tables = read(name, content)
    lists = [(table, row) for table in tables if (row := head_row(table))]
    if len(lists) != 1:
        message = "No sheet is a list." if not lists else "Several sheets are lists."
        hint = "A list has a first row with the names of columns: id, name_en, status, source and others."
        raise InputError(message, Place(name), hint if not lists else "Leave one of them in the file.")
    table, head = lists[0]
    at = {text.strip(): column for column, text in table.rows[head].items() if text.strip()}
    columns = tuple(at)
    rows = []
    for number in sorted(row for row in table.rows if row > head):
        cells = {column: table.text(number, at[column]) for column in columns}
        if any(text.strip() for text in cells.values()):
            rows.append((number, cells))
    return ListSheet(name_of(tables, name, called), table, columns=columns, at=at, rows=tuple(rows))


def head_row(table: Table) -> int:
    first = min(table.rows, default=0)
    texts = {text.strip() for text in table.rows.get(first, {}).values()}
    is_list = ("id" in texts and any(text.startswith(("name_", "parent", "code")) for text in texts)) or {
        "source",
        "target",
    } <= texts
    return first if is_list else 0


def name_of(tables: Sequence[Table], file: str, called: str) -> Ref:
    """The artefact that a file holds; agency and version may be empty."""
    stated_name = called or next(
        (
            table.text(row, 2).strip()
            for table in tables
            for row in table.rows
            if table.text(row, 1).strip() == ARTEFACT and table.text(row, 2).strip()
        ),
        "",
    )
    if stated_name:
        return Ref.parse(stated_name)
    match = re.fullmatch(r"([A-Za-z][\w-]*)(?:\.(.+))?", PurePath(file).stem)
    if not match:
        raise SdmxmigError("The file does not say which list it is.", Place(file), "Name it: --as AGENCY:ID(VERSION).")
    return Ref("", "", id=match[1], version=match[2] or "")


def as_csv(sheet: ListSheet) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(sheet.columns)
    for _, cells in sheet.rows:
        writer.writerow([cells[column] for column in sheet.columns])
    return written.getvalue().encode()
