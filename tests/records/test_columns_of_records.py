"""Ignored columns of tables of records are reported, and probable misspellings are questioned."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from combining_cases import listed
from console import Console
from found_in_records import findings_in
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.io.network import Secret
from sdmxmig.primitives.errors import InputError
from sdmxmig.records.files import (
    IDENTITIES,
    LISTED,
    MOVEMENTS,
    PERMITS,
    PERSONS,
    RecordTable,
    check_names,
    describe_unread_columns,
    find_unread_columns,
)
from sdmxmig.records.reading import import_table
from sdmxmig.workspace.tasks.coverage_estimation import estimate_coverage
from sdmxmig.workspace.tasks.coverage_request import CoverageRequest
from sdmxmig.workspace.tasks.linkage_tables import LinkRequest
from sdmxmig.workspace.tasks.linking import link


@pytest.mark.parametrize(
    ("table", "name", "meant"),
    [
        (PERSONS, "dob", "birth_date"),
        (PERSONS, "gender", "sex"),
        (PERSONS, "date_of_birth", "birth_date"),
        (PERSONS, "country_birth", "c_birth"),
        (PERSONS, "nationality", "c_citizen"),
        (PERSONS, "brith_date", "birth_date"),
        (PERSONS, "Année de naissance", ""),
        (PERSONS, "Date de décès", "death_date"),
        (PERSONS, "пол", "sex"),
        (PERSONS, "تاريخ الميلاد", "birth_date"),
        (PERSONS, "birth", "birth_date, c_birth"),
        (PERSONS, "country", "c_birth, c_citizen"),
        (PERSONS, "sector", ""),
        (PERSONS, "simulated", ""),
        (MOVEMENTS, "time", "sequence"),
        (MOVEMENTS, "country", "c_residence"),
        (MOVEMENTS, "duration", "intended_days, granted_days"),
        (MOVEMENTS, "c_birth", ""),
        (IDENTITIES, "name", "given_name, family_name"),
        (IDENTITIES, "passport", "document"),
        (LISTED, "from", "begin"),
    ],
)
def test_intended_name_is_suggested_for_misnamed_column(table: RecordTable, name: str, meant: str) -> None:
    names = [*table.needed, name]
    if not meant:
        check_names(names, table, "records.csv")
        return
    with pytest.raises(InputError) as refused:
        check_names(names, table, "records.csv")
    assert f"“{name}” ({meant}?)" in refused.value.message


def test_synonym_of_a_present_column_is_reported_as_ignored() -> None:
    names = ["person", "birth_date", "dob", "household", "simulated"]
    check_names(names, PERSONS, "records.csv")
    assert find_unread_columns(names, PERSONS) == ["dob", "household"]


def test_column_without_name_is_reported(tmp_path: Path) -> None:
    (tmp_path / "records.csv").write_text("person,,sex\nA,1,F\n", encoding="utf-8")
    assert describe_unread_columns(tmp_path / "records.csv", PERSONS) == "“”"


@pytest.mark.parametrize(
    ("header", "table", "says"),
    [
        ("person_id,day,direction", MOVEMENTS, "column “person” (“person_id”?) or “date” (“day”?)."),
        ("Person,date,direction", MOVEMENTS, "column “person” (“Person”?)."),
        ("person,valid_from,expiry", PERMITS, "“begin” (“valid_from”?) or “end” (“expiry”?)."),
        ("SECRET-1,1980-01-01,F", MOVEMENTS, "column “person”, “date” or “direction”."),
    ],
)
def test_misnamed_required_column_is_reported(header: str, table: RecordTable, says: str, tmp_path: Path) -> None:
    (tmp_path / "records.csv").write_text(f"{header}\nA,2020-01-01,2021-01-01\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        import_table(tmp_path / "records.csv", table, tmp_path)
    assert says in refused.value.message
    assert "SECRET" not in str(refused.value)


CROSSINGS = "person,date,direction,{}\nA,2020-03-01,ENTRY,x\nA,2022-05-01,EXIT,x\n"


def derived(folder: Path, column: str) -> int:
    (folder / "movements.csv").write_text(CROSSINGS.format(column), encoding="utf-8")
    asked = ["derive", "--movements", str(folder / "movements.csv"), "--area", "MD", "--rule", "R12_16"]
    return run([*asked, "--from", "2018-01-01", "--to", "2023-12-31", "--year", "2020", "-o", str(folder / "out")])


def test_derive_reports_ignored_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert derived(tmp_path, "post,flight") == 0
    assert findings_in(tmp_path / "out") == {("movements", "UNREAD_COLUMNS"): ("1", "")}
    assert "post, flight" in capsys.readouterr().err
    comment = pl.read_csv(tmp_path / "out" / "DF_IMM.csv", infer_schema=False)["COMMENT_DSET"][0]
    assert "post, flight" in comment


def test_derive_refuses_misnamed_column_that_affects_figures(tmp_path: Path, console: Console) -> None:
    assert derived(tmp_path, "intended_stay") != 0
    assert "“intended_stay” (intended_days?)" in console.readouterr().err


def test_link_reports_ignored_columns(tmp_path: Path) -> None:
    names = "record,given_name,family_name,birth_date,shoe_size\n"
    for number, source_name in enumerate("ab"):
        rows = "".join(f"{source_name}{n},Ana,Rossi,19{n + 50}-01-0{number + 1},40\n" for n in range(9))
        (tmp_path / f"{source_name}.csv").write_text(names + rows, encoding="utf-8")
    heard: list[str] = []
    files = {name: tmp_path / f"{name}.csv" for name in "ab"}
    linked = link(LinkRequest(files, Secret("9f2c4be07d61a8e35c17aa01")), tmp_path / "out", CATALOGUE, heard.append)
    assert [line for line in heard if "shoe_size" in line] == [
        f"! {name}: Columns of the file that are not read: shoe_size. No figure uses them." for name in "ab"
    ]
    assert linked.report["unread_columns"] == {"a": "shoe_size", "b": "shoe_size"}


def test_coverage_reports_ignored_columns(tmp_path: Path) -> None:
    (tmp_path / "register.csv").write_text("person,sex\n" + listed(40, "F"), encoding="utf-8")
    (tmp_path / "census.csv").write_text("person\n" + "".join(f"P{n}\n" for n in range(10, 48)), encoding="utf-8")
    lists = {name: tmp_path / f"{name}.csv" for name in ("register", "census")}
    request = CoverageRequest("MD", date(2024, 1, 1), lists=lists, rule="R12")
    covered = estimate_coverage(request, CATALOGUE)
    assert any("register.csv: Columns of the file that are not read: sex" in line for line in covered.in_short)
    assert "not read: sex" in covered.report
