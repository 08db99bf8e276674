"""Tables that are read for screens and corrections: by their text format, and cut to what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.model.tables import AUTODETECT, Range, TextFormat
from sdmxmig.workspace.tasks.excerpts import ReadTables


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_text_format_is_part_of_the_cache_key(tmp_path: Path) -> None:
    tables, path = ReadTables(), written(tmp_path, "a.csv", "Year;Men,Women\n2020;1,2\n")
    assert tables.of(path, TextFormat(delimiter=";"))[0].text(2, 2) == "1,2"
    assert tables.of(path, TextFormat(delimiter=","))[0].text(2, 2) == "2"


def test_unreadable_file_is_refused_each_time(tmp_path: Path) -> None:
    tables, path = ReadTables(), tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04broken")
    for _ in range(2):
        with pytest.raises(InputError, match="cannot be opened"):
            tables.of(path, AUTODETECT)


@pytest.mark.parametrize(
    ("rows", "columns", "texts"),
    [
        ((2, 3), (1, 2), {(2, 1): "2020", (2, 2): "1", (3, 1): "2021", (3, 2): "3"}),
        ((3, 9), (2, 9), {(3, 2): "3", (3, 3): "4"}),
        ((5, 9), (1, 9), {}),
        ((3, 2), (1, 9), {}),
    ],
)
def test_a_rectangle_of_cells_is_cut_out_of_a_sheet(
    tmp_path: Path, rows: tuple[int, int], columns: tuple[int, int], texts: dict[tuple[int, int], str]
) -> None:
    (table,) = ReadTables().of(written(tmp_path, "a.csv", "Year,Men,Women\n2020,1,2\n2021,3,4\n"), AUTODETECT)
    assert table.texts(Range(rows[0], columns[0], last_row=rows[1], last_column=columns[1])) == texts
