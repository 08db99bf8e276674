"""“America” among countries alone is not surely the continent: it may be the United States."""

from __future__ import annotations

import pytest
from proposed import WORDS

from sdmxmig.conversion.recognition.lists import recognise_list

COUNTRIES = ("Kenya", "Ghana", "Chad", "India", "Japan")


@pytest.mark.parametrize("america", ["អាមេរិក", "Amérique", "América", "Америка", "美洲", "America"])
def test_america_among_countries_is_not_certainly_the_continent(america: str) -> None:
    by_label = recognise_list((*COUNTRIES, america), "PARTNER", WORDS)[america]
    assert not [candidate for candidate in by_label if candidate.code == "019" and candidate.is_applied]


@pytest.mark.parametrize("others", [("Africa", "Asia", "Europe"), ("Afrika", "Asien", "Europa")])
def test_america_among_continents_is_a_continent(others: tuple[str, ...]) -> None:
    by_label = recognise_list((*COUNTRIES, *others, "Amerika"), "PARTNER", WORDS)["Amerika"]
    assert "US" not in {candidate.code for candidate in by_label if candidate.is_applied}


@pytest.mark.parametrize("label", ["Americas", "United States of America", "South America", "Latin America"])
def test_longer_label_does_not_ask_about_the_united_states(label: str) -> None:
    by_label = recognise_list((*COUNTRIES, label), "PARTNER", WORDS)[label]
    assert "the United States?" not in {one.reason for one in by_label}
