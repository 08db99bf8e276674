"""Workbooks of Office 2003 as XML, under their own name and in disguise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from twins import shown_formats

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Range, Table

OFFICE = "urn:schemas-microsoft-com:office"
HEAD = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    f'<Workbook xmlns="{OFFICE}:spreadsheet" xmlns:ss="{OFFICE}:spreadsheet" xmlns:x="{OFFICE}:excel">'
)
STYLES = (
    '<Styles><Style ss:ID="Default"><NumberFormat/></Style><Style ss:ID="s1"><NumberFormat ss:Format="0.0"/></Style>'
    '<Style ss:ID="s2" ss:Parent="s1"/><Style ss:ID="s3"><NumberFormat ss:Format="Percent"/></Style></Styles>'
)


def workbook(rows: str, options: str = "") -> str:
    sheet = f'<Worksheet ss:Name="T"><Table ss:ExpandedColumnCount="9">{rows}</Table>{options}</Worksheet>'
    return f"{HEAD}{STYLES}{sheet}</Workbook>"


def only(rows: str, options: str = "") -> Table:
    (table,) = read("a.xls", workbook(rows, options).encode())
    return table


def test_cells_of_all_types() -> None:
    table = only(
        '<Row ss:Index="3"><Cell><Data ss:Type="String">Year</Data></Cell>'
        '<Cell ss:Index="4"><Data ss:Type="Number">3688.5999999999999</Data></Cell>'
        '<Cell><Data ss:Type="Boolean">1</Data></Cell><Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>'
        '<Row><Cell><Data ss:Type="DateTime">2024-01-31T00:00:00.000</Data></Cell><Cell/>'
        '<Cell><Data ss:Type="DateTime">1899-12-31T12:30:00.000</Data></Cell></Row>'
    )
    assert table.rows == {3: {1: "Year", 4: "3688.6", 5: "TRUE", 6: "#N/A"}, 4: {1: "2024-01-31", 3: "12:30:00"}}
    assert table.cells["kind"].to_list() == ["text", "number", "boolean", "error", "date", "time"]
    assert table.detected == (("format", "XML Spreadsheet 2003"),)


def test_formats_formulas_comments_and_raised_signs() -> None:
    table = only(
        '<Row><Cell ss:StyleID="s2" ss:Formula="=1"><Data ss:Type="Number">1</Data></Cell>'
        '<Cell ss:StyleID="s3"><Data ss:Type="Number">0.5</Data><Comment><ss:Data>why</ss:Data></Comment></Cell>'
        '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">2014<Sup>1</Sup></ss:Data></Cell></Row>'
    )
    assert shown_formats(table) == {(1, 1): "0.0", (1, 2): "0.00%"}
    assert table.formulas == {(1, 1)}
    assert table.notes == {(1, 2): ("why",)}
    assert table.text(1, 3) == "2014¹"


def test_indented_texts() -> None:
    styles = '<Styles><Style ss:ID="s5"><Alignment ss:Horizontal="Left" ss:Indent="2"/></Style></Styles>'
    of_type = '<Cell ss:StyleID="s5"><Data ss:Type="{}">1</Data></Cell>'.format
    cells = of_type("String") + of_type("Number")
    (table,) = read("a.xml", workbook(f"<Row>{cells}</Row>").replace(STYLES, styles).encode())
    assert [None if code is None else table.formats[code] for code in table.cells["format"]] == ["      @", None]


def test_merged_and_hidden_parts() -> None:
    table = only(
        '<Column/><Column ss:Hidden="1" ss:Span="1"/>'
        '<Row><Cell ss:MergeAcross="1" ss:MergeDown="2"><Data>a</Data></Cell><Cell><Data>c</Data></Cell></Row>'
        '<Row ss:Hidden="1" ss:Span="1"/><Row><Cell><Data>d</Data></Cell></Row>',
        f'<WorksheetOptions xmlns="{OFFICE}:excel"><Visible>SheetHidden</Visible></WorksheetOptions>',
    )
    assert table.rows == {1: {1: "a", 3: "c"}, 4: {1: "d"}}
    assert table.merged == (Range(1, 1, last_row=3, last_column=2),)
    assert (table.hidden_rows, table.hidden_columns, table.hidden) == ({2, 3}, {2, 3}, True)


@pytest.mark.parametrize(
    "rows",
    [
        '<Row ss:Index="99999999"><Cell><Data>a</Data></Cell></Row>',
        '<Row ss:Index="x"/>',
        '<Row><Cell ss:Index="-7"><Data>a</Data></Cell></Row>',
        '<Row><Cell ss:MergeAcross="999999999"><Data>a</Data></Cell></Row>',
        "<Row><Cell><Data>a</Cell></Row>",
    ],
)
def test_a_damaged_sheet_is_refused_by_name(rows: str) -> None:
    with pytest.raises(InputError) as caught:
        only(rows)
    assert str(caught.value.place).startswith("a.xls")
    assert caught.value.hint


def test_a_doctype_is_refused() -> None:
    with pytest.raises(InputError, match="DOCTYPE"):
        read("a.xml", workbook("").replace("<Workbook", "<!DOCTYPE a [<!ENTITY b 'c'>]><Workbook", 1).encode())


SEED = workbook('<Row><Cell ss:StyleID="s1"><Data ss:Type="Number">1</Data></Cell></Row>')


@settings(max_examples=tries(80))
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.sampled_from('<>/"=&19 -\0é')), min_size=1, max_size=4))
def test_damaged_workbook_gives_a_table_or_an_input_error(changes: list[tuple[int, str]]) -> None:
    content = list(SEED)
    for position, sign in changes:
        content[position] = sign
    try:
        read("a.xml", "".join(content).encode())
    except InputError:
        return
