"""Web pages: each table is a table, merged cells are ranges, pages named as workbooks are known by their content."""

from __future__ import annotations

import time

import pytest
from case_tables import cases_from
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries
from twins import CELLS, COMMENT, TWINS, shown_texts

from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.readers import Allowance
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Range, Table


def only(page: str) -> Table:
    (table,) = read("a.html", page.encode())
    return table


def test_page_written_by_a_spreadsheet_program_is_parsed() -> None:
    (table,) = read("stocks.xls", (TWINS / "stocks.html").read_bytes())
    labels = {cell: text for cell, text in CELLS.items() if cell[1] == 1 and cell[0] < 6}
    assert {cell: text for cell, text in shown_texts(table).items() if cell in labels} == labels
    assert table.text(4, 2) == "3688.6"
    assert (4, 2) in table.numeric
    assert table.text(4, 4) == "31.01.2024"
    assert table.notes == {(4, 3): (COMMENT,)}
    assert table.merged == (Range(1, 1, last_row=1, last_column=4),)


def test_cells_spanning_rows_and_columns_are_parsed() -> None:
    table = only(
        "<table><tr><th rowspan=2>Year<th colspan=2>Sex<th rowspan=3>Note</tr><tr><td>Men<td>Women</tr>"
        "<tr><td>2024<td>1<td>2</table>"
    )
    assert table.rows == {
        1: {1: "Year", 2: "Sex", 4: "Note"},
        2: {2: "Men", 3: "Women"},
        3: {1: "2024", 2: "1", 3: "2"},
    }
    assert table.merged == (
        Range(1, 1, last_row=2, last_column=1),
        Range(1, 2, last_row=1, last_column=3),
        Range(1, 4, last_row=3, last_column=4),
    )


def test_texts_are_read_as_displayed() -> None:
    table = only(
        "<table><tr><td> a\n  b&amp;c <td>2014<sup>1)</sup><td>x<br>y<p>z</p><td>&nbsp;<td>1&nbsp;234"
        "<td><script>no()</script><style>no{}</style><b>yes</b></table>"
    )
    assert table.rows == {1: {1: "a b&c", 2: "2014¹⁾", 3: "x\ny\nz", 5: "1\xa0234", 6: "yes"}}


def test_html_tables_are_named_by_caption_or_number() -> None:
    tables = read(
        "a.html",
        b"<body>menu<table><caption>Stock <sup>1</sup></caption><tr><td>a<table><tr><td>inside</table></table>"
        b"<table></table><table><caption>Stock \xc2\xb9</caption><tr><td>c</table></body>",
    )
    assert [(table.sheet, table.rows) for table in tables] == [
        ("Stock ¹", {1: {1: "a"}}),
        ("2", {1: {1: "inside"}}),
        ("Stock ¹ (3)", {1: {1: "c"}}),
    ]


def test_stored_number_precedes_displayed_text() -> None:
    table = only(
        '<table><tr><td x:num="1234.5">1 235<td x:num="45322">31.01.2024<td sdval="0.254">25,4%<td x:num>7'
        '<td x:num="1">yes<td x:num="1E3">1000</table>'
    )
    assert table.rows[1] == {1: "1234.5", 2: "31.01.2024", 3: "0.254", 4: "7", 5: "yes", 6: "1000"}
    assert table.numeric == {(1, 1), (1, 3), (1, 6)}


def test_hidden_rows_and_notes_are_parsed() -> None:
    table = only(
        '<table><tr><td title="estimated">5</tr><tr style="display: none"><td>6</tr>'
        "<tr hidden><td>7</tr><tr><td>8</table>"
    )
    assert table.hidden_rows == {2, 3}
    assert table.notes == {(1, 1): ("estimated",)}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("<meta charset=windows-1251><table><td>Грузия".encode("cp1251"), "windows-1251"),
        ("<html><table><td>Грузия".encode("utf-16"), "UTF-16"),
        ("<html><table><td>Грузия, Армения".encode(), "UTF-8"),
        ('<?xml version="1.0" encoding="UTF-8"?><html><table><td>Грузия'.encode("utf-8-sig"), "UTF-8"),
        ("<meta charset=us-ascii><table><td>Грузия, Армения".encode(), "UTF-8"),
    ],
)
def test_encoding_is_declared_or_detected(content: bytes, encoding: str) -> None:
    (table,) = read("a.xls", content)
    assert table.text(1, 1).startswith("Грузия")
    assert table.detected == (("format", "HTML"), ("encoding", encoding))


@cases_from("conversion/tables/cases/odd_pages_are_read_as_browsers_read_them.csv")
def test_malformed_pages_are_read_as_in_browsers(page: str) -> None:
    tables = read("a.html", page.encode())
    assert all(table.last_row <= 3 and table.last_column <= 1001 for table in tables)


def test_page_without_a_table_is_refused() -> None:
    with pytest.raises(InputError, match="no table") as caught:
        read("a.xls", b"<!DOCTYPE html><html><p>Please log in</p></html>")
    assert caught.value.hint


def test_endlessly_nested_tables_are_refused() -> None:
    with pytest.raises(InputError, match="nests"):
        read("a.html", b"<table><td>" * 100)


def test_endlessly_overlapping_cells_are_refused_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.conversion.tables.html.allowance", lambda: Allowance(steps=200_000))
    page = "<table><tr>" + "<td rowspan=65534>a" * 500 + "<tr><td>b" * 3000
    started = time.process_time()
    with pytest.raises(InputError, match="more than"):
        read("a.html", page.encode())
    assert time.process_time() - started < 2


TAGS = (
    "table",
    "/table",
    "tr",
    "/tr",
    "td",
    "td rowspan=2",
    "th colspan=3",
    "/td",
    "sup",
    "/sup",
    "caption",
    "p",
    "!--",
)


def test_too_many_merged_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdmxmig.conversion.tables.html.allowance", lambda: Allowance(merges=2))
    with pytest.raises(InputError, match="merged"):
        read("a.html", b"<table><tr>" + b"<td colspan=2>a" * 3)


@settings(max_examples=tries(100))
@given(st.lists(st.sampled_from([f"<{tag}>" for tag in TAGS] + ["a", "<comment>", "</comment>"]), max_size=20))
def test_any_html_tags_yield_a_table_or_an_input_error(tags: list[str]) -> None:
    try:
        read("a.html", ("<html>" + "".join(tags)).encode())
    except InputError:
        return
