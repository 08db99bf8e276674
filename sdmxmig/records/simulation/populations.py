"""A small simulator of populations that exchange migrants, with accounts that close exactly.

People are counted by group: country of residence, of birth and of citizenship, sex, and age in completed years on
1 January. A year is a list of events (births, deaths, moves, changes of citizenship), each of which takes some people
out of one group and puts them into another; the population at the end of the year is the one at its beginning with the
events applied, and a year older. Stocks and flows are therefore two views of the same events, and every account closes.

Nothing is rounded afterwards: an expected number becomes a whole one by chance (`whole`), so that its mean is kept. The
stream of ``random.Random(seed).random()`` is the same in all versions of Python, so that a seed gives the same figures
everywhere. Because events name the groups and not the persons, persons can be drawn from them later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cache
from random import Random
from typing import NamedTuple

BIRTH, DEATH, MOVE, NATURALISATION = "birth", "death", "move", "naturalisation"
ELSEWHERE = "_O"
"""The rest of the world: people leave for it and come from it, and only those born in a country are counted there."""
OLDEST = 100
MEN, WOMEN = "M", "F"


class Group(NamedTuple):
    """People who have everything in common that is counted."""

    residence: str
    birth: str
    citizenship: str
    sex: str
    age: int


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to some people of a group, and the group that they are in afterwards; none after a death.

    The group before a birth is that of the mother; she stays in it.
    """

    kind: str
    before: Group
    _: KW_ONLY
    after: Group | None
    persons: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How likely people are to have an event in a year.

    `children` are births a woman of the ages of childbearing has on average in her life; `life` shifts deaths: 1 is
    the average. `leaving` are the shares of residents of the age of most moves who leave for each country,
    `arriving` the people who come from elsewhere, `naturalising` the share of foreign adults who acquire citizenship,
    `home` how many times likelier people move to a country of which they are natives or citizens.
    """

    children: float
    life: float
    _: KW_ONLY
    leaving: Mapping[str, float]
    arriving: float
    naturalising: float
    home: float


Population = Mapping[Group, int]


def whole(expected: float, random: Random) -> int:
    """A whole number whose mean is the expected one: 2.3 is 3 in three of ten cases, else 2."""
    floor = int(expected)
    return floor + (random.random() < expected - floor)


@cache
def dying(sex: str, age: int, life: float) -> float:
    """The probability to die within the year: high for infants, then growing by a tenth with each year of age."""
    if age >= OLDEST:
        return 0.5
    infant = 0.004 if age == 0 else 0.0
    level = 0.00005 if sex == MEN else 0.00003
    return min(0.9, life * (infant + level * 1.098**age))


@cache
def moving(age: int) -> float:
    """How likely people of an age are to move, as a share of the likeliest age: children follow their parents."""
    if age < 18:
        return 0.45 - 0.018 * age
    if age < 28:
        return 0.3 + 0.07 * (age - 18)
    return max(0.04, 0.945 ** (age - 28))


@cache
def childbearing(age: int) -> float:
    """The share of her children that a woman has at an age; the shares of all ages sum to 1."""
    if not 16 <= age <= 45:
        return 0.0
    weight = (age - 15) * (46 - age)
    return weight / sum((other - 15) * (46 - other) for other in range(16, 46))


def events_of_year(population: Population, countries: Mapping[str, Behaviour], random: Random) -> Iterator[Event]:
    """The events of one year; no person has two of them, and nobody leaves a group that is empty.

    Groups are taken in their order, so that the same population and seed give the same events.
    """
    for group in sorted(population):
        if group.residence in countries:
            yield from events_of_residents(group, population[group], countries, random)
        else:
            yield from returns(group, population[group], countries, random)
    for country in sorted(countries):
        yield from arrivals(country, countries[country].arriving, random)


def events_of_residents(
    group: Group, persons: int, countries: Mapping[str, Behaviour], random: Random
) -> Iterator[Event]:
    """What happens to the residents of a country who are in one group."""
    behaviour = countries[group.residence]
    left = persons
    drawn = [
        *departure(group, persons * dying(group.sex, group.age, behaviour.life), most=left, random=random),
        *moves(group, persons, behaviour, random),
        *naturalisation(group, persons, behaviour, random),
    ]
    for event in drawn:
        taken = min(left, event.persons)
        if taken:
            left -= taken
            yield event if taken == event.persons else replace(event, persons=taken)
    if group.sex == WOMEN:
        yield from births(group, left, behaviour, random)


def departure(
    group: Group, expected: float, *, most: int, random: Random, country: str | None = None
) -> Iterator[Event]:
    """Some people of a group who move to a country, or die if there is none; nothing if chance takes nobody."""
    if persons := min(most, whole(expected, random)):
        after = None if country is None else group._replace(residence=country)
        yield Event(DEATH if country is None else MOVE, group, after=after, persons=persons)


def moves(group: Group, persons: int, behaviour: Behaviour, random: Random) -> Iterator[Event]:
    """Those of a group who move to each of the other countries and elsewhere."""
    of_age = moving(group.age)
    for country in sorted(behaviour.leaving):
        factor = behaviour.home if country in (group.birth, group.citizenship) else 1.0
        expected = min(persons * behaviour.leaving[country] * of_age * factor, persons * 0.3)
        yield from departure(group, expected, most=persons, random=random, country=country)


def naturalisation(group: Group, persons: int, behaviour: Behaviour, random: Random) -> Iterator[Event]:
    """Those of a group of foreigners who become citizens of the country where they live."""
    share = behaviour.naturalising if group.citizenship != group.residence and group.age >= 5 else 0.0
    if number := whole(persons * share, random):
        yield Event(NATURALISATION, group, after=group._replace(citizenship=group.residence), persons=number)


def births(mothers: Group, persons: int, behaviour: Behaviour, random: Random) -> Iterator[Event]:
    """The children of a group of women: born where they live, with the citizenship of the mother."""
    children = whole(persons * behaviour.children * childbearing(mothers.age), random)
    boys = sum(random.random() < 0.512 for _ in range(children))
    for sex, number in ((MEN, boys), (WOMEN, children - boys)):
        if number:
            child = Group(mothers.residence, mothers.residence, mothers.citizenship, sex=sex, age=0)
            yield Event(BIRTH, mothers, after=child, persons=number)


def returns(group: Group, persons: int, countries: Mapping[str, Behaviour], random: Random) -> Iterator[Event]:
    """People who live elsewhere and go back to the country where they were born, or die."""
    behaviour = countries.get(group.birth) or countries.get(group.citizenship)
    life = behaviour.life if behaviour else 1.0
    dead = list(departure(group, persons * dying(group.sex, group.age, life), most=persons, random=random))
    yield from dead
    home = group.birth if group.birth in countries else group.citizenship
    left = persons - sum(event.persons for event in dead)
    yield from departure(group, persons * 0.03 * moving(group.age), most=left, random=random, country=home)


def arrivals(country: str, persons: float, random: Random) -> Iterator[Event]:
    """People from elsewhere, born there and of citizenship from there, who come to a country."""
    weights = {age: moving(age) for age in range(OLDEST)}
    total = sum(weights.values())
    for sex, share in ((MEN, 0.52), (WOMEN, 0.48)):
        for age, weight in weights.items():
            before = Group(ELSEWHERE, ELSEWHERE, ELSEWHERE, sex=sex, age=age)
            if number := whole(persons * share * weight / total, random):
                yield Event(MOVE, before, after=before._replace(residence=country), persons=number)


def is_counted(group: Group, countries: Iterable[str]) -> bool:
    """Whether a group belongs to the populations that are followed: not the rest of the world's own people."""
    return bool({group.residence, group.birth, group.citizenship} & set(countries))


