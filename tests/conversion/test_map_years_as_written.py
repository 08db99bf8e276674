"""``sdmxmig map`` on years in any words, digits and calendars that are ours by arithmetic."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import observations, proposed

from sdmxmig.conversion.suggestion import Proposal

YEARS = (2021, 2022, 2023)


def across(labels: list[str]) -> str:
    """A table of immigrants with these labels over three columns."""
    return (
        "## Sheet S\n| Immigrants by sex | | | |\n"
        f"| Sex | {' | '.join(labels)} |\n| Male | 11 | 12 | 13 |\n| Female | 21 | 22 | 23 |\n"
    )


def periods(proposal: Proposal, text: str) -> dict[str, str]:
    """The value for men of each period."""
    return {key[0]: value for key, value in observations(text, proposal).items() if key[1] == "M"}


def asked(proposal: Proposal) -> list[str]:
    parts = ("codes TIME_PERIOD", "fixed TIME_PERIOD", "fixed FREQ", "line header 1")
    return [question.part for question in proposal.open if question.part in parts]


@cases_from("conversion/cases/year_inside_words_for_year_is_recognised.csv")
@pytest.mark.sampled(4)
def test_year_inside_words_for_year_is_recognised(written: str) -> None:
    labels = [written.replace("{0}", "{}").replace("{}", str(year)) for year in YEARS]
    text = across(labels)
    proposal = proposed(text, "DF_IMM")
    assert asked(proposal) == []
    assert periods(proposal, text) == {"2021": "11", "2022": "12", "2023": "13"}


@cases_from("conversion/cases/years_in_other_calendars_or_with_numbers_of_notes_are_read.csv", labels=listed)
def test_years_of_other_calendars_are_parsed(labels: tuple[str, ...]) -> None:
    text = across(labels)
    proposal = proposed(text, "DF_IMM")
    assert asked(proposal) == []
    assert periods(proposal, text) == {"2021": "11", "2022": "12", "2023": "13"}
