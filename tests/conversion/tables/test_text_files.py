"""Text tables: every field at its address, whatever encoding, signs and line ends the file has."""

from __future__ import annotations

import csv
import io
import random

import pytest
from case_tables import cases_from
from hypothesis import given, settings
from hypothesis import strategies as st
from tries import tries

from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables import text as text_tables
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.tables import Table


def only(content: bytes, name: str = "a.csv") -> Table:
    (table,) = read(name, content)
    return table


def said(table: Table, what: str) -> str:
    return dict(table.detected).get(what, "")


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_delimiter_is_detected(sign: str, mark: bytes) -> None:
    table = only(mark + f"Année{sign}Hommes{sign}Femmes\r\n2022{sign}1793{sign}\r\n".encode())
    assert table.rows == {1: {1: "Année", 2: "Hommes", 3: "Femmes"}, 2: {1: "2022", 2: "1793"}}
    assert str(table.place(2, 2)) == "a.csv › B2"
    assert said(table, "delimiter") == ("tab" if sign == "\t" else sign)
    assert said(table, "line ends") == "CRLF"


def test_decimal_commas_are_not_taken_for_delimiters() -> None:
    table = only(b"2022;1,5\n2023;2,5\n")
    assert table.rows == {1: {1: "2022", 2: "1,5"}, 2: {1: "2023", 2: "2,5"}}


def test_lines_of_other_width_around_the_table_are_parsed() -> None:
    text = "Population; by sex and age\n\nYear,Sex,Value\n2022,F,1\n2022,M,2\n2023,F,3\n\nSource: register, 2024\n"
    table = only(text.encode())
    assert said(table, "delimiter") == ","
    assert table.rows[1] == {1: "Population; by sex and age"}
    assert table.rows[6] == {1: "2023", 2: "F", 3: "3"}
    assert table.rows[8] == {1: "Source: register", 2: " 2024"}


TITLED = "{}\n\nSex,Men,Women\nChad,1,2\nMali,3,4\n"


@pytest.mark.parametrize(
    "title",
    [
        *("Immigrants by sex, age and citizenship, 2022", "Immigrants, excluding refugees, asylum seekers"),
        *("Immigrants by sex, 2022\nKenya, Bureau of Statistics", "Immigrants by country, sex, 2022"),
    ],
)
def test_title_with_unquoted_commas_is_one_cell(title: str) -> None:
    lines = title.split("\n")
    table = only(TITLED.format(title).encode())
    assert [table.rows[row] for row in range(1, len(lines) + 1)] == [{1: line} for line in lines]
    assert table.rows[len(lines) + 2] == {1: "Sex", 2: "Men", 3: "Women"}
    corrected = text_tables.replace_cell_text("a.csv", TITLED.format(title).encode(), at=(1, 1), text="New, title")
    assert only(corrected).rows == {**table.rows, 1: {1: "New, title"}}


@cases_from("conversion/cases/blanks_behind_commas_of_a_table_leave_its_fields_apart.csv")
def test_blanks_after_delimiting_commas_are_allowed(text: str) -> None:
    widths = [len(line.split(",")) for line in text.splitlines()]
    assert [len(row) for row in only(text.encode()).rows.values()] == widths


def test_delimiter_line_is_skipped_but_counted() -> None:
    table = only(b"sep=|\r\nYear|Men,Women\r\n")
    assert table.rows == {2: {1: "Year", 2: "Men,Women"}}


def test_quoted_fields_may_contain_delimiters_and_line_breaks() -> None:
    table = only(b'Year;Note\r\n2022;"a;b"\r\n2023;"say ""yes"""\r\n2024;"two\r\nlines"\r\n2025;""\r\n')
    assert [table.text(row, 2) for row in range(2, 6)] == ["a;b", 'say "yes"', "two\nlines", ""]
    assert table.text(5, 1) == "2025"
    assert said(table, "fields with line breaks") == "1"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_endings_are_parsed(end: str) -> None:
    table = only(end.join(["Year,Value", "2022,1", "", '2023,"2"']).encode())
    assert table.rows == {1: {1: "Year", 2: "Value"}, 2: {1: "2022", 2: "1"}, 4: {1: "2023", 2: "2"}}


def test_mixed_line_ends_are_reported() -> None:
    table = only(b"a,b\r\n1,2\n3,4\r5,6\r\n\x1a")
    assert table.rows[4] == {1: "5", 2: "6"}
    assert table.last_row == 4
    assert said(table, "line ends") == "CRLF and LF and CR"


