"""Ratios of two tables: matching years, tolerance of rounding, and one finding for one mistake."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Finding


def findings(rule: str, table: str, **parameters: object) -> list[Finding]:
    dataset, *others = datasets(table, CATALOGUE.flows)
    declared = AS_LISTED.rules[rule]
    changed = replace(declared, parameters={**declared.parameters, **parameters})
    catalogue = replace(AS_LISTED, rules={**AS_LISTED.rules, rule: changed})
    return list(validate(switched_on(dataset, rule), catalogue, others).items)


def test_ratio_out_of_bounds_for_years_is_reported_once() -> None:
    permits = {2020: 1200, 2021: 1500, 2022: 1300}
    rows = [f"DF_PERMIT,PERMIT_VALID,AM,{year},,{count}" for year, count in permits.items()]
    rows += [f"DF_POP,,AM,{year},D1231,1000" for year in permits]
    (finding,) = findings("MIG-2-017", "\n".join(["flow,ADM_ITEM,C_CITIZEN,TIME_PERIOD,REF_DATE,OBS_VALUE", *rows]))
    assert finding.sentence().endswith(
        "Armenia: 1,500 valid permits at the end of 2021, but 1,000 citizens of this country in the population "
        "(ratio 1.50; expected: up to 1.1)."
    )
    assert [place.cell for place in (finding.place, *finding.others) if place] == ["A2", "A3", "A1"]


@pytest.mark.parametrize(("population", "count"), [("0.9", 0), ("0.8", 1)])
def test_rounding_of_both_figures_is_taken_into_account(population: str, count: int) -> None:
    # 0.9 thousand may be 950 persons, and 1.1 times 950 is 1,045: 1,040 permits can be. Of 0.8 at most 935 can.
    table = f"""flow,ADM_ITEM,C_CITIZEN,REF_DATE,UNIT_MULT,OBS_VALUE
DF_PERMIT,PERMIT_VALID,AM,,0,1040
DF_POP,,AM,D1231,3,{population}"""
    assert len(findings("MIG-2-017", table)) == count


def test_observed_and_expected_values_have_the_unit_of_the_cell() -> None:
    # 1.3 thousand permits, 1,000 people: at most 1,100, which is 0.2 thousand less; half of 100 permits is rounding.
    table = """flow,ADM_ITEM,C_CITIZEN,REF_DATE,UNIT_MULT,OBS_VALUE
DF_PERMIT,PERMIT_VALID,AM,,3,1.3
DF_POP,,AM,D1231,0,1000"""
    (finding,) = findings("MIG-2-017", table)
    assert (finding.observed, finding.expected) == ("1.3", "≤ 1.1")
    assert (finding.difference, finding.tolerance) == ("0.2", "0.05")


def test_own_country_groups_and_totals_are_not_partners() -> None:
    table = "flow,ADM_ITEM,C_CITIZEN,REF_DATE,OBS_VALUE"
    for code in ("_T", "_O", "GE", "150"):
        table += f"\nDF_PERMIT,PERMIT_VALID,{code},,900\nDF_POP,,{code},D1231,100"
    assert findings("MIG-2-017", table) == []


def test_immigrants_with_too_short_a_stay_are_reported() -> None:
    table = """flow,RES_RULE,STAY_DUR,OBS_VALUE
DF_IMM_TOPIC,R12,M_LT3,30
DF_IMM_TOPIC,R12,M6T11,0
DF_IMM_TOPIC,R12,M_GE12,90"""
    (finding,) = findings("MIG-2-021", table)
    assert finding.place.cell == "A1"


@pytest.mark.parametrize(
    ("arrivals", "months", "count"),
    [
        ([30, 30, 0, 0, 0, 0, 0, 0, 0, 0, 30, 30], [], 0),  # a season may go over the end of the year
        ([30, 30, 0, 0, 0, 0, 0, 0, 0, 0, 30, 30], [6, 7, 8], 1),
        ([0, 0, 0, 0, 0, 40, 40, 20, 10, 10, 0, 0], [6, 7, 8], 0),
    ],
    ids=["over new year", "declared, and missed", "declared"],
)
def test_season_is_declared_or_has_most_arrivals(arrivals: list[int], months: list[int], count: int) -> None:
    rows = [f"DF_TEMPMOB,ARR,SEASONAL,M,2022-{n:02},{value}" for n, value in enumerate(arrivals, start=1)]
    table = "\n".join(["flow,TMP_ITEM,TMP_LAB,FREQ,TIME_PERIOD,OBS_VALUE", *rows])
    assert len(findings("MIG-2-037", table, months=months)) == count


@pytest.mark.parametrize(("rate", "count"), [("4.0", 0), ("5.0", 1)])
def test_rate_at_start_uses_population_of_previous_year_end(rate: str, count: int) -> None:
    # 40 of 1,000 on 31 December 2021 became citizens in 2022; 800 is the population of the end of 2022.
    table = f"""flow,INDICATOR,UNIT_MEASURE,CTZ_STATUS,TIME_PERIOD,REF_DATE,OBS_VALUE
DF_INDICATOR,CTZ_ACQ_RATE,PT,_T,2022,,{rate}
DF_CTZ_ACQ,,,_T,2022,,40
DF_POP,,,FC,2021,D1231,1000
DF_POP,,,FC,2022,D1231,800"""
    assert len(findings("MIG-1-126", table)) == count


@pytest.mark.parametrize(("agreed", "cells"), [("either", []), ("blank", ["A1"]), ("flagged", ["A2"])])
def test_confidential_figures_are_checked_against_agreement(agreed: str, cells: list[str]) -> None:
    table = """flow,SEX,CONF_STATUS,OBS_STATUS,OBS_VALUE
DF_POP,F,C,A,7
DF_POP,M,C,Q,"""
    listed = findings("MIG-1-018", table, agreed=agreed)
    assert [item.place.cell for item in listed if item.place] == cells


def test_country_total_equals_regions_plus_unknown_region() -> None:
    table = """flow,POP_BASE,REGION,TIME_PERIOD,OBS_VALUE
DF_POP_TOPIC,RES,_T,2021,60
DF_POP_TOPIC,RES,GE1,2021,40
DF_POP_TOPIC,RES,GE2,2021,15
DF_POP_TOPIC,RES,_U,2021,5
DF_POP_TOPIC,RES,_T,2022,60
DF_POP_TOPIC,RES,GE1,2022,40
DF_POP_TOPIC,RES,GE2,2022,15
DF_POP_TOPIC,RES,_U,2022,4"""
    (finding,) = findings("MIG-1-108", table)
    assert finding.place.cell == "A5"


def test_dataflow_without_the_dimension_of_a_rule_is_untested() -> None:
    months = "\n".join(f"DF_IMM,M,2022-{n:02},100" for n in range(1, 13))
    (dataset,) = datasets(f"flow,FREQ,TIME_PERIOD,OBS_VALUE\n{months}", CATALOGUE.flows)
    reasons = {
        "MIG-2-032": "DF_IMM is not broken down by STAY_DUR",
        "MIG-2-037": "DF_IMM is not broken down by TMP_ITEM and TMP_LAB",
        "MIG-2-039": "DF_IMM has no partner countries",
    }
    verdicts = validate(switched_on(dataset, *reasons), AS_LISTED).verdicts
    assert {verdict.rule: verdict.reason for verdict in verdicts} == reasons
    assert {verdict.outcome for verdict in verdicts} == {"not testable"}
