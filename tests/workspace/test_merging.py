"""Several tables become one dataset: conflicts name both cells, and the order of files on disk does not matter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from console import Console
from folders import write_files
from small_office import COUNTRY, POPULATION
from stored_findings import listed as findings_in

from sdmxmig.cli import run

pytestmark = pytest.mark.usefixtures("readable_reports")

MAPPING = (
    """
id = "MAP_POP"
flow = "DF_POP"
file = "*.csv"
[[block]]
sheet = "*"
anchor = "Year"
"""
    + POPULATION
)
TABLES = {"a.csv": "Year,Men,Women\n2021,1,2\n2022,3,4\n", "b.csv": "Year,Men,Women\n2022,3,5\n2023,6,7\n"}


def workspace(folder: Path, names: list[str]) -> Path:
    """A workspace whose tables were put there in this order."""
    tables = {f"tables/{name}": TABLES[name] for name in names}
    return write_files(folder, {"country.toml": COUNTRY, "mappings/all.toml": MAPPING, **tables})


def test_order_of_files_on_disk_does_not_change_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for name, order in (("one", ["a.csv", "b.csv"]), ("two", ["b.csv", "a.csv"])):
        folder = workspace(tmp_path / name, order)
        assert run(["convert", str(folder), "--now", "2026-01-31"]) == 0
        made.append({path.name: path.read_bytes() for path in sorted((folder / "out" / "data").iterdir())})
    capsys.readouterr()
    assert made[0] == made[1]


def test_differing_duplicates_are_reported_with_both_cells(tmp_path: Path, console: Console) -> None:
    folder = str(workspace(tmp_path / "ge", ["a.csv", "b.csv"]))
    (dataset,) = json.loads(console.output("convert", folder, "--format", "json", "--now", "2026-01-31"))
    assert dataset["observations"] == 7
    assert run(["validate", folder]) == 1
    console.readouterr()
    findings = findings_in(Path(folder) / "out" / "findings" / "findings.jsonl")
    errors = [one for one in findings if one["severity"] == "error"]
    (conflict,) = (one for one in errors if {"a.csv", "b.csv"} <= set(json.dumps(one).split('"')))
    assert {"C3", "C2"} <= set(json.dumps(conflict).split('"'))
