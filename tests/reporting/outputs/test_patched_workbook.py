"""Values go into cells of a workbook, and everything else in it stays as it was, to the byte."""

from __future__ import annotations

import io
import zipfile

import pytest
from case_tables import cases_from
from openpyxl import load_workbook

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import format_cell, parse_cell
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.sdmx.model.tables import Cell

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="T" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def workbook(data: str, book: str = BOOK, head: str = "", prefix: str = "") -> bytes:
    """A workbook as another program writes it: one sheet with this data, and a picture."""
    name = f"xmlns:{prefix}" if prefix else "xmlns"
    start = f"{prefix}:" if prefix else ""
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{head}<{start}worksheet {name}="{MAIN}">{data}</{start}worksheet>',
        "xl/media/image1.png": "\x89PNG",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for member, content in parts.items():
            archive.writestr(member, content.encode("latin-1"))
    return written.getvalue()


def sheet(content: bytes, cells: dict[Cell, str]) -> str:
    """The XML of the sheet after these cells were written."""
    patched = patch("a.xlsx", content, {("T", cell): text for cell, text in cells.items()}).content
    return zipfile.ZipFile(io.BytesIO(patched)).read("xl/worksheets/sheet1.xml").decode()


ROWS = '<sheetData><row r="2" spans="1:3"><c r="A2" t="str"><v>0</v></c><c r="C2" s="4"/></row><row r="5"/></sheetData>'


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({(2, 3): "1.5"}, '<c r="A2" t="str"><v>0</v></c><c r="C2" s="4"><v>1.5</v></c>'),
        ({(2, 1): "7"}, '<row r="2" spans="1:3"><c r="A2"><v>7</v></c><c r="C2" s="4"/>'),
        ({(2, 4): "7", (2, 5): "8"}, '<c r="C2" s="4"/><c r="D2"><v>7</v></c><c r="E2"><v>8</v></c></row>'),
        ({(5, 1): "7"}, '<row r="5"><c r="A5"><v>7</v></c></row></sheetData>'),
        ({(1, 1): "7"}, '<sheetData><row r="1"><c r="A1"><v>7</v></c></row><row r="2"'),
        (
            {(3, 1): "7", (4, 2): "8"},
            '</row><row r="3"><c r="A3"><v>7</v></c></row><row r="4"><c r="B4"><v>8</v></c></row>',
        ),
        ({(2, 3): ".. <&>"}, '<c r="C2" s="4" t="inlineStr"><is><t xml:space="preserve">.. &lt;&amp;&gt;</t></is></c>'),
        ({(2, 1): ""}, '<row r="2" spans="1:3"><c r="A2"/><c r="C2" s="4"/>'),
    ],
)
def test_cell_gets_its_value_and_keeps_its_style(cells: dict[Cell, str], expected: str) -> None:
    assert expected in sheet(workbook(ROWS), cells)


def test_cells_are_added_to_an_empty_sheet() -> None:
    expected = '<sheetData><row r="3"><c r="A3"><v>1</v></c></row><row r="4"><c r="A4"><v>2</v></c></row></sheetData>'
    assert expected in sheet(workbook("<sheetData/>"), {(4, 1): "2", (3, 1): "1"})


def test_rows_and_cells_without_references_are_located() -> None:
    data = "<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row></sheetData>"
    written = sheet(workbook(data), {(1, 2): "9", (2, 2): "8"})
    assert '<row><c><v>1</v></c><c r="B1"><v>9</v></c></row><row><c><v>3</v></c><c r="B2"><v>8</v></c></row>' in written


def test_namespace_prefix_of_the_sheet_is_kept() -> None:
    data = '<x:sheetData><x:row r="1"><x:c r="A1"/></x:row></x:sheetData>'
    assert '<x:c r="A1"><x:v>4</x:v></x:c>' in sheet(workbook(data, prefix="x"), {(1, 1): "4"})


@pytest.mark.parametrize("comment", ["", '<!-- <row r="1"/> -->', '<?x <row r="1">?>', "<![CDATA[ ]]>"])
def test_tag_inside_an_attribute_or_comment_is_ignored(comment: str) -> None:
    data = f'<sheetData>{comment}<row r="1" x="a>b"><c r="A1" s="1"/></row><row r="2" x="a>b"/></sheetData>'
    assert '<c r="A1" s="1"><v>4</v></c></row><row r="2"' in sheet(workbook(data), {(1, 1): "4"})


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-8", "utf-8"])
def test_sheet_in_any_encoding_keeps_its_texts(encoding: str) -> None:
    text = "Año".encode(encoding).decode("latin-1")
    data = f'<sheetData><row r="1"><c r="A1" t="str"><v>{text}</v></c></row></sheetData>'
    written = sheet(workbook(data, head=f"<?xml version='1.0' encoding='{encoding}'?>"), {(2, 1): "é"})
    assert "Año" in written
    assert "é" in written


FORMULA = '<sheetData><row r="1"><c r="A1"/><c r="B1"><f>A1*2</f><v>0</v></c></row></sheetData>'


def test_formula_is_kept_and_the_workbook_recalculates() -> None:
    patched = patch("a.xlsx", workbook(FORMULA), {("T", (1, 1)): "4", ("T", (1, 2)): "5"})
    assert patched.formulas == (("T", (1, 2)),)
    archive = zipfile.ZipFile(io.BytesIO(patched.content))
    assert b'<c r="B1"><f>A1*2</f></c>' in archive.read("xl/worksheets/sheet1.xml")
    assert b'</sheets><calcPr fullCalcOnLoad="1"/></workbook>' in archive.read("xl/workbook.xml")


