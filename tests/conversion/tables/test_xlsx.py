"""Workbooks: the same cells as another reader sees, and hostile files refused."""

from __future__ import annotations

import datetime as dt
import io
import time
import tracemalloc
import zipfile
from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from saved_workbooks import saved
from tries import tries
from xlsx_parts import MAIN, SHEET, one_sheet, only, part_of, with_part, with_rows, with_sheet

from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.cell_styles import format_number, format_numbers
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Range


def with_strings(strings: str) -> bytes:
    """A workbook whose cells A1, B1, … are its shared strings, as spreadsheet programs write them."""
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in range(strings.count("<si>")))
    return with_rows(f"<row>{cells}</row>", strings)


def test_shared_strings_are_parsed_without_phonetic_readings() -> None:
    strings = (
        "<si><t>plain</t></si><si><r><t>bold</t></r><r><t xml:space='preserve'> and not</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si><si><t>a_x000A_b_x005F_c</t></si><si><t/></si>"
    )
    assert only(with_strings(strings)).rows == {1: {1: "plain", 2: "bold and not", 3: "東京", 4: "a\nb_c"}}


def test_invalid_escape_is_kept_as_written() -> None:
    inline = '<row><c t="inlineStr"><is><t>_x0000_7</t></is></c><c t="str"><v>_xD800_</v></c></row>'
    assert only(with_rows(inline, "<si><t>other</t></si>" * 9)).rows == {1: {1: "_x0000_7", 2: "_xD800_"}}


def test_cells_of_all_types_are_parsed() -> None:
    table = only(
        one_sheet(
            {
                "A1": "Year",
                "B1": 2024,
                "C1": 3688.6,
                "D1": True,
                "E1": "#N/A",
                "F1": dt.date(2024, 1, 31),
                "G1": dt.datetime(2024, 1, 31, 12, 30),  # noqa: DTZ001 - workbooks know no zones
                "H1": dt.time(12, 30),
                "I1": "01",
                "J1": -5,
                "C3": "=1+1",
            }
        )
    )
    assert [table.text(1, column) for column in range(1, 11)] == [
        *("Year", "2024", "3688.6", "TRUE", "#N/A", "2024-01-31", "2024-01-31T12:30:00", "12:30:00", "01", "-5")
    ]
    assert table.numeric == {(1, 2), (1, 3), (1, 10)}
    assert table.formulas == {(3, 3)}
    assert table.text(3, 3) == ""
    assert str(table.place(1, 2)) == "a.xlsx › Sheet › B1"


def test_merged_and_hidden_parts_are_parsed() -> None:
    book = Workbook()
    first, second = book.worksheets[0], book.create_sheet("Second")
    first["A1"] = "Head"
    first.merge_cells("A1:C2")
    first["A5"] = first["C5"] = 1
    first.row_dimensions[5].hidden = True
    first.column_dimensions["B"].hidden = True
    second.sheet_state = "hidden"
    second["A1"] = 1
    visible, hidden = read("a.xlsx", saved(book))
    assert visible.merged == (Range(1, 1, last_row=2, last_column=3),)
    assert (visible.hidden_rows, visible.hidden_columns, visible.hidden) == ({5}, {2}, False)
    assert (hidden.sheet, hidden.hidden) == ("Second", True)


def test_rich_and_inline_texts_are_parsed_completely() -> None:
    rich = CellRichText("Population", TextBlock(InlineFont(b=True), " 1)"))
    assert only(one_sheet({"A1": rich})).text(1, 1) == "Population 1)"
    inline = '<sheetData><row><c t="inlineStr"><is><t>a</t></is></c><c><v>2</v></c></row></sheetData>'
    assert only(with_sheet(inline)).rows == {1: {1: "a", 2: "2"}}


def test_saved_formula_result_is_parsed() -> None:
    cells = '<c r="B2" t="str"><f>A1</f><v>text</v></c><c r="C2"><f>1+1</f><v>2</v></c>'
    table = only(with_sheet(f'<sheetData><row r="2">{cells}</row></sheetData>'))
    assert table.rows == {2: {2: "text", 3: "2"}}
    assert table.formulas == {(2, 2), (2, 3)}


def test_raised_runs_are_characters_of_their_own() -> None:
    strings = (
        '<si><r><t>2014</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si>'
        '<si><r><rPr><vertAlign val="subscript"/></rPr><t>2</t></r><r><t>a</t></r></si>'
    )
    assert only(with_strings(strings)).rows == {1: {1: "2014¹", 2: "2a"}}


