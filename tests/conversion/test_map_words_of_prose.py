"""Words that can be units are asked about in notes on figures, and ignored in other sentences."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import asked_text
from test_map_notes_that_limit import of


@cases_from("conversion/cases/words_of_other_sentences_are_no_units.csv")
def test_words_of_other_sentences_are_no_units(note: str) -> None:
    assert "in what unit" not in asked_text(of(note)) + asked_text(of(note, title="Immigrants"))
    assert "fixed unit_measure" not in asked_text(of(note))
    assert "standard error" not in asked_text(of(note))


@pytest.mark.parametrize("note", ["Standard errors", "Figures are standard errors of the estimates of the survey."])
def test_figures_that_are_errors_are_asked_about(note: str) -> None:
    assert "standard errors" in asked_text(of(note))
