"""Simulated lives from group events, with journeys that never change residence under the 12/16 rule.

One event per person and year; at least 365 days between moves. Persons are arrays of integers, and random numbers are
reproducible by seed and purpose.

The rule counts 365 of 487 nights. Nights away are at most 180 in twelve months. Journeys over 20 nights are at least
488 days from moves; shorter journeys, at most two a year, 60 days after and 250 before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sdmxmig.primitives.lazily import Flags, Floats, Integers, np, pl
from sdmxmig.records.simulation.populations import (
    BIRTH,
    DEATH,
    HOME_COUNTRY,
    MAX_AGE,
    MEN,
    MOVE,
    NATURALISATION,
    OTHER_COUNTRY,
    WOMEN,
    Event,
    Group,
    Year,
    find_inhabited_countries,
    index_countries,
    read_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


EPOCH = dt.date(1970, 1, 1)
NEVER_DAY = -1_000_000
NO_PERSON = -1
TWIN_RATE = 0.0119
DIARY_COLUMNS = ("person", "day", "kind", "before", "after")


@dataclass(slots=True, kw_only=True)
class SimulatedLives:
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


def build_people(
    lives: SimulatedLives, groups: Sequence[tuple[Group, int]], year: int, chance: RandomDraws
) -> dict[str, Integers]:
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


def draw_twins(groups: Integers, chance: RandomDraws) -> Integers:
    number = len(groups)
    second = chance.happens(TWIN_RATE, number)
    second[:1] = False
    second[1:] &= groups[1:] == groups[:-1]
    second[1:] &= ~second[:-1].copy()
    return np.where(second, np.arange(number) - 1, NO_PERSON)


class RandomDraws:
    """Random draws for one purpose, independent of library versions."""

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


DAYS_BETWEEN_MOVES = 365
EVENT_KINDS = (BIRTH, DEATH, MOVE, NATURALISATION)
KEY_FACTOR = 1 << 32
"""More than the people of any group."""
JOURNEY_COLUMNS = ("who", "day", "nights", "purpose", "granted", "repeats")
RESIDENTS, EMIGRANTS, VISITORS, IMMIGRANTS = "residents", "emigrants", "visitors", "immigrants"
START, BORN, MOVED, DIED, GOES_ON = range(5)
ROUND_DAYS = 365
MAX_SHORT_NIGHTS = 20
RETURN_SHARE = 0.4
"""Probability of another journey after a short one."""
DAYS_BETWEEN_JOURNEYS = 488
"""Days between a long journey and a move."""
AFTER_MOVE, BEFORE_MOVE, AFTER_BIRTH, MIN_STAY = 60, 250, 30, 500
"""Minimum days between moves, birth, death and journeys."""
VISITOR_SHARE = 0.12
"""Visitors in a year as a share of the initial residents."""
NATIVE_SHARE = 0.08
"""Share of visitors who are native citizens abroad."""
YOUNGEST_TRAVELLER, OLDEST_TRAVELLER = 18, 75
ELSEWHERE_SHARE = 0.3
"""The share of visitors who come from the rest of the world."""


def draw_lives(years: Sequence[Year], chance: RandomDraws) -> SimulatedLives:
    first = years[0]
    codes = sorted({OTHER_COUNTRY, *(code for group in first.population for code in (group.residence, group.birth))})
    lives = SimulatedLives(countries=tuple(codes), home=codes.index(HOME_COUNTRY))
    settled = [(group, number) for group, number in sorted(first.population.items()) if group.residence == HOME_COUNTRY]
    lives.persons = build_people(lives, settled, first.year, chance)
    lives.residents = lives.number
    lives.diary = {name: np.zeros(0, dtype=np.int64) for name in DIARY_COLUMNS}
    for year in years[:-1]:
        simulate_year(lives, year, int(year is first), chance)
    return lives


@dataclass(frozen=True, slots=True)
class YearEvents:
    events: tuple[Event, ...]
    _: KW_ONLY
    key: Integers
    start: Integers
    persons: Integers
    kind: Integers
    after: Integers


def simulate_year(lives: SimulatedLives, year: Year, days_off: int, chance: RandomDraws) -> None:
    """Draw the events of a year, with none on its first `days_off` days."""
    year_events = sort_events(lives, year)
    event = assign_events_to_persons(lives, year, year_events, chance)
    known = lives.number
    event = np.concatenate([event, create_arrivals(lives, year_events, event, year=year.year, chance=chance)])
    person = np.flatnonzero(event >= 0)
    event = event[person]
    kind = year_events.kind[event]
    begin, end = find_first_days(np.array([year.year, year.year + 1])).tolist()
    first, last = begin + days_off, end - 1
    fixed = (kind == EVENT_KINDS.index(MOVE)) | (kind == EVENT_KINDS.index(DEATH))
    earliest = np.maximum(first, np.where(fixed, lives.persons["moved"][person] + DAYS_BETWEEN_MOVES, first))
    day = chance.between(np.minimum(earliest, last), last, len(person))
    apply_events(lives, person, day, kind=kind, after=year_events.after[event])
    mothers = (kind == EVENT_KINDS.index(BIRTH)) & (person < known)
    mothers &= lives.persons["residence"][person] == lives.home
    order = np.flatnonzero(mothers)[np.argsort(event[mothers], kind="stable")]
    create_children(
        lives, year_events, event[order], mother=person[order], day=day[order], year=year.year, chance=chance
    )


def sort_events(lives: SimulatedLives, year: Year) -> YearEvents:
    keys = np.array([lives.key(*lives.traits(event.before)) for event in year.events], dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    events = tuple(year.events[index] for index in order)
    persons = np.array([event.persons for event in events], dtype=np.int64)
    key = keys[order]
    before = np.cumsum(persons) - persons
    start = before - before[np.searchsorted(key, key, side="left")] if len(key) else before
    after = [
        NO_PERSON if event.after is None else lives.traits(event.after)[2 if event.kind == NATURALISATION else 0]
        for event in events
    ]
    kind = np.array([EVENT_KINDS.index(event.kind) for event in events], dtype=np.int64)
    return YearEvents(events, key=key, start=start, persons=persons, kind=kind, after=np.array(after, dtype=np.int64))


def assign_events_to_persons(
    lives: SimulatedLives, year: Year, year_events: YearEvents, chance: RandomDraws
) -> Integers:
    event = np.full(lives.number, NO_PERSON)
    living = np.flatnonzero(lives.persons["died"] == NEVER_DAY)
    persons = {name: values[living] for name, values in lives.persons.items()}
    age = np.minimum(year.year - 1 - persons["birth_year"], MAX_AGE)
    keys = lives.key(persons["residence"], persons["birth"], persons["citizenship"], persons["sex"], age)
    order = np.lexsort((chance.uniform(len(living)), keys))
    living, keys = living[order], keys[order]
    place = np.arange(len(keys)) - np.searchsorted(keys, keys, side="left")
    spread_abroad(lives, year, keys, place, chance)
    starts = year_events.key * KEY_FACTOR + year_events.start
    index = np.searchsorted(starts, keys * KEY_FACTOR + place, side="right") - 1
    safe = np.maximum(index, 0)
    if len(starts):
        taken = (index >= 0) & (year_events.key[safe] == keys)
        taken &= place < year_events.start[safe] + year_events.persons[safe]
        event[living[taken]] = index[taken]
    return event


def spread_abroad(lives: SimulatedLives, year: Year, keys: Integers, place: Integers, chance: RandomDraws) -> None:
    """Assign non-residents to random places in their groups; most places belong to no person."""
    abroad = {
        lives.key(*lives.traits(group)): number
        for group, number in year.population.items()
        if group.residence != lives.countries[lives.home]
    }
    names, starts, counts = np.unique(keys, return_index=True, return_counts=True)
    for name, start, count in zip(names.tolist(), starts.tolist(), counts.tolist(), strict=True):
        if name // lives.key(1, 0, 0, 0, 0) != lives.home:
            number = abroad.get(name, 0)
            places = chance.distinct(number, count) if number >= count else np.full(count, KEY_FACTOR - 1)
            place[start : start + count] = places


def create_arrivals(
    lives: SimulatedLives, year_events: YearEvents, event: Integers, *, year: int, chance: RandomDraws
) -> Integers:
    home = lives.countries[lives.home]
    arrivals = [
        event.after is not None and event.kind == MOVE and event.after.residence == home != event.before.residence
        for event in year_events.events
    ]
    known = np.bincount(event[event >= 0], minlength=len(year_events.events))
    fresh = np.where(np.array(arrivals, dtype=bool), year_events.persons - known, 0)
    which = np.flatnonzero(fresh > 0)
    groups = [(year_events.events[index].before, int(fresh[index])) for index in which.tolist()]
    lives.persons = append_rows(lives.persons, build_people(lives, groups, year, chance))
    return np.repeat(which, fresh[which])


def apply_events(lives: SimulatedLives, person: Integers, day: Integers, *, kind: Integers, after: Integers) -> None:
    persons = lives.persons
    moving, dying, citizens = (kind == EVENT_KINDS.index(name) for name in (MOVE, DEATH, NATURALISATION))
    before = np.where(citizens, persons["citizenship"][person], persons["residence"][person])
    persons["residence"][person[moving]] = after[moving]
    persons["moved"][person[moving]] = day[moving]
    persons["died"][person[dying]] = day[dying]
    persons["citizenship"][person[citizens]] = after[citizens]
    noted = moving | dying | citizens
    columns = {"person": person, "day": day, "kind": kind, "before": before, "after": after}
    lives.diary = append_rows(lives.diary, {name: columns[name][noted] for name in DIARY_COLUMNS})


def create_children(
    lives: SimulatedLives,
    year_events: YearEvents,
    event: Integers,
    *,
    mother: Integers,
    day: Integers,
    year: int,
    chance: RandomDraws,
) -> None:
    """Create the children of residents, born on the day of their mothers' event."""
    which, counts = np.unique(event, return_counts=True)
    groups = [
        (group, count)
        for index, count in zip(which.tolist(), counts.tolist(), strict=True)
        if (group := year_events.events[index].after) is not None
    ]
    children = build_people(lives, groups, year + 1, chance)
    twin = np.arange(len(mother)) - (children["twin"] >= 0)
    lives.persons = append_rows(lives.persons, children | {"born": day[twin], "mother": mother[twin]})


