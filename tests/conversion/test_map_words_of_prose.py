"""Words that can be units are asked about in notes on figures, and ignored in other sentences."""

from __future__ import annotations

import pytest
from case_tables import cases_from_csv
from test_map_notes_that_limit import asked, of


@cases_from_csv
def test_words_of_other_sentences_are_no_units(note: str) -> None:
    assert "in what unit" not in asked(of(note)) + asked(of(note, title="Immigrants"))
    assert "fixed unit_measure" not in asked(of(note))
    assert "standard error" not in asked(of(note))


@pytest.mark.parametrize("note", ["Standard errors", "Figures are standard errors of the estimates of the survey."])
def test_figures_that_are_errors_are_asked_about(note: str) -> None:
    assert "standard errors" in asked(of(note))
