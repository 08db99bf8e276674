"""``sdmxmig map`` on columns of shares and rates: they are no counts, and counts are not taken for them."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, truth
from proposed import observations, proposed

RATES = cases_from("conversion/cases/a_column_of_rates_beside_one_of_persons_stays_out.csv")


@RATES
def test_column_of_rates_beside_persons_is_left_out(rate: str) -> None:
    text = f"""
## Sheet A
| Population by country of birth, 2021 | | |
| Country of birth | Persons | Persons {rate} |
| Armenia | 1200 | 12 |
| Turkey | 2400 | 24 |
"""
    assert set(observations(text, proposed(text, "DF_POP")).values()) == {"1200", "2400"}


@RATES
def test_table_of_only_rates_is_not_proposed_as_counts(rate: str) -> None:
    text = f"""
## Sheet A
| Country of birth | Men {rate} | Women {rate} |
| Armenia | 12 | 13 |
| Turkey | 24 | 25 |
"""
    proposal = proposed(text, "DF_POP")
    assert not proposal.mapping.blocks
    assert [question.part for question in proposal.open] == ["sheet"]


@cases_from(
    "conversion/cases/figures_that_grow_are_no_numbers_of_rows_figures_is_counted.csv", figures=listed, is_counted=truth
)
@pytest.mark.parametrize("head", ["Residenti stranieri", "Ordine"])
def test_growing_figures_are_not_read_as_row_numbers(figures: tuple[str, ...], head: str, *, is_counted: bool) -> None:
    rows = "\n".join(f"| {2019 + at} | {figure} | {900 - at} | ISTAT |" for at, figure in enumerate(figures))
    text = f"\n## Sheet A\n| Anno | {head} | Residenti | Fonte |\n{rows}\n"
    block = proposed(text, "DF_POP").regions[0]
    assert (2 in block.values) is (is_counted or head == "Residenti stranieri")


@cases_from("conversion/cases/a_column_of_standard_errors_or_bounds_stays_out.csv")
def test_column_of_standard_errors_or_bounds_is_left_out(error: str) -> None:
    text = f"""
## Sheet A
| Population by country of birth, 2021 | | |
| Country of birth | Persons | {error} |
| Armenia | 1200 | 12 |
| Turkey | 2400 | 24 |
"""
    assert set(observations(text, proposed(text, "DF_POP")).values()) == {"1200", "2400"}
