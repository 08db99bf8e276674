"""Impossible dates of birth are treated as missing, and reported by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console

from sdmxmig.cli import run

KEY = "9f2c4be07d61a8e35c17aa01"
REGISTER = """record,person_number,given_name,family_name,sex,birth_date
r1,4711,Ana,Sol,F,1931-03-07
r2,4712,Ben,Luz,M,1987-05-02
r3,4713,Eva,Rio,F,{}
r4,4714,Ida,Mar,F,2019-11-30
"""
"""A register whose persons were born in 88 years, and one on a day to be tried."""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDMXMIG_SECRET_LINKAGE", KEY)


def impossible(folder: Path, birth: str, *words: str) -> int:
    """The number of dates of birth of the register that are treated as missing."""
    (folder / "a.csv").write_text(REGISTER.format(birth), encoding="utf-8")
    assert run(["link", "--identities", f"a={folder / 'a.csv'}", *words, "-o", str(folder / "out")]) == 0
    return int(json.loads((folder / "out" / "linkage.json").read_bytes())["impossible_births"]["a"])


@pytest.mark.parametrize("birth", ["1799-05-02", "1849-12-31", "2090-01-01", "2063-04-05", "2543-04-05"])
def test_birth_far_from_all_others_is_invalid(birth: str, tmp_path: Path, console: Console) -> None:
    assert impossible(tmp_path, birth) == 1
    said = console.readouterr().err
    assert "a: birth_date is outside the possible range and ignored, in 1 line: 4. Name the day" in said
    assert birth not in said


@cases_from("records/cases/births_in_the_future_or_130_years_ago_are_invalid.csv", many=int)
def test_births_in_the_future_or_130_years_ago_are_invalid(
    birth: str, day: str, many: int, tmp_path: Path, console: Console
) -> None:
    assert impossible(tmp_path, birth, "--day", day) == many
    assert "Name the day" not in console.readouterr().err


def test_possible_births_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert impossible(tmp_path, "1990-01-01") == 0
    assert "birth_date is outside the possible range" not in capsys.readouterr().err


def test_impossible_birth_does_not_link_two_records(tmp_path: Path) -> None:
    """Number and birth would make one person of a record with a number that was written wrongly."""
    rows = "record,person_number,given_name,family_name,sex,birth_date\n"
    for name, family in (("a", "Sol"), ("b", "Kohlmeise")):
        (tmp_path / f"{name}.csv").write_text(f"{rows}{name}1,4711,Ana,{family},F,2090-01-01\n", encoding="utf-8")
    words = [word for name in "ab" for word in ("--identities", f"{name}={tmp_path / name}.csv")]
    for day, persons in (("2090-01-02", 1), ("2024-01-01", 2)):
        assert run(["link", *words, "--day", day, "-o", str(tmp_path / "out")]) == 0
        assert json.loads((tmp_path / "out" / "linkage.json").read_bytes())["persons"] == persons


def test_impossible_date_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("record\n1\n", encoding="utf-8")
    words = ["link", "--identities", f"a={tmp_path / 'a.csv'}", "--day", "31.12.2024", "-o", str(tmp_path / "out")]
    assert run(words) != 0
    assert "is not a day" in capsys.readouterr().err
