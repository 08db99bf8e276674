"""Persons as arrays of integers, and random numbers reproducible by seed and purpose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sdmxmig.primitives.lazily import Flags, Floats, Integers, np
from sdmxmig.records.simulation.populations import MAX_AGE, WOMEN, Group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


EPOCH = dt.date(1970, 1, 1)
NEVER_DAY = -1_000_000
NO_PERSON = -1
TWIN_RATE = 0.0119
DIARY_COLUMNS = ("person", "day", "kind", "before", "after")


@dataclass(slots=True, kw_only=True)
class Lives:
    """Persons in order of arrival with their events, one array per column.

    Codes are positions in the list of countries, dates are days, `mother` and `twin` persons.
    """

    countries: tuple[str, ...]
    home: int
    persons: dict[str, Integers] = field(default_factory=dict)
    diary: dict[str, Integers] = field(default_factory=dict)
    residents: int = 0

    @property
    def number(self) -> int:
        return len(self.persons["sex"]) if self.persons else 0

    def traits(self, group: Group) -> tuple[int, ...]:
        places = map(self.countries.index, (group.residence, group.birth, group.citizenship))
        return (*places, int(group.sex == WOMEN), group.age)

    def key(self, residence: Any, birth: Any, citizenship: Any, sex: Any, age: Any) -> Any:
        """Return the number of a group by its traits; arrays of traits give the number of each person."""
        number = len(self.countries)
        return (((residence * number + birth) * number + citizenship) * 2 + sex) * (MAX_AGE + 1) + age


def append_rows(before: Mapping[str, Integers], after: Mapping[str, Integers]) -> dict[str, Integers]:
    return {name: np.concatenate([before[name], after[name]]) if before else after[name] for name in after}


def compute_day(date: dt.date) -> int:
    return (date - EPOCH).days


def find_first_days(years: Integers) -> Integers:
    days: Integers = (np.asarray(years) - EPOCH.year).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return days


def build_people(lives: Lives, groups: Sequence[tuple[Group, int]], year: int, chance: Chance) -> dict[str, Integers]:
    counts = np.array([number for _, number in groups], dtype=np.int64)
    traits = np.array([lives.traits(group) for group, _ in groups], dtype=np.int64).reshape(len(groups), 5)
    residence, birth, citizenship, sex, age = np.repeat(traits.T, counts, axis=1)
    birth_year, number = year - 1 - age, len(age)
    twin = draw_twins(np.repeat(np.arange(len(groups)), counts), chance)
    born = chance.between(find_first_days(birth_year), find_first_days(birth_year + 1) - 1, number)
    return {
        "residence": residence,
        "birth": birth,
        "citizenship": citizenship,
        "first": citizenship.copy(),
        "sex": sex,
        "birth_year": birth_year,
        "born": np.where(twin >= 0, born[twin], born),
        "died": np.full(number, NEVER_DAY),
        "moved": np.full(number, NEVER_DAY),
        "mother": np.full(number, NO_PERSON),
        "twin": np.where(twin >= 0, twin + lives.number, NO_PERSON),
    }


def draw_twins(groups: Integers, chance: Chance) -> Integers:
    number = len(groups)
    second = chance.happens(TWIN_RATE, number)
    second[:1] = False
    second[1:] &= groups[1:] == groups[:-1]
    second[1:] &= ~second[:-1].copy()
    return np.where(second, np.arange(number) - 1, NO_PERSON)


class Chance:
    """Draws of one purpose from one uniform stream, independent of library versions."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._stream = np.random.Generator(np.random.PCG64([seed, crc32(purpose.encode())]))

    def uniform(self, number: int) -> Floats:
        return self._stream.random(number)

    def happens(self, probability: Any, number: int) -> Flags:
        flags: Flags = self.uniform(number) < probability
        return flags

    def between(self, low: Any, high: Any, number: int) -> Integers:
        span = np.asarray(high) - np.asarray(low) + 1
        drawn: Integers = np.asarray(low) + np.floor(self.uniform(number) * span).astype(np.int64)
        return drawn

    def draw_weighted(self, weights: Sequence[float], number: int) -> Integers:
        sums = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn: Integers = np.searchsorted(sums / sums[-1], self.uniform(number), side="right")
        return np.minimum(drawn, len(sums) - 1)

    def order(self, number: int) -> Integers:
        drawn: Integers = np.argsort(self.uniform(number), kind="stable")
        return drawn

    def distinct(self, below: int, number: int) -> Integers:
        if number * 2 >= below:
            return self.order(below)[:number]
        drawn: Integers = np.zeros(0, dtype=np.int64)
        while len(drawn) < number:
            drawn = np.sort(np.concatenate([drawn, self.between(0, below - 1, number - len(drawn))]))
            drawn = drawn[np.diff(drawn, prepend=-1) > 0]  # np.unique hashes, which takes longer
        return drawn[self.order(number)]

    def draw_exponential(self, mean: float, number: int) -> Integers:
        drawn: Integers = np.ceil(-mean * np.log1p(-self.uniform(number))).astype(np.int64)
        return np.maximum(drawn, 1)
