"""Rules on metadata find errors in the files of an office, and name the file or the line of the mapping."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from case_tables import text_from
from folders import write_files
from small_office import COUNTRY, POPULATION
from stored_findings import listed as listed_in

from sdmxmig.cli import run

MAPPING = f"""
id = "MAP_POP"
flow = "DF_POP"
file = "office.csv"
[[block]]
sheet = "*"
anchor = "Year"
header_columns = 3
{POPULATION}
[block.components.OBS_STATUS]
from = "column 2"
[block.components.COMMENT_OBS]
from = "column 3"
"""
TABLE = "Year,Status,Comment,Men,Women\n2021,B,,10000,14000\n2022,A,tbc,10100,14100\n"
METADATA = text_from("quality/cases/metadata_in_a_workspace_metadata.toml")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    files = {"country.toml": COUNTRY, "mappings/pop.toml": MAPPING, "tables/office.csv": TABLE}
    write_files(tmp_path, {**files, "structures/metadata/pop.toml": METADATA})
    assert run(["convert", str(tmp_path)]) == 0
    return tmp_path


def found(folder: Path, *options: str) -> set[tuple[str, str, str, str]]:
    """Rule, severity, file and cell, observed of the findings on metadata."""
    run(["validate", str(folder), *options])
    listed = listed_in(folder / "out" / "findings" / "findings.jsonl")
    return {
        (
            finding["rule"],
            finding["severity"],
            f"{finding['place']['file']} {finding['place'].get('cell', '')}".strip(),
            finding["observed"],
        )
        for finding in listed
        if finding["rule"].startswith("MIG-1-40")
    }


def test_faults_of_metadata_are_located(office: Path) -> None:
    findings = found(office)
    expected = {
        ("MIG-1-401", "error", "pop.toml", "xxx"),
        ("MIG-1-401", "error", "office.csv C3", "tbc"),
        ("MIG-1-401", "warning", "pop.toml", ""),
        ("MIG-1-402", "information", "pop.toml", "_U"),
        ("MIG-1-402", "warning", "office.csv", ""),
        ("MIG-1-403", "warning", "office.csv B2", "B"),
        ("MIG-1-406", "warning", "office.csv A2", "2021"),
        ("MIG-1-407", "error", "pop.toml", "population at office.example"),
        ("MIG-1-409", "information", "pop.toml", ""),
    }
    assert {(rule, severity, Path(place).name, text) for rule, severity, place, text in findings} == expected


def test_definition_changed_since_earlier_release_is_found(office: Path) -> None:
    mapping = office / "mappings" / "pop.toml"
    text = mapping.read_text(encoding="utf-8")
    (office / "tables" / "office.csv").write_text(TABLE.replace(",B,", ",A,"), encoding="utf-8")
    mapping.write_text(text.replace('RES_RULE = "_U"', 'RES_RULE = "R12"'), encoding="utf-8")
    assert run(["convert", str(office)]) == 0
    earlier = office.parent / f"{office.name}-earlier"
    shutil.copytree(office / "out", earlier)
    mapping.write_text(text.replace('RES_RULE = "_U"', 'RES_RULE = "R6"'), encoding="utf-8")
    assert run(["convert", str(office)]) == 0
    assert ("MIG-1-408", "warning", "pop.toml", "R6") in found(office, "--previous", str(earlier))