def build_journeys(stays: pl.DataFrame, comes_as_visitor: Flags, first: int, chance: RandomDraws) -> pl.DataFrame:
    number = len(comes_as_visitor)
    last = int(stays.select(pl.col("end").max()).item())
    rounds = (last - first) // ROUND_DAYS + 2
    traits = pl.DataFrame(
        {
            "person": np.arange(number),
            "visitor": comes_as_visitor,
            "offset": chance.between(0, ROUND_DAYS - 1, number),
            "fate": chance.uniform(number),
            "turn": chance.between(0, rounds - 1, number),
        }
    )
    homes = stays.join(traits, on="person", how="left", maintain_order="left")
    who = pl.when(pl.col("here")).then(pl.lit(RESIDENTS)).when("visitor").then(pl.lit(VISITORS))
    parts = homes.with_columns(who=who.otherwise(pl.lit(EMIGRANTS))).partition_by("who", maintain_order=True)
    frames = [
        journey
        for people in parts
        for turn in range(rounds)
        for journey in draw_round(
            people.with_columns(round=first + pl.col("offset") + (turn - 1) * ROUND_DAYS), turn, chance
        )
    ]
    return (
        pl.concat(frames).filter(keeps_residence(first)).select(*stays.columns, *JOURNEY_COLUMNS).sort("person", "day")
    )


