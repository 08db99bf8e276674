"""Rules that count from a crossing on: equal to reckoning night by night, in any order of records."""

from __future__ import annotations

import pytest
from compared_nights import CROSSED, FROM_CROSSINGS, outcomes_by_nights, outcomes_by_rule, people_who_cross
from hypothesis import given, settings
from hypothesis import strategies as st
from night_by_night import Person


@pytest.mark.parametrize("code", ["R12_16", "R12_12", "R183_183"])
def test_outcomes_equal_those_of_a_night_by_night_count(code: str) -> None:
    people, rule = people_who_cross(19, 300), FROM_CROSSINGS[code]
    outcomes = outcomes_by_rule(people, rule)
    assert outcomes == outcomes_by_nights(people, rule)
    assert len({outcome for *_, outcome in outcomes}) == 5, "every outcome is met"


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), shuffle=st.integers(0, 10_000))
def test_order_of_records_does_not_change_the_outcomes(seed: int, shuffle: int) -> None:
    people, rule = people_who_cross(seed, 20), FROM_CROSSINGS["R12_16"]
    assert outcomes_by_rule(people, rule, shuffled=shuffle) == outcomes_by_rule(people, rule)


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_person_born_at_the_start_has_no_earlier_nights(later: int) -> None:
    born, first = CROSSED.first + later, CROSSED.first + 150
    people = {"P": Person(crossings=[(first, "ENTRY", None), (first + 500, "EXIT", None)], born=born, native=False)}
    outcomes = outcomes_by_rule(people, FROM_CROSSINGS["R183_183"])
    expected = "UNDETERMINED_MISSING_RECORD" if later < 0 else "NON_MIGRANT_CROSSING"
    assert outcomes[0] == ("P", first, expected)
    assert outcomes == outcomes_by_nights(people, FROM_CROSSINGS["R183_183"])
