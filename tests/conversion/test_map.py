"""``sdmxmig map`` proposes a mapping for an unseen table, marks uncertain parts, and accepts decisions."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from case_tables import as_list, cases_from, text_from
from console import Console
from markdown_workbooks import workbook
from proposed import WORDS, observations, proposed
from shipped import CATALOGUE

from benchmarks.names import TABLES
from benchmarks.suggested_mappings import MAPPINGS, compared
from sdmxmig.catalogue import load as load_catalogue
from sdmxmig.cli import run
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write

FRENCH = text_from("conversion/cases/map_french.md")
ARABIC = """
## Sheet 1
| المهاجرون الوافدون حسب الجنسية | | |
| بلد الجنسية | 2021 | 2022 |
| المجموع | 300 | 330 |
| العراق | 200 | 220 |
| سوريا | 100 | 110 |
"""
LONG = text_from("conversion/cases/map_long.md")
REGIONS = """
## Sheet 1
| Region | 2021 | 2022 |
| North shore | 10 | 11 |
| South shore | 20 | 22 |
"""


def test_french_table_with_two_header_rows_is_mapped() -> None:
    proposal = proposed(FRENCH, "DF_POP")
    values = observations(FRENCH, proposal)
    assert values["2022", "M", "_T", "GE", "_T"] == "1100.5"
    assert values["2023", "F", "_T", "RU", "_T"] == "70.0"
    assert values["2022", "F", "_T", "_O", "_T"] == ""
    assert len(values) == 16
    fixed = dict(proposal.mapping.blocks[0].fixed)
    assert (fixed["UNIT_MULT"], fixed["REF_DATE"], fixed["FREQ"]) == ("3", "D0101", "A")
    open_labels = {question.label for question in proposal.open if question.part == "codes C_BIRTH"}
    assert open_labels == {"Autre Afrique"}


def test_arabic_table_is_mapped() -> None:
    values = observations(ARABIC, proposed(ARABIC, "DF_IMM"))
    assert values["2021", "_T", "_T", "_T", "IQ"] == "200"
    assert values["2022", "_T", "_T", "_T", "_T"] == "330"


def test_long_table_is_read_by_its_column_names() -> None:
    values = observations(LONG, proposed(LONG, "DF_POP"))
    assert values["2020", "M", "Y15T64", "_T", "_T"] == "20"
    assert values["2020", "F", "Y_GE65", "_T", "_T"] == "6"
    assert len(values) == 6


def test_unexplained_labels_are_not_misread() -> None:
    proposal = proposed(REGIONS, "DF_POP")
    asked = [question for question in proposal.open if question.part == "line column 1"]
    assert len(asked) == 1
    assert "North shore" in asked[0].label
    skipped = {skip.match for skip in proposal.mapping.blocks[0].skip_rows}
    assert skipped == {"North shore", "South shore"}


def test_equal_tables_yield_identical_bytes() -> None:
    assert write(proposed(FRENCH, "DF_POP").mapping) == write(proposed(FRENCH, "DF_POP").mapping)


@pytest.mark.every_day
def test_map_writes_the_mapping_and_lists_open_questions(tmp_path: Path, console: Console) -> None:
    table, target = tmp_path / "t.xlsx", tmp_path / "t.toml"
    table.write_bytes(workbook(FRENCH))
    assert "Autre Afrique" in console.errors("map", table, "DF_POP", "--area", "GE", "-o", target, code=1)
    text = target.read_text(encoding="utf-8")
    assert "# Proposed by sdmxmig:" in text
    assert '# "Autre Afrique"' in text
    assert load("t.toml", text.encode(), CATALOGUE.flows).flow == "DF_POP"


def test_decisions_are_read_from_a_review_workbook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, review, target = tmp_path / "t.xlsx", tmp_path / "review.xlsx", tmp_path / "t.toml"
    table.write_bytes(workbook(FRENCH))
    command = ["map", str(table), "DF_POP", "--area", "GE"]
    assert run([*command, "--review", str(review)]) == 1
    book = openpyxl.load_workbook(review)
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible == ["Start here", "Questions", "Preview", "Certain", "Further details", "Tableau 1"]
    sheet = book["Questions"]
    answer, key = (next(cell.column for cell in sheet[1] if cell.value == head) for head in ("Your answer", "Part"))
    for row in range(2, sheet.max_row + 1):
        part, label = sheet.cell(row, key).value, sheet.cell(row, 2).value
        if label == "Autre Afrique":
            sheet.cell(row, answer).value = "Leave them out"
        elif part in ("fixed RES_RULE", "fixed DUR_BASIS"):
            sheet.cell(row, answer).value = {"fixed RES_RULE": "R12", "fixed DUR_BASIS": "actual stay"}[part]
    book.save(review)
    run([*command, "--read", str(review), "-o", str(target), "--format", "json"])
    rows = json.loads(capsys.readouterr().out)["lines"]
    assert not [row for row in rows if row["open"] and row["label"] == "Autre Afrique"]
    mapping = load("t.toml", target.read_bytes(), CATALOGUE.flows)
    assert dict(mapping.blocks[0].fixed)["RES_RULE"] == "R12"
    assert [(skip.match, skip.reason) for skip in mapping.blocks[0].skip_rows] == [
        ("Autre Afrique", "left out as answered")
    ]


def test_invalid_decision_is_refused_with_its_cell(tmp_path: Path, console: Console) -> None:
    table, review = tmp_path / "t.xlsx", tmp_path / "review.xlsx"
    table.write_bytes(workbook(FRENCH))
    run(["map", str(table), "DF_POP", "--area", "GE", "--review", str(review)])
    book = openpyxl.load_workbook(review)
    row = next(row for row in range(2, 40) if book["Questions"].cell(row, 2).value == "Autre Afrique")
    book["Questions"].cell(row, 7).value = "ATLANTIS"
    book.save(review)
    message = console.errors("map", table, "DF_POP", "--area", "GE", "--read", review)
    assert "“ATLANTIS” is not a code of C_BIRTH" in message
    assert f"Questions › G{row}" in message


def test_table_that_fits_no_flow_gets_its_own_structure(tmp_path: Path) -> None:
    table, country = tmp_path / "t.xlsx", tmp_path / "country"
    table.write_bytes(workbook(REGIONS))
    assert run(["init", str(country)]) == 0
    assert run(["map", str(table), "--new-flow", "DF_SHORES", "--area", "GE", "-o", str(country)]) == 1
    own = load_catalogue(country)
    flow = own.flows["DF_SHORES"]
    assert flow.structure.key == ("FREQ", "REF_AREA", "REGION", "TIME_PERIOD")
    assert [item.id for item in flow.codelists["REGION"]] == ["NORTH_SHORE", "SOUTH_SHORE"]
    assert (country / "drafts" / "t.DF_SHORES.toml").is_file()


@cases_from("conversion/cases/wrong_requests_are_answered.csv", arguments=as_list)
def test_wrong_requests_are_refused(tmp_path: Path, console: Console, arguments: list[str], message: str) -> None:
    table = tmp_path / "t.xlsx"
    table.write_bytes(workbook(REGIONS))
    assert message in console.errors("map", table, *arguments)


@pytest.mark.skipif(not TABLES.is_dir(), reason="the shared tables are not here")
@pytest.mark.parametrize("name", ["nz/ITM336402_visitor_arrivals_quarterly", "un/UN_ims_2020_origin"])
def test_published_tables_are_mapped_as_by_hand(name: str) -> None:
    comparison = compared(MAPPINGS / f"{name}.toml", WORDS)
    assert comparison.is_right, comparison