def draw_round(people: pl.DataFrame, turn: int, chance: RandomDraws) -> list[pl.DataFrame]:
    """Draw the journeys of each person in the twelve months after the day in their column `round`."""
    kinds = read_mobilities(people["who"].item(0))
    chosen = choose_kinds(people, kinds, turn, chance)
    frames, half = [], ROUND_DAYS // 2
    for index, mobility in enumerate(kinds):
        travellers = people.filter(pl.Series(chosen == index))
        is_short = mobility.longest <= MAX_SHORT_NIGHTS
        frames.append(
            draw_journeys(travellers, mobility, begin=1, days=half if is_short else ROUND_DAYS, chance=chance)
        )
        if is_short and mobility.who != VISITORS:
            again = travellers.filter(pl.Series(chance.happens(RETURN_SHARE, travellers.height)))
            frames.append(draw_journeys(again, mobility, begin=1 + half, days=half, chance=chance))
    return frames


def choose_kinds(people: pl.DataFrame, kinds: tuple[Mobility, ...], turn: int, chance: RandomDraws) -> Integers:
    shares = np.cumsum([mobility.share for mobility in kinds])
    repeats = np.array([*(mobility.repeats for mobility in kinds), False])
    fated = np.searchsorted(shares, people["fate"].to_numpy(), side="right")
    if kinds[0].who == VISITORS:
        comes = repeats[fated] | (people["turn"].to_numpy() == turn)
        return np.where(comes & (fated < len(kinds)), fated, -1)
    drawn = np.searchsorted(shares, chance.uniform(people.height), side="right")
    drawn = np.where((drawn < len(kinds)) & ~repeats[drawn], drawn, -1)
    return np.where(repeats[fated], fated, drawn)


