"""Persons as arrays of integers."""

from __future__ import annotations

import datetime as dt
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.records.simulation.populations import WOMEN, Group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sdmxmig.records.simulation.chance import Chance, Whole

EPOCH = dt.date(1970, 1, 1)
NEVER = -1_000_000
"""The day of what has not happened: far in the past."""
NOBODY = -1
TWINS = 0.0119
"""Share of second twins."""
COLUMNS = (
    *("residence", "birth", "citizenship", "first", "sex", "birth_year"),
    *("born", "died", "moved", "mother", "twin"),
)
"""Columns of persons: codes are positions in the list of countries, dates are days, `mother` and `twin` persons."""
DIARY = ("person", "day", "kind", "before", "after")


@dataclass(slots=True)
class Lives:
    """Persons, in the order of their coming, and what happened to them; each column is one array."""

    countries: tuple[str, ...]
    home: int
    _: KW_ONLY
    persons: dict[str, Whole] = field(default_factory=dict)
    diary: dict[str, Whole] = field(default_factory=dict)
    residents: int = 0
    _places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {country: place for place, country in enumerate(self.countries)}

    @property
    def number(self) -> int:
        return len(self.persons["sex"]) if self.persons else 0

    def place(self, country: str) -> int:
        return self._places[country]


def joined(before: Mapping[str, Whole], after: Mapping[str, Whole]) -> dict[str, Whole]:
    return {name: np.concatenate([before[name], after[name]]) if before else after[name] for name in after}


def day_of(date: dt.date) -> int:
    return (date - EPOCH).days


def first_days(years: Whole) -> Whole:
    days: Whole = (np.asarray(years) - EPOCH.year).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return days


def people_of(lives: Lives, groups: Sequence[tuple[Group, int]], year: int, chance: Chance) -> dict[str, Whole]:
    """New persons, so many of each group; ages are those of 1 January of a year."""
    counts = np.array([number for _, number in groups], dtype=np.int64)
    traits = [
        (
            *(lives.place(group.residence), lives.place(group.birth), lives.place(group.citizenship)),
            *(int(group.sex == WOMEN), year - 1 - group.age),
        )
        for group, _ in groups
    ]
    table = np.repeat(np.array(traits, dtype=np.int64).reshape(len(groups), 5), counts, axis=0)
    residence, birth, citizenship, sex, birth_year = (table[:, column].copy() for column in range(5))
    number = len(sex)
    twin = twins(np.repeat(np.arange(len(groups)), counts), chance)
    born = chance.between(first_days(birth_year), first_days(birth_year + 1) - 1, number)
    return {
        "residence": residence,
        "birth": birth,
        "citizenship": citizenship,
        "first": citizenship.copy(),
        "sex": sex,
        "birth_year": birth_year,
        "born": np.where(twin >= 0, born[twin], born),
        "died": np.full(number, NEVER),
        "moved": np.full(number, NEVER),
        "mother": np.full(number, NOBODY),
        "twin": np.where(twin >= 0, twin + lives.number, NOBODY),
    }


def twins(groups: Whole, chance: Chance) -> Whole:
    number = len(groups)
    second = chance.happens(TWINS, number)
    second[:1] = False
    second[1:] &= groups[1:] == groups[:-1]
    second[1:] &= ~second[:-1].copy()
    return np.where(second, np.arange(number) - 1, NOBODY)
