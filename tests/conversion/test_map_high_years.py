"""Years that reach down between the months of another year, and totals of a year by ordinary words."""

from __future__ import annotations

import pytest
from proposed import asked_labels, codes, observations, proposed

from sdmxmig.conversion.suggestion import Proposal

MONTHS = ("Jan", "Feb", "Mar")


def years_and(months: tuple[str, ...], *, high: str = "^", above: str = "2023") -> str:
    """Make a table with two years over both header rows, beside a group with labels below it."""
    heads = f"| Citizenship | 2021 | 2022 | {above} | < | < |\n| ^ | {high} | {high} | {' | '.join(months)} |\n"
    rows = "".join(
        f"| {one} | {at} | {at + 100} | {at + 1} | {at + 2} | {at + 3} |\n"
        for at, one in zip((110, 230, 350), ("Ghana", "Chad", "Uganda"), strict=True)
    )
    return f"## Sheet S\n| Immigrants by citizenship |\n{heads}{rows}"


@pytest.mark.parametrize("months", [MONTHS, ("一月 Jan", "二月 Fev/Feb", "三月 Mar"), ("Januar", "Februar", "März")])
def test_year_beside_months_of_another_year_is_parsed_whole(months: tuple[str, ...]) -> None:
    text = years_and(months)
    proposal = proposed(text, "DF_IMM")
    assert asked_labels(proposal) == []
    found = {(key[0], key[4]): value for key, value in observations(text, proposal).items()}
    assert found["2021", "GH"] == "110"
    assert found["2022", "TD"] == "330"
    assert found["2023-02", "UG"] == "352"
    assert len(found) == 15


@pytest.mark.parametrize(
    "text",
    [
        years_and(("Men", "Zorblax", "Total")),
        years_and(("Jan", "Feb", "Zorblax")),
        years_and(("Jan", "Feb", "Refugees")),
        years_and(MONTHS, above="Provisional"),
        years_and(MONTHS, above="Refugees"),
    ],
)
def test_other_numbers_beside_years_are_asked_about(text: str) -> None:
    assert asked_labels(proposed(text, "DF_IMM"))


def by_quarter(total: str, last: int) -> Proposal:
    labels = ("I Trimestre", "II Trimestre", "III Trimestre", "IV Trimestre", total)
    figures = (10, 20, 30, 40, last)
    rows = "".join(f"| {label} | {one} | {2 * one} |\n" for label, one in zip(labels, figures, strict=True))
    return proposed(f"## Sheet S\n| Immigrants, 2023 |\n| Period | Men | Women |\n{rows}", "DF_IMM")


@pytest.mark.parametrize("total", ["Total", "Total anual", "Annual total", "Total for the year"])
def test_total_of_quarters_by_ordinary_words_is_their_year(total: str) -> None:
    assert codes(by_quarter(total, 100), "TIME_PERIOD").get(total) == "2023"


@pytest.mark.parametrize(("total", "last"), [("Total anual", 99), ("Annual mean", 100), ("Total refugees", 100)])
def test_total_that_is_not_the_sum_of_quarters_is_not_the_year(total: str, last: int) -> None:
    assert not codes(by_quarter(total, last), "TIME_PERIOD").get(total)
