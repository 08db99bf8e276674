"""Labels that mean less or more than the area they name are asked about, with that area as a low candidate."""

from __future__ import annotations

import pytest
from case_tables import cases_from

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list
from sdmxmig.conversion.recognition.mentions import read_title

COUNTRIES = ("Spain", "Poland", "France", "Italy", "Chile")


@pytest.mark.parametrize(
    "label",
    ["Various", "Mixed", "Several", "Diverses", "Разные", "متنوعة", "Çeşitli", "各種", "n.e.s.", "Varios países"],
)
def test_words_without_country_mean_others_or_unknown(recogniser: Recogniser, label: str) -> None:
    by_label = recognise_list([*COUNTRIES, "Other", label], "PARTNER", recogniser)[label]
    assert [candidate.code for candidate in by_label] == ["_O", "_U"]
    assert len({candidate.confidence for candidate in by_label}) == 1
    assert not by_label[0].is_applied


@pytest.mark.parametrize(("label", "code"), [("Land-based", ""), ("Republika Čada", "TD")])
def test_short_name_is_matched_only_with_a_short_ending(recogniser: Recogniser, label: str, code: str) -> None:
    assert recogniser.countries.find_code_in_text(label) == code


@cases_from("conversion/recognition/cases/title_with_an_excluded_included_or_named_part_mentions_it.csv")
def test_limit_of_area_in_a_title_is_a_mention(recogniser: Recogniser, title: str, concept: str) -> None:
    assert read_title(title, recogniser).of(concept)


@cases_from("conversion/cases/title_without_an_area_limit_has_no_such_mention.csv")
def test_title_without_an_area_limit_mentions_no_limit(recogniser: Recogniser, title: str) -> None:
    assert not read_title(title, recogniser).of("EXCLUDING", "INCLUDING")
