"""Residence by permits, and by what people say or are allowed when they cross, from the words of the rules alone.

Slow, in plain Python, and of random people.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from figures_by_nights import COUNTRIES, OWN, Asked, Said, Traveller
from night_by_night import (
    AWAY,
    HERE,
    Person,
    Turn,
    Watched,
    answers_by_nights,
    random_person,
    turns_in,
    turns_of,
    verdict,
    watched,
)

Permit = tuple[int, int]
"""The first day on which a permit holds, and the first on which it does not hold any more."""
FOREVER = 2_932_000
"""A day of the year 9997, for permits without an end."""


@dataclass
class Holder(Traveller):
    """Somebody with permits."""

    permits: list[Permit] = field(default_factory=list)


def runs_of(holder: Holder, asked: Asked) -> list[Permit]:
    """Uninterrupted stays that permits allow during observation.

    A citizen at the end of a permit is allowed to stay from then on. Permits after the records are unknown.
    """
    person = holder.person
    born = person.born if person.born is not None else -FOREVER
    died = person.died if person.died is not None else FOREVER
    known = [
        (max(begin, born), FOREVER if holder.citizen_on(min(end, asked.until - 1)) == OWN else end)
        for begin, end in holder.permits
        if begin < asked.until and end > asked.first and begin <= died and end > born
    ]
    runs: list[Permit] = []
    for begin, end in sorted(known):
        if runs and begin <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(runs[-1][1], end))
        elif begin < end:
            runs.append((begin, end))
    return runs


def turns_by_permits(holder: Holder, asked: Asked, *, needed: int) -> list[Turn]:
    """Possible changes of residence of a person whose stay is allowed, or not, for so many days in a row."""
    person, runs = holder.person, runs_of(holder, asked)
    if not runs:
        alone = Person([], person.born, person.died, person.resident, person.native, person.mother)
        return turns_of(alone, asked.first, asked.until, needed=needed, window=needed)
    newborn = person.born is not None and person.born >= asked.first
    start = person.born if newborn and person.born is not None else asked.first
    last = asked.until if person.died is None else min(asked.until, person.died + 1)
    at_birth = newborn and runs[0][0] == start and (person.native is True or held_before(holder, start))
    steps = [(begin, AWAY, HERE) for begin, _ in runs if start <= begin < last and not (at_birth and begin == start)]
    steps += [(end, HERE, AWAY) for _, end in runs if start <= end < last]
    begins = HERE if runs[0][0] < start or at_birth else AWAY

    def answer(day: int, place: str, crossing: bool) -> str:
        if place == HERE:
            begin, end = next((run for run in runs if run[0] <= day < run[1]), (day - 4000, day))
            lasts = end >= asked.until and (person.died is None or person.died >= asked.until)
            return "yes" if end - begin >= needed else "open" if lasts else "no"
        later = next((begin for begin, _ in runs if begin >= day), None)
        end = later if later is not None else asked.until if person.died is None else min(asked.until, person.died)
        lasts = later is None and (person.died is None or person.died >= asked.until)
        return "yes" if end - day >= needed or day < start else "open" if lasts else "no"

    def said(day: int, place: str, crossing: bool) -> str:
        """The register decides for the first day, in spite of later permissions."""
        return "yes" if day < start else answer(day, place, crossing)

    return turns_in(person, Watched(start, {}, sorted(steps), begins), asked.first, said)


def held_before(holder: Holder, day: int) -> bool:
    """Whether a permit held before a day, and on it."""
    return any(begin < day < end for begin, end in holder.permits)


@dataclass(frozen=True)
class Basis:
    """A basis as in CL_DUR_BASIS, and so many nights within a window."""

    code: str
    needed: int
    window: int


LONGEST = 36_525
"""No stay has more days than a hundred years."""


def turns_by_words(traveller: Traveller, asked: Asked, basis: Basis) -> list[Turn]:
    """Possible changes of residence if a statement at a crossing replaces the later nights.

    `INT`: the days that the person intends to stay or be away. `GRT`: the days for which a stay is allowed; absences
    have none and count by their nights. `MIX`: as intended, else as allowed, while the nights leave it open. Without a
    statement the result is unknown (`INT`, `GRT`). At the start of observation the nights decide.
    """
    person = traveller.person
    seen = watched(person, asked.first, asked.until)
    nights = answers_by_nights(person, seen, asked.until, needed=basis.needed, window=basis.window)

    def answer(day: int, place: str, crossing: bool) -> str:
        if not crossing or basis.code == "ACT":
            return nights(day, place, crossing)
        days = days_said(traveller, day, place, basis.code)
        words = "missing" if days is None else "yes" if days >= basis.needed else "no"
        if basis.code == "INT":
            return words
        by_nights = nights(day, place, crossing)
        if basis.code == "GRT":
            return words if place == HERE else by_nights
        return words if by_nights == "open" and days is not None else by_nights

    turns = turns_in(person, seen, asked.first, answer, hidden=hidden_moves(person, seen, asked, basis))
    for turn in turns:
        if turn.crossing and basis.code == "MIX":
            words = days_said(traveller, turn.day, str(turn.place), basis.code)
            turn.stated = words is not None and nights(turn.day, str(turn.place), True) == "open"
    return turns


def words_of(traveller: Traveller, asked: Asked, basis: str) -> Callable[[int], int | None]:
    """The statement of a person, or the permission, on a day of arrival; None if no crossing of that day leads in."""
    came = {day for day, _, after in watched(traveller.person, asked.first, asked.until).steps if after == HERE}
    return lambda day: days_said(traveller, day, HERE, basis) if day in came else None


def hidden_moves(person: Person, seen: Watched, asked: Asked, basis: Basis) -> dict[int, str]:
    """Days before which a person crossed unrecorded, each with its direction, if a statement may have decided.

    For absences without permission the nights decide, and those can be too few.
    """
    moves = {}
    alive = person.died is None or person.died >= asked.until
    for (begin, _, place), (day, before, _) in pairwise(seen.steps):
        away = seen.nights | dict.fromkeys(range(begin, day), AWAY)
        window = range(begin, begin + basis.window)
        long = verdict(away, AWAY, window, needed=basis.needed, until=asked.until, alive=alive) != "no"
        if place != before and (basis.code == "INT" or (basis.code == "GRT" and (before == HERE or long))):
            moves[day] = before
    return moves


def days_said(traveller: Traveller, day: int, place: str, basis: str) -> int | None:
    """The days that the records of a day name, if their last one leads where the person is then."""
    if traveller.last_leads_in(day) != (place == HERE):
        return None
    said = traveller.journey(day)
    granted, intended = (
        days if days is not None and 0 <= days <= LONGEST else None for days in (said.granted_days, said.intended_days)
    )
    if basis == "MIX" and intended is None and place == HERE:
        return granted
    return granted if basis == "GRT" else intended


def random_holder(dice: random.Random, asked: Asked) -> Holder:
    """Somebody with permits that overlap, follow each other, have gaps, and begin and end wherever it matters."""
    first, until = asked.first, asked.until
    person = random_person(dice, first, until)
    person.crossings = []
    settle_birth(dice, person, first)
    permits: list[Permit] = []
    day = dice.choice([first, first - 1, first - 400, dice.randrange(first - 700, until + 30)])
    if person.born is not None and person.born > first:
        day = dice.choice([person.born, person.born, person.born - 30, person.born + 90, day])
    for _ in range(dice.choice([0, 1, 1, 2, 2, 3, 4, 6])):
        length = dice.choice([1, 30, 90, 182, 183, 184, 300, 364, 364, 365, 365, 366, 400, 730, dice.randrange(1, 900)])
        end = day + length
        if dice.random() < 0.06:
            end = dice.choice([until - 1, until, until + 1, first, first + 1, FOREVER])
        if end > day:
            permits.append((day, end))
            if dice.random() < 0.06:
                permits.append(permits[-1])
            day = end
        day += dice.choice([0, 0, 0, 0, 1, 1, -1, -30, -200, 2, 60, 364, 365, 366, dice.randrange(700)])
        if day > until + 400:
            break
    dice.shuffle(permits)
    dies_on_a_day_of(dice, person, [day for permit in permits for day in permit if day < until])
    holder = Holder(person, [], dice.choice(["F", "M", None]), dice.choice(COUNTRIES), permits=permits)
    holder.changes = random_changes(dice, asked, [day for permit in permits for day in permit if day < until + 100])
    return holder


def dies_on_a_day_of(dice: random.Random, person: Person, moves: list[int]) -> None:
    """A few die on the day of a move."""
    days = [day for day in moves if person.born is None or day >= person.born]
    if days and dice.random() < 0.05:
        person.died = dice.choice(days)


def settle_birth(dice: random.Random, person: Person, first: int) -> None:
    """A day of birth before observation; unknown for most."""
    if person.born is None and dice.random() < 0.7:
        person.born = first - dice.randrange(1_000, 30_000)
        person.native, person.mother = dice.choice([None, True, False]), dice.choice([None, True, False])


def random_changes(dice: random.Random, asked: Asked, moves: list[int]) -> list[tuple[int, str]]:
    """New citizenships, of which a few are of one day, or of the day of a move."""
    days = [
        dice.choice(moves) if moves and dice.random() < 0.2 else dice.randrange(asked.first - 300, asked.until + 100)
        for _ in range(dice.choice([0, 0, 0, 1, 1, 2]))
    ]
    if len(days) > 1 and dice.random() < 0.2:
        days[1] = days[0]
    return [(day, dice.choice([OWN, "BB", "STLS"])) for day in days]


def random_sayer(dice: random.Random, asked: Asked, needed: int = 365) -> Traveller:
    """Somebody who says at crossings how long they mean to stay, and keeps it or not."""
    person = random_person(dice, asked.first, asked.until)
    settle_birth(dice, person, asked.first)
    dies_on_a_day_of(dice, person, [crossing[0] for crossing in person.crossings])
    said: list[Said] = []
    for index, crossing in enumerate(person.crossings):
        if index and crossing == person.crossings[index - 1] and dice.random() < 0.7:
            said.append(said[-1])
            continue
        after = [other[0] for other in person.crossings if other[0] > crossing[0]]
        kept = min(after) - crossing[0] if after else None
        numbers = [None, 0, 30, needed - 1, needed, needed + 1, 182, 183, 184, 400, 700, -5, kept, kept, kept]
        said.append(Said(dice.choice(COUNTRIES[1:]), None, dice.choice(numbers), dice.choice(numbers)))
    traveller = Traveller(person, said, dice.choice(["F", "M", None]), dice.choice(COUNTRIES))
    traveller.changes = random_changes(dice, asked, [crossing[0] for crossing in person.crossings])
    return traveller
