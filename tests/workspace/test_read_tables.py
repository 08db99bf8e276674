"""Tables used in several steps: read by their text format, or limited to a range of cells."""

from __future__ import annotations

import pytest

from sdmxmig.conversion.tables import read_once
from sdmxmig.sdmx.model.tables import Range, TextFormat


def test_delimiter_option_changes_the_cells_read() -> None:
    content = b"Year;Men,Women\n2020;1,2\n"
    assert read_once("a.csv", content, TextFormat(delimiter=";"))[0].text(2, 2) == "1,2"
    assert read_once("a.csv", content, TextFormat(delimiter=","))[0].text(2, 2) == "2"


@pytest.mark.parametrize(
    ("rows", "columns", "texts"),
    [
        ((2, 3), (1, 2), {(2, 1): "2020", (2, 2): "1", (3, 1): "2021", (3, 2): "3"}),
        ((3, 9), (2, 9), {(3, 2): "3", (3, 3): "4"}),
        ((5, 9), (1, 9), {}),
        ((3, 2), (1, 9), {}),
    ],
)
def test_range_of_cells_is_read_from_a_sheet(
    rows: tuple[int, int], columns: tuple[int, int], texts: dict[tuple[int, int], str]
) -> None:
    (table,) = read_once("a.csv", b"Year,Men,Women\n2020,1,2\n2021,3,4\n")
    assert table.texts(Range(rows[0], columns[0], last_row=rows[1], last_column=columns[1])) == texts
