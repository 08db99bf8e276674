"""Simulated countries (``structures/simulation/countries.csv``) with exact accounts.

Groups by residence, birth, citizenship, sex and age; events move people between groups. Expected numbers become
integers at random (`round_randomly`), reproducibly for ``random.Random(seed).random()``.

These countries are fictional.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cache
from random import Random
from typing import NamedTuple, TypeVar

import msgspec

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.primitives.text import read_csv_rows

HOME_COUNTRY = "XA"
FIRST_TRAVEL_YEAR = 2015
TRAVEL_FACTORS = {2020: 0.55, 2021: 0.8, 2022: 1.35, 2023: 1.15}
OTHER_COUNTRY = "_O"
MAX_AGE = 100
MEN, WOMEN = "M", "F"


@dataclass(frozen=True, slots=True)
class Country:
    """A simulated country.

    `elsewhere` is its share of the rest of the world, `land` its share of land journeys to Alvoria, and `former` its
    former state.
    """

    code: str
    name: str
    _: KW_ONLY
    residents: int
    wealth: float
    arriving: float
    elsewhere: float
    script: str
    land: float
    calendar: str = ""
    former: str = ""
    refugees: float


Row = TypeVar("Row")


def read_rows(file: str, kind: type[Row]) -> list[Row]:
    """Read a table of ``structures/simulation``; an empty cell has the default of its field."""
    rows = read_csv_rows(find_shipped_folder("structures") / "simulation" / file)
    return [msgspec.convert({name: cell for name, cell in row.items() if cell}, kind, strict=False) for row in rows]


@cache
def index_countries() -> dict[str, Country]:
    return {country.code: country for country in read_rows("countries.csv", Country)}


def find_inhabited_countries() -> dict[str, Country]:
    return {code: country for code, country in index_countries().items() if country.residents}


def scale_behaviour(year: int, scale: float = 1.0) -> Mapping[str, Behaviour]:
    """Return the behaviour of all countries in a year; `scale` changes their size."""
    travel = TRAVEL_FACTORS.get(year, 1.0) * (1 + 0.01 * (year - FIRST_TRAVEL_YEAR))
    followed = find_inhabited_countries()
    behaviours = {}
    for code, country in followed.items():
        leaving = {
            other: 0.0022 * travel * there.wealth / country.wealth * (there.residents / 300_000) ** 0.3
            for other, there in followed.items()
            if other != code
        }
        leaving[OTHER_COUNTRY] = 0.004 * travel / country.wealth
        behaviours[code] = Behaviour(
            children=1.55 + 0.2 / country.wealth,
            life=1.25 - 0.15 * country.wealth,
            leaving=leaving,
            arriving=country.arriving * travel * scale,
            naturalising=0.025,
            home=6.0,
        )
    return behaviours


def build_first_population(seed: int, scale: float) -> dict[Group, int]:
    random = Random(seed)  # noqa: S311 - a simulation, no secret
    pyramid = {age: math.exp(-0.006 * age) / (1 + math.exp((age - 79) / 6)) for age in range(MAX_AGE + 1)}
    movers = {age: compute_migration_intensity(max(0, age - 8)) * pyramid[age] for age in range(MAX_AGE + 1)}
    children = dict.fromkeys(range(16), 1.0)
    counts: Counter[Group] = Counter()

    def put(group: tuple[str, str, str], persons: float, weights: Mapping[int, float]) -> None:
        total = sum(weights.values())
        for sex, share in ((MEN, 0.495), (WOMEN, 0.505)):
            for age, weight in weights.items():
                counts[Group(*group, sex=sex, age=age)] += round_randomly(persons * share * weight / total, random)

    followed = find_inhabited_countries()
    for code, country in followed.items():
        size = country.residents * scale
        put((code, code, code), size * (0.97 - 0.07 * country.wealth), pyramid)
        put((OTHER_COUNTRY, code, code), size * 0.05 / country.wealth, movers)
        for other in (*(name for name in followed if name != code), OTHER_COUNTRY):
            share = 0.07 * country.wealth / len(followed) * (1.6 if other == OTHER_COUNTRY else 1.0)
            put((code, other, other), size * share * 0.62, movers)
            put((code, other, code), size * share * 0.32, movers)
            put((code, code, other), size * share * 0.06, children)
    return {group: number for group, number in counts.items() if number}


BIRTH, DEATH, MOVE, NATURALISATION = "birth", "death", "move", "naturalisation"


class Group(NamedTuple):
    residence: str
    birth: str
    citizenship: str
    sex: str
    age: int


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    before: Group
    after: Group | None
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Annual probabilities.

    `children` is per woman, `life` shifts mortality (1: average), `naturalising` is a share of foreign adults, and
    `home` the preference for their own countries.
    """

    children: float
    life: float
    leaving: Mapping[str, float]
    arriving: float
    naturalising: float
    home: float


