"""`sdmxmig compute` gives the values of one indicator from data files, and reasons for missing ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from reported import datasets
from shipped import CATALOGUE

from sdmxmig.cli import cli
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.computing import build_indicator_rows

HEADER = Header("T1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))
# The population at the end of the worked account, by birth and citizenship.
POPULATION = """flow,BIRTH_STATUS,CTZ_STATUS,REF_AREA,OBS_VALUE
DF_POP,_T,_T,GE,10044500
DF_POP,NB,FC,GE,62200
DF_POP,FB,NC,GE,205900
DF_POP,FB,FC,GE,783100
DF_POP,FB,_T,GE,989000
DF_POP,_T,FC,GE,845300
"""
ANSWERS = ["PD_1 YYLLN", "PD_2 YYYYN", "PD_3 YNNNN", "PD_4 YYNNN", "PD_5 YYYYY", "PD_6 NNNNN"]


def written(folder: Path, table: str, flow: str = "DF_POP") -> str:
    path = folder / "data.csv"
    path.write_bytes(data_bytes(FORMATS["sdmx-csv-2.0"], datasets(table, CATALOGUE.flows, flow), HEADER))
    return str(path)


def answered(folder: Path, answers: list[str]) -> str:
    rows = [
        f"{domain}{letter},{answer}"
        for domain, given in (answer.split() for answer in answers)
        for letter, answer in zip("ABCDE", given, strict=True)
    ]
    return written(folder, "\n".join(["MIG_POLICY,OBS_VALUE", *rows]), "DF_SDG_10_7_2")


def compute(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["compute", *arguments], catch_exceptions=False)


def test_worked_account_yields_five_shares_of_first_indicator(tmp_path: Path) -> None:
    record = json.loads(compute("MI 1.1", written(tmp_path, POPULATION), "--format", "json").stdout)
    assert {
        record["variant"]: (record["value"], record["unit"]) for record in record["values"] if record["part"] == "_T"
    } == {
        "FB": ("9.846", "PT"),
        "FC": ("8.416", "PT"),
        "FB_NC": ("2.050", "PT"),
        "NB_FC": ("0.619", "PT"),
        "FB_FC": ("7.796", "PT"),
    }
    assert {"topic": "AGE", "reason": "DF_POP holds no code of AGE but the total"} in record["missing"]


def test_indicator_that_cannot_be_computed_has_a_reason(tmp_path: Path) -> None:
    result = compute("IMM_RATE", written(tmp_path, POPULATION))
    assert result.stdout == ""
    assert "not computed: _T: no" in result.stderr
    indicator = replace(CATALOGUE.indicators["IMM_RATE"], calculation="")
    _, missing = build_indicator_rows(indicator, datasets(POPULATION, CATALOGUE.flows), "GE")
    assert "profile only" in missing[-1]["reason"]


def test_values_by_secondary_topic_follow_primary_topic(tmp_path: Path) -> None:
    table = """INDICATOR,IND_TERM,SEX,TOPIC,TOPIC_CODE,OBS_VALUE
