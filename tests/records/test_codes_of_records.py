"""Cells of records hold a code, intervals a night, documents one holder: other values are refused by row."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from case_tables import cases_from, listed
from made_records import derive

FILES = {
    "movements": "person,date,direction,c_residence,purpose\nP1,2022-03-10,ENTRY,XB,\nP2,2022-04-10,ENTRY,DE,\n",
    "persons": "person,sex,birth_date,c_birth,c_citizen\nP1,F,1990-01-01,XB,XB\nP2,M,1991-01-01,,_U\n",
    "documents": "document,person\nP1,A\nP2,B\n",
    "permits": "person,begin,end\nP1,2022-01-01,2022-06-30\n",
}
DAYS = ("--area", "XA", "--from", "2021-01-01", "--to", "2024-12-31", "--year", "2022")


def answer(
    folder: Path, capsys: pytest.CaptureFixture[str], *words: str, table: str = "movements", changed: str = ""
) -> tuple[int, str]:
    """The errors of derive for the tables, one of which is changed."""
    tables = FILES | ({table: changed} if changed else {})
    names = (
        ["permits"]
        if table == "permits"
        else ["movements", "persons", *(["documents"] if table == "documents" else [])]
    )
    rule = "PERMIT" if table == "permits" else "R12_16"
    code = derive(folder, {name: tables[name] for name in names}, *DAYS, "--rule", rule, *words)
    return code, capsys.readouterr().err


def test_listed_codes_and_user_codes_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(tmp_path, capsys)[0] == 0


@cases_from("records/cases/invalid_code_is_refused_by_its_row_without_quoting_it.csv")
def test_invalid_code_is_refused_without_quoting_personal_data(
    table: str, was: str, becomes: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = FILES[table].replace(was, becomes)
    assert changed != FILES[table]
    code, err = answer(tmp_path, capsys, table=table, changed=changed)
    assert code == 2
    assert says in err
    assert not any(secret in err for secret in ("Petrosyan", "Ani4711", "Aram", "cmd"))
    assert not (tmp_path / "out" / "DF_IMM.csv").exists()


@cases_from("records/cases/a_country_or_a_threshold_that_cannot_be_is_refused.csv", words=listed)
def test_impossible_country_or_threshold_is_refused(
    words: tuple[str, ...], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = answer(tmp_path, capsys, *words)
    assert code == 2
    assert says in err
    assert "crossing" not in err


def test_findings_of_an_earlier_run_are_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doubled = FILES["movements"] + "P2,2022-04-10,ENTRY,DE,\n"
    assert answer(tmp_path, capsys, changed=doubled)[0] == 0
    assert (tmp_path / "out" / "findings.csv").exists()
    assert answer(tmp_path, capsys)[0] == 0
    assert not (tmp_path / "out" / "findings.csv").exists()


def figures(folder: Path, tables: dict[str, str]) -> dict[str, pl.DataFrame]:
    """The tables that derive writes, by file name, without names of files; findings by rule."""
    assert derive(folder, tables, *DAYS) == 0
    frames = {path.name: pl.read_csv(path, infer_schema=False) for path in sorted((folder / "out").glob("*.csv"))}
    return {name: frame.drop("SOURCE_DETAIL", strict=False) for name, frame in frames.items()}


@pytest.mark.parametrize(
    "tables",
    [
        {
            "movements": "person,date,direction,c_residence,sex\nP1,2022-03-10,ENTRY,{0},{0}\nP1,2022-03-10,ENTRY,,F\n",
            "persons": "person,sex,birth_date,c_birth,c_mother,c_citizen\nP1,F,1990-01-01,XB,{0},{0}\n",
        },
        {
            "movements": "person,date,direction\nP1,2022-03-10,EXIT\n",
            "persons": "person,sex,birth_date,c_birth,c_mother,c_citizen\nP1,{0},2021-06-01,{0},{0},XA\n",
        },
    ],
    ids=["somebody who comes", "a newborn"],
)
def test_code_for_unknown_is_treated_like_an_empty_cell(tables: dict[str, str], tmp_path: Path) -> None:
    empty, coded = (
        figures(tmp_path / f"with{code}", {name: text.format(code) for name, text in tables.items()})
        for code in ("", "_U")
    )
    assert empty.keys() == coded.keys()
    assert all(empty[name].equals(coded[name]) for name in empty)


def test_night_in_unknown_country_is_treated_like_a_gap(tmp_path: Path) -> None:
    nights = "person,date,nights,country\nP1,2021-01-01,500,XA\n{}P1,2023-06-01,500,XA\n"
    files = {"persons": "person,resident\nP1,true\n"}
    gap, coded = (
        figures(tmp_path / name, {**files, "nights": nights.format(row)})
        for name, row in (("gap", ""), ("coded", "P1,2022-05-16,381,_U\nP1,2022-05-01,10,_U\n"))
    )
    assert all(gap[name].equals(coded[name]) for name in gap)
    assert gap.keys() == coded.keys(), "and it contradicts no other"
