"""Rules that count from a crossing on: equal to reckoning night by night, on every engine, in any order of records."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import AREA, movements_of, number, persons_of, written
from night_by_night import Person, crossing_rule, random_person, two_sided_rule
from shipped import CATALOGUE

from sdmxmig.records.crossing_rules import outcomes_of
from sdmxmig.records.engines import DUCKDB, POLARS, Engine, collected, engine_of, scanned
from sdmxmig.records.observation import Observation
from sdmxmig.records.residence_rules import ResidenceRule, rule_of
from sdmxmig.records.spells import CROSSING, spells_of

RULES = CATALOGUE.item_scheme("CL_RES_RULE")
FIRST, UNTIL = number("2018-01-01"), number("2023-07-01")
OBSERVED = Observation(AREA, FIRST, until=UNTIL)
R12_16, R12_12, R183_183 = (rule_of(code, RULES) for code in ("R12_16", "R12_12", "R183_183"))

Outcomes = list[tuple[str, int, str]]


def derived(
    engine: Engine, movements: pl.DataFrame, persons: pl.DataFrame, rule: ResidenceRule, folder: Path
) -> Outcomes:
    paths = written(folder, movements=movements, persons=persons)
    spells = spells_of(
        scanned(engine, paths["movements"]),
        scanned(engine, paths["persons"]),
        OBSERVED,
        lying=engine.sorts_once,
    )
    rows = collected(engine, outcomes_of(spells, rule, OBSERVED, lying=engine.sorts_once))
    crossings = rows.filter(pl.col("origin") == CROSSING).select("person", "begin", "outcome")
    return sorted(crossings.rows())


def expected(people: dict[str, Person], rule: ResidenceRule) -> Outcomes:
    needed, window = rule.threshold_days, rule.window_days
    assert needed
    assert window
    outcomes: Outcomes = []
    for name, person in people.items():
        if rule.before_days:
            years = two_sided_rule(person, FIRST, UNTIL, before=rule.before_days, needed=needed, window=window)
            outcomes += [(name, day, outcome) for day, outcome in years.items()]
        else:
            crossings = crossing_rule(person, FIRST, UNTIL, needed=needed, window=window)
            outcomes += [(name, day, outcome) for day, _, outcome in crossings]
    return sorted(outcomes)


def some_people(seed: int, count: int) -> dict[str, Person]:
    dice = random.Random(seed)
    return {f"P{index}": random_person(dice, FIRST, UNTIL) for index in range(count)}


@pytest.mark.parametrize(
    ("engine_name", "rule"),
    [
        (POLARS, R12_16),
        (POLARS, R12_12),
        (POLARS, R183_183),
        (DUCKDB, R12_16),
        pytest.param(DUCKDB, R12_12, marks=pytest.mark.long),
        pytest.param(DUCKDB, R183_183, marks=pytest.mark.long),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_outcomes_are_those_of_reckoning_night_by_night(engine_name: str, rule: ResidenceRule, tmp_path: Path) -> None:
    people = some_people(19, 300)
    with engine_of(engine_name, tmp_path) as engine:
        outcomes = derived(engine, movements_of(people), persons_of(people), rule, tmp_path)
    assert outcomes == expected(people, rule)
    assert len({outcome for *_, outcome in outcomes}) == 5, "every outcome is met"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
@pytest.mark.parametrize("rule", [R12_16, R12_12, R183_183], ids=lambda rule: rule.code)
def test_outcomes_of_100_000_persons(rule: ResidenceRule, seed: int, tmp_path: Path) -> None:
    people = some_people(seed, 2500)
    with engine_of(POLARS, tmp_path) as engine:
        assert derived(engine, movements_of(people), persons_of(people), rule, tmp_path) == expected(people, rule)


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), shuffle=st.integers(0, 10_000))
def test_the_order_of_records_does_not_matter(
    seed: int, shuffle: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    people = some_people(seed, 20)
    folder = tmp_path_factory.mktemp("shuffled")
    movements = movements_of(people)
    with engine_of(POLARS, folder) as engine:
        in_order = derived(engine, movements, persons_of(people), R12_16, folder)
    with engine_of(POLARS, folder) as engine:
        shuffled = derived(
            engine, movements.sample(fraction=1, shuffle=True, seed=shuffle), persons_of(people), R12_16, folder
        )
    assert shuffled == in_order
