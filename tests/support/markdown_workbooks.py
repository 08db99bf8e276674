"""Workbooks written as Markdown tables, so that a test can be read by a statistician.

In a table ``<`` is merged with the cell on its left, ``^`` with the cell above; a number is stored as a number unless
an apostrophe precedes it; ``<br>`` is a line break; ``=…`` is a formula. A blank line between two tables is an empty
row. Lines such as ``hidden columns: C`` or ``hidden rows: 4`` describe the sheet.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import KW_ONLY, dataclass
from xml.sax.saxutils import escape, quoteattr

from folders import TESTS
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import column_index_from_string, get_column_letter
from xlsx_parts import MAIN

FOLDER = TESTS / "conversion" / "workbooks"
NUMBER = re.compile(r"-?\d+(\.\d+)?")
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HIDDEN = ' hidden="1"'


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
    """The workbook that the sections ``## Sheet <name>`` of a text describe.

    It is written part by part: openpyxl took a tenth of the time of the tests that begin with such a workbook.
    """
    sections = re.findall(r"^## Sheet ([^\n]+)\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    strings: dict[str, int] = {}
    parts = {f"sheet{number}.xml": sheet_part(body, strings) for number, (_, body) in enumerate(sections, start=1)}
    sheets = "".join(
        f'<sheet name={quoteattr(title.strip())} sheetId="{number}" r:id="rId{number}"/>'
        for number, (title, _) in enumerate(sections, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{LINK}/worksheet" Target="worksheets/{name}"/>'
        for number, name in enumerate(parts, start=1)
    )
    links += f'<Relationship Id="rIdS" Type="{LINK}/sharedStrings" Target="sharedStrings.xml"/>'
    types = "".join(
        f'<Override PartName="/xl/worksheets/{name}" ContentType="{OFFICE}.worksheet+xml"/>' for name in parts
    )
    texts = "".join(f'<si><t xml:space="preserve">{escape(one)}</t></si>' for one in strings)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{OFFICE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{OFFICE}.sharedStrings+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{LINK}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINK}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        **{f"xl/worksheets/{name}": part for name, part in parts.items()},
    }
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    return result.getvalue()


def sheet_part(body: str, strings: dict[str, int]) -> str:
    """The XML of a sheet with the tables of a section; `strings` gets the texts that it holds."""
    hidden = {"columns": set[int](), "rows": set[int]()}
    rows: dict[int, list[str]] = {}
    for line in body.strip("\n").splitlines():
        if declared := re.fullmatch(r"hidden (columns|rows): (.*)", line.strip()):
            numbers = (
                int(name) if name.isdecimal() else column_index_from_string(name) for name in declared[2].split(", ")
            )
            hidden[declared[1]].update(numbers)
        elif line.startswith("|") and not re.fullmatch(r"[|\- :]+", line):
            rows[max(rows, default=0) + 1] = cells(line)
        elif not line.strip() and rows:
            rows[max(rows) + 1] = []
    merges: dict[tuple[int, int], tuple[int, int]] = {}
    lines = []
    for row, texts in rows.items():
        written = ""
        for column, text in enumerate(texts, start=1):
            if text in ("<", "^"):
                beside = (row, column - 1) if text == "<" else (row - 1, column)
                merges[row, column] = merges.get(beside, beside)
            elif text:
                written += cell_part(f"{get_column_letter(column)}{row}", text, strings)
        lines.append(f'<row r="{row}"{HIDDEN if row in hidden["rows"] else ""}>{written}</row>')
    columns = "".join(
        f'<col min="{number}" max="{number}" width="13"{HIDDEN}/>' for number in sorted(hidden["columns"])
    )
    spans = "".join(f'<mergeCell ref="{span}"/>' for span in merged(merges))
    return (
        f'<worksheet xmlns="{MAIN}">{f"<cols>{columns}</cols>" if columns else ""}'
        f"<sheetData>{''.join(lines)}</sheetData>{f'<mergeCells>{spans}</mergeCells>' if spans else ''}</worksheet>"
    )


def cell_part(place: str, written: str, strings: dict[str, int]) -> str:
    """The XML of a cell: a number, a formula without a result, an error, or a text."""
    if NUMBER.fullmatch(written):
        number = float(written) if "." in written else int(written)
        return f'<c r="{place}"><v>{number}</v></c>'
    if written.startswith("=") and len(written) > 1:
        return f'<c r="{place}"><f>{escape(written[1:])}</f><v/></c>'
    if written in ERROR_CODES:
        return f'<c r="{place}" t="e"><v>{written}</v></c>'
    text = written.removeprefix("'").replace("<br>", "\n")
    return f'<c r="{place}" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>'


def merged(merges: dict[tuple[int, int], tuple[int, int]]) -> list[str]:
    """The ranges of merged cells; `merges` has the first cell of each covered one."""
    return [
        f"{get_column_letter(column)}{row}:"
        + get_column_letter(max(cell[1] for cell, corner in merges.items() if corner == (row, column)))
        + str(max(cell[0] for cell, corner in merges.items() if corner == (row, column)))
        for row, column in sorted(set(merges.values()))
    ]


def cells(line: str) -> list[str]:
    """The texts between the bars of a line."""
    return [text.strip(" ") for text in line.strip().strip("|").split("|")]


def records(body: str) -> list[dict[str, str]]:
    """The rows of the table in a section, by the names in its head."""
    lines = [line for line in body.splitlines() if line.startswith("|")]
    return [dict(zip(cells(lines[0]), cells(line), strict=True)) for line in lines[2:]] if lines else []
