"""Workbooks for tests with custom parts: those of spreadsheet programs, and hostile ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache

from openpyxl import Workbook
from saved_workbooks import saved

from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.tables import Table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def one_sheet(cells: Mapping[str, object]) -> bytes:
    """A workbook with these values in the cells of one sheet."""
    book = Workbook()
    for name, value in cells.items():
        book.worksheets[0][name] = value
    return saved(book)


@cache
def empty() -> bytes:
    """A workbook with nothing in its one sheet."""
    return one_sheet({})


def only(content: bytes) -> Table:
    """The one table of a workbook."""
    (table,) = read("a.xlsx", content)
    return table


def with_part(content: bytes, changes: Mapping[str, bytes]) -> bytes:
    """The same workbook with other parts."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, changes.get(member, old.read(member)))
        for member in changes.keys() - set(old.namelist()):
            new.writestr(member, changes[member])
    return result.getvalue()


def part_of(content: bytes, member: str) -> bytes:
    """One part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(member)


def with_sheet(body: str) -> bytes:
    """A workbook whose one sheet has this XML in it."""
    sheet = f'<worksheet xmlns="{MAIN}">{body}</worksheet>'
    return with_part(empty(), {SHEET: sheet.encode()})


def with_rows(rows: str, strings: str = "", styles: Mapping[int, str] | None = None) -> bytes:
    """A workbook with these rows, shared strings, and number formats of its styles by their number."""
    content = with_sheet(f"<sheetData>{rows}</sheetData>")
    links = part_of(content, "xl/_rels/workbook.xml.rels").decode()
    link = '<Relationship Id="rIdS" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    codes = list((styles or {}).items())
    formats = "".join(f'<numFmt numFmtId="{200 + at}" formatCode="{code}"/>' for at, (_, code) in enumerate(codes))
    ids = {style: 200 + at for at, (style, _) in enumerate(codes)}
    cells = "".join(f'<xf numFmtId="{ids.get(style, 0)}"/>' for style in range(max(ids, default=0) + 1))
    look = f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>'
    parts = {
        "xl/_rels/workbook.xml.rels": links.replace("</Relationships>", link).encode(),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>'.encode(),
        "xl/styles.xml": look.encode(),
    }
    return with_part(content, parts)