def after_events(population: Population, events: Iterable[Event], countries: Iterable[str]) -> dict[Group, int]:
    """The population on 31 December, ages still those of 1 January: what there was, and what the events changed.

    Raises ValueError if more people left a group than there were.
    """
    followed = frozenset(countries)
    counts = Counter(population)
    for event in events:
        if event.kind != BIRTH and is_counted(event.before, followed):
            counts[event.before] -= event.persons
        if event.after is not None and is_counted(event.after, followed):
            counts[event.after] += event.persons
    if any(number < 0 for number in counts.values()):
        raise ValueError("More people left a group than there were in it.")
    return {group: number for group, number in counts.items() if number}


def a_year_older(population: Population, born: Mapping[Group, int]) -> dict[Group, int]:
    """The population on the next 1 January: all are a year older but those who were `born` in the year."""
    older: Counter[Group] = Counter()
    for group, number in population.items():
        infants = born.get(group, 0)
        older[group] += infants
        older[group._replace(age=min(OLDEST, group.age + 1))] += number - infants
    return {group: number for group, number in older.items() if number}


def born_in(events: Iterable[Event]) -> Counter[Group]:
    """The children born in a year, by the group that they are in."""
    counts: Counter[Group] = Counter()
    for event in events:
        if event.kind == BIRTH and event.after is not None:
            counts[event.after] += event.persons
    return counts


@dataclass(frozen=True, slots=True)
class Year:
    """A simulated year: the population on 1 January, and what happened until the next."""

    year: int
    population: Population
    _: KW_ONLY
    events: Sequence[Event]


def simulate(
    start: Population, behaviour_in: Callable[[int], Mapping[str, Behaviour]], years: Iterable[int], seed: int
) -> list[Year]:
    """Simulate some years, each with the behaviour of its own.

    The last is the year after them: the population with which it begins, and no events.
    """
    random = Random(seed)  # noqa: S311 - a simulation, no secret
    population: Population = dict(start)
    simulated = []
    year = 0
    for year in years:
        countries = behaviour_in(year)
        events = tuple(events_of_year(population, countries, random))
        simulated.append(Year(year, population, events=events))
        population = a_year_older(after_events(population, events, countries), born_in(events))
    return [*simulated, Year(year + 1, population, events=())]