def draw_journeys(
    travellers: pl.DataFrame, mobility: Mobility, *, begin: int, days: int, chance: RandomDraws
) -> pl.DataFrame:
    """Draw one journey per traveller within `days` from `begin`."""
    nights = chance.between(mobility.shortest, mobility.longest, travellers.height)
    later = chance.between(0, days - nights - 3, travellers.height)
    return travellers.with_columns(
        day=pl.col("round") + begin + pl.Series(later, dtype=pl.Int64),
        nights=pl.Series(nights, dtype=pl.Int64),
        purpose=pl.lit(mobility.purpose),
        granted=pl.lit(mobility.granted, dtype=pl.Int64),
        repeats=pl.lit(mobility.repeats),
    )


def keeps_residence(first: int) -> pl.Expr:
    """Check that a journey is far enough from moves, birth and death to keep residence unchanged."""
    is_long = pl.col("nights") > MAX_SHORT_NIGHTS
    day, home = pl.col("day"), pl.col("day") + pl.col("nights")
    after = (
        pl.when(pl.col("opened") == MOVED).then(pl.when(is_long).then(DAYS_BETWEEN_JOURNEYS).otherwise(AFTER_MOVE))
        .when(pl.col("opened") == BORN).then(AFTER_BIRTH).otherwise(0)
    )  # fmt: skip
    before = pl.when(is_long).then(DAYS_BETWEEN_JOURNEYS).otherwise(BEFORE_MOVE)
    lasting = (pl.col("opened") != MOVED) | (pl.col("end") - pl.col("begin") >= MIN_STAY)
    closed = (
        pl.when(pl.col("closed") == MOVED).then((pl.col("end") - day >= before) & lasting)
        .when(pl.col("closed") == DIED).then((home < pl.col("end")) & lasting)
        .otherwise(day < pl.col("end"))
    )  # fmt: skip
    return (day > first) & (day >= pl.col("begin") + after) & closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mobility:
    """A kind of journey: travellers, purpose, annual share, nights and `granted` days; `repeats` means every year."""

    who: str
    purpose: str
    share: float
    shortest: int = 0
    longest: int = 0
    granted: int | None = None
    repeats: bool


