"""Old workbooks (.xls): the same cells as in the other formats and as other readers see, hostile files refused."""

from __future__ import annotations

import io
import struct
import time
from itertools import pairwise

import pytest
from binary_workbooks import cell, compound, part, record, xls
from case_tables import cases_from
from folders import SHARED
from python_calamine import CalamineWorkbook
from twins import CELLS, COMMENT, FORMATS, TWINS, shown_formats, shown_texts

from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.readers import Allowance
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Range, Table

PUBLISHED = SHARED / "tables"
needs_shared = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the shared tables are not here")
NUMBER, PACKED, LABEL = 0x203, 0x27E, 0x204
UNDECLARED_NUMBER_OF_STRINGS = 0x7FFFFFFF


def only(content: bytes) -> Table:
    (table,) = read("a.xls", content)
    return table


@pytest.mark.parametrize("name", ["stocks.xls", "stocks.ods"])
def test_office_workbook_is_complete(name: str) -> None:
    first, second = read(name, (TWINS / name).read_bytes())
    assert shown_texts(first) == CELLS
    assert first.merged == (Range(1, 1, last_row=1, last_column=4),)
    assert first.notes == {(4, 3): (COMMENT,)}
    assert (first.hidden_rows, first.hidden_columns, first.hidden) == ({6}, {4}, False)
    assert shown_formats(first) == FORMATS
    assert first.formulas == {(5, 3), (5, 6), (6, 6)}
    assert (second.sheet, second.hidden, second.text(2, 2)) == ("Working", True, "left over")


def test_results_of_formulas_are_marked() -> None:
    first, _ = read("stocks.xls", (TWINS / "stocks.xls").read_bytes())
    assert first.formulas == {(5, 3), (5, 6), (6, 6)}
    kinds = dict(zip(first.cells.select("row", "column").rows(), first.cells["kind"], strict=True))
    assert [kinds[5, 3], kinds[5, 6], kinds[6, 6]] == ["number", "error", "text"]


def test_formula_without_a_saved_result_has_an_empty_text() -> None:
    to_come, none = (struct.pack("<BxBxxxH", kind, 0, 0xFFFF) + bytes(8) for kind in (0, 3))
    table = only(xls(record(0x06, cell(0, 0, to_come)), record(0x06, cell(0, 1, none))))
    assert table.formulas == {(1, 1), (1, 2)}
    assert table.rows == {}


def test_text_result_belongs_only_to_its_formula() -> None:
    to_come, none = (struct.pack("<BxBxxxH", kind, 0, 0xFFFF) + bytes(8) for kind in (0, 3))
    true, error = (struct.pack("<BxBxxxH", kind, code, 0xFFFF) + bytes(8) for kind, code in ((1, 1), (2, 7)))
    number = struct.pack("<d", 2.5) + bytes(8)
    text, other = (record(0x207, struct.pack("<HB", len(word), 0) + word) for word in (b"Men", b"Women"))
    content = xls(
        record(0x06, cell(0, 0, to_come)) + text,
        record(0x06, cell(0, 1, none)) + text,
        record(0x06, cell(0, 2, number)) + text,
        record(0x06, cell(0, 3, true)) + text,
        record(0x06, cell(0, 4, error)) + text,
        record(0x06, cell(1, 0, to_come)) + text + other,
    )
    table = only(content)
    assert table.rows == {1: {1: "Men", 3: "2.5", 4: "TRUE", 5: "#DIV/0!"}, 2: {1: "Men"}}
    assert table.formulas == {(1, number) for number in range(1, 6)} | {(2, 1)}


@pytest.mark.parametrize(
    ("stored", "text"),
    [(0x3FF00000, "1"), ((1234 << 2) | 2, "1234"), ((1234 << 2) | 3, "12.34"), ((-5 << 2) & 0xFFFFFFFF | 2, "-5")],
)
def test_packed_numbers_are_parsed(stored: int, text: str) -> None:
    assert only(xls(record(PACKED, cell(0, 0, struct.pack("<I", stored))))).text(1, 1) == text


