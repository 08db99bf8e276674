"""Rules that count from a crossing on: equal to reckoning night by night, on every engine, in any order of records."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_nights import CROSSED, FROM_CROSSINGS, outcomes_by_nights, outcomes_by_rule, people_who_cross
from hypothesis import given, settings
from hypothesis import strategies as st
from night_by_night import Person

from sdmxmig.records.engines import DUCKDB, POLARS, open_engine


@pytest.mark.parametrize(
    ("engine_name", "code"),
    [
        (POLARS, "R12_16"),
        (POLARS, "R12_12"),
        (POLARS, "R183_183"),
        (DUCKDB, "R12_16"),
        pytest.param(DUCKDB, "R12_12", marks=pytest.mark.long),
        pytest.param(DUCKDB, "R183_183", marks=pytest.mark.long),
    ],
)
def test_outcomes_are_those_of_reckoning_night_by_night(engine_name: str, code: str, tmp_path: Path) -> None:
    people, rule = people_who_cross(19, 300), FROM_CROSSINGS[code]
    with open_engine(engine_name, tmp_path) as engine:
        outcomes = outcomes_by_rule(engine, people, rule, tmp_path)
    assert outcomes == outcomes_by_nights(people, rule)
    assert len({outcome for *_, outcome in outcomes}) == 5, "every outcome is met"


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), shuffle=st.integers(0, 10_000))
@pytest.mark.sampled(3)
def test_the_order_of_records_does_not_matter(
    seed: int, shuffle: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    people, rule = people_who_cross(seed, 20), FROM_CROSSINGS["R12_16"]
    folder = tmp_path_factory.mktemp("shuffled")
    with open_engine(POLARS, folder) as engine:
        in_order = outcomes_by_rule(engine, people, rule, folder)
    with open_engine(POLARS, folder) as engine:
        shuffled = outcomes_by_rule(engine, people, rule, folder, shuffled=shuffle)
    assert shuffled == in_order


@pytest.mark.parametrize("later", [-1, 0, 1])
def test_person_born_at_the_start_has_no_earlier_nights(later: int, tmp_path: Path) -> None:
    born, first = CROSSED.first + later, CROSSED.first + 150
    people = {"P": Person(crossings=[(first, "ENTRY", None), (first + 500, "EXIT", None)], born=born, native=False)}
    with open_engine(POLARS, tmp_path) as engine:
        outcomes = outcomes_by_rule(engine, people, FROM_CROSSINGS["R183_183"], tmp_path)
    expected = "UNDETERMINED_MISSING_RECORD" if later < 0 else "NON_MIGRANT_CROSSING"
    assert outcomes[0] == ("P", first, expected)
    assert outcomes == outcomes_by_nights(people, FROM_CROSSINGS["R183_183"])
