"""Rules on the date of preparation, or on data reported together."""

from __future__ import annotations

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Verdict

TABLES = """
flow,C_BIRTH,C_CITIZEN,OBS_VALUE
DF_UNSD_C02,_T,AM,20
DF_UNSD_C02,_T,_T,61
DF_UNSD_C01,AM,_T,20
DF_UNSD_C01,_T,_T,60
"""


def verdict(rule: str, table: str, prepared: str = "") -> Verdict:
    dataset, *others = datasets(table, CATALOGUE.flows)
    return validate(switched_on(dataset, rule), AS_LISTED, others, prepared=prepared).verdicts[0]


def test_period_end_is_not_testable_without_preparation_date() -> None:
    outcome = verdict("MIG-1-016", "flow,TIME_PERIOD\nDF_IMM,2204")
    assert (outcome.outcome, outcome.reason) == ("not testable", "the date when the data were prepared is missing")


@pytest.mark.parametrize(("day", "outcome"), [("2023-12-31", "fail"), ("2024-01-01", "pass")])
def test_period_is_over_on_the_day_after_its_end(day: str, outcome: str) -> None:
    assert verdict("MIG-1-016", "flow,TIME_PERIOD\nDF_IMM,2023", day).outcome == outcome


@pytest.mark.parametrize(("day", "outcome"), [("2022-12-31", "fail"), ("2023-01-01", "pass")])
def test_population_on_1_january_may_be_sent_early_in_the_year(day: str, outcome: str) -> None:
    assert verdict("MIG-1-016", "flow,TIME_PERIOD,REF_DATE\nDF_POP,2023,D0101", day).outcome == outcome


def test_tables_of_one_questionnaire_must_share_their_total() -> None:
    dataset, *others = datasets(TABLES, CATALOGUE.flows)
    (finding,) = validate(switched_on(dataset, "MIG-1-111"), AS_LISTED, others).items
    assert (finding.observed, finding.expected) == ("61", "60")
