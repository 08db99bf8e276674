"""Records in Python: outputs equal those of the commands, and errors name parameters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import ROOT

import sdmxmig
from sdmxmig import SdmxmigError
from sdmxmig.cli import run

EXAMPLES = ROOT / "examples"
BORDER, LISTS = EXAMPLES / "border-records", EXAMPLES / "population-lists"
NOW = "2024-05-01T00:00:00"
MOVEMENTS = BORDER / "movements.csv"


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key.txt").write_text("9f2c4be07d61a8e35c17aa01", encoding="utf-8")
    monkeypatch.setenv("SDMXMIG_SECRET_LINKAGE_FILE", str(tmp_path / "key.txt"))


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder but the record of what was made, which has times of its own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "made.json"
    }


@pytest.mark.every_day
def test_derive_in_python_and_command_write_equal_files(tmp_path: Path) -> None:
    persons, changes = BORDER / "persons.csv", BORDER / "citizenships.csv"
    files = ["--movements", str(MOVEMENTS), "--persons", str(persons), "--citizenships", str(changes)]
    days = ["--from", "2021-01-01", "--to", "2024-12-31", "--year", "2022", "--earlier", "2023-02-01"]
    words = ["--set", "CONTINUITY=continuous", "--also", "return", "--threshold", "3", "--now", NOW]
    asked = ["derive", *files, "--area", "XA", "--rule", "R6", *days, *words]
    assert run([*asked, "-o", str(tmp_path / "command")]) == 0
    figures = sdmxmig.derive(
        "XA",
        "R6",
        movements=MOVEMENTS,
        persons=persons,
        citizenships=changes,
        first=dt.date(2021, 1, 1),
        last="2024-12-31",
        years=[2022],
        earlier="2023-02-01",
        parameters={"CONTINUITY": "continuous"},
        also=["return"],
        threshold=3,
        now=NOW,
    )
    figures.save(tmp_path / "python")
    assert contents(tmp_path / "python") == contents(tmp_path / "command")
    assert set(figures.table("withheld")["verdict"]) <= {"safe", "not in any sum"}
    assert figures.datasets["DF_POP"].flow.id == "DF_POP"
    assert "DF_POP" in repr(figures)


@pytest.mark.usefixtures("key")
def test_link_in_python_and_command_write_equal_files(tmp_path: Path) -> None:
    files = {name: EXAMPLES / "two-registers" / f"{name}.csv" for name in ("residents", "permits")}
    named = [word for name, path in files.items() for word in ("--identities", f"{name}={path}")]
    assert run(["link", *named, "--sample", "20", "-o", str(tmp_path / "command")]) == 0
    links = sdmxmig.link(tmp_path / "python", files, sample=20)
    assert contents(tmp_path / "python") == contents(tmp_path / "command")
    assert 0 < links.persons < links.records
    assert "precision" in set(links.errors["measure"])
    text = (tmp_path / "python" / "clerical.csv").read_text(encoding="utf-8-sig")
    judged = tmp_path / "judged.csv"
    judged.write_text(text.replace(',""\n', ",yes\n"), encoding="utf-8")
    errors = sdmxmig.judge_links(tmp_path / "python", judged)
    assert run(["link", "--judged", str(judged), "-o", str(tmp_path / "command")]) == 0
    assert errors["basis"].tolist() != links.errors["basis"].tolist()
    assert contents(tmp_path / "python") == contents(tmp_path / "command")


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "no records": (lambda: sdmxmig.derive("XA", "R12_16"), "movements=…"),
    "an unknown basis": (
        lambda: sdmxmig.derive("XA", "R12_16", movements=MOVEMENTS, basis="REAL"),
        "Possible values: ACT, INT, GRT, MIX",
    ),
    "a year that is not covered": (
        lambda: sdmxmig.derive("XA", "R12_16", movements=MOVEMENTS, years=[1990]),
        "set first=… and last=…",
    ),
    "an impossible month": (
        lambda: sdmxmig.derive("XA", "R12_16", movements=MOVEMENTS, year_ends=13),
        "a number from 1 to 12",
    ),
    "a file that is not there": (lambda: sdmxmig.derive("XA", "R12_16", movements="no.csv"), "There is no such file"),
    "a table that was not made": (
        lambda: sdmxmig.derive("XA", "R12_16", movements=MOVEMENTS).table("coverage"),
        "There is no table",
    ),
    "no list": (lambda: sdmxmig.coverage("XA", "R12", {}, year=2024), 'lists={"register"'),
    "a list without a name": (
        lambda: sdmxmig.coverage("XA", "R12", "register.csv", year=2024),  # type: ignore[arg-type]
        "needs a name and a file",
    ),
    "a base that tells persons": (
        lambda: sdmxmig.coverage("XA", "R12", {"a": LISTS / "census.csv"}, year=2024, base=1),
        'base="5"',
    ),
    "no key": (lambda: sdmxmig.link("out", {"a": LISTS / "census.csv"}, key="nokey"), "no usable secret"),
}


@pytest.mark.parametrize("what", WRONG)
def test_errors_in_python_name_parameters_instead_of_options(what: str) -> None:
    ask, message = WRONG[what]
    with pytest.raises(SdmxmigError, match=message) as error:
        ask()
    assert " --" not in str(error.value)
    assert " -o" not in str(error.value)
