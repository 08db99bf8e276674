"""Results of simulated records are marked in every file, and others are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from case_tables import text_from
from console import Console

from sdmxmig.cli import run

CROSSINGS = """person,date,direction,simulated
A,2020-03-01,ENTRY,true
A,2020-03-01,ENTRY,true
B,2020-08-01,EXIT,true
"""
PERSONS = "person,sex\n" + "".join(f"P{number},{'FM'[number % 2]}\n" for number in range(40))
DAYS = ("--from", "2018-01-01", "--to", "2023-12-31", "--year", "2020")
COMBINE = text_from("records/cases/simulated_marks_combine.toml")


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.suffix != ".json"}


def derived(folder: Path, mark: str) -> dict[str, str]:
    (folder / "m.csv").write_text(CROSSINGS.replace("true", mark), encoding="utf-8")
    words = ["--area", "MD", "--rule", "R12_16", *DAYS, "-o", str(folder / "out")]
    assert run(["derive", "--movements", str(folder / "m.csv"), *words]) == 0
    return texts(folder / "out")


@pytest.mark.parametrize("mark", ["true", "1"])
def test_derive_marks_simulated_records_everywhere(mark: str, tmp_path: Path) -> None:
    files = derived(tmp_path, mark)
    assert files.keys() == {"DF_IMM.csv", "DF_EMI.csv", "findings.csv", "findings.html", "findings.jsonl"}
    assert all("Simulated records: the persons do not exist" in files[name] for name in ("DF_IMM.csv", "DF_EMI.csv"))
    assert "simulated records: m.csv" in files["DF_IMM.csv"]
    assert "all figures are simulated" in files["findings.html"]
    head, *listed = files["findings.csv"].splitlines()
    assert head.endswith(",simulated")
    assert all(line.endswith(",true") for line in listed)
    assert json.loads(files["findings.jsonl"].splitlines()[0])["simulated"] is True
    record = json.loads((tmp_path / "out" / "integration-derive.json").read_text(encoding="utf-8"))["record"]
    assert record["is_simulated"] is True


REPORTS = ("f.txt", "f.csv", "f.json", "f.jsonl", "f.html", "f.sdmx.json")


def reported(folder: Path) -> dict[str, bool]:
    """Whether each report has the mark where programs or people find it, and whether all have the same."""
    content = {name: (folder / name).read_text(encoding="utf-8-sig") for name in REPORTS}
    return {
        "f.txt": content["f.txt"].startswith("Made-up country: all figures are simulated"),
        "f.csv": content["f.csv"].splitlines()[0].endswith(",simulated"),
        "f.json": json.loads(content["f.json"]).get("simulated") is True,
        "f.jsonl": json.loads(content["f.jsonl"].splitlines()[0]).get("simulated") is True,
        "f.html": "all figures are simulated" in content["f.html"],
        "f.sdmx.json": json.loads(content["f.sdmx.json"])["meta"].get("test") is True,
    }


@pytest.mark.parametrize("mark", ["true", "false"])
def test_findings_bear_the_mark_in_every_report(mark: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.csv").write_text(CROSSINGS.replace("true", mark), encoding="utf-8")
    reports = [word for name in REPORTS for word in ("--report", str(tmp_path / name))]
    words = ["--area", "MD", "--rule", "R12_16", *DAYS, "-o", str(tmp_path / "out"), *reports]
    assert run(["derive", "--movements", str(tmp_path / "m.csv"), *words]) == 0
    assert reported(tmp_path) == dict.fromkeys(REPORTS, mark == "true")
    assert ("all figures are simulated" in "".join(capsys.readouterr())) is (mark == "true")


@pytest.mark.parametrize("mark", ["true", "false"])
def test_findings_on_simulated_figures_bear_the_mark(mark: str, tmp_path: Path, console: Console) -> None:
    derived(tmp_path, mark)
    figures = tmp_path / "out" / "DF_IMM.csv"
    figures.write_text(figures.read_text(encoding="utf-8").replace(",_T,", ",NONE,"), encoding="utf-8")
    console.readouterr()
    reports = [word for name in REPORTS for word in ("--report", str(tmp_path / name))]
    assert run(["validate", str(figures), "-o", str(tmp_path / "kept.jsonl"), *reports]) == 1
    assert console.readouterr().out.startswith("Made-up country: all figures are simulated") is (mark == "true")
    assert reported(tmp_path) == dict.fromkeys(REPORTS, mark == "true")
    first = (tmp_path / "kept.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first).get("simulated", False) is (mark == "true")


@pytest.mark.parametrize(
    ("name", "separator", "before"),
    [("m.csv", ";", ""), ("m.csv", ",", "sep=,\n"), ("m.txt", "\t", ""), ("m", "|", "")],
)
def test_simulated_mark_is_found_in_any_file_and_separator(
    name: str, separator: str, before: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(before + CROSSINGS.replace(",", separator), encoding="utf-8")
    words = ["--area", "MD", "--rule", "R12_16", *DAYS, "-o", str(tmp_path / "out")]
    assert run(["derive", "--movements", str(tmp_path / name), *words]) == 0
    assert f"simulated records: {name}" in texts(tmp_path / "out")["DF_IMM.csv"]


@pytest.mark.parametrize("is_simulated", [True, False])
def test_combined_figures_bear_the_mark_but_ignore_its_column(is_simulated: bool, tmp_path: Path) -> None:
    rows = PERSONS.splitlines()
    marked = [rows[0] + ",simulated", *(f"{row},true" for row in rows[1:])] if is_simulated else rows
    (tmp_path / "register.csv").write_text("\n".join(marked) + "\n", encoding="utf-8")
    (tmp_path / "combine.toml").write_text(COMBINE, encoding="utf-8")
    assert run(["combine", str(tmp_path / "combine.toml"), "-o", str(tmp_path / "out")]) == 0
    files = texts(tmp_path / "out")
    assert [line.split(",")[:2] for line in files["stock.csv"].splitlines()[1:]] == [["F", "20"], ["M", "20"]]
    metadata = (tmp_path / "out" / "metadata.json").read_text(encoding="utf-8")
    assert {"simulated" in text for text in (files["stock.csv"], files["combined.md"], metadata)} == {is_simulated}
