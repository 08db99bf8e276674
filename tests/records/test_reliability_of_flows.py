"""Flows mark age classes without known persons, and many undetermined crossings."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from console import Console
from found_in_records import findings_in
from made_records import derive

from sdmxmig.cli import run
from sdmxmig.records.circular import KIND, find_reliability_by_kind
from sdmxmig.records.counting import Reliability
from sdmxmig.records.rows import AGE_GROUPS, PERIOD
from sdmxmig.sdmx.model.rule_ids import RuleId

ENTRY = "{},2020-02-01,ENTRY\n"
TWICE = "{0},2020-02-01,ENTRY\n{0},2021-08-01,ENTRY\n{0},2021-09-01,EXIT\n"
"""Nobody knows when this person left between the two entries."""


def derived(folder: Path, persons: str, movements: str, *words: str) -> Path:
    tables = {
        "movements": f"person,date,direction\n{movements}",
        "persons": f"person,sex,birth_date,resident\n{persons}",
    }
    assert derive(folder, tables, "--from", "2019-01-01", "--to", "2022-12-31", "--year", "2020", *words) == 0
    return folder / "out"


def ages(out: Path, flow: str, sex: str = "F", **where: str) -> dict[str, tuple[str, str, str]]:
    """Figure, status and comment by age."""
    rows = pl.read_csv(out / f"{flow}.csv", infer_schema=False).fill_null("").filter(SEX=sex, **where)
    cells = rows.select("AGE", "OBS_VALUE", "OBS_STATUS", "COMMENT_OBS").rows()
    return {age: (value, status, comment) for age, value, status, comment in cells}


def immigrants(count: int) -> tuple[str, str]:
    """So many women of 30 who come to live here: rows of persons and of movements."""
    names = [f"I{number}" for number in range(count)]
    return "".join(f"{name},F,1990-01-01,false\n" for name in names), "".join(map(ENTRY.format, names))


def test_empty_age_classes_are_zero(tmp_path: Path) -> None:
    persons, moves = immigrants(2)
    out = derived(tmp_path, persons, moves, "--also", "temporary")
    women = ages(out, "DF_IMM")
    assert {age for age in women if age != "_T"} == {*AGE_GROUPS}
    assert women["Y30T34"] == ("2", "A", "")
    assert women["Y60T64"] == ("0", "A", "")
    assert ages(out, "DF_IMM", "M") == {}, "of no man anything is said by age"
    assert ages(out, "DF_POP", TIME_PERIOD="2021")["Y60T64"] == ("0", "A", "")
    assert run(["validate", str(out / "DF_IMM.csv"), "--report", f"csv={tmp_path / 'rules.csv'}"]) in {0, 1}
    assert "MIG-1-023" not in (tmp_path / "rules.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("unknown", ["X,F,,false\n", "X,,1955-01-01,false\n"])
def test_unknown_age_makes_zero_of_age_class_unreliable(unknown: str, tmp_path: Path) -> None:
    persons, moves = immigrants(12)
    women = ages(derived(tmp_path, persons + unknown, moves + ENTRY.format("X")), "DF_IMM")
    value, status, comment = women["Y65T69"]
    assert (value, status) == ("0", "U")
    assert "unknown whether they are to be counted here: 1 person" in comment
    assert women["Y30T34"][:2] == ("12", "A")


def test_zero_with_an_undetermined_crossing_is_unreliable(tmp_path: Path) -> None:
    persons, moves = immigrants(12)
    out = derived(tmp_path, persons + "X,F,1955-01-01,false\n", moves + TWICE.format("X"))
    women = ages(out, "DF_IMM")
    assert women["Y65T69"][:2] == ("0", "U")
    assert women["Y60T64"] == ("0", "A", "")


@pytest.mark.parametrize(("count", "status"), [(3, "U"), (40, "A")])
def test_many_undetermined_crossings_lower_reliability(
    count: int, status: str, tmp_path: Path, console: Console
) -> None:
    persons, moves = immigrants(count)
    out = derived(tmp_path, persons + "X,F,1955-01-01,false\n", moves + TWICE.format("X"))
    rows = pl.read_csv(out / "DF_IMM.csv", infer_schema=False).fill_null("")
    total = rows.filter(pl.all_horizontal(pl.col("SEX", "AGE", "C_RESIDENCE", "C_BIRTH", "BIRTH_STATUS") == "_T"))
    total = total.filter(pl.all_horizontal(pl.col("C_CITIZEN", "CTZ_STATUS") == "_T"))
    assert total["OBS_STATUS"].to_list() == [status]
    assert (": 1 more crossing" in total["COMMENT_OBS"].item()) == (status == "U")
    assert (("movements", "UNRELIABLE_FLOW") in findings_in(out)) == (status == "U")
    assert ("MIG-0-424" in console.readouterr().err) == (status == "U")
    account = pl.read_csv(out / "DF_ACCOUNT.csv", infer_schema=False).filter(ACC_ITEM="FLW_IMM", BIRTH_STATUS="_T")
    assert account["OBS_STATUS"].unique().to_list() == [status]


def test_zero_with_undetermined_crossings_has_low_reliability(tmp_path: Path) -> None:
    out = derived(tmp_path, "X,F,1955-01-01,false\n", TWICE.format("X"))
    rows = pl.read_csv(out / "DF_IMM.csv", infer_schema=False)
    assert rows.select("OBS_VALUE", "OBS_STATUS").rows() == [("0", "U")]


def test_flow_above_the_declared_share_is_unreliable() -> None:

    assert not Reliability(1, Decimal(9)).is_low
    assert Reliability(2, Decimal(9)).is_low


def visitors(count: int, begin: str = "2020-02-01", end: str = "2020-03-01") -> tuple[str, str]:
    """So many women of 30 who are here for a time: rows of persons and of movements."""
    names = [f"V{number}" for number in range(count)]
    stays = "".join(f"{name},{begin},ENTRY\n{name},{end},EXIT\n" for name in names)
    return "".join(f"{name},F,1990-01-01,false\n" for name in names), stays


def sentences_in(out: Path, rule: RuleId, name: str) -> list[str]:
    """The sentences of findings of a rule that contain a text."""
    findings = pl.read_csv(out / "findings.csv", infer_schema=False).filter(Rule=rule)
    return [sentence for sentence in findings["Finding"] if name in sentence]


def said_in(out: Path, flow: str, **where: str) -> list[tuple[str, str, str]]:
    """Figure, status and comment of rows of a dataflow."""
    rows = pl.read_csv(out / f"{flow}.csv", infer_schema=False).fill_null("").filter(**where)
    return rows.select("OBS_VALUE", "OBS_STATUS", "COMMENT_OBS").rows()


WHOLE = {"MOB_TYPE": "TMP", "STAY_DUR": "_T", "SEX": "_T", "C_RESIDENCE": "_T", "C_CITIZEN": "_T", "UNIT_MEASURE": "PS"}


@pytest.mark.parametrize(("known", "status"), [(9, "A"), (8, "U")])
def test_undetermined_temporary_movements_are_marked(known: int, status: str, tmp_path: Path) -> None:
    persons, stays = visitors(known)
    out = derived(tmp_path, persons + "X,M,1990-01-01,false\n", stays + TWICE.format("X"), "--also", "temporary")
    comment = "unknown whether they are temporary movements: 1 more crossing" if status == "U" else ""
    assert said_in(out, "DF_TEMPMOB", TMP_ITEM="ARR", **WHOLE) == [(str(known), status, comment)]
    assert said_in(out, "DF_TEMPMOB", TMP_ITEM="ARR", MOB_TYPE="TMP_U", STAY_DUR="_T", UNIT_MEASURE="PS") == [
        (str(known), status, "")
    ]
    assert said_in(out, "DF_TEMPMOB", TMP_ITEM="DEP", **WHOLE) == [("0", "A", "")], "no exit of 2020 is in doubt"
    numbers = "undetermined crossings: 1; counted crossings: 8"
    told = [f"DF_TEMPMOB (ARR), 2020: {numbers}. The flow has low reliability (U)."] if status == "U" else []
    assert sentences_in(out, RuleId.UNRELIABLE_FLOW, "DF_TEMPMOB") == told


@pytest.mark.parametrize(("known", "status"), [(99, "A"), (98, "U")])
def test_temporary_stock_with_unknown_places_is_marked(known: int, status: str, tmp_path: Path) -> None:
    persons, stays = visitors(known, "2020-12-01", "2021-02-01")
    out = derived(tmp_path, persons + "X,M,1990-01-01,false\n", stays + TWICE.format("X"), "--also", "temporary")
    comment = "unknown where they live, or where they were: 1 more person" if status == "U" else ""
    assert said_in(out, "DF_TEMPMOB", TMP_ITEM="PRES", TIME_PERIOD="2021") == [(str(known), status, comment)]


@pytest.mark.parametrize(("known", "status"), [(9, "A"), (8, "U")])
def test_return_share_has_the_reliability_of_its_flow(known: int, status: str, tmp_path: Path) -> None:
    persons, moves = immigrants(known)
    out = derived(tmp_path, persons + "X,M,1990-01-01,false\n", moves + TWICE.format("X"), "--also", "return")
    whole = {"SEX": "_T", "BIRTH_STATUS": "_T", "COUNTERPART_AREA": "_T"}
    comment = "unknown whether they are migration: 1 more crossing" if status == "U" else ""
    assert said_in(out, "DF_IND_TERM", IND_TERM="DEN", **whole) == [(str(known), status, comment)]
    assert {row[1] for row in said_in(out, "DF_IMM")} == {status}
    ((figure, returns, why),) = said_in(out, "DF_IND_TERM", IND_TERM="NUM", **whole)
    assert (figure, returns) == ("0", "U"), "nobody says where the immigrants were born"
    assert why.startswith(f"at least; unknown whether they lived here before: {known} more immigrants")


def test_uncertain_circular_movers_lower_reliability() -> None:
    weights = [("C1", "yes", 9_000), ("C1", "unknown", 1_000), ("C2", "yes", 8_000), ("C2", "unknown", 1_000)]
    columns = [KIND, "answer", "weight"]
    detailed_sums = pl.DataFrame(weights, schema=columns, orient="row").with_columns(pl.lit("2020").alias(PERIOD))
    low = find_reliability_by_kind(detailed_sums)
    assert {kind: reliability.is_low for (_, kind), reliability in low.items()} == {"C1": False, "C2": True}


def of_account(out: Path, year: str = "2020") -> dict[str, tuple[str, str, str]]:
    """Figure, status and comment by item."""
    rows = pl.read_csv(out / "DF_ACCOUNT.csv", infer_schema=False).fill_null("")
    rows = rows.filter(BIRTH_STATUS="_T", CTZ_STATUS="_T", TIME_PERIOD=year)
    return {item: told for item, *told in rows.select("ACC_ITEM", "OBS_VALUE", "OBS_STATUS", "COMMENT_OBS").rows()}


@pytest.mark.parametrize(("residents", "status"), [(3, "U"), (250, "A")])
def test_stocks_state_number_of_unknown_residence(residents: int, status: str, tmp_path: Path) -> None:
    known = "".join(f"R{number},F,1980-01-01,true\n" for number in range(residents))
    out = derived(tmp_path, known + "X,F,1990-01-01,\nY,F,1990-01-01,\n", "R0,2019-02-01,EXIT\nR0,2019-02-03,ENTRY\n")
    comment = "unknown whether they live here: 2 more persons" if status == "U" else ""
    items = of_account(out)
    assert items["POP_BEG"] == items["POP_END"] == [str(residents), status, comment]
    assert items["ADJ"] == ["0", status, comment]
    assert items["FLW_IMM"] == ["0", "A", ""]
    assert ages(out, "DF_POP", "_T", TIME_PERIOD="2020", BIRTH_STATUS="_T", C_BIRTH="_T")["_T"][1] == status
    assert ("persons", "UNPLACED") in findings_in(out)
