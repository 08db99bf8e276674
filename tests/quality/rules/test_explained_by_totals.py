"""A part that changes with its total is not reported again; a part that causes the change is."""

from __future__ import annotations

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.findings import Findings

YEARS = range(2015, 2025)


def moves(**changed: tuple[int, ...]) -> str:
    """Immigration from three countries and in all; of each country the figures of the last years may be others."""
    rows = ["C_RESIDENCE,TIME_PERIOD,OBS_VALUE"]
    series = {code: [2000] * len(YEARS) for code in ("AM", "AZ", "TR")}
    for code, values in changed.items():
        series[code][-len(values) :] = values
    series["_T"] = [sum(values) for values in zip(*series.values(), strict=True)]
    rows += [
        f"{code},{year},{value}" for code, values in series.items() for year, value in zip(YEARS, values, strict=True)
    ]
    return "\n".join(rows)


def named(rule: str, table: str) -> set[str]:
    (dataset,) = datasets(table, CATALOGUE.flows, "DF_IMM")
    findings: Findings = validate(switched_on(dataset, rule), AS_LISTED)
    return {dict(item.key)["C_RESIDENCE"] for item in findings.items}


@pytest.mark.parametrize("rule", ["MIG-2-101", "MIG-2-103"])
def test_part_causing_jump_of_total_is_reported_with_total(rule: str) -> None:
    assert named(rule, moves(TR=(20_000,))) == {"TR", "_T"}  # ten times as many, the total four times


@pytest.mark.parametrize("rule", ["MIG-2-101", "MIG-2-103"])
def test_parts_that_jump_with_their_total_are_not_reported(rule: str) -> None:
    assert named(rule, moves(AM=(8_000,), AZ=(8_500,), TR=(7_800,))) == {"_T"}


def test_outlier_causing_outlying_total_is_reported_with_total() -> None:
    assert named("MIG-2-102", moves(TR=(20_000, 2_000, 2_000, 2_000))) == {"TR", "_T"}
    together = moves(AM=(8_000, 2_000, 2_000, 2_000), AZ=(8_000, 2_000, 2_000, 2_000), TR=(8_000, 2_000, 2_000, 2_000))
    assert named("MIG-2-102", together) == {"_T"}


def test_shift_causing_shifted_total_is_reported_with_total() -> None:
    assert named("MIG-2-114", moves(TR=(6_000,) * 5)) == {"TR", "_T"}  # three times, the total 1.7 times
    assert named("MIG-2-114", moves(AM=(3_000,) * 5, AZ=(3_000,) * 5, TR=(3_000,) * 5)) == {"_T"}


def test_exchanged_former_citizenships_are_reported() -> None:
    rows = ["CTZ_ITEM,C_FORMER,TIME_PERIOD,OBS_VALUE", "ACQ,AM,2023,1000", "ACQ,AM,2024,3050", "ACQ,TR,2023,3000"]
    (dataset,) = datasets("\n".join([*rows, "ACQ,TR,2024,1010"]), CATALOGUE.flows, "DF_CITIZENSHIP")
    (item,) = validate(switched_on(dataset, "MIG-2-108"), AS_LISTED).items
    assert item.observed == "3050 and 1010"
