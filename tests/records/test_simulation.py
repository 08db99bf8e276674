"""The simulator of made-up countries: whole numbers, and accounts that close, checked by sums made by hand."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from itertools import pairwise
from random import Random
from types import ModuleType

import pytest
from folders import ROOT

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def simulation() -> Iterator[ModuleType]:
    sys.path.insert(0, str(EXAMPLES))
    yield importlib.import_module("sdmxmig.records.simulation.populations")
    sys.path.remove(str(EXAMPLES))


def test_events_transform_first_population_into_last(simulation: ModuleType) -> None:
    group, event = simulation.Group, simulation.Event
    women, men = group("XA", "XA", "XA", "F", 30), group("XA", "XB", "XB", "M", 40)
    boy = group("XA", "XA", "XA", "M", 0)
    events = (
        event("birth", women, after=boy, persons=7),
        event("death", men, after=None, persons=2),
        event("move", women, after=women._replace(residence="XB"), persons=10),
        event("naturalisation", men, after=men._replace(citizenship="XA"), persons=5),
    )
    end = simulation.apply_events({women: 100, men: 50}, events, ["XA", "XB"])
    assert end == {
        women: 90,  # 100 - 10 who moved; mothers stay
        men: 43,  # 50 - 2 - 5
        boy: 7,
        women._replace(residence="XB"): 10,
        men._replace(citizenship="XA"): 5,
    }
    older = simulation.age_by_a_year(end, simulation.count_births(events))
    assert older[women._replace(age=31)] == 90
    assert older[boy] == 7, "who was born in the year is 0 on the next 1 January"
    assert sum(older.values()) == 100 + 50 + 7 - 2


def test_empty_group_has_no_leavers(simulation: ModuleType) -> None:
    group = simulation.Group("XA", "XA", "XA", "M", 30)
    with pytest.raises(ValueError, match="More people left a group"):
        simulation.apply_events({group: 1}, [simulation.Event("death", group, after=None, persons=2)], ["XA"])


def test_random_rounding_keeps_the_mean(simulation: ModuleType) -> None:
    random = Random(1)
    drawn = [simulation.round_randomly(2.3, random) for _ in range(10_000)]
    assert set(drawn) == {2, 3}
    assert sum(drawn) / len(drawn) == pytest.approx(2.3, abs=0.02)


def test_two_countries_balance_and_mirror_each_other(simulation: ModuleType) -> None:
    def behaviour(other: str) -> object:
        return simulation.Behaviour(
            children=1.8, life=1.0, leaving={other: 0.02, "_O": 0.01}, arriving=40, naturalising=0.05, home=5.0
        )

    countries = {"XA": behaviour("XB"), "XB": behaviour("XA")}
    ages = range(0, 90, 5)
    start = {
        simulation.Group(country, birth, birth, sex, age): 50
        for country, birth in (("XA", "XA"), ("XB", "XB"), ("XA", "XB"), ("_O", "XA"))
        for sex in "MF"
        for age in ages
    }
    years = simulation.simulate(start, lambda _: countries, (2020, 2021, 2022), 7)
    assert [year.year for year in years] == [2020, 2021, 2022, 2023]
    for year, after in pairwise(years):
        for country in countries:
            moves = [event for event in year.events if event.kind == "move"]
            born = sum(e.persons for e in year.events if e.kind == "birth" and e.after.residence == country)
            died = sum(e.persons for e in year.events if e.kind == "death" and e.before.residence == country)
            came = sum(e.persons for e in moves if e.after.residence == country)
            went = sum(e.persons for e in moves if e.before.residence == country)
            before, end = (
                sum(number for group, number in population.items() if group.residence == country)
                for population in (year.population, after.population)
            )
            assert before + born - died + came - went == end
            assert min(born, died, came, went) > 0
    assert years == simulation.simulate(start, lambda _: countries, (2020, 2021, 2022), 7), "the same seed"
    assert years != simulation.simulate(start, lambda _: countries, (2020, 2021, 2022), 8), "another one"


def test_table_sums_its_facts_in_each_view(simulation: ModuleType) -> None:
    figures = importlib.import_module("fictional_figures")
    facts = [("2015", {"SEX": "M", "AGE": "Y0"}, 2), ("2015", {"SEX": "F", "AGE": "Y0"}, 3)]
    assert figures.cube(facts, ("SEX", "AGE"), [(), ("SEX",)]) == {
        ("F", "_T"): {"2015": "3"},
        ("M", "_T"): {"2015": "2"},
        ("_T", "_T"): {"2015": "5"},
    }


def test_fictional_profile_equals_that_of_its_tables(simulation: ModuleType) -> None:
    profile = importlib.import_module("fictional_profile")
    assert profile.profile({}) == (EXAMPLES / "fictional" / "profile.toml").read_bytes()
