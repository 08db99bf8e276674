"""Two tables under two residence rules in one dataflow: both are kept, and no figure is made of both."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from case_tables import text_from
from folders import write_files
from pysdmx.io import read_sdmx
from saved_workbooks import saved
from small_office import COUNTRY

from sdmxmig.cli import run

NOW = "2026-01-31T12:00:00+00:00"
BLOCK = text_from("workspace/cases/two_residence_rules_block.toml")
TABLES = {
    "Everybody": ("_T", "R12", "ACT", "EST", ((2022, 1000, 490, 510), (2023, 1010, 500, 510))),
    "Citizens": ("NC", "R12", "ACT", "EST", ((2022, 900, 440, 460), (2023, 905, 445, 460))),
    "Permits": ("FC", "PERMIT", "GRT", "REG", ((2022, 70, 30, 40), (2023, 80, 35, 45))),
}
RULES = {"_T": "R12", "NC": "R12", "FC": "PERMIT"}


def office(folder: Path, rules: dict[str, str] | None = None) -> Path:
    """A workspace with these tables; `rules` replaces residence rules by sheet."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    mapping = 'id = "MAP_POP"\nflow = "DF_POP"\nfile = "population.xlsx"\n'
    for name, (whose, rule, basis, method, rows) in TABLES.items():
        sheet = workbook.create_sheet(name)
        for row in (("Year", "All", "Men", "Women"), *rows):
            sheet.append(row)
        stated = (rules or {}).get(name, rule)
        mapping += BLOCK.format(sheet=name, whose=whose, rule=stated, basis=basis, method=method)
    files = {"tables/population.xlsx": saved(workbook), "mappings/population.toml": mapping, "country.toml": COUNTRY}
    return write_files(folder, files)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was converted, validated and assessed, and its message sealed."""
    folder = office(tmp_path_factory.mktemp("office"))
    for task in ("convert", "validate", "assess", "package"):
        assert run([task, str(folder), "--now", NOW]) == 0
    return folder


@pytest.fixture(scope="module")
def of_one_rule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same tables, all under one rule."""
    folder = office(tmp_path_factory.mktemp("office"), {"Permits": "R12"})
    mapping = folder / "mappings" / "population.toml"
    mapping.write_text(mapping.read_text().replace('"GRT"', '"ACT"').replace('"REG"', '"EST"'), encoding="utf-8")
    for task in ("convert", "validate", "assess"):
        run([task, str(folder), "--now", NOW])
    return folder


def message(sealed: Path, version: str) -> Path:
    (path,) = sealed.glob(f"out/**/data/DF_POP_*.sdmx-ml-{version}.xml")
    return path


def test_pysdmx_finds_both_rules_in_the_sealed_message(sealed: Path) -> None:
    (dataset,) = read_sdmx(message(sealed, "3.0"), validate=False).data
    assert dict(dataset.data[["CTZ_STATUS", "RES_RULE"]].drop_duplicates().values.tolist()) == RULES


SDMX1 = """
import json, sys, sdmx
structure = sdmx.read_sdmx(sys.argv[1]).structure["DSD_STOCK"]
(data,) = sdmx.read_sdmx(sys.argv[2], structure=structure).data
print(json.dumps({str(key["CTZ_STATUS"].value): str(key.attrib["RES_RULE"].value) for key in data.series}))
"""


def test_sdmx1_finds_both_rules_in_the_sealed_message(sealed: Path, tmp_path: Path) -> None:
    (sent,) = sealed.glob("out/submission/*/structures.sdmx-ml-3.0.xml")
    structures = tmp_path / "structures.xml"
    assert run(["transform", str(sent), "--to", "sdmx-ml-2.1", "-o", str(structures)]) == 0
    command = [sys.executable, "-c", SDMX1, str(structures), str(message(sealed, "2.1"))]
    answer = subprocess.run(command, capture_output=True, check=False, text=True)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == RULES


def rules_broken(folder: Path) -> set[str]:
    records = [json.loads(line) for line in (folder / "out/findings/findings.jsonl").read_text().splitlines()]
    return {record["rule"] for record in records if record["record"] == "finding"}


def test_totals_are_not_compared_with_parts_under_another_rule(sealed: Path, of_one_rule: Path) -> None:
    assert rules_broken(of_one_rule) - rules_broken(sealed) == {"MIG-1-103"}


def assessment(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "out/assessment.json").read_text())
    return content["assessment"]  # type: ignore[no-any-return]


def test_assessment_names_both_rules(sealed: Path) -> None:
    (flow_rule,) = assessment(sealed)["flow_rules"]
    assert [code for code, _ in flow_rule["rules"]] == ["R12", "PERMIT"]


def shares(folder: Path) -> tuple[list[str], list[str]]:
    """The shares of foreigners, and the reasons for missing ones."""
    (share,) = [one for one in assessment(folder)["indicators"] if one["indicator"]["id"] == "MIG_SHARE"]
    values = [value["value"] for value in share["values"] if value["variant"] == "FC"]
    return values, [reason for variant, reason in share["missing"] if variant == "FC"]


def test_share_is_not_computed_across_two_rules(sealed: Path) -> None:
    assert shares(sealed) == ([], ["no resident population under the same residence rule for 2022–2023"])


def test_share_under_one_rule_is_computed(of_one_rule: Path) -> None:
    assert shares(of_one_rule)[0] == ["7", "7.920792079207920792079207921"]


def test_account_is_not_computed_across_two_rules(sealed: Path) -> None:
    outcomes = {one["outcome"] for one in assessment(sealed)["accounts"] if "different definitions" in one["missing"]}
    assert outcomes <= {"NOT_TESTABLE"}
