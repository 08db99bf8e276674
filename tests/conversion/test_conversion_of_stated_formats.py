"""Text files with a declared format, from the table of an office to findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from console import Console
from small_office import COUNTRY, POPULATION
from stored_findings import listed as findings_in

from sdmxmig.cli import run

MAPPING = """
id = "MAP_POP"
flow = "DF_POP"
file = "office.dat"
[text]
encoding = "ibm866"
delimiter = ";"
[[block]]
sheet = "*"
anchor = "Год"
""" + POPULATION.replace('UNIT_MULT = "0"', 'UNIT_MULT = "3"').replace('"Men"', '"Муж"').replace('"Women"', '"Жен"')
TEXT = "Население\n\nГод;Муж;Жен\n2022;1234.5;987.5\n2023;40.0;56\n"


@pytest.fixture
def country(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "mappings").mkdir()
    (tmp_path / "country.toml").write_text(COUNTRY, encoding="utf-8")
    (tmp_path / "mappings" / "pop.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "tables" / "office.dat").write_bytes(TEXT.encode("ibm866"))
    return tmp_path


def values(folder: Path) -> list[list[str]]:
    lines = (folder / "out" / "data" / "DF_POP.csv").read_text(encoding="utf-8-sig").splitlines()
    names = lines[0].split(",")
    at = [names.index(name) for name in ("TIME_PERIOD", "SEX", "OBS_VALUE")]
    return [[line.split(",")[one] for one in at] for line in lines[1:]]


def findings(folder: Path) -> list[dict[str, Any]]:
    return findings_in(folder / "out" / "findings" / "findings.jsonl")


def test_text_in_an_old_encoding_becomes_observations(country: Path) -> None:
    assert run(["convert", str(country)]) == 0
    assert sorted(values(country)) == [
        ["2022", "F", "987.5"],
        ["2022", "M", "1234.5"],
        ["2023", "F", "56"],
        ["2023", "M", "40.0"],
    ]


def test_mappings_must_agree_on_the_format_of_a_file(country: Path, console: Console) -> None:
    other = MAPPING.replace("MAP_POP", "MAP_OTHER").replace('delimiter = ";"', 'delimiter = ","')
    (country / "mappings" / "zzz.toml").write_text(other, encoding="utf-8")
    assert "pop.toml and zzz.toml describe the format of office.dat differently" in console.errors("convert", country)
