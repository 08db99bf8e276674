"""Words that can be units are asked about in notes on figures, and ignored in other sentences."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import asked_text, proposed

from sdmxmig.conversion.suggestion import Proposal


def of(note: str, title: str = "Immigrants by country of citizenship") -> Proposal:
    rows = "| Uganda | 100 | 200 |\n| Somalia | 101 | 201 |\n| India | 102 | 202 |\n"
    return proposed(
        f"## Sheet S\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}\n| {note} |\n", "DF_IMM", "KE"
    )


@cases_from("conversion/cases/words_of_other_sentences_are_no_units.csv")
def test_words_of_other_sentences_are_not_read_as_units(note: str) -> None:
    assert "in what unit" not in asked_text(of(note)) + asked_text(of(note, title="Immigrants"))
    assert "fixed unit_measure" not in asked_text(of(note))
    assert "standard error" not in asked_text(of(note))


@pytest.mark.parametrize("note", ["Standard errors", "Figures are standard errors of the estimates of the survey."])
def test_figures_that_are_errors_are_asked_about(note: str) -> None:
    assert "standard errors" in asked_text(of(note))