UNEMPLOYMENT_RATE,NUM,_T,_T,_T,10
UNEMPLOYMENT_RATE,DEN,_T,_T,_T,100
UNEMPLOYMENT_RATE,NUM,_T,DUR_STAY,Y1T4,6
UNEMPLOYMENT_RATE,DEN,_T,DUR_STAY,Y1T4,20
UNEMPLOYMENT_RATE,NUM,F,_T,_T,4
UNEMPLOYMENT_RATE,DEN,F,_T,_T,50
"""
    record = json.loads(
        compute("UNEMPLOYMENT_RATE", written(tmp_path, table, "DF_IND_TERM"), "--format", "json").stdout
    )
    assert [(row["part"], row["value"]) for row in record["values"]] == [
        ("_T", "10"),
        ("SEX=F", "8"),
        ("DUR_STAY=Y1T4", "30"),
    ]


def test_value_states_residence_rule_date_and_source(tmp_path: Path) -> None:
    table = "BIRTH_STATUS,OBS_VALUE,RES_RULE,REF_DATE,SOURCE_DETAIL\n_T,100,R12,D0101,Census\nFB,9,R12,D0101,Register\n"
    record = json.loads(compute("MIG_SHARE", written(tmp_path, table), "--format", "json").stdout)
    (row,) = record["values"]
    assert (row["variant"], row["residence_rule"], row["reference_date"]) == ("FB", "R12", "D0101")
    assert row["source"] == "Register; Census"
    silent = "BIRTH_STATUS,OBS_VALUE,RES_RULE,REF_DATE\n_T,100,,\nFB,9,,\n"
    listed = compute("MIG_SHARE", written(tmp_path, silent)).stdout
    assert listed.count("not stated") == 3


def test_indicator_takes_rule_and_date_of_its_observation(tmp_path: Path) -> None:
    table = "INDICATOR,UNIT_MEASURE,OBS_VALUE,RES_RULE,REF_DATE\nHEALTH_COVERAGE,IX,71,R6,D0701\n"
    record = json.loads(compute("HEALTH_COVERAGE", written(tmp_path, table, "DF_INDICATOR"), "--format", "json").stdout)
    assert [(row["value"], row["residence_rule"], row["reference_date"]) for row in record["values"]] == [
        ("71", "R6", "D0701")
    ]


def test_policies_are_computed_from_answers_by_domain_and_level(tmp_path: Path) -> None:
    record = json.loads(compute("10.7.2", answered(tmp_path, ANSWERS), "--format", "json").stdout)
    assert [(record["domain"], record["value"], record["level"]) for record in record["values"]] == [
        ("PD_1", "60.000", "2"),
        ("PD_2", "80.000", "3"),
        ("PD_3", "20.000", "1"),
        ("PD_4", "40.000", "2"),
        ("PD_5", "100.000", "4"),
        ("PD_6", "0.000", "1"),
        ("_T", "50.000", "2"),
    ]
    some = compute("10.7.2", answered(tmp_path, ANSWERS[:1]))
    assert some.stdout.startswith("PD_1  GE  2022  60.000  2  Partially meets")
    assert "no answer to PD_2A, PD_2B, PD_2C, PD_2D, PD_2E" in " ".join(some.stderr.split())


def test_impossible_request_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="No data are named"):
        compute("IMM_RATE")
    with pytest.raises(SdmxmigError, match="is not an indicator"):
        compute("CL_SEX", written(tmp_path, POPULATION))
    with pytest.raises(SdmxmigError, match="several areas"):
        compute("MIG_SHARE", written(tmp_path, f"{POPULATION}DF_POP,_T,_T,AM,5\n"))
    assert (
        "2022  20  PT"
        in compute(
            "MIG_SHARE", written(tmp_path, f"{POPULATION}DF_POP,_T,_T,AM,5\nDF_POP,FB,_T,AM,1\n"), "--area", "AM"
        ).stdout
    )
    structures = tmp_path / "structures.xml"
    structures.write_bytes(FORMATS["sdmx-ml-3.0"].write_structures([CATALOGUE.item_scheme("CL_SEX")], HEADER))  # type: ignore[misc]
    with pytest.raises(SdmxmigError, match="not data"):
        compute("MIG_SHARE", str(structures))


@pytest.mark.parametrize(("frequency", "period"), [("Q", "2022-Q1"), ("M", "2022-03"), ("S", "2022-S1")])
def test_flows_not_reported_by_year_are_named(tmp_path: Path, frequency: str, period: str) -> None:
    table = f"FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\n{frequency},GE,{period},100\n"
    answer = compute("IMM_RATE", written(tmp_path, table, "DF_IMM"))
    assert f"no immigration by year, only for periods such as {period}" in answer.output
    yearly = written(tmp_path, f"{table}A,GE,2021,400\n", "DF_IMM")
    assert "by year" not in compute("IMM_RATE", yearly).output
