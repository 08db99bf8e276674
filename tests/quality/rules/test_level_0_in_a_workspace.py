"""Rules on cells and messages find damage by programs and people."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from console import Console
from folders import write_files
from saved_workbooks import book_of, saved
from small_office import COUNTRY, RESIDENTS
from stored_findings import listed as listed_in

from sdmxmig.cli import run

MAPPING = f"""
id = "MAP_POP"
flow = "DF_POP"
file = "office.xlsx"
[[block]]
sheet = "*"
anchor = "Age"
header_columns = 2
{RESIDENTS}SEX = "_T"
[block.components.TIME_PERIOD]
from = "header 1"
[block.components.AGE]
from = "column 1"
codes = {{ "0-4" = "Y0T4", "5-9" = "Y5T9"MORE }}
[block.components.COMMENT_OBS]
from = "column 2"
"""
ROWS = [["Age", "Note", 2021, 2022], ["0-4", "Census", 10, 11], ["5-9", "Estimate", 12, 13]]


def office(folder: Path, rows: list[list[object]], more: str = "") -> Path:
    """A workspace with a workbook of ages; `more` are further codes of its mapping."""
    mapping, table = MAPPING.replace("MORE", more), saved(book_of(rows))
    write_files(folder, {"country.toml": COUNTRY, "mappings/pop.toml": mapping, "tables/office.xlsx": table})
    assert run(["convert", str(folder)]) in (0, 1)
    return folder


def found(folder: Path) -> list[tuple[str, str, str, str]]:
    """Rule, severity, cell and what was observed, of the findings of level 0."""
    run(["validate", str(folder)])
    listed = listed_in(folder / "out" / "findings" / "findings.jsonl")
    return [
        (finding["rule"], finding["severity"], finding["place"].get("cell", ""), finding["observed"])
        for finding in listed
        if finding["rule"].startswith("MIG-0")
    ]


def test_undamaged_texts_are_not_reported(tmp_path: Path) -> None:
    rows = [*ROWS, ["0-4 лет", "Île-de-France, µ, α-Test, اختبار", 1, 2]]
    assert found(office(tmp_path, rows, ', "0-4 лет" = "Y0"')) == []


def test_age_turned_into_a_date_is_located_at_its_cell(tmp_path: Path) -> None:
    rows = [*ROWS[:2], [dt.date(2024, 9, 5), "Estimate", 12, 13]]
    assert found(office(tmp_path, rows)) == [("MIG-0-018", "error", "A3", "2024-09-05")]


def test_missing_label_is_located_at_its_cell(tmp_path: Path) -> None:
    folder = office(tmp_path, [*ROWS[:2], [None, "Estimate", 12, 13]])
    run(["validate", str(folder)])
    listed = listed_in(folder / "out" / "findings" / "findings.jsonl")
    (missing,) = [finding for finding in listed if finding["rule"] == "MIG-1-002"]
    assert (missing["component"], missing["place"]["cell"], missing["observations"]) == ("AGE", "A3", 2)


def test_date_explained_by_the_mapping_is_not_reported(tmp_path: Path) -> None:
    rows = [*ROWS[:2], [dt.date(2024, 9, 5), "Estimate", 12, 13]]
    assert found(office(tmp_path, rows, ', "2024-09-05" = "Y5T9"')) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Cen\u200bsus", "Cen<U+200B>sus"),
        ("\u202eCensus", "<U+202E>Census"),
        ("Сensus", "Сensus"),
        ("Cense\u0301", "Censé"),
    ],
    ids=["a sign without width", "a turned line", "a Cyrillic С", "an accent apart"],
)
def test_hidden_or_ambiguous_character_is_located_at_its_cell(tmp_path: Path, text: str, shown: str) -> None:
    rows = [ROWS[0], ["0-4", text, 10, 11], ROWS[2]]
    assert found(office(tmp_path, rows)) == [("MIG-0-019", "warning", "B2", shown)]


def test_data_with_delete_action_are_reported(tmp_path: Path) -> None:
    folder = office(tmp_path, ROWS)
    data = folder / "out" / "data" / "DF_POP.csv"
    text = data.read_text(encoding="utf-8")
    assert text.splitlines()[1].split(",")[2] == "R"
    data.write_text(text.replace(",R,", ",D,"), encoding="utf-8")
    assert found(folder) == [("MIG-0-020", "error", "", "D")]


def test_convert_quotes_cells_that_are_not_numbers(tmp_path: Path, console: Console) -> None:
    rows = [ROWS[0], ["0-4", "Census", "1,234", "3 104"], ["5-9", "Estimate", "#REF!", "#DIV/0!"]]
    folder = office(tmp_path, rows)
    console.readouterr()
    told = console.errors("convert", folder, code=1)
    assert "office.xlsx › Sheet › C3: The cell contains the error #REF! instead of a value." in told
    assert "office.xlsx › Sheet › D3: The cell contains the error #DIV/0! instead of a value." in told
    assert "office.xlsx › Sheet › C2: " in told
    assert "office.xlsx › Sheet › D2: " in told
    assert told.count('thousands = ","') == told.count('thousands = " "') == 1


def test_marks_declared_in_the_mapping_are_not_reported(tmp_path: Path, console: Console) -> None:
    folder = office(tmp_path, [ROWS[0], ["0-4", "Census", "1,234", "3,104"], ["5-9", "Estimate", "2,000", "13"]])
    mapping = folder / "mappings" / "pop.toml"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(
        text.replace("[block.fixed]", '[block.values]\nthousands = ","\n[block.fixed]'), encoding="utf-8"
    )
    console.readouterr()
    assert "C2" not in console.errors("convert", folder, code=0)
