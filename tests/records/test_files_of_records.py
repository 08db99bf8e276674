"""Files of records: the content decides the kind; unsuitable files are refused without quoting cells."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from

from sdmxmig.primitives.errors import InputError
from sdmxmig.records.files import IDENTITIES, MOVEMENTS, PERSONS
from sdmxmig.records.reading import import_table

TEXT = "record;given_name;c_citizen\nR1;Zoé;XA,XB\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("semicolons.csv", TEXT.encode()),
        ("tabs.csv", TEXT.replace(";", "\t").encode()),
        ("bars.txt", TEXT.replace(";", "|").encode()),
        ("named.csv", f"sep=;\n{TEXT}".encode()),
        ("marked.csv", TEXT.encode("utf-8-sig")),
        ("windows.csv", TEXT.replace("\n", "\r\n").encode()),
        ("quoted.csv", b'"record","given_name","c_citizen"\n"R1","Zo\xc3\xa9","XA,XB"\n'),
    ],
)
def test_fields_are_parsed_alike_with_any_separator(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    row = pl.read_parquet(import_table(tmp_path / name, IDENTITIES, tmp_path)).row(0, named=True)
    assert (row["record"], row["given_name"], row["c_citizen"]) == ("R1", "Zoé", "XA,XB")


def test_blanks_around_column_names_are_removed(tmp_path: Path) -> None:
    (tmp_path / "identities.csv").write_text("record ; given_name\nR1;Ann\n")
    assert pl.read_parquet(import_table(tmp_path / "identities.csv", IDENTITIES, tmp_path))["given_name"].to_list() == [
        "Ann"
    ]


def test_parquet_file_is_recognised_by_its_content(tmp_path: Path) -> None:
    pl.DataFrame({"record": ["R1"]}).write_parquet(tmp_path / "identities.csv")
    assert pl.read_parquet(import_table(tmp_path / "identities.csv", IDENTITIES, tmp_path)).height == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "This is a picture, not a table of records"),
        (b"%PDF-1.7\n", "a PDF document, not a table"),
        (b"PK\x03\x04" + b"\0" * 40, "a workbook or another packed file"),
        (b"<html><table>", "not a table of records"),
        (TEXT.encode("utf-16"), "This is a text in UTF-16-LE, not in UTF-8"),
        (b"record,given_name\nR1,a\0b\n", "NUL bytes"),
        ("record,given_name\nR1,Ann\nR2,Zoé\n".encode("cp1252"), "not in UTF-8, as line 3 shows"),
        (b"record,sex\rR1,F\rZo,F\r", "Its lines end in carriage returns alone"),
        (b"given_name,sex\nZoe,F\n", "There is no column “record”"),
        (b"record,sex,record\nZo,F,Zo\n", "Columns 1 and 3 have the same name"),
        (b"record,sex\nR1,F\nZo,F,9\n", "Line 3 has 3 cells, but there are 2 columns"),
        (b'record,sex\nR1,F\nZo,"F\nR3,F\n', "Line 3 has no end: a quotation mark in it is not closed"),
        (b"sep=;\nrecord;sex\nR1;F\nZo;F;9\n", "Line 4 has 3 cells, but there are 2 columns"),
        (b"record,sex\n" + b"Zoe,F\n" * 20_000 + b"Zo\xe9,F\n", "not in UTF-8, as line 20002 shows"),
    ],
)
def test_unsuitable_file_is_refused_with_its_real_kind(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "identities.csv").write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        import_table(tmp_path / "identities.csv", IDENTITIES, tmp_path)
    assert "Zo" not in str(caught.value)


@cases_from("records/cases/identities_hold_codes_of_the_lists.csv")
def test_identities_must_use_codes_of_the_lists(column: str, cell: str, message: str, tmp_path: Path) -> None:
    codes = {"CL_SEX": {"F", "M", "_U"}, "CL_PARTNER": {"XA", "XB", "_U"}}
    path = tmp_path / "identities.csv"
    path.write_text("record,sex,c_birth,c_citizen\nR1,F,_U,XA; XB\n", encoding="utf-8")
    import_table(path, IDENTITIES, tmp_path, codes)
    path.write_text(f'record,{column}\nR1,"{cell}"\n', encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        import_table(path, IDENTITIES, tmp_path, codes)
    assert cell not in str(caught.value)


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("date", [20200601], "date is not a day such as 2024-01-31"),
        ("date", [43983.0], "date is not a day such as 2024-01-31"),
        ("intended_days", [89.9], "intended_days is not a whole number"),
        ("intended_days", [True], "intended_days is not a whole number"),
    ],
    ids=["a day in digits", "a day of a spreadsheet", "a part of a day", "a truth"],
)
def test_cell_of_another_type_is_not_converted(column: str, cells: list[object], message: str, tmp_path: Path) -> None:
    crossing = {"person": ["A"], "date": [date(2020, 6, 1)], "direction": ["ENTRY"]}
    pl.DataFrame({**crossing, column: cells}).write_parquet(tmp_path / "crossings.parquet")
    with pytest.raises(InputError, match=message):
        import_table(tmp_path / "crossings.parquet", MOVEMENTS, tmp_path)


def test_equivalent_cell_of_another_type_is_accepted(tmp_path: Path) -> None:
    numbers = {"intended_days": [90.0], "sequence": [480]}
    crossing = pl.DataFrame({"person": [7], "direction": ["ENTRY"], **numbers})
    crossing.with_columns(date=pl.datetime(2020, 6, 1, 23, 30)).write_parquet(tmp_path / "crossings.parquet")
    taken = pl.read_parquet(import_table(tmp_path / "crossings.parquet", MOVEMENTS, tmp_path), memory_map=False)
    assert taken.select("person", "date", *numbers).rows() == [("7", date(2020, 6, 1), 90, 480)]
    pl.DataFrame({"person": ["A", "B", "C"], "resident": [1, 0, 2]}).write_parquet(tmp_path / "people.parquet")
    with pytest.raises(InputError, match="resident is not true or false in 1 row: 3"):
        import_table(tmp_path / "people.parquet", PERSONS, tmp_path)


def test_usual_words_for_true_and_false_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("person,resident\nA,Yes\nB,no\nC,TRUE\nD,0\nE,\nF,y\n")
    taken = pl.read_parquet(import_table(tmp_path / "people.csv", PERSONS, tmp_path), memory_map=False)
    assert taken["resident"].to_list() == [True, False, True, False, None, True]
