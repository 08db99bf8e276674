"""Workbooks written as Markdown tables, so that a test can be read by a statistician.

In a table ``<`` is merged with the cell on its left, ``^`` with the cell above; a number is stored as a number unless
an apostrophe precedes it; ``<br>`` is a line break; ``=…`` is a formula. A blank line between two tables is an empty
row. Lines such as ``hidden columns: C`` or ``hidden rows: 4`` describe the sheet.
"""

from __future__ import annotations

import io
import re
from dataclasses import KW_ONLY, dataclass

from folders import TESTS
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

FOLDER = TESTS / "conversion" / "workbooks"
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Case:
    """One file: its workbook, its mapping (TOML) and the expected observations."""

    workbook: bytes
    mapping: bytes
    _: KW_ONLY
    observations: list[dict[str, str]]
    findings: list[dict[str, str]]


def case(name: str) -> Case:
    """Read ``tests/conversion/workbooks/<name>.md``."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))
    toml = re.search(r"```toml\n(.*?)```", parts["Mapping"], flags=re.DOTALL)
    assert toml
    return Case(
        workbook(text),
        toml[1].encode(),
        observations=records(parts["Observations"]),
        findings=records(parts.get("Findings", "")),
    )


def workbook(text: str) -> bytes:
    """The workbook that the sections ``## Sheet <name>`` of a text describe."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, body in re.findall(r"^## Sheet ([^\n]+)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL):
        fill(book.create_sheet(title.strip()), body)
    result = io.BytesIO()
    book.save(result)
    return result.getvalue()


def fill(sheet: Worksheet, body: str) -> None:
    """Write the tables of a section into a sheet."""
    row = 0
    merges: dict[tuple[int, int], tuple[int, int]] = {}
    for line in body.strip("\n").splitlines():
        if hidden := re.fullmatch(r"hidden (columns|rows): (.*)", line.strip()):
            for name in hidden[2].split(", "):
                if hidden[1] == "columns":
                    sheet.column_dimensions[name].hidden = True
                else:
                    sheet.row_dimensions[int(name)].hidden = True
        elif line.startswith("|") and not re.fullmatch(r"[|\- :]+", line):
            row += 1
            for column, written in enumerate(cells(line), start=1):
                write(sheet, row, column=column, written=written, merges=merges)
        elif not line.strip() and row:
            row += 1
    corners = set(merges.values())
    for corner in sorted(corners):
        covered = [cell for cell, first in merges.items() if first == corner]
        sheet.merge_cells(
            start_row=corner[0],
            start_column=corner[1],
            end_row=max(cell[0] for cell in covered),
            end_column=max(cell[1] for cell in covered),
        )


def write(
    sheet: Worksheet, row: int, column: int, written: str, merges: dict[tuple[int, int], tuple[int, int]]
) -> None:
    if written in ("<", "^"):
        beside = (row, column - 1) if written == "<" else (row - 1, column)
        merges[row, column] = merges.get(beside, beside)
    elif NUMBER.fullmatch(written):
        sheet.cell(row, column, float(written) if "." in written else int(written))
    elif written:
        sheet.cell(row, column, written.removeprefix("'").replace("<br>", "\n"))


def cells(line: str) -> list[str]:
    """The texts between the bars of a line."""
    return [text.strip(" ") for text in line.strip().strip("|").split("|")]


def records(body: str) -> list[dict[str, str]]:
    """The rows of the table in a section, by the names in its head."""
    lines = [line for line in body.splitlines() if line.startswith("|")]
    return [dict(zip(cells(lines[0]), cells(line), strict=True)) for line in lines[2:]] if lines else []