def test_row_of_numbers_booleans_and_errors_is_parsed() -> None:
    row = struct.pack("<HH", 0, 1) + struct.pack("<HI", 0, (7 << 2) | 2) + struct.pack("<HI", 0, (8 << 2) | 2)
    table = only(
        xls(
            record(0xBD, row + struct.pack("<H", 2)),
            record(0x205, cell(1, 0, bytes([1, 0]))),
            record(0x205, cell(1, 1, bytes([0x2A, 1]))),
        )
    )
    assert table.rows == {1: {2: "7", 3: "8"}, 2: {1: "TRUE", 2: "#N/A"}}


def test_text_continued_in_wider_letters_is_parsed() -> None:
    strings = struct.pack("<IIHB", 1, 1, 8, 0) + b"Popu"
    rest = bytes([1]) + "ляци".encode("utf-16-le")
    shared = record(0xFC, strings) + record(0x3C, rest)
    assert only(xls(record(0xFD, cell(0, 0, struct.pack("<I", 0))), shared=shared)).text(1, 1) == "Popuляци"


@pytest.mark.parametrize("cuts", [(), (1,), (5,), (7,), (2, 4), (6, 9)])
@pytest.mark.parametrize("size", [0, 1, 6, 10])
def test_data_after_a_shared_string_is_skipped_across_records(size: int, cuts: tuple[int, ...]) -> None:
    hanging = bytes(range(65, 65 + size))
    first = struct.pack("<HBI", 3, 4, size) + b"Men"
    second = struct.pack("<HB", 5, 0) + b"Women"
    edges = [0, *(cut for cut in cuts if cut < size), size]
    pieces = [hanging[start:end] for start, end in pairwise(edges)]
    strings = [struct.pack("<II", 2, 2) + first + pieces[0], *pieces[1:]]
    strings[-1] += second
    shared = record(0xFC, strings[0]) + b"".join(record(0x3C, piece) for piece in strings[1:])
    cells = [record(0xFD, cell(0, column, struct.pack("<I", column))) for column in (0, 1)]
    assert only(xls(*cells, shared=shared)).rows == {1: {1: "Men", 2: "Women"}}


def test_indented_texts_of_newer_workbooks_are_parsed() -> None:
    style = struct.pack("<HHHBBB", 0, 0, 0, 1, 0, 0x32) + bytes(11)
    label = record(LABEL, cell(0, 0, struct.pack("<HB", 3, 0) + b"Men"))
    table = only(xls(label, record(NUMBER, cell(0, 1, struct.pack("<d", 1.0))), shared=record(0xE0, style)))
    assert [None if code is None else table.formats[code] for code in table.cells["format"]] == ["      @", None]


def test_dates_of_the_1904_calendar_are_parsed() -> None:
    shared = record(0x22, b"\1\0") + record(0xE0, struct.pack("<HH", 0, 14))
    content = xls(record(NUMBER, cell(0, 0, struct.pack("<d", 43_889.0))), shared=shared)
    assert only(content).text(1, 1) == "2024-02-29"


def test_chart_inside_a_sheet_is_skipped() -> None:
    chart = part(0x600, 0x20, record(NUMBER, cell(0, 0, struct.pack("<d", 9.0))))
    content = xls(chart, record(NUMBER, cell(0, 0, struct.pack("<d", 1.0))))
    assert only(content).rows == {1: {1: "1"}}