def kept(changed: str, *formulas: str) -> list[str]:
    """Which of some formulas, in B1, B2 and so on, keep what they gave when a cell changes."""
    rows = "".join(
        f'<row r="{row}"><c r="B{row}">{formula}<v>{row}</v></c></row>' for row, formula in enumerate(formulas, 1)
    )
    patched = patch("a.xlsx", workbook(f"<sheetData>{rows}</sheetData>"), {("T", parse_cell(changed)): "4"})
    xml = zipfile.ZipFile(io.BytesIO(patched.content)).read("xl/worksheets/sheet1.xml").decode()
    names = [f"B{row}" for row in range(1, len(formulas) + 1)]
    left = [name for name in names if f"<v>{name[1:]}</v>" in xml.split(f'<c r="{name}"')[1].split("</c>")[0]]
    assert {format_cell(*cell) for _, cell in patched.emptied} == set(names) - set(left)
    return left


@pytest.mark.parametrize(
    "formula",
    [
        *("C1+1", "$C$1", "SUM(A:D)", "SUM(C1:C9)", "SUM($1:1)", "t!C1", "'T'!C1", 'IF(A1="D1",C1,0)', "LOG10(C1)"),
        *("INDIRECT(D1)", "rate*2", "Table1[Men]", "SUM(D1:INDEX(D:D,2))", "OFFSET(D1,0,-1)", "T:U!D1", "Gone!D1"),
    ],
)
def test_formulas_that_depend_on_the_cell_lose_their_result(formula: str) -> None:
    assert kept("C1", f"<f>{formula}</f>", "<f>B1*2</f>", "<f>B2*2</f>", "<f>SUM(D1:D9)</f>") == ["B4"]


@pytest.mark.parametrize(
    "formula", ["D1", "SUM(D:E)", "C2", 'IF(D1="C1",1,0)', "[1]T!C1", "'[1]T'!C1", "LOG10(D1)", "1.5E+3%", "5"]
)
def test_independent_formula_keeps_its_result(formula: str) -> None:
    assert kept("C1", f"<f>{formula}</f>") == ["B1"]


def test_shared_formulas_are_resolved_together() -> None:
    shared = ['<f t="shared" si="0" ref="B1:B2">C1</f>', '<f t="shared" si="0"/>']
    assert kept("C2", *shared, "<f>C3</f>") == ["B3"]
    assert kept("C3", *shared) == ["B1", "B2"]


@cases_from("reporting/outputs/cases/stale_result_of_a_formula_is_removed.csv")
def test_outdated_result_of_a_formula_is_removed(cell: str, after: str) -> None:
    data = f'<sheetData><row r="1"><c r="A1"/>{cell}<c r="C1"><f>A1*2</f><v>0</v></c></row></sheetData>'
    expected = f'<c r="A1"><v>4</v></c>{after}<c r="C1"><f>A1*2</f></c></row>'
    assert expected in sheet(workbook(data), {(1, 1): "4"})


def test_existing_calculation_settings_are_kept() -> None:
    book = BOOK.replace("</workbook>", '<calcPr calcId="191029" fullCalcOnLoad="0"/></workbook>')
    patched = patch("a.xlsx", workbook(FORMULA, book), {("T", (1, 1)): "4"})
    content = zipfile.ZipFile(io.BytesIO(patched.content)).read("xl/workbook.xml")
    assert content.endswith(b'<calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>')


def test_all_other_bytes_are_unchanged() -> None:
    before = workbook(ROWS)
    after = patch("a.xlsx", before, {("T", (2, 3)): "1"}).content
    old, new = zipfile.ZipFile(io.BytesIO(before)), zipfile.ZipFile(io.BytesIO(after))
    assert sorted(old.namelist()) == sorted(new.namelist())
    assert [name for name in old.namelist() if old.read(name) != new.read(name)] == ["xl/worksheets/sheet1.xml"]
    assert after == patch("a.xlsx", before, {("T", (2, 3)): "1"}).content


def test_openpyxl_reads_the_patched_workbook() -> None:
    after = patch("a.xlsx", workbook(ROWS.replace(' s="4"', "")), {("T", (2, 3)): "1", ("T", (2, 2)): "x"}).content
    assert [cell.value for cell in load_workbook(io.BytesIO(after))["T"][2]] == ["0", "x", 1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (workbook(ROWS, head='<!DOCTYPE x [<!ENTITY a "b">]>'), "DOCTYPE"),
        (workbook("<sheetData><row>"), "damaged"),
        (workbook('<sheetData><row r="x"/></sheetData>'), "damaged"),
        (workbook(""), "no cells"),
        (workbook('<sheetData><row r="2"/><row r="3"/><row r="2"/></sheetData>'), "twice"),
        (workbook('<sheetData><row r="2"><c r="C2"/><c r="C2"/></row></sheetData>'), "twice"),
    ],
)
def test_unwritable_sheet_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        patch("a.xlsx", content, {("T", (2, 3)): "1"})


def test_missing_sheet_is_named() -> None:
    with pytest.raises(InputError, match="no sheet “U”"):
        patch("a.xlsx", workbook(ROWS), {("U", (1, 1)): "1"})
