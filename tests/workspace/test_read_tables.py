"""Cache of parsed tables: each file is parsed once until it changes, and dropped above a limit of cells."""

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


def test_file_is_parsed_once_until_it_changes(tmp_path: Path) -> None:
    tables, path = ReadTables(), written(tmp_path, "a.csv", "Year,Men\n2020,1\n")
    first = tables.of(path, AUTODETECT)
    assert tables.of(path, AUTODETECT) is first
    written(tmp_path, "a.csv", "Year,Men\n2020,12\n")
    assert tables.of(path, AUTODETECT)[0].text(2, 2) == "12"


def test_text_format_is_part_of_the_cache_key(tmp_path: Path) -> None:
    tables, path = ReadTables(), written(tmp_path, "a.csv", "Year;Men,Women\n2020;1,2\n")
    assert tables.of(path, TextFormat(delimiter=";"))[0].text(2, 2) == "1,2"
    assert tables.of(path, TextFormat(delimiter=","))[0].text(2, 2) == "2"


def test_least_recently_used_file_is_dropped_above_the_cell_limit(tmp_path: Path) -> None:
    tables = ReadTables(most_cells=8)
    paths = [written(tmp_path, name, "Year,Men\n2020,1\n") for name in ("a.csv", "b.csv", "c.csv")]
    first, second = (tables.of(path, AUTODETECT) for path in paths[:2])
    assert tables.of(paths[0], AUTODETECT) is first
    tables.of(paths[2], AUTODETECT)
    assert tables.of(paths[0], AUTODETECT) is first
    assert tables.of(paths[1], AUTODETECT) is not second


def test_the_file_that_is_looked_at_is_kept_however_large_it_is(tmp_path: Path) -> None:
    tables, path = ReadTables(most_cells=1), written(tmp_path, "a.csv", "Year,Men\n2020,1\n")
    assert tables.of(path, AUTODETECT) is tables.of(path, AUTODETECT)


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
