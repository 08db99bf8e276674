"""Binary workbooks (.xlsb): the cells that another reader sees, and what it does not see; hostile files refused."""

from __future__ import annotations

import io
import struct

import pytest
from binary_workbooks import cell12, record12, row12, text12, xlsb
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from tries import tries

from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.readers import Allowance
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Range, Table

PACKED, ERROR, TRUTH, NUMBER, INLINE, SHARED, FORMULA_TEXT, FORMULA = 2, 3, 4, 5, 6, 7, 8, 9
FORMATS = ((164, "0.0"), (165, "dd.mm.yyyy"))
STYLES = (
    record12(615, struct.pack("<I", 2))
    + b"".join(record12(44, struct.pack("<H", number) + text12(code)) for number, code in FORMATS)
    + record12(43, struct.pack("<4H", 220, 0, 400, 0) + bytes(12))
    + record12(43, struct.pack("<4H", 220, 0, 400, 1) + bytes(12))
    + record12(626)
    + record12(47, struct.pack("<HHH", 0, 9, 0) + bytes(10))
    + record12(627)
    + record12(617, struct.pack("<I", 3))
    + b"".join(record12(47, struct.pack("<HHH", 0, number, 0) + bytes(10)) for number in (0, 164, 165))
    + record12(618)
)
RAISED = b"\1" + text12("20141") + struct.pack("<I", 2) + struct.pack("<4H", 0, 0, 4, 1)
STRINGS = (
    record12(159, struct.pack("<II", 2, 2))
    + record12(19, b"\0" + text12("Грузия"))
    + record12(19, RAISED)
    + record12(160)
)
COMMENTS = record12(635, struct.pack("<5I", 0, 1, 1, 2, 2) + bytes(16)) + record12(637, b"\0" + text12("Estimated"))
STOCKS = (
    record12(148, struct.pack("<4I", 0, 2, 0, 5))
    + record12(390)
    + record12(60, struct.pack("<4IH", 3, 4, 2560, 0, 1))
    + record12(391)
    + record12(145)
    + row12(0)
    + cell12(SHARED, 0, struct.pack("<I", 0))
    + cell12(SHARED, 1, struct.pack("<I", 1))
    + cell12(INLINE, 2, text12("Total"))
    + row12(1, hidden=True)
    + cell12(PACKED, 0, struct.pack("<I", (1234 << 2) | 3))
    + cell12(NUMBER, 1, struct.pack("<d", 3688.6), style=1)
    + cell12(NUMBER, 2, struct.pack("<d", 45322.0), style=2)
    + cell12(TRUTH, 3, b"\1")
    + row12(2)
    + cell12(ERROR, 0, b"\x2a")
    + cell12(FORMULA_TEXT, 1, text12("PL") + bytes(10))
    + cell12(FORMULA, 2, struct.pack("<d", 7.0) + bytes(10))
    + cell12(1, 5, b"")
    + record12(146)
    + record12(177, struct.pack("<I", 1))
    + record12(176, struct.pack("<4I", 0, 0, 2, 3))
    + record12(178)
)
CONTENT = xlsb(STOCKS, styles=STYLES, sharedStrings=STRINGS, comments=COMMENTS)


def only(content: bytes) -> Table:
    (table,) = read("a.xlsb", content)
    return table


def test_cells_of_all_kinds() -> None:
    table = only(CONTENT)
    assert table.sheet == "Stocks"
    assert table.rows == {
        1: {1: "Грузия", 2: "2014¹", 3: "Total"},
        2: {1: "12.34", 2: "3688.6", 3: "2024-01-31", 4: "TRUE"},
        3: {1: "#N/A", 2: "PL", 3: "7"},
    }
    assert table.numeric == {(2, 1), (2, 2), (3, 3)}
    assert table.formulas == {(3, 2), (3, 3)}


def test_formats_comments_merged_and_hidden_parts() -> None:
    table = only(CONTENT)
    formats = table.cells.select("row", "column", "format").drop_nulls().rows()
    assert {(row, column): table.formats[code] for row, column, code in formats} == {
        (2, 2): "0.0",
        (2, 3): "dd.mm.yyyy",
    }
    assert table.notes == {(2, 3): ("Estimated",)}
    assert table.merged == (Range(1, 3, last_row=1, last_column=4),)
    assert (table.hidden_rows, table.hidden_columns, table.hidden) == ({2}, {4}, False)
    assert only(xlsb(STOCKS, hidden=True, sharedStrings=STRINGS)).hidden


def test_another_reader_sees_the_same() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(CONTENT)).get_sheet_by_index(0)
    rows = sheet.to_python(skip_empty_area=False)
    assert [line[:2] for line in rows[:2]] == [["Грузия", "20141"], [12.34, 3688.6]]
    assert rows[1][3] is True
    assert rows[2][1:3] == ["PL", 7.0]


def test_indented_texts() -> None:
    style = struct.pack("<HHHHHBB", 0, 164, 0, 0, 0, 0, 2) + bytes(4)
    styles = record12(617, struct.pack("<I", 1)) + record12(47, style) + record12(618)
    sheet = row12(0) + cell12(INLINE, 0, text12("Men")) + cell12(NUMBER, 1, struct.pack("<d", 1.0))
    table = only(xlsb(sheet, styles=styles))
    assert [None if code is None else table.formats[code] for code in table.cells["format"]] == ["      @", None]


@pytest.mark.parametrize(
    "sheet",
    [
        row12(0) + cell12(SHARED, 0, struct.pack("<I", 99)),
        row12(0) + cell12(INLINE, 0, struct.pack("<I", 0x7FFFFFFF)),
        row12(0) + cell12(NUMBER, 0, b""),
        row12(0xFFFFFFF0) + cell12(PACKED, 0, bytes(4)),
        row12(0) + cell12(PACKED, 16_384, bytes(4)),
        record12(176, struct.pack("<4I", 5, 0, 0, 0)),
        b"\x00\xff\xff\xff\x7f",
        b"\x00\x19",
    ],
)
def test_a_damaged_sheet_is_refused_by_name(sheet: bytes) -> None:
    with pytest.raises(InputError, match="damaged") as caught:
        only(xlsb(sheet))
    assert str(caught.value.place) == "a.xlsb › Stocks"


def test_too_many_merged_ranges_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.conversion.tables.xlsb.allowance", lambda: Allowance(merges=2))
    with pytest.raises(InputError, match="merged"):
        only(xlsb(record12(176, struct.pack("<4I", 0, 1, 0, 1)) * 3))


def test_empty_records_count_towards_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.conversion.tables.xlsb.allowance", lambda: Allowance(steps=50))
    with pytest.raises(InputError, match="parts, filled or not"):
        only(xlsb(record12(1, b"") * 100))


@settings(max_examples=tries(60))
@given(st.lists(st.tuples(st.integers(0, len(STOCKS) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_xlsb_sheet_gives_a_table_or_an_input_error(changes: list[tuple[int, int]]) -> None:
    sheet = bytearray(STOCKS)
    for position, value in changes:
        sheet[position] = value
    try:
        only(xlsb(bytes(sheet), styles=STYLES, sharedStrings=STRINGS))
    except InputError:
        return