Population = Mapping[Group, int]


def round_randomly(expected: float, random: Random) -> int:
    floor = int(expected)
    return floor + (random.random() < expected - floor)


@cache
def compute_death_probability(sex: str, age: int, life: float) -> float:
    if age >= MAX_AGE:
        return 0.5
    infant = 0.004 if age == 0 else 0.0
    level = 0.00005 if sex == MEN else 0.00003
    return min(0.9, life * (infant + level * 1.098**age))


@cache
def compute_migration_intensity(age: int) -> float:
    if age < 18:
        return 0.45 - 0.018 * age
    if age < 28:
        return 0.3 + 0.07 * (age - 18)
    return max(0.04, 0.945 ** (age - 28))


@cache
def compute_childbearing(age: int) -> float:
    if not 16 <= age <= 45:
        return 0.0
    weight = (age - 15) * (46 - age)
    return weight / sum((other - 15) * (46 - other) for other in range(16, 46))


def simulate_year(population: Population, countries: Mapping[str, Behaviour], random: Random) -> Iterator[Event]:
    for group in sorted(population):
        if group.residence in countries:
            yield from simulate_residents(group, population[group], countries, random)
        else:
            yield from simulate_events_abroad(group, population[group], countries, random)
    for country in sorted(countries):
        yield from simulate_arrivals(country, countries[country].arriving, random)


def simulate_residents(
    group: Group, persons: int, countries: Mapping[str, Behaviour], random: Random
) -> Iterator[Event]:
    behaviour = countries[group.residence]
    left = persons
    drawn = [
        *simulate_departures(
            group, persons * compute_death_probability(group.sex, group.age, behaviour.life), most=left, random=random
        ),
        *simulate_moves(group, persons, behaviour, random),
        *simulate_naturalisations(group, persons, behaviour, random),
    ]
    for event in drawn:
        taken = min(left, event.persons)
        if taken:
            left -= taken
            yield event if taken == event.persons else replace(event, persons=taken)
    if group.sex == WOMEN:
        yield from simulate_births(group, left, behaviour, random)


def simulate_departures(
    group: Group, expected: float, *, most: int, random: Random, country: str | None = None
) -> Iterator[Event]:
    if persons := min(most, round_randomly(expected, random)):
        after = None if country is None else group._replace(residence=country)
        yield Event(DEATH if country is None else MOVE, group, after=after, persons=persons)


def simulate_moves(group: Group, persons: int, behaviour: Behaviour, random: Random) -> Iterator[Event]:
    of_age = compute_migration_intensity(group.age)
    for country in sorted(behaviour.leaving):
        factor = behaviour.home if country in (group.birth, group.citizenship) else 1.0
        expected = min(persons * behaviour.leaving[country] * of_age * factor, persons * 0.3)
        yield from simulate_departures(group, expected, most=persons, random=random, country=country)