@pytest.mark.parametrize(
    ("streams", "message"),
    [
        ({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}, "password"),
        ({"WordDocument": b"x"}, "Word document"),
        ({"Data": b"x"}, "no workbook"),
    ],
)
def test_encrypted_or_foreign_xls_is_refused(streams: dict[str, bytes], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read("a.xls", compound(streams))
    assert caught.value.hint


def test_protected_workbook_is_refused() -> None:
    with pytest.raises(InputError, match="password"):
        read("a.xls", xls(shared=record(0x2F, bytes(6))))


def test_sheet_with_many_names_counts_towards_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.conversion.tables.xls.allowance", lambda: Allowance(steps=100))
    blanks = record(0x201, cell(0, 0, b"")) * 60
    assert only(xls(shared=blanks)).rows == {}
    again = record(0x85, struct.pack("<IBB", 0, 0, 0) + b"\1\0S")
    with pytest.raises(InputError, match="parts, filled or not"):
        read("a.xls", xls(shared=blanks + again))


def test_distant_cell_and_false_size_take_little_time() -> None:
    size = record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFFF, 0, 0xFFFF, 0))
    content = xls(size, record(NUMBER, cell(65_535, 255, struct.pack("<d", 1.0))))
    started = time.process_time()
    assert only(content).rows == {65_536: {256: "1"}}
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "content",
    [
        xls(shared=record(0xFC, struct.pack("<II", 1, UNDECLARED_NUMBER_OF_STRINGS))),
        xls(shared=record(0xFC, struct.pack("<IIHBi", 1, UNDECLARED_NUMBER_OF_STRINGS, 3, 4, -10) + b"Men")),
        xls(record(0xFD, cell(0, 0, struct.pack("<I", 5)))),
        xls(record(NUMBER, b"\0")),
        xls(record(LABEL, cell(0, 0, struct.pack("<HB", 60_000, 1)))),
        xls(record(0xE5, struct.pack("<H4H", 1, 5, 1, 0, 0))),
        xls()[:1500],
        compound({"Workbook": struct.pack("<HH", 0x809, 60_000)}),
        compound({"Book": part(0x500, 5)}),
    ],
)
def test_damaged_workbook_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read("a.xls", content)
    assert str(caught.value.place).startswith("a.xls")
    assert caught.value.hint


def test_endless_sector_chain_is_refused() -> None:
    content = bytearray(xls())
    content[512 + 2 * 4 : 512 + 3 * 4] = struct.pack("<I", 2)  # the first sector of the workbook follows itself
    with pytest.raises(InputError, match="damaged"):
        read("a.xls", bytes(content))


SEED = (TWINS / "stocks.xls").read_bytes()


def test_another_reader_finds_equal_cells() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(SEED)).get_sheet_by_index(0)
    rows = enumerate(sheet.to_python(skip_empty_area=False), start=1)
    filled = [(row, column) for row, line in rows for column, value in enumerate(line, start=1) if value != ""]
    assert filled == [place for place in sorted(CELLS) if CELLS[place] != "#N/A"]


@needs_shared
def test_both_formats_of_the_un_workbook_are_equal() -> None:
    old = read("a.xls", (PUBLISHED / "un" / "UN_MigrantStockTotal_2019_biff.xls").read_bytes())
    new = read("a.xlsx", (PUBLISHED / "un" / "UN_MigrantStockTotal_2019.xlsx").read_bytes())
    assert [table.sheet for table in old] == [table.sheet for table in new]
    columns = ("row", "column", "text", "kind", "formula")
    for old_table, other in zip(old, new, strict=True):
        assert old_table.cells.select(columns).rows() == other.cells.select(columns).rows()
        codes, others = (
            [None if code is None else table.formats[code] for code in table.cells["format"]]
            for table in (old_table, other)
        )
        assert codes == others, "number formats, and the indentation of labels"
        assert (old_table.merged, old_table.hidden_rows, old_table.hidden_columns) == (
            other.merged,
            other.hidden_rows,
            other.hidden_columns,
        )
    assert [len(table.numeric) for table in old] == [0, 6419, 6019, 5979, 2532, 5561, 5607, 587, 0]


@needs_shared
@cases_from("conversion/tables/cases/the_numbers_of_workbooks_of_offices.csv", sheets=int, numbers=int)
def test_numbers_of_office_workbooks_are_all_read(name: str, sheets: int, numbers: int) -> None:
    tables = read(name, (PUBLISHED / name).read_bytes())
    assert len(tables) == sheets
    assert sum(len(table.numeric) for table in tables) == numbers