@cache
def read_mobilities(who: str) -> tuple[Mobility, ...]:
    return tuple(mobility for mobility in read_rows("mobility.csv", Mobility) if mobility.who == who)


def find_stays(lives: SimulatedLives, first: int, until: int) -> pl.DataFrame:
    """Return periods of residence in the country (`here`) or elsewhere, from `first` to before `until`."""
    persons, diary = lives.persons, lives.diary
    number = lives.number
    child = (persons["mother"] != NO_PERSON) & (persons["born"] >= first)
    resident = (np.arange(number) < lives.residents) | child
    moves = pl.DataFrame(diary).filter(pl.col("kind") == EVENT_KINDS.index(MOVE)).sort("person", "day")
    initial = moves.unique("person", keep="first", maintain_order=True).select("person", country="before")
    begun = pl.DataFrame(
        {
            "person": np.arange(number),
            "begin": np.maximum(persons["born"], first),
            "now": persons["residence"],
            "opened": np.where(child, BORN, START),
            "here": resident,
        }
    )
    begun = begun.join(initial, on="person", how="left", maintain_order="left").with_columns(
        country=pl.coalesce("country", "now")
    )
    changed = moves.select(
        "person", begin="day", country="after", opened=pl.lit(MOVED, dtype=pl.Int64), here=pl.col("after") == lives.home
    )
    rows = pl.concat([begun.select(changed.columns), changed]).sort("person", "begin", maintain_order=True)
    died = pl.DataFrame({"person": np.arange(number), "died": persons["died"]})
    following = pl.col("person").shift(-1) == pl.col("person")
    dead = (pl.col("died") != NEVER_DAY) & (pl.col("died") < until)
    rows = rows.join(died, on="person", how="left", maintain_order="left")
    last = pl.when(dead).then(pl.col("died")).otherwise(until)
    return rows.with_columns(
        end=pl.when(following).then(pl.col("begin").shift(-1)).otherwise(last),
        closed=pl.when(following).then(MOVED).when(dead).then(DIED).otherwise(GOES_ON),
    ).drop("died")


def add_visitors(lives: SimulatedLives, first_year: int, years: int, chance: RandomDraws) -> Flags:
    number = round(lives.residents * VISITOR_SHARE * years)
    residents = {
        code: country.residents for code, country in find_inhabited_countries().items() if code != HOME_COUNTRY
    }
    shares = [(1 - ELSEWHERE_SHARE) * count / sum(residents.values()) for count in residents.values()]
    codes = [*residents, OTHER_COUNTRY]
    country = chance.draw_weighted([*shares, ELSEWHERE_SHARE], number)
    native = chance.happens(NATIVE_SHARE, number)
    age = chance.between(YOUNGEST_TRAVELLER, OLDEST_TRAVELLER, number)
    sex = chance.happens(0.5, number)
    table = np.stack([country, native, sex, age], axis=1)
    kinds, counts = np.unique(table, axis=0, return_counts=True)
    groups = []
    for (place, is_native, is_woman, years_old), count in zip(kinds.tolist(), counts.tolist(), strict=True):
        own = HOME_COUNTRY if is_native else codes[place]
        groups.append((Group(codes[place], own, own, sex=WOMEN if is_woman else MEN, age=years_old), count))
    known = lives.number
    lives.persons = append_rows(lives.persons, build_people(lives, groups, first_year, chance))
    return np.arange(lives.number) >= known


def draw_other_country(number: int, chance: RandomDraws) -> pl.Series:
    shares = {code: country.elsewhere for code, country in index_countries().items() if country.elsewhere}
    return pl.Series(list(shares))[chance.draw_weighted(list(shares.values()), number)]
