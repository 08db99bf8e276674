"""Ages of stocks are completed years on the eve of 1 January, those of migrants reached in the year, as declared."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
from made_records import derive

BORN = ["1985-12-31", "1986-01-01", "1985-12-30", "1990-12-31", "1991-01-01", "1990-06-15", "1996-02-29", "2000-07-01"]


def group(age: int) -> str:
    return f"Y{age // 5 * 5}T{age // 5 * 5 + 4}"


def ages(folder: Path, flow: str, period: str) -> tuple[dict[str, int], str]:
    rows = pl.read_csv(folder / f"{flow}.csv", infer_schema=False)
    mine = rows.filter((pl.col("TIME_PERIOD") == period) & (pl.col("SEX") == "F") & (pl.col("AGE") != "_T"))
    counts = {age: int(value) for age, value in mine.select("AGE", "OBS_VALUE").rows() if value != "0"}
    return counts, rows["AGEDEF"][0] or ""


def test_ages_follow_the_definition_in_the_data(tmp_path: Path) -> None:
    persons = "".join(f"S{number},F,{day},true\n" for number, day in enumerate(BORN))
    persons += "".join(f"M{number},F,{day},false\n" for number, day in enumerate(BORN))
    moves = "".join(f"M{number},2020-05-01,ENTRY\n" for number in range(len(BORN)))
    tables = {"movements": f"person,date,direction\n{moves}", "persons": f"person,sex,birth_date,resident\n{persons}"}
    assert derive(tmp_path, tables, "--from", "2019-01-01", "--to", "2022-12-31", "--year", "2020") == 0
    completed: dict[str, int] = {}
    reached: dict[str, int] = {}
    eve = dt.date(2019, 12, 31)
    for day in map(dt.date.fromisoformat, BORN):
        age = eve.year - day.year - ((eve.month, eve.day) < (day.month, day.day))
        completed[group(age)] = completed.get(group(age), 0) + 1
        reached[group(2020 - day.year)] = reached.get(group(2020 - day.year), 0) + 1
    assert ages(tmp_path / "out", "DF_POP", "2020") == (completed, "COMPLET")
    assert ages(tmp_path / "out", "DF_IMM", "2020") == (reached, "REACH")
    account = pl.read_csv(tmp_path / "out" / "DF_ACCOUNT.csv", infer_schema=False)
    assert set(account["AGE"]) == {"_T"}
    assert account["AGEDEF"].null_count() == account.height, "what has no ages counts none"