def test_number_formats_are_kept_with_the_figures_that_they_show() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for name, value, code in (("A1", 12.345, "0.0"), ("B1", 5, "General"), ("C1", "text", "0.0"), ("D1", 0.5, "0%")):
        sheet[name] = value
        sheet[name].number_format = code
    sheet["E1"] = dt.date(2024, 1, 31)
    sheet["E1"].number_format = "dd.mm.yyyy"
    table = only(saved(book))
    codes = [None if at is None else table.formats[at] for at in table.cells["format"]]
    assert codes == ["0.0", None, None, "0%", "dd.mm.yyyy"]
    assert table.cells["kind"].to_list() == ["number", "number", "text", "number", "date"]
    assert table.cells["text"].to_list() == ["12.345", "5", "text", "0.5", "2024-01-31"]


def test_comments_become_notes_of_their_cells() -> None:
    book = Workbook()
    book.worksheets[0]["B2"] = 1
    book.worksheets[0]["B2"].comment = Comment("Office:\nrevised", "Office")
    book.worksheets[0]["C3"].comment = Comment("no figure yet", "Office")
    assert only(saved(book)).notes == {(2, 2): ("Office:\nrevised",), (3, 3): ("no figure yet",)}


def test_threaded_comment_replaces_its_plain_copy() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = 1
    book.worksheets[0]["A1"].comment = Comment("[Threaded comment] Your version cannot read it. Comment: ask", "tc")
    content = saved(book)
    links = part_of(content, "xl/worksheets/_rels/sheet1.xml.rels").decode()
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    link = f'<Relationship Id="rT" Type="{kind}" Target="../threadedComments/threadedComment1.xml"/></Relationships>'
    thread = '<ThreadedComments><threadedComment ref="A1" id="1"><text>ask</text></threadedComment>'
    thread += '<threadedComment ref="A1" id="2" parentId="1"><text>asked</text></threadedComment></ThreadedComments>'
    parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": links.replace("</Relationships>", link).encode(),
        "xl/threadedComments/threadedComment1.xml": thread.encode(),
    }
    assert only(with_part(content, parts)).notes == {(1, 1): ("ask", "asked")}


def test_strict_ooxml_is_accepted() -> None:
    strict = "http://purl.oclc.org/ooxml"
    rows = '<row r="1"><c r="A1" t="d"><v>2024-01-31T00:00:00</v></c><c r="B1"><v>1</v></c></row>'
    content = with_rows(rows)
    parts = {}
    for member in (SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"):
        text = part_of(content, member).decode().replace(MAIN, f"{strict}/spreadsheetml/main")
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        parts[member] = text.replace(office, f"{strict}/officeDocument/relationships").encode()
    table = only(with_part(content, parts))
    assert table.cells.select("text", "kind").rows() == [("2024-01-31", "date"), ("1", "number")]


def test_chart_sheets_are_skipped_and_very_hidden_sheets_kept() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = 1
    book.create_chartsheet("Chart")
    book.create_sheet("Deep")["A1"] = 2
    book["Deep"].sheet_state = "veryHidden"
    assert [(table.sheet, table.hidden) for table in read("a.xlsx", saved(book))] == [("Sheet", False), ("Deep", True)]


def test_text_figures_and_covered_cells_are_kept() -> None:
    rows = '<row r="1"><c r="A1" t="str"><v>1 234</v></c><c r="B1"><v>7</v></c><c r="C1" t="e"><v>#N/A</v></c></row>'
    merged = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    table = only(with_sheet(f"<sheetData>{rows}</sheetData>{merged}"))
    assert table.cells.select("text", "kind").rows() == [("1 234", "text"), ("7", "number"), ("#N/A", "error")]
    assert table.merged == (Range(1, 1, last_row=1, last_column=2),)


def test_dates_of_both_calendars_are_parsed() -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = dt.date(1900, 1, 1)
    assert only(saved(book)).text(1, 1) == "1900-01-01"
    book.epoch = dt.datetime(1904, 1, 1)  # noqa: DTZ001
    book.worksheets[0]["A1"] = dt.date(2024, 2, 29)
    assert only(saved(book)).text(1, 1) == "2024-02-29"


VALUES = st.one_of(
    st.integers(-(10**14), 10**14),
    st.floats(-1e300, 1e300),
    st.booleans(),
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="_\ufffe\uffff"), min_size=1, max_size=20
    ).filter(lambda text: not text.startswith("=") and text.strip() == text),
    st.dates(dt.date(1900, 3, 1), dt.date(2200, 1, 1)),
)


def as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value if isinstance(value, str) else format_number(repr(value))


@settings(max_examples=tries(30))
@given(st.dictionaries(st.tuples(st.integers(1, 40), st.integers(1, 40)), VALUES, max_size=12))
def test_cells_equal_those_read_by_openpyxl(cells: dict[tuple[int, int], object]) -> None:
    book = Workbook()
    for (row, column), value in cells.items():
        book.worksheets[0].cell(row, column, value)  # type: ignore[arg-type]
    content = saved(book)
    theirs = load_workbook(io.BytesIO(content)).worksheets[0]
    table = only(content)
    texts = {(row, column): text for row, line in table.rows.items() for column, text in line.items()}
    assert texts == {
        (cell.row, cell.column): as_text(cell.value) for line in theirs for cell in line if cell.value is not None
    }
    assert table.numeric == {
        (cell.row, cell.column) for line in theirs for cell in line if cell.data_type == "n" and cell.value is not None
    }


