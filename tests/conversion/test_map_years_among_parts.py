"""Quarters, months and half-years with the totals of their years, each label with its year."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import asked_labels, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.tables import read

QUARTERS = ("2021 Q1", "2021 Q2", "2021 Q3", "2021 Q4")
MONTHS = tuple(f"{name} 2021" for name in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"))


def table(labels: tuple[str, ...], figures: tuple[int, ...], *notes: str) -> str:
    rows = "".join(f"| {label} | {one} | {3 * one} |\n" for label, one in zip(labels, figures, strict=True))
    return f"## Sheet S\n| Immigrants by sex |\n\n| Period | Men | Women |\n{rows}" + "".join(
        f"| {x} |\n" for x in notes
    )


def periods(text: str, proposal: Proposal) -> dict[tuple[str, str, str], str]:
    """The figures of men by period, frequency and status."""
    frame = convert(
        read("t.xlsx", workbook(text)), proposal.mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules
    ).dataset.observations
    return {
        (row["TIME_PERIOD"], row["FREQ"], row["OBS_STATUS"] or "A"): row["OBS_VALUE"]
        for row in frame.iter_rows(named=True)
        if row["SEX"] == "M"
    }


@pytest.mark.parametrize("total", ["2021 Total", "Total 2021", "2021 total", "2021", "2021 gesamt", "Total, 2021"])
def test_total_of_the_quarters_is_read_as_the_year(total: str) -> None:
    text = table((*QUARTERS, total), (10, 20, 30, 40, 100))
    proposal = proposed(text, "DF_IMM")
    assert asked_labels(proposal) == []
    values = periods(text, proposal)
    assert values["2021", "A", "A"] == "100"
    assert values["2021-Q4", "Q", "A"] == "40"


def test_months_with_their_year_are_recognised() -> None:
    labels = (*MONTHS, "Dec 2021", "2021 Total")
    text = table(labels, (*range(1, 13), 78))
    proposal = proposed(text, "DF_IMM")
    assert asked_labels(proposal) == []
    assert periods(text, proposal)["2021", "A", "A"] == "78"
    assert periods(text, proposal)["2021-12", "M", "A"] == "12"


def test_mark_after_a_quarter_applies_to_its_figures() -> None:
    labels = (*QUARTERS[:3], "2021 Q4 [p]", "2021 Total [p]")
    text = table(labels, (10, 20, 30, 40, 100), "[p] = provisional")
    proposal = proposed(text, "DF_IMM")
    values = periods(text, proposal)
    assert values["2021-Q4", "Q", "P"] == "40"
    assert values["2021-Q3", "Q", "A"] == "30"
    assert values["2021", "A", "P"] == "100"


@pytest.mark.parametrize(
    ("labels", "figures"),
    [
        ((*QUARTERS, "2021 Total"), (10, 20, 30, 40, 99)),
        ((*QUARTERS[:3], "2021 Total"), (10, 20, 30, 60)),
        ((*QUARTERS, "2021 Mean"), (10, 20, 30, 40, 25)),
        ((*QUARTERS, "2021 Total, refugees"), (10, 20, 30, 40, 100)),
        ((*QUARTERS, "2022 Total"), (10, 20, 30, 40, 100)),
        ((*QUARTERS, "2021 Total", "2020 Total"), (10, 20, 30, 40, 100, 90)),
        (("2021 Q1", "2021 Q1", "2021 Q3", "2021 Q4", "2021 Total"), (10, 20, 30, 40, 100)),
        ((*QUARTERS[:3], "2021 Q4 [z]", "2021 Total"), (10, 20, 30, 40, 100)),
    ],
)
def test_total_differing_from_its_parts_is_asked_about(labels: tuple[str, ...], figures: tuple[int, ...]) -> None:
    assert asked_labels(proposed(table(labels, figures), "DF_IMM"))


def test_total_of_stocks_is_asked_about() -> None:
    text = table((*QUARTERS, "2021 Total"), (10, 20, 30, 40, 100)).replace("Immigrants", "Population")
    assert "the mark “Total”" in asked_labels(proposed(text, "DF_POP"))
