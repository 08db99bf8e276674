"""Lives drawn from group events.

One event per person and year; at least 365 days between moves.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np
from sdmxmig.records.simulation.people import COLUMNS, DIARY, NEVER, NOBODY, Lives, first_days, joined, people_of
from sdmxmig.records.simulation.populations import BIRTH, DEATH, ELSEWHERE, MOVE, NATURALISATION, OLDEST, WOMEN, Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sdmxmig.records.simulation.people import Chance, Whole
    from sdmxmig.records.simulation.populations import Event, Year

APART = 365
KINDS = (BIRTH, DEATH, MOVE, NATURALISATION)
LARGE = 1 << 32
"""More than the people of any group."""


def lives_of(years: Sequence[Year], home: str, chance: Chance) -> Lives:
    """The lives of all who have ever been resident in a country, from the events of its groups, year by year."""
    first = years[0]
    codes = {ELSEWHERE, *(group.residence for group in first.population), *(group.birth for group in first.population)}
    lives = Lives(tuple(sorted(codes)), sorted(codes).index(home))
    settled = [(group, number) for group, number in sorted(first.population.items()) if group.residence == home]
    lives.persons = people_of(lives, settled, first.year, chance)
    lives.residents = lives.number
    lives.diary = {name: np.zeros(0, dtype=np.int64) for name in DIARY}
    for year in years[:-1]:
        live(lives, year, int(year is first), chance)
    return lives


@dataclass(frozen=True, slots=True)
class Happenings:
    """The events of one year, in the order of their groups: which places of its group an event takes."""

    events: tuple[Event, ...]
    _: KW_ONLY
    key: Whole
    start: Whole
    persons: Whole
    kind: Whole
    after: Whole


@dataclass(frozen=True, slots=True)
class Taken:
    person: Whole
    event: Whole
    _: KW_ONLY
    day: Whole


def live(lives: Lives, year: Year, quiet: int, chance: Chance) -> None:
    """Let one year pass, in whose first days, so many of them, nothing happens."""
    happenings = happenings_of(lives, year)
    event = events_of_persons(lives, year, happenings, chance)
    known = lives.number
    their_event = come(lives, happenings, event, year=year.year, chance=chance)
    event = np.concatenate([event, their_event])
    person = np.flatnonzero(event >= 0)
    kind = happenings.kind[event[person]]
    begin, end = first_days(np.array([year.year, year.year + 1])).tolist()
    first, last = begin + quiet, end - 1
    fixed = (kind == KINDS.index(MOVE)) | (kind == KINDS.index(DEATH))
    earliest = np.maximum(first, np.where(fixed, lives.persons["moved"][person] + APART, first))
    day = chance.between(np.minimum(earliest, last), last, len(person))
    apply(lives, happenings, Taken(person, event[person], day=day))
    mothers = (kind == KINDS.index(BIRTH)) & (person < known)
    bear(
        lives,
        happenings,
        Taken(person[mothers], event[person][mothers], day=day[mothers]),
        year=year.year,
        chance=chance,
    )


def happenings_of(lives: Lives, year: Year) -> Happenings:
    """The events of a year with the places that they take in their groups, one behind the other."""
    keys = np.array([key_of(lives, event.before) for event in year.events], dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    events = tuple(year.events[index] for index in order)
    persons = np.array([event.persons for event in events], dtype=np.int64)
    key = keys[order]
    before = np.cumsum(persons) - persons
    start = before - before[np.searchsorted(key, key, side="left")] if len(key) else before
    after = [
        NOBODY if event.after is None else lives.place(getattr(event.after, CHANGED.get(event.kind, "residence")))
        for event in events
    ]
    kind = np.array([KINDS.index(event.kind) for event in events], dtype=np.int64)
    return Happenings(events, key=key, start=start, persons=persons, kind=kind, after=np.array(after, dtype=np.int64))


CHANGED = {NATURALISATION: "citizenship"}


def key_of(lives: Lives, group: Group) -> int:
    places = (lives.place(group.residence), lives.place(group.birth), lives.place(group.citizenship))
    number = 0
    for place in places:
        number = number * len(lives.countries) + place
    return (number * 2 + int(group.sex == WOMEN)) * (OLDEST + 1) + group.age


def keys_of_persons(lives: Lives, year: int) -> Whole:
    persons = lives.persons
    number = np.zeros(lives.number, dtype=np.int64)
    for name in ("residence", "birth", "citizenship"):
        number = number * len(lives.countries) + persons[name]
    age = np.minimum(year - 1 - persons["birth_year"], OLDEST)
    keys: Whole = (number * 2 + persons["sex"]) * (OLDEST + 1) + age
    return keys


def events_of_persons(lives: Lives, year: Year, happenings: Happenings, chance: Chance) -> Whole:
    event = np.full(lives.number, NOBODY)
    living = np.flatnonzero(lives.persons["died"] == NEVER)
    keys = keys_of_persons(lives, year.year)[living]
    order = np.lexsort((chance.uniform(len(living)), keys))
    living, keys = living[order], keys[order]
    place = np.arange(len(keys)) - np.searchsorted(keys, keys, side="left")
    spread(lives, year, (keys, place), chance)
    starts = happenings.key * LARGE + happenings.start
    index = np.searchsorted(starts, keys * LARGE + place, side="right") - 1
    safe = np.maximum(index, 0)
    if len(starts):
        taken = (index >= 0) & (happenings.key[safe] == keys)
        taken &= place < happenings.start[safe] + happenings.persons[safe]
        event[living[taken]] = index[taken]
    return event


def spread(lives: Lives, year: Year, placed: tuple[Whole, Whole], chance: Chance) -> None:
    """Spread persons who live abroad over the places of their groups, in which others live who are no persons here."""
    keys, place = placed
    abroad = {
        key_of(lives, group): number
        for group, number in year.population.items()
        if group.residence != lives.countries[lives.home]
    }
    home = keys // ((OLDEST + 1) * 2 * len(lives.countries) ** 2) == lives.home
    names, starts, counts = np.unique(keys, return_index=True, return_counts=True)
    for name, start, count in zip(names.tolist(), starts.tolist(), counts.tolist(), strict=True):
        if not home[start]:
            people = abroad.get(name, 0)
            places = chance.distinct(people, count) if people >= count else np.full(count, LARGE - 1)
            place[start : start + count] = places


def come(lives: Lives, happenings: Happenings, event: Whole, *, year: int, chance: Chance) -> Whole:
    """Make persons of those who come for the first time; gives the event of each of them."""
    home = lives.countries[lives.home]
    arrivals = np.array(
        [
            event.after is not None and event.kind == MOVE and event.after.residence == home != event.before.residence
            for event in happenings.events
        ],
        dtype=bool,
    )
    known = np.bincount(event[event >= 0], minlength=len(happenings.events))
    fresh = np.where(arrivals, happenings.persons - known, 0)
    which = np.flatnonzero(fresh > 0)
    groups = [(happenings.events[index].before, int(fresh[index])) for index in which.tolist()]
    lives.persons = joined(lives.persons, people_of(lives, groups, year, chance))
    return np.repeat(which, fresh[which])


def apply(lives: Lives, happenings: Happenings, taken: Taken) -> None:
    """Let happen to persons what their events say, and write it down; children are another matter."""
    persons = lives.persons
    kind, after = happenings.kind[taken.event], happenings.after[taken.event]
    moving, dying = kind == KINDS.index(MOVE), kind == KINDS.index(DEATH)
    citizens = kind == KINDS.index(NATURALISATION)
    before = np.where(citizens, persons["citizenship"][taken.person], persons["residence"][taken.person])
    persons["residence"][taken.person[moving]] = after[moving]
    persons["moved"][taken.person[moving]] = taken.day[moving]
    persons["died"][taken.person[dying]] = taken.day[dying]
    persons["citizenship"][taken.person[citizens]] = after[citizens]
    noted = moving | dying | citizens
    columns = {"person": taken.person, "day": taken.day, "kind": kind, "before": before, "after": after}
    lives.diary = joined(lives.diary, {name: columns[name][noted] for name in DIARY})


def bear(lives: Lives, happenings: Happenings, mothers: Taken, *, year: int, chance: Chance) -> None:
    """Make persons of the children whom residents of the country bear, on the day of their mothers' event."""
    home = lives.persons["residence"][mothers.person] == lives.home
    order = np.flatnonzero(home)[np.argsort(mothers.event[home], kind="stable")]
    mother, event, day = mothers.person[order], mothers.event[order], mothers.day[order]
    which, counts = np.unique(event, return_counts=True)
    groups = [
        (group, count)
        for index, count in zip(which.tolist(), counts.tolist(), strict=True)
        if (group := happenings.events[index].after) is not None
    ]
    children = people_of(lives, groups, year + 1, chance)
    second = children["twin"] >= 0
    twin = np.where(second, np.arange(len(mother)) - 1, np.arange(len(mother)))
    children["born"], children["mother"] = day[twin], mother[twin]
    lives.persons = joined(lives.persons, {name: children[name] for name in COLUMNS})
