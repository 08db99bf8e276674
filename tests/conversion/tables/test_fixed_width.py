"""Fixed-width text: every character belongs to one column."""

from __future__ import annotations

import pytest

from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import Table, TextFormat

LINES = """\
Foreign population
Country          Men   Women
Ukraine        1 234     987
  of which EU     12
Türkiye            –      56
"""
COLUMNS = TextFormat(starts=(1, 16, 22))


def only(text: str, written: TextFormat = COLUMNS, name: str = "a.dat") -> Table:
    (table,) = read(name, text.encode(), written)
    return table


def test_a_column_reaches_from_its_position_to_the_next() -> None:
    table = only(LINES)
    assert [table.text(2, column).strip() for column in (1, 2, 3)] == ["Country", "Men", "Women"]
    assert [table.text(3, column).strip() for column in (1, 2, 3)] == ["Ukraine", "1 234", "987"]
    assert table.rows[5][1] == "Türkiye"
    assert ("columns begin at", "1, 16, 22") in table.detected


def test_blanks_before_a_label_stay_and_those_behind_a_text_are_filling() -> None:
    assert only(LINES).text(4, 1) == "  of which EU"
    assert only("A              1     2   \n").rows == {1: {1: "A", 2: "1", 3: "2"}}


def test_nothing_of_a_line_is_lost() -> None:
    table = only(LINES)
    for row, line in enumerate(LINES.splitlines(), start=1):
        assert "".join(table.rows[row].values()).replace(" ", "") == line.replace(" ", "")


def test_positions_count_letters_and_not_bytes() -> None:
    assert only("日本             5     6\n").rows == {1: {1: "日本", 2: "5", 3: "6"}}


def test_the_sign_of_a_new_page_is_none_of_the_letters() -> None:
    assert only("\fA              1     2\n").text(1, 2) == "1"


def test_a_figure_over_the_edge_of_a_column_names_both_cells() -> None:
    moved = "Ukraine    123456     987\n"
    assert only(moved).cut == {(1, 1), (1, 2)}
    assert only(moved, TextFormat(starts=(1, 16, 22), packed=True)).cut == frozenset()
    assert only(LINES).cut == frozenset()


@pytest.mark.parametrize("figure", ["12345,6", "12345.67", "−12345", "123456789"])
def test_figure_cut_by_a_column_edge_is_reported(figure: str) -> None:
    edge = 15 - 1 if figure.startswith("−") else 15 - len(figure) // 2
    assert only(f"{'':{edge}}{figure}\n").cut


def test_a_tab_has_no_position() -> None:
    with pytest.raises(InputError, match="Line 2 has a tab") as caught:
        only("A              1\nB\t2\n")
    assert caught.value.place is not None
    assert caught.value.place.line == 2


def test_a_workbook_is_no_text_whatever_the_mapping_says() -> None:
    with pytest.raises(InputError, match="this is not one"):
        read("a.dat", b"PK\x03\x04", COLUMNS)
