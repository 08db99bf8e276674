"""A row has one name, in refusals and in findings: the line of a text that an editor shows, or the row of Parquet."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sdmxmig.cli import run
from sdmxmig.conversion.tables.text import read as read_table
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.records.combination.tables import NamedTable, check_rows
from sdmxmig.records.files import MOVEMENTS, PERSONS
from sdmxmig.records.reading import import_table

DOUBLED = ["person;date;direction", "A;2020-03-01;ENTRY", "B;2020-04-01;ENTRY", "A;2020-03-01;ENTRY"]
WRONG = ["person;date;direction", "A;2020-03-01;ENTRY", "B;2020-04-01;ENTRY", "C;2020-13-01;ENTRY"]
FILES = {
    "with a header": ("m.csv", "", "\n", 4),
    "without a suffix": ("movements", "", "\n", 4),
    "of Windows": ("m.csv", "", "\r\n", 4),
    "that names its separator": ("m.csv", "sep=;\n", "\n", 5),
    "that names it between quotation marks": ("m.txt", '"sep=;"\r\n', "\r\n", 5),
    "with blank lines before its header": ("m.csv", "\n\n", "\n", 6),
    "that names it behind a mark": ("m.csv", "\ufeffSEP=;\n", "\n", 5),
}


def places(folder: Path) -> list[str]:
    with (folder / "out" / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["Place"] for row in csv.DictReader(file) if row["Rule"] == "MIG-0-401"]


def derived(folder: Path, movements: Path, *words: str) -> int:
    days = ("--from", "2018-01-01", "--to", "2023-12-31", "--year", "2020", "-o", str(folder / "out"))
    return run(["derive", "--movements", str(movements), "--area", "MD", "--rule", "R12_16", *days, *words])


@pytest.mark.parametrize(("name", "before", "end", "line"), FILES.values(), ids=FILES)
def test_rows_of_text_files_are_named_by_line(name: str, before: str, end: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((before + end.join(DOUBLED) + end).encode())
    assert derived(tmp_path, path) == 0
    assert places(tmp_path) == [f"{name}:{line}"]
    path.write_bytes((before + end.join(WRONG) + end).encode())
    with pytest.raises(InputError, match=f"date is not a day such as 2024-01-31 in 1 line: {line}\\.") as caught:
        import_table(path, MOVEMENTS, tmp_path)
    assert caught.value.place == Place(name, line=line)
    cells = read_table(name, path.read_bytes())[0].cells
    assert cells.filter(pl.col("text").str.starts_with("2020-13"))["row"].to_list() == [line], "as in national tables"


def test_rows_of_parquet_are_named_by_number(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    pl.read_csv("\n".join(DOUBLED).encode(), separator=";").write_parquet(path)
    assert derived(tmp_path, path) == 0
    assert places(tmp_path) == ["m.csv › row 3"]
    pl.DataFrame({"person": ["A", "B", "A"]}).write_parquet(path)
    with pytest.raises(InputError, match="is listed more than once in 2 rows: 1, 3") as caught:
        import_table(path, PERSONS, tmp_path)
    assert str(caught.value.place) == "m.csv › row 1"


@pytest.mark.parametrize(("blank", "line"), [("", 5), (";;", 5)])
def test_blank_line_counts_in_line_numbers(blank: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(f"person;sex;c_birth\nA;F;\nB;;\n{blank}\nA;;\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"in 1 line: {line - 1}"):
        import_table(path, PERSONS, tmp_path)


@pytest.mark.parametrize("blank", ["", ";;", " ; ;", '"";;""'])
def test_blank_rows_at_the_end_are_left_out(blank: str, tmp_path: Path) -> None:
    path, rows = tmp_path / "p.csv", "person;sex;c_birth\nA;F;\nB;;\n"
    path.write_text(rows + f"{blank}\n" * 3, encoding="utf-8")
    assert pl.read_parquet(import_table(path, PERSONS, tmp_path))["person"].to_list() == ["A", "B"]
    path.write_text(rows + f"A;;\n{blank}\n", encoding="utf-8")
    with pytest.raises(InputError, match="is listed more than once in 2 lines: 2, 4"):
        import_table(path, PERSONS, tmp_path)
    path.write_text(rows + f"{blank}\n;F;\n{blank}\n", encoding="utf-8")
    with pytest.raises(InputError, match="in 2 lines: 4, 5"):
        import_table(path, PERSONS, tmp_path)


def test_blank_rows_at_the_end_of_parquet_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    born = pl.Series([date(1990, 1, 1), None, None, None], dtype=pl.Date)
    pl.DataFrame({"person": ["A", "B", "", None], "birth_date": born}).write_parquet(path)
    assert pl.read_parquet(import_table(path, PERSONS, tmp_path))["person"].to_list() == ["A", "B"]


def test_line_breaks_in_a_cell_do_not_shift_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text('person;c_birth\nA;"a\nb\nc"\nA;\n', encoding="utf-8")
    with pytest.raises(InputError, match="is listed more than once in 2 lines: 2, 3"):
        import_table(path, PERSONS, tmp_path)
    cells = read_table("p.csv", path.read_bytes())[0].cells
    assert cells.filter(pl.col("text") == "A")["row"].to_list() == [2, 3], "as in national tables"


def test_rows_of_tables_without_file_are_named_as_rows() -> None:
    table = NamedTable("made", pl.DataFrame({"value": [1, -1]}))
    with pytest.raises(SdmxmigError, match="made: below nothing in 1 row: 2") as caught:
        check_rows(table, table.frame["value"] < 0, "below nothing", "")
    assert caught.value.place is None