@settings(max_examples=tries(50))
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_columns_and_single_numbers_are_formatted_alike(values: list[float]) -> None:
    stored = [text for value in values for text in (repr(value), f"{value:.17g}", f"{value:E}")]
    texts = format_numbers(pl.Series(stored))
    assert texts.to_list() == [format_number(text) for text in stored]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_keeps_its_value_without_exponent(value: float) -> None:
    text = format_number(repr(value))
    assert float(text) == value
    assert "e" not in text.lower()
    assert not text.endswith(".0")
    assert format_number(f"{value:.17g}") == text


def test_distant_cell_takes_little_time() -> None:
    content = one_sheet({"XFD1048576": 1})
    tracemalloc.start()
    table = only(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert table.rows == {1_048_576: {16_384: "1"}}
    assert peak < 4 << 20


def test_false_sheet_dimension_is_ignored() -> None:
    body = '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    assert only(with_sheet(body)).rows == {1: {1: "1"}}


def test_too_many_empty_cells_in_a_row_are_refused() -> None:
    content = with_sheet("<sheetData><row>" + "<c/>" * 2_000_000 + "</row></sheetData>")
    started = time.process_time()
    with pytest.raises(InputError):
        read("a.xlsx", content)
    assert time.process_time() - started < 20


ROWS = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("limit", "content", "message"),
    [
        ({"cells": 1}, with_rows(ROWS, "<si><t>x</t></si>"), "filled cells"),
        ({"steps": 1}, with_rows(ROWS, "<si><t>x</t></si>"), "filled or not"),
        ({"characters": 50}, with_rows(ROWS, "<si><t>x</t></si>"), "MiB of text"),
        (
            {"merges": 1},
            with_sheet('<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:B2"/></mergeCells>'),
            "merged ranges",
        ),
    ],
)
@pytest.mark.parametrize("shortest", [0, 1 << 14])
def test_xlsx_beyond_a_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: dict[str, int], content: bytes, message: str, shortest: int
) -> None:
    from sdmxmig.conversion.tables import xlsx
    from sdmxmig.conversion.tables.readers import Allowance

    monkeypatch.setattr(xlsx, "Allowance", lambda: Allowance(**limit))
    monkeypatch.setattr("sdmxmig.conversion.tables.xlsx_columns.MIN_BYTES", shortest)
    with pytest.raises(InputError, match=message):
        read("a.xlsx", content)


def test_too_many_comments_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from sdmxmig.conversion.tables import xlsx
    from sdmxmig.conversion.tables.readers import Allowance

    book = Workbook()
    for name in ("A1", "A2"):
        book.worksheets[0][name].comment = Comment("x", "office")
    monkeypatch.setattr(xlsx, "Allowance", lambda: Allowance(notes=1))
    with pytest.raises(InputError, match="comments"):
        read("a.xlsx", saved(book))


STATUS = Path("/proc/self/status")


def resident() -> int:
    """How many KiB this process has in memory."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


@pytest.mark.skipif(not STATUS.exists(), reason="the system does not tell")
@pytest.mark.parametrize("name", [' r="A{0}"', ""])
def test_long_shared_string_is_stored_once(name: str) -> None:
    row = f'<row r="{{0}}"><c{name} t="s"><v>0</v></c></row>'
    rows = "".join(row.format(number) for number in range(1, 3_001))
    content = with_rows(rows, f"<si><t>{'long ' * 20_000}</t></si>")
    before = resident()
    table = only(content)
    assert table.cells.height == 3_000
    assert resident() - before < 100 << 10


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_doctype_in_any_part_is_refused(member: str) -> None:
    content = with_strings("<si><t>text</t></si>")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read(member)
    start = part.index(b"<", 1) if part.startswith(b"<?") else 0
    with pytest.raises(InputError, match="DOCTYPE") as caught:
        read("a.xlsx", with_part(content, {member: part[:start] + LAUGHS + part[start:]}))
    assert member in str(caught.value)


@cases_from("conversion/tables/cases/a_damaged_sheet_is_refused_by_name.csv")
def test_damaged_sheet_is_refused_by_name(body: str) -> None:
    with pytest.raises(InputError) as caught:
        read("a.xlsx", with_sheet(body))
    assert str(caught.value.place).startswith("a.xlsx › ")
    assert caught.value.hint


def test_invalid_figure_in_a_figure_cell_is_kept_as_text() -> None:
    table = only(
        with_sheet("<sheetData><row><c><v>1_000</v></c><c><v>nan</v></c><c><v>1e999</v></c></row></sheetData>")
    )
    assert table.rows == {1: {1: "1_000", 2: "nan", 3: "1e999"}}
