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
from sdmxmig.conversion.tables import read_once
from sdmxmig.workspace.tasks import converting

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


def read_data(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "out" / "data").iterdir())}


def test_order_of_files_on_disk_does_not_change_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for name, order in (("one", ["a.csv", "b.csv"]), ("two", ["b.csv", "a.csv"])):
        folder = workspace(tmp_path / name, order)
        assert run(["convert", str(folder), "--now", "2026-01-31"]) == 0
        made.append(read_data(folder))
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


def test_correction_converts_only_tables_of_its_dataflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = workspace(tmp_path / "ge", ["a.csv", "b.csv"])
    others = {
        "mappings/all.toml": MAPPING.replace("*.csv", "/[ab].csv/"),
        "mappings/other.toml": MAPPING.replace("MAP_POP", "MAP_IMS")
        .replace("DF_POP", "DF_UNDESA_IMS")
        .replace("*.csv", "c.csv"),
        "tables/c.csv": TABLES["b.csv"] + "Note,x,\n",
    }
    write_files(folder, others)
    convert = ["convert", str(folder), "--now", "2026-01-31"]
    assert run(convert) == 1  # a text in c.csv
    (folder / "tables" / "a.csv").write_text(TABLES["a.csv"].replace("1,2", "8,9"), encoding="utf-8")
    read: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(converting, "read_once", lambda name, *rest: read.append(name) or read_once(name, *rest))
        assert run(convert) == 1  # a text in c.csv
    changed = read_data(folder)
    assert run([*convert, "--force"]) == 1
    assert (read, changed) == (["a.csv", "b.csv"], read_data(folder))
    assert "8" in changed["DF_POP.csv"].decode().split(",")
