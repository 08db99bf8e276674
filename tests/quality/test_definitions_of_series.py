"""Figures of series that follow different residence rules are not compared, divided or balanced."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from shipped import CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.frames import build_origins
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.calculations.indicator_values import compute
from sdmxmig.statistics.demography.accounts import OTHER_DEFINITIONS, explain_not_comparable
from sdmxmig.statistics.demography.ledger import LedgerEntry

FLOW = CATALOGUE.flows["DF_POP"]
KEY = FLOW.structure.series_key
FIGURES = {"_T": "1000", "NC": "900", "FC": "70"}


def population(foreigners: str) -> Dataset:
    """Residents by citizenship; `foreigners` is the residence rule of foreign citizens, R12 that of the others."""
    usual = dict.fromkeys(KEY, "_T") | {"FREQ": "A", "REF_AREA": "GE"}
    series = pl.DataFrame([{**usual, "CTZ_STATUS": code} for code in FIGURES])
    rules = [foreigners if code == "FC" else "R12" for code in FIGURES]
    stated = {"OBS_STATUS": "A", "UNIT_MULT": "0", "TIME_PERIOD": "2024"}
    return Dataset(
        FLOW,
        series.with_columns(pl.lit(value).alias(name) for name, value in stated.items()).with_columns(
            OBS_VALUE=pl.Series(list(FIGURES.values()))
        ),
        series=series.with_columns(RES_RULE=pl.Series(rules), UNIT_MEASURE=pl.lit("PS")),
        attributes={"REF_DATE": "D0101", "DUR_BASIS": "ACT"},
        origins=build_origins(),
    )


@pytest.mark.parametrize(("rule", "is_wrong"), [("R12", True), ("PERMIT", False), ("_U", False)])
def test_total_is_compared_only_with_parts_of_equal_rule(rule: str, is_wrong: bool) -> None:
    findings = validate(population(rule), CATALOGUE)
    assert ("MIG-1-103" in {finding.rule for finding in findings.items}) is is_wrong


@pytest.mark.parametrize(("rule", "share"), [("R12", ["7"]), ("PERMIT", []), ("_U", [])])
def test_share_is_computed_under_one_residence_rule(rule: str, share: list[str]) -> None:
    computed = compute(CATALOGUE.indicators["MIG_SHARE"], [population(rule)])
    assert [str(value.value) for value in computed.values if value.variant == "FC"] == share
    reasons = [reason for variant, reason in computed.missing if variant == "FC"]
    assert share or reasons == ["no resident population under the same residence rule for 2024"]


@pytest.mark.parametrize(
    ("definitions", "reason"),
    [
        ((("DF_POP", "R12"), ("DF_POP", "R12")), ""),
        ((("DF_POP", "R12"), ("DF_POP", "PERMIT")), OTHER_DEFINITIONS),
        ((("DF_POP", "R12"), ("DF_IMM", "R6")), ""),  # a caveat says so between dataflows
    ],
)
def test_account_uses_one_residence_rule_per_dataflow(definitions: tuple[tuple[str, str], ...], reason: str) -> None:
    entries = [
        LedgerEntry(Decimal(1), Decimal(1), status="", parts=(), definitions=frozenset({one})) for one in definitions
    ]
    assert explain_not_comparable(entries, CATALOGUE.identities[0]) == reason
