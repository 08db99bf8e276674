"""Rules that look back from a day: equal to reckoning night by night, for every person and every day asked."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from made_records import AREA, movements_of, number, persons_of, written
from night_by_night import Looking, Person, random_person, status_on
from shipped import CATALOGUE

from sdmxmig.records.engines import DUCKDB, POLARS, collected, engine_of, kept, scanned
from sdmxmig.records.observation import Observation
from sdmxmig.records.reference_rules import Reference, statuses_of
from sdmxmig.records.residence_rules import CONTINUOUS, ResidenceRule, rule_of
from sdmxmig.records.spells import spells_of

FIRST, UNTIL = number("2019-01-01"), number("2022-07-01")
DAYS = [number(f"{year}-01-01") for year in (2019, 2020, 2021, 2022)] + [UNTIL]
VERDICTS = {0: "no", 1: "open", 2: "yes", 3: "missing"}
RULES = CATALOGUE.item_scheme("CL_RES_RULE")
LOOKING = {code: rule_of(code, RULES) for code in ("R6", "R12", "REU28", "R9_12")}
LOOKING["R6 in one stay"] = rule_of("R6", RULES, (("CONTINUITY", CONTINUOUS),))

Statuses = dict[tuple[str, int], str]


def in_words(rule: ResidenceRule) -> Looking:
    return Looking(
        nights=rule.threshold_days,
        months=rule.threshold_months,
        window=rule.window_months or 0,
        one_stay=rule.continuity == CONTINUOUS,
        tolerated=rule.absence_days,
        stay_months=rule.intention_months,
        of_months=rule.intention_window_months,
    )


def some_people(seed: int, count: int) -> dict[str, Person]:
    dice = random.Random(seed)
    people = {f"P{index}": random_person(dice, FIRST, UNTIL) for index in range(count)}
    return {name: replace(person, mother=None) for name, person in people.items()}


def derived(engine_name: str, people: dict[str, Person], rule: ResidenceRule, folder: Path) -> Statuses:
    paths = written(folder, movements=movements_of(people), persons=persons_of(people))
    observed = Observation(AREA, FIRST, until=UNTIL)
    with engine_of(engine_name, folder) as engine:
        movements, persons = scanned(engine, paths["movements"]), scanned(engine, paths["persons"])
        spells = kept(engine, spells_of(movements, persons, observed, lying=engine.sorts_once), "spells")
        reference = Reference(rule, observed, lying=engine.sorts_once)
        rows = collected(engine, statuses_of(engine, spells, DAYS, reference))
    return {(person, at): VERDICTS[status] for person, at, status in rows.select("person", "at", "status").rows()}


def expected(people: dict[str, Person], rule: ResidenceRule) -> Statuses:
    statuses: Statuses = {}
    for name, person in people.items():
        for day in [*DAYS, *([person.died] if person.died is not None and FIRST < person.died <= UNTIL else [])]:
            status = status_on(person, FIRST, UNTIL, on=day, rule=in_words(rule))
            if status is not None:
                statuses[name, day] = status
    return statuses


@pytest.mark.parametrize(
    ("engine_name", "name"),
    [
        *((POLARS, name) for name in LOOKING),
        (DUCKDB, "REU28"),
        *(pytest.param(DUCKDB, name, marks=pytest.mark.long) for name in LOOKING if name != "REU28"),
    ],
)
def test_statuses_are_those_of_reckoning_night_by_night(engine_name: str, name: str, tmp_path: Path) -> None:
    people = some_people(23, 200)
    statuses = derived(engine_name, people, LOOKING[name], tmp_path)
    assert statuses == expected(people, LOOKING[name])
    assert len(set(statuses.values())) >= 3


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
@pytest.mark.parametrize("name", LOOKING)
def test_statuses_of_100_000_persons(name: str, seed: int, tmp_path: Path) -> None:
    people = some_people(seed, 2500)
    assert derived(POLARS, people, LOOKING[name], tmp_path) == expected(people, LOOKING[name])