def simulate_naturalisations(group: Group, persons: int, behaviour: Behaviour, random: Random) -> Iterator[Event]:
    share = behaviour.naturalising if group.citizenship != group.residence and group.age >= 5 else 0.0
    if number := round_randomly(persons * share, random):
        yield Event(NATURALISATION, group, after=group._replace(citizenship=group.residence), persons=number)


def simulate_births(mothers: Group, persons: int, behaviour: Behaviour, random: Random) -> Iterator[Event]:
    children = round_randomly(persons * behaviour.children * compute_childbearing(mothers.age), random)
    boys = sum(random.random() < 0.512 for _ in range(children))
    for sex, number in ((MEN, boys), (WOMEN, children - boys)):
        if number:
            child = Group(mothers.residence, mothers.residence, mothers.citizenship, sex=sex, age=0)
            yield Event(BIRTH, mothers, after=child, persons=number)


def simulate_events_abroad(
    group: Group, persons: int, countries: Mapping[str, Behaviour], random: Random
) -> Iterator[Event]:
    behaviour = countries.get(group.birth) or countries.get(group.citizenship)
    life = behaviour.life if behaviour else 1.0
    dead = list(
        simulate_departures(
            group, persons * compute_death_probability(group.sex, group.age, life), most=persons, random=random
        )
    )
    yield from dead
    home = group.birth if group.birth in countries else group.citizenship
    left = persons - sum(event.persons for event in dead)
    yield from simulate_departures(
        group, persons * 0.03 * compute_migration_intensity(group.age), most=left, random=random, country=home
    )


def simulate_arrivals(country: str, persons: float, random: Random) -> Iterator[Event]:
    weights = {age: compute_migration_intensity(age) for age in range(MAX_AGE)}
    total = sum(weights.values())
    for sex, share in ((MEN, 0.52), (WOMEN, 0.48)):
        for age, weight in weights.items():
            before = Group(OTHER_COUNTRY, OTHER_COUNTRY, OTHER_COUNTRY, sex=sex, age=age)
            if number := round_randomly(persons * share * weight / total, random):
                yield Event(MOVE, before, after=before._replace(residence=country), persons=number)


def is_counted(group: Group, countries: Iterable[str]) -> bool:
    return bool({group.residence, group.birth, group.citizenship} & set(countries))


def apply_events(population: Population, events: Iterable[Event], countries: Iterable[str]) -> dict[Group, int]:
    followed = frozenset(countries)
    counts = Counter(population)
    for event in events:
        if event.kind != BIRTH and is_counted(event.before, followed):
            counts[event.before] -= event.persons
        if event.after is not None and is_counted(event.after, followed):
            counts[event.after] += event.persons
    if any(number < 0 for number in counts.values()):
        raise ValueError("More people left a group than it contained.")
    return {group: number for group, number in counts.items() if number}


def age_by_a_year(population: Population, born: Mapping[Group, int]) -> dict[Group, int]:
    older: Counter[Group] = Counter()
    for group, number in population.items():
        infants = born.get(group, 0)
        older[group] += infants
        older[group._replace(age=min(MAX_AGE, group.age + 1))] += number - infants
    return {group: number for group, number in older.items() if number}


def count_births(events: Iterable[Event]) -> Counter[Group]:
    counts: Counter[Group] = Counter()
    for event in events:
        if event.kind == BIRTH and event.after is not None:
            counts[event.after] += event.persons
    return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    year: int
    population: Population
    events: Sequence[Event]


def simulate(
    start: Population, behaviour_in: Callable[[int], Mapping[str, Behaviour]], years: Iterable[int], seed: int
) -> list[Year]:
    random = Random(seed)  # noqa: S311 - a simulation, no secret
    population: Population = dict(start)
    simulated = []
    year = 0
    for year in years:
        countries = behaviour_in(year)
        events = tuple(simulate_year(population, countries, random))
        simulated.append(Year(year=year, population=population, events=events))
        population = age_by_a_year(apply_events(population, events, countries), count_births(events))
    return [*simulated, Year(year=year + 1, population=population, events=())]