def test_quotation_marks_inside_a_field_are_kept() -> None:
    table = only(b'Name,Size\nTV 5",1\n"a, b",2\nO"Brien,3\n')
    assert [table.text(row, 1) for row in range(2, 5)] == ['TV 5"', "a, b", 'O"Brien']
    assert table.text(4, 2) == "3"


def test_open_quotation_mark_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        read("a.csv", b'Year,Value\n2022,"1\n')
    assert "quotation mark" in caught.value.hint


@pytest.mark.parametrize(
    ("figures", "decimal", "thousands"),
    [
        (["3688,6", "1,25"], ",", ""),
        (["1.234.567", "27,3"], ",", "."),
        (["423.701", "27,3"], ",", "."),
        (["1 234 567", "12"], "", " "),
        (["1\u00a0234,5", "0,5"], ",", " "),
        (["1'234.50", "7"], ".", "'"),
        (["36,766", "260", "1"], "", ","),
        (["0.123", "1.500"], ".", ""),
        (["1,5", "1.5"], ", and .", ""),
        (["2021", "12"], "", ""),
        (["2021-05", "10.05.2021", "1,2,3"], "", ""),
    ],
)
def test_proven_decimal_and_thousands_separators_are_reported(figures: list[str], decimal: str, thousands: str) -> None:
    table = only("\n".join(["Year;Value", *(f"2020;{figure}" for figure in figures)]).encode())
    assert (said(table, "decimal"), said(table, "thousands")) == (decimal, thousands)
    assert said(table, "unsure figure") == ""


def test_ambiguous_figure_is_reported() -> None:
    table = only(b"Year;Value\n2020;1,234\n2021;5,678\n")
    assert (said(table, "decimal"), said(table, "thousands")) == ("", "")
    assert said(table, "unsure figure") == "1,234"


FIELDS = st.text(st.sampled_from('ab é中0\n",; \x1e'), max_size=6)


@settings(max_examples=tries(60))
@given(st.lists(st.lists(FIELDS, min_size=1, max_size=4), min_size=2, max_size=6), st.booleans())
def test_csv_survives_a_round_trip(records: list[list[str]], every: bool) -> None:
    stream = io.StringIO(newline="")
    rule = csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, delimiter="|", quoting=rule, lineterminator="\n")
    writer.writerows([["head", "of", "table"], *records])
    table = only(b"sep=|\n" + stream.getvalue().encode())
    cells = {(row, column): text for row, line in table.rows.items() for column, text in line.items() if row > 2}
    assert cells == {
        (row, column): text
        for row, line in enumerate(records, start=3)
        for column, text in enumerate(line, start=1)
        if text
    }


def test_chunk_size_does_not_change_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    records = [[f"Ort {n}", chance.choice(["a\nb", 'c"d', "né", ""]), str(n)] for n in range(100)]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";").writerows([["Name", "Note", "Value"], *records])
    content = stream.getvalue().encode("cp1252")
    whole = only(content)
    for size in (150, 1000):
        monkeypatch.setattr(text_tables, "CHUNK", size)
        table = only(content)
        assert table.cells.rows() == whole.cells.rows()
        assert said(table, "encoding") == "windows-1252"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Year,Value\n2022,\0\0\0\n", "NUL"),
        (b"\x1a", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"Year,Value\n" + b"," * 70_000, "65536 fields"),
        (b'Year,Value\n"' + b"x" * 200_000, "field"),
        (b"a\n" + b"x" * (17 << 20), "longer than 16 MiB"),
    ],
)
def test_hostile_texts_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read("a.csv", content)
    assert message in caught.value.message
    assert caught.value.place.file == "a.csv"


def test_zero_byte_is_reported_with_its_line() -> None:
    lines = b"2022,1\r\n" * 600_000
    with pytest.raises(InputError) as caught:
        read("a.csv", lines + b"20\x0022,1\r\n" + lines)
    assert caught.value.place == Place("a.csv", line=600_001)


def test_separators_are_detected_in_all_columns() -> None:
    (table,) = read("a.csv", b"total;1,5\n" * 210_000)
    assert said(table, "decimal") == ","


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "CELL_LIMIT", 100)
    with pytest.raises(InputError, match="more than 100 filled cells"):
        read("a.csv", b"a,b\n" * 51)
