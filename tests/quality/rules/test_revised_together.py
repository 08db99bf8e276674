"""Rounded totals and parts may be revised a step apart: only larger differences are reported (MIG-2-207)."""

from __future__ import annotations

import pytest
from reported import datasets, switched_on
from shipped import AS_LISTED, CATALOGUE

from sdmxmig.quality.validation import validate
from sdmxmig.sdmx.model.data import Vintage

BEFORE: dict[int, tuple[int, ...]] = {2012 + n: (55 + 15 * n, 35 + 10 * n, 20 + 5 * n) for n in range(11)}
"""Both sexes, women and men by year, rounded to five."""


def table(figures: dict[int, tuple[int, ...]]) -> str:
    rows = [
        f"{sex},{year},{value}"
        for year, values in figures.items()
        for sex, value in zip(("_T", "F", "M"), values, strict=True)
    ]
    return "\n".join(["SEX,TIME_PERIOD,OBS_VALUE", *rows])


def told(now: tuple[int, ...]) -> list[str]:
    (before,) = datasets(table(BEFORE), CATALOGUE.flows)
    (dataset,) = datasets(table({**BEFORE, 2022: now}), CATALOGUE.flows)
    earlier = Vintage(datasets={"DF_POP": before}, name="earlier", prepared="2024-01-31T12:00:00+00:00")
    return [
        finding.severity for finding in validate(switched_on(dataset, "MIG-2-207"), AS_LISTED, previous=[earlier]).items
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ((210, 135, 70), []),  # before 205 = 135 + 70: parts of 137 and 72 are rounded to what they were
        ((220, 135, 70), []),  # three figures in steps of five hide nearly 15
        ((225, 135, 70), ["warning"]),
        ((205, 140, 75), []),
        ((205, 150, 75), ["warning"]),
        ((225, 150, 75), []),  # both were revised
        ((210, 150, 75), []),
    ],
)
def test_rounding_may_hide_one_step_of_each_figure(now: tuple[int, ...], expected: list[str]) -> None:
    assert told(now) == expected
