"""Groups of countries in the codes of Eurostat are the sums of their members at the date that the group names."""

from __future__ import annotations

from case_tables import cases_from
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Findings

MEMBERS = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "EL",
    "ES",
    "FI",
    "FR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]
HEAD = "freq,citizen,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE"


def judged(geo: str, group: str, total: int, citizenships: list[str]) -> Findings:
    """Ten citizens of each of some countries, and a group with a total."""
    figures = dict.fromkeys(citizenships, 10) | {group: total}
    rows = [f"A,{code},TOTAL,NR,T,{geo},2022,{value}" for code, value in figures.items()]
    (dataset,) = datasets("\n".join([HEAD, *rows]), CATALOGUE.flows, "MIGR_POP1CTZ")
    return validate(switched_on(dataset, "MIG-1-107"), AS_LISTED)


@cases_from("quality/cases/the_union_is_the_sum_of_its_members_of_that_date.csv", total=int)
def test_union_equals_the_sum_of_its_members_at_that_date(geo: str, group: str, total: int, outcome: str) -> None:
    findings = judged(geo, group, total, [*MEMBERS, "UK"])
    assert [verdict.outcome for verdict in findings.verdicts] == [outcome]
    assert [dict(item.key)["citizen"] for item in findings.items if item.place] == [group] * (outcome == "fail")


def test_union_is_at_least_the_sum_of_reported_members() -> None:
    some = [code for code in MEMBERS if code != "HR"]
    assert [verdict.outcome for verdict in judged("NO", "EU27_2020", 300, some).verdicts] == ["pass"]
    assert [verdict.outcome for verdict in judged("NO", "EU27_2020", 250, some).verdicts] == ["fail"]
