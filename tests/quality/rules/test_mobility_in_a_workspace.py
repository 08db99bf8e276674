"""Rules on temporary mobility and on permits find what is wrong with the workbooks of an office, and name its cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_office import COUNTRY
from stored_findings import listed as listed_in

from sdmxmig.cli import run

STAYS = """
id = "MAP_STAYS"
flow = "DF_TEMPMOB"
file = "stays.csv"
[[block]]
sheet = "*"
anchor = "Stay"
header_rows = 1
header_columns = 1
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
TIME_PERIOD = "2022"
TMP_ITEM = "ARR"
MOB_TYPE = "TMP"
TMP_LAB = "_T"
SEX = "_T"
AGE = "_T"
C_CITIZEN = "_T"
C_RESIDENCE = "_T"
RES_RULE = "R12"
OBS_STATUS = "A"
UNIT_MULT = "0"
[block.components.STAY_DUR]
from = "column 1"
codes = { "All" = "_T", "Up to 3 months" = "M_LT3", "3 to 5 months" = "M3T5", "6 to 11" = "M6T11", "Longer" = "M_GE12" }
[block.components.UNIT_MEASURE]
from = "header 1"
codes = { "Persons" = "PS", "Stays" = "STAY", "Crossings" = "EVENT", "Days" = "PS_DAY" }
"""
STAYS_TABLE = """Stay,Persons,Stays,Crossings,Days
All,906,1223,1278,128024
Up to 3 months,503,703,821,21001
3 to 5 months,301,404,333,81007
6 to 11,91,103,107,21013
Longer,11,13,17,5003
"""
"""404 stays of 3 to 5 months, but 333 crossings, and 200 days each; and people who stay a year are no visitors."""
PERMITS = """
id = "MAP_PERMITS"
flow = "DF_PERMIT"
file = "permits.csv"
[[block]]
sheet = "*"
anchor = "Citizenship"
header_rows = 1
header_columns = 1
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
TIME_PERIOD = "2022"
REASON = "_T"
DURATION = "_T"
SEX = "_T"
AGE = "_T"
BORDER_TYPE = "_T"
GROUND = "_T"
PLACE = "_T"
RETURN_TYPE = "_T"
ASSISTANCE = "_T"
C_DESTINATION = "_T"
UNIT_MEASURE = "PS"
OBS_STATUS = "A"
UNIT_MULT = "0"
[block.components.C_CITIZEN]
from = "column 1"
codes = { "Armenia" = "AM", "Turkey" = "TR" }
[block.components.ADM_ITEM]
from = "header 1"
codes = { "Valid" = "PERMIT_VALID" }
"""
PEOPLE = """
id = "MAP_PEOPLE"
flow = "DF_POP"
file = "people.csv"
[[block]]
sheet = "*"
anchor = "Citizenship"
header_rows = 1
header_columns = 1
[block.fixed]
FREQ = "A"
REF_AREA = "GE"
BIRTH_STATUS = "_T"
CTZ_STATUS = "FC"
SEX = "_T"
AGE = "_T"
C_BIRTH = "_T"
RES_RULE = "R12"
DUR_BASIS = "ACT"
REF_DATE = "D0101"
UNIT_MEASURE = "PS"
OBS_STATUS = "A"
UNIT_MULT = "0"
[block.components.C_CITIZEN]
from = "column 1"
codes = { "Armenia" = "AM", "Turkey" = "TR" }
[block.components.TIME_PERIOD]
from = "header 1"
"""
TABLES = {
    "stays.csv": STAYS_TABLE,
    "permits.csv": "Citizenship,Valid\nArmenia,1000\nTurkey,1000\n",
    "people.csv": "Citizenship,2022,2023\nArmenia,900,950\nTurkey,300,400\n",
}
"""1,000 permits of citizens of Turkey are valid at the end of 2022, when 400 of them live in the country."""


@pytest.mark.sampled(3)
def test_units_classes_of_stay_and_permits_are_found_at_their_cells(tmp_path: Path) -> None:
    for folder in ("tables", "mappings"):
        (tmp_path / folder).mkdir()
    (tmp_path / "country.toml").write_text(COUNTRY, encoding="utf-8")
    for name, mapping in (("stays", STAYS), ("permits", PERMITS), ("people", PEOPLE)):
        (tmp_path / "mappings" / f"{name}.toml").write_text(mapping, encoding="utf-8")
    for name, table in TABLES.items():
        (tmp_path / "tables" / name).write_text(table, encoding="utf-8")
    assert run(["convert", str(tmp_path)]) == 0
    assert run(["validate", str(tmp_path)]) == 1
    listed = listed_in(tmp_path / "out" / "findings" / "findings.jsonl")
    cells: dict[str, set[str]] = {}
    for finding in listed:
        places = [finding["place"], *finding.get("others", [])]
        cells.setdefault(finding["rule"], set()).update(f"{place['file']} {place['cell']}" for place in places)
    assert cells["MIG-2-031"] == {"stays.csv C4"}
    assert cells["MIG-2-032"] == {"stays.csv E4"}
    assert cells["MIG-2-021"] == {f"stays.csv {column}6" for column in "BCDE"}
    assert cells["MIG-2-017"] == {"permits.csv B3"}
    assert set(cells) == {"MIG-1-402", "MIG-2-017", "MIG-2-021", "MIG-2-031", "MIG-2-032"}
