"""Candidates for uncertain labels: every match, or the nearest names only, and no default."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list


@cases_from("conversion/recognition/cases/several_meanings_get_no_preference.csv", codes=listed)
def test_several_meanings_get_no_preference(recogniser: Recogniser, label: str, codes: tuple[str, ...]) -> None:
    candidates = recogniser.near(label, "PARTNER")
    assert [candidate.code for candidate in candidates] == [*codes]
    assert len({candidate.confidence for candidate in candidates}) == 1
    assert not any(candidate.is_applied for candidate in candidates)


@cases_from("conversion/cases/label_far_from_any_name_has_no_near_match.csv")
def test_label_far_from_any_name_has_no_near_match(recogniser: Recogniser, label: str) -> None:
    assert recogniser.near(label, "PARTNER") == ()
    by_label = recognise_list(["Spain", "Poland", "France", "Italy", "Chile", label], "PARTNER", recogniser)[label]
    assert not any(candidate.is_applied for candidate in by_label)


@cases_from("conversion/recognition/cases/the_nearest_name_is_offered_where_no_other_is_as_near.csv")
def test_nearest_name_is_offered_if_unique(recogniser: Recogniser, label: str, code: str) -> None:
    candidates = recogniser.near(label, "PARTNER")
    assert candidates[0].code == code
    assert all(candidate.confidence < candidates[0].confidence for candidate in candidates[1:])


@pytest.mark.parametrize(
    "label", ["Overseas China", "Overseas Argentina", "Southeast Sudan", "Sudáfrica Sur", "France Sud"]
)
def test_part_of_a_state_is_not_taken_for_another_state(recogniser: Recogniser, label: str) -> None:
    by_label = recognise_list(["Spain", "Poland", "China", "Italy", "Chile", label], "PARTNER", recogniser)[label]
    assert not any(candidate.is_applied for candidate in by_label)


@cases_from("conversion/recognition/cases/a_misspelt_name_beside_the_right_one_is_never_another_country.csv")
def test_misspelt_duplicate_is_not_another_country(recogniser: Recogniser, label: str, beside: str, wrong: str) -> None:
    listed = recognise_list([label, beside, "Germany", "Canada", "France", "Norway"], "PARTNER", recogniser)
    assert not any(candidate.is_applied and candidate.code == wrong for candidate in listed[label])
