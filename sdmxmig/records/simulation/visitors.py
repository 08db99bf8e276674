"""Simulated visitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.records.simulation.made_up import HOME, countries, peopled
from sdmxmig.records.simulation.people import joined, people_of
from sdmxmig.records.simulation.populations import ELSEWHERE, MEN, WOMEN, Group

if TYPE_CHECKING:
    from sdmxmig.records.simulation.chance import Chance, Flags
    from sdmxmig.records.simulation.people import Lives

A_YEAR = 0.12
"""Visitors who come in a year, as a share of the residents when the simulation begins."""
NATIVES = 0.08
"""Share of visitors who are native citizens abroad."""
YOUNGEST, OLDEST = 18, 75
FROM_ELSEWHERE = 0.3
"""The share of visitors who come from the rest of the world."""


def with_visitors(lives: Lives, first_year: int, years: int, chance: Chance) -> Flags:
    """Add visitors to the persons; says of each person whether it is one."""
    number = round(lives.residents * A_YEAR * years)
    neighbours = [country for country in peopled().values() if country.code != HOME]
    people = sum(country.residents for country in neighbours)
    shares = [(1 - FROM_ELSEWHERE) * country.residents / people for country in neighbours]
    codes = [*(country.code for country in neighbours), ELSEWHERE]
    country = chance.picked([*shares, FROM_ELSEWHERE], number)
    native = chance.happens(NATIVES, number)
    age = chance.between(YOUNGEST, OLDEST, number)
    sex = chance.happens(0.5, number)
    table = np.stack([country, native, sex, age], axis=1)
    kinds, counts = np.unique(table, axis=0, return_counts=True)
    groups = [
        (group_of(codes[place], is_native=bool(is_native), sex=WOMEN if is_woman else MEN, age=years_old), count)
        for (place, is_native, is_woman, years_old), count in zip(kinds.tolist(), counts.tolist(), strict=True)
    ]
    known = lives.number
    lives.persons = joined(lives.persons, people_of(lives, groups, first_year, chance))
    return np.arange(lives.number) >= known


def group_of(country: str, *, is_native: bool, sex: str, age: int) -> Group:
    born = HOME if is_native else country
    return Group(country, born, born, sex=sex, age=age)


def part_of_elsewhere(number: int, chance: Chance) -> list[str]:
    parts = [country for country in countries().values() if country.elsewhere]
    drawn = chance.picked([country.elsewhere for country in parts], number)
    return [parts[place].code for place in drawn.tolist()]
