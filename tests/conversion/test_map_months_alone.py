"""Months among years in one line: the year of the months is asked once and used for all."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import proposed

from sdmxmig.conversion.suggestion import Proposal

MONTHS = ("January", "February", "March", "April")


def of(labels: tuple[str, ...], said: dict[str, str] | None = None) -> Proposal:
    rows = "".join(f"| {label} | {100 + 7 * at} |\n" for at, label in enumerate(labels))
    decisions = {("S", "codes TIME_PERIOD", label): code for label, code in (said or {}).items()}
    return proposed(f"## Sheet S\n| Immigrants |\n| Period | Persons |\n{rows}", "DF_IMM", "GB", decisions)


def asked(proposal: Proposal) -> list[str]:
    return [question.label for question in proposal.open if question.part == "codes TIME_PERIOD"]


@pytest.mark.parametrize(
    "labels",
    [
        ("2021", "2022", *MONTHS),
        ("2021", "2022", "январь", "февраль", "март"),
        ("2021", "2022", "January [p]", "February [p]", "March [p]"),
    ],
)
def test_single_answered_month_sets_the_other_months(labels: tuple[str, ...]) -> None:
    assert asked(of(labels)) == [labels[2]]
    block = of(labels, {labels[2]: "2023-01"}).mapping.blocks[0]
    codes = {component_map.component: dict(component_map.codes) for component_map in block.components}
    named = [label.removesuffix(" [p]") for label in labels]  # a mark is a status, not a part of the label
    assert [codes["TIME_PERIOD"][label] for label in named[2:5]] == ["2023-01", "2023-02", "2023-03"]
    assert [codes["FREQ"][label] for label in named[:3]] == ["A", "A", "M"]


@cases_from("conversion/cases/scattered_months_are_asked_about_one_by_one.csv", labels=listed)
def test_scattered_months_are_asked_about_separately(labels: tuple[str, ...]) -> None:
    assert asked(of(labels)) == list(labels[2:])


def test_decision_for_a_month_applies_only_below_its_year() -> None:
    labels = ("2021", "2022", *MONTHS)
    block = of(labels, {"January": "leave out"}).mapping.blocks[0]
    assert {skip.match for skip in block.skip_rows} == set(MONTHS)
