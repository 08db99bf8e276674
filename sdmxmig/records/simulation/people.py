"""Persons as arrays: whole numbers that say where they live, where and when they were born, and what they became."""

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
"""The share of persons who are the second of twins."""
COLUMNS = (
    *("residence", "birth", "citizenship", "first", "sex", "birth_year"),
    *("born", "died", "moved", "mother", "twin"),
)
"""What is known of persons.

`residence`, `birth`, `citizenship` (the present one) and `first` (that at first) are places in the list of countries;
`sex` is 1 for women; `born`, `died` and `moved` (the last move) are days; `mother` and `twin` are persons, or nobody.
"""
DIARY = ("person", "day", "kind", "before", "after")
"""What happened to persons: `kind` is a place in the list of kinds; `before` and `after` are countries."""


@dataclass(slots=True)
class Lives:
    """Persons, in the order of their coming, and what happened to them; each column is one array.

    The first `residents` persons are those who lived in the country (`home`) when the simulation began.
    """

    countries: tuple[str, ...]
    home: int
    _: KW_ONLY
    persons: dict[str, Whole] = field(default_factory=dict)
    diary: dict[str, Whole] = field(default_factory=dict)
    residents: int = 0
    _places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Countries are looked up by their codes for every event of every group."""
        self._places = {country: place for place, country in enumerate(self.countries)}

    @property
    def number(self) -> int:
        """How many persons there are."""
        return len(self.persons["sex"]) if self.persons else 0

    def place(self, country: str) -> int:
        """The place of a country in the list."""
        return self._places[country]


def joined(before: Mapping[str, Whole], after: Mapping[str, Whole]) -> dict[str, Whole]:
    """Columns put behind each other."""
    return {name: np.concatenate([before[name], after[name]]) if before else after[name] for name in after}


def day_of(date: dt.date) -> int:
    """The number of a day, counted from 1 January 1970."""
    return (date - EPOCH).days


def first_days(years: Whole) -> Whole:
    """1 January of years, as numbers of days."""
    days: Whole = (np.asarray(years) - EPOCH.year).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return days


def people_of(lives: Lives, groups: Sequence[tuple[Group, int]], year: int, chance: Chance) -> dict[str, Whole]:
    """New persons, so many of each group; ages are those of 1 January of a year.

    Some are twins, who were born on one day and stand next to each other.
    """
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
    """For those who are the second of twins in their group the person before, nobody for all others."""
    number = len(groups)
    second = chance.happens(TWINS, number)
    second[:1] = False
    second[1:] &= groups[1:] == groups[:-1]
    second[1:] &= ~second[:-1].copy()
    return np.where(second, np.arange(number) - 1, NOBODY)
