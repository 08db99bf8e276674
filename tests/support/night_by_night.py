"""Rules of residence reckoned night by night in plain Python: slow, and written from the words of the rules alone."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

HERE, AWAY, UNKNOWN = "here", "away", "unknown"
Crossing = tuple[int, str, int | None]
"""Day, direction, and what orders it among those of the day."""


@dataclass
class Person:
    """A person: crossings, birth and death as days, and residence at the start of observation."""

    crossings: list[Crossing] = field(default_factory=list)
    born: int | None = None
    died: int | None = None
    resident: bool | None = None
    native: bool | None = None
    mother: bool | None = None


@dataclass
class Watched:
    """The nights of a person's life that records can show, with the place of each.

    `begins` is where the person is at the start, if that is known.
    """

    start: int
    nights: dict[int, str]
    steps: list[tuple[int, str, str]]
    begins: str | None


def day_steps(crossings: list[Crossing]) -> list[tuple[int, str, str]]:
    """For each day with crossings that are in order, or that lead somewhere: where the person was before and after."""
    steps = []
    for day in sorted({crossing[0] for crossing in crossings}):
        of_day = [crossing for crossing in crossings if crossing[0] == day]
        orders = [crossing[2] or 0 for crossing in of_day]
        if max(orders) > min(orders) and all(crossing[2] is not None for crossing in of_day):
            in_order = sorted(of_day, key=lambda crossing: (crossing[2] or 0, crossing[1] == "ENTRY"))
            first, last = in_order[0][1], in_order[-1][1]
            before, after = (AWAY if first == "ENTRY" else HERE), (HERE if last == "ENTRY" else AWAY)
            steps.append((day, before, after))
        else:
            ways = {crossing[1] for crossing in of_day}  # a crossing recorded twice is one
            if ways == {"ENTRY"}:
                steps.append((day, AWAY, HERE))
            elif ways == {"EXIT"}:
                steps.append((day, HERE, AWAY))
    return steps


def that_matter(steps: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """The steps without trips within a day, unless one contradicts the step before it or the one after it."""
    kept = []
    for index, (day, before, after) in enumerate(steps):
        contradicts = (index and steps[index - 1][2] != before) or (
            index + 1 < len(steps) and steps[index + 1][1] != after
        )
        if before != after or contradicts:
            kept.append((day, before, after))
    return kept


def watched(person: Person, first: int, until: int) -> Watched:
    """Where each night was spent, from the start of observation (or birth) to its end (or death)."""
    crossings = [crossing for crossing in person.crossings if first <= crossing[0] < until]
    newborn = person.born is not None and person.born >= first
    start = person.born if newborn else first
    end = until if person.died is None else min(until, person.died)
    alive = [crossing for crossing in crossings if person.died is None or crossing[0] <= person.died]
    steps = day_steps([crossing for crossing in alive if crossing[0] >= start])
    located = person.native if newborn else person.resident
    begins = steps[0][1] if steps else None if located is None else HERE if located else AWAY
    steps = that_matter(steps)
    nights: dict[int, str] = {}
    if not newborn and person.resident is not None:
        nights = dict.fromkeys(range(first - 4000, first), HERE if person.resident else AWAY)
    bounds = [start, *(step[0] for step in steps), end]
    for place, (begin, stop) in enumerate(pairwise(bounds)):
        before, after = steps[place - 1][2] if place else None, steps[place][1] if place < len(steps) else None
        known = UNKNOWN if before and after and before != after else before or begins or UNKNOWN
        nights |= dict.fromkeys(range(begin, min(stop, end)), known)
    return Watched(start, nights, steps, begins)


def verdict(nights: dict[int, str], place: str, window: range, *, needed: int, until: int, alive: bool) -> str:
    """Whether a person spent this number of nights of a window in a place."""
    spent = [nights.get(night) for night in window]
    sure, missing = spent.count(place), spent.count(UNKNOWN)
    future = sum(night >= until for night in window) if alive else 0
    if sure >= needed:
        return "yes"
    if sure + missing + future < needed:
        return "no"
    return "missing" if missing else "open"


@dataclass
class Turn:
    """A moment from which a person may live elsewhere: the place, whether that settles, and the former place.

    `place` is None if unknown; `before` and `after` are the places where the person may have lived.
    """

    day: int
    place: str | None
    crossing: bool
    answer: str
    before: set[str]
    after: set[str]
    stated: bool = False
    """Whether it counts by what was said, until the nights decide."""


Answers = Callable[[int, str, bool], str]
"""Whether a place settles who is there from a day on: asked with the day, the place, and if it is a crossing."""


def turns_of(person: Person, first: int, until: int, *, needed: int, window: int) -> list[Turn]:
    """Possible changes of residence of a person, in order of time, under a rule of so many nights within a window."""
    seen = watched(person, first, until)
    return turns_in(person, seen, first, answers_by_nights(person, seen, until, needed=needed, window=window))


def answers_by_nights(person: Person, seen: Watched, until: int, *, needed: int, window: int) -> Answers:
    """Whether a person is in a place for this number of the nights after a day."""
    alive = person.died is None or person.died >= until

    def answer(day: int, place: str, crossing: bool) -> str:
        return verdict(seen.nights, place, range(day, day + window), needed=needed, until=until, alive=alive)

    return answer


def turns_in(
    person: Person, seen: Watched, first: int, answer: Answers, *, hidden: Mapping[int, str] = MappingProxyType({})
) -> list[Turn]:
    """Possible changes of residence from the nights known so far, with the result of `answer` for each place and day.

    `hidden` has days before which an unrecorded move may have settled the person in a place.
    """
    newborn = person.born is not None and person.born >= first
    places: list[tuple[int, str | None, bool]] = []
    if not newborn and person.resident is not None:
        places.append((first - 4000, HERE if person.resident else AWAY, False))
    places.append((seen.start, seen.begins, False))
    places += [(day, after, True) for day, _, after in seen.steps]
    possible = {HERE, AWAY}
    turns = []
    for day, place, crossing in places:
        said = "missing" if place is None else answer(day, place, crossing)
        if crossing and day in hidden:
            possible = possible | {hidden[day]}
        turns.append(Turn(day, place, crossing, said, possible, possible))
        if newborn and not crossing and said != "yes" and person.mother is not None:
            possible = {HERE if person.mother else AWAY}
        elif said == "yes":
            possible = {str(place)}
        elif said != "no" and place is not None:
            possible = possible | {place}
        turns[-1].after = possible
    return turns


def crossing_rule(person: Person, first: int, until: int, *, needed: int, window: int) -> list[tuple[int, str, str]]:
    """The crossings of a person with their outcome under a rule of so many nights out of a window."""
    turns = turns_of(person, first, until, needed=needed, window=window)
    return [(turn.day, direction_of(turn), outcome_of(turn)) for turn in turns if turn.crossing]


def direction_of(turn: Turn) -> str:
    return "I" if turn.place == HERE else "E"


def outcome_of(turn: Turn) -> str:
    return what_became(turn.answer, str(turn.place), turn.before)


def what_became(answer: str, place: str, possible: set[str]) -> str:
    """The outcome of a crossing, given the states that the person may have been in before."""
    if answer == "no" or possible == {place}:
        return "NON_MIGRANT_CROSSING"
    if answer == "yes" and place not in possible:
        return "IMMIGRANT_IN_YEAR" if place == HERE else "EMIGRANT_IN_YEAR"
    return "UNDETERMINED_OPEN_SPELL" if answer == "open" else "UNDETERMINED_MISSING_RECORD"


def year_of(day: int) -> int:
    return (dt.date(1970, 1, 1) + dt.timedelta(days=day)).year


def two_sided_rule(person: Person, first: int, until: int, *, before: int, needed: int, window: int) -> dict[int, str]:
    """The outcome of the first crossing of each year under a rule that counts nights before and after."""
    seen = watched(person, first, until)
    alive = person.died is None or person.died >= until
    newborn = person.born is not None and person.born >= first
    nights = dict(seen.nights)
    if not newborn and person.resident is None:
        nights |= dict.fromkeys(range(first - 4000, first), UNKNOWN)
    outcomes = {}
    years: set[int] = set()
    for day, _, _ in seen.steps:
        if year_of(day) in years:
            continue
        years.add(year_of(day))
        answers = []
        for start, goal in ((AWAY, HERE), (HERE, AWAY)):
            back = verdict(nights, start, range(day - window, day), needed=before, until=until, alive=False)
            ahead = verdict(nights, goal, range(day, day + window), needed=needed, until=until, alive=alive)
            sides = {back, ahead}
            answers.append(
                "no" if "no" in sides else "missing" if "missing" in sides else "open" if "open" in sides else "yes"
            )
        into, out = answers
        if into == "yes":
            outcomes[day] = "IMMIGRANT_IN_YEAR"
        elif out == "yes":
            outcomes[day] = "EMIGRANT_IN_YEAR"
        elif into == out == "no":
            outcomes[day] = "NON_MIGRANT_CROSSING"
        else:
            missing = "missing" in answers
            outcomes[day] = "UNDETERMINED_MISSING_RECORD" if missing else "UNDETERMINED_OPEN_SPELL"
    return outcomes


def random_person(dice: random.Random, first: int, until: int) -> Person:
    """Somebody with a few crossings, sometimes with records that are missing, doubled or out of reach."""
    person = Person()
    if dice.random() < 0.2:
        person.born = dice.randrange(first - 900, until)
        person.native, person.mother = dice.choice([None, True, False]), dice.choice([None, True, False])
    if dice.random() < 0.5:
        person.resident = dice.random() < 0.5
    born = person.born if person.born is not None else first - 100
    if dice.random() < 0.15:
        person.died = dice.randrange(max(born, first), until + 400)
    day, inward = dice.randrange(max(born, first - 50), until + 30), dice.random() < 0.5
    for _ in range(dice.choice([0, 1, 1, 2, 3, 4, 6, 9])):
        if dice.random() > 0.07:
            person.crossings.append(
                (day, "ENTRY" if inward else "EXIT", dice.choice([None, None, len(person.crossings)]))
            )
            if dice.random() < 0.04:
                person.crossings.append(person.crossings[-1])
        inward = not inward
        day += dice.choice([0, 0, 1, 3, 20, 60, 90, 91, 150, 182, 183, 184, 200, 300, 364, 365, 366, 500])
        day += dice.choice([0, 0, 0, dice.randrange(200)])
    return person


def months_later(day: int, months: int) -> int:
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    for last in (date.day, 30, 29, 28):
        try:
            return (dt.date(year, month + 1, last) - dt.date(1970, 1, 1)).days
        except ValueError:
            continue
    raise AssertionError


def no_stated_duration(_day: int) -> None:
    """State no duration for any crossing."""


@dataclass(frozen=True)
class Looking:
    """A rule that looks back over so many months, as its words say."""

    nights: int | None
    months: int | None
    window: int
    one_stay: bool
    tolerated: int
    tolerated_months: int
    stay_months: int | None
    of_months: int | None
    basis: str = "ACT"
    words: Callable[[int], int | None] = no_stated_duration
    """How many days somebody who came on a day said, or was allowed, to stay; None if nothing was said."""


WITHHELD = "withheld"
"""A night of an absence of which it is still to be seen whether it is a temporary one."""


def stretches_of(nights: dict[int, str]) -> list[list[int]]:
    """The nights in a row that were spent in the same place."""
    stretches: list[list[int]] = []
    for night in sorted(nights):
        if stretches and nights[stretches[-1][-1]] == nights[night]:
            stretches[-1].append(night)
        else:
            stretches.append([night])
    return stretches


def with_absences(nights: dict[int, str], rule: Looking, *, alive: bool, newborn: bool) -> dict[int, str]:
    """The nights, of which those of temporary absences between two stays count as spent in the country."""
    if rule.tolerated:
        nights = with_short_absences(nights, rule.tolerated, alive=alive)
    if rule.tolerated_months:
        nights = with_absences_of_residents(nights, rule.tolerated_months, alive=alive, newborn=newborn)
    return nights


def with_absences_of_residents(nights: dict[int, str], months: int, *, alive: bool, newborn: bool) -> dict[int, str]:
    """The nights, of which a resident's absence counts as spent in the country if it is shorter than so many months."""
    resident: bool | None = False if newborn else None
    stretches = stretches_of(nights)
    places = [nights[stretch[0]] for stretch in stretches]
    became: dict[int, str] = {}
    for index, (stretch, place) in enumerate(zip(stretches, places, strict=True)):
        if place == UNKNOWN:
            resident = None
        if place != AWAY:
            continue
        left = index > 0 and places[index - 1] == HERE
        if left and stretch[0] >= months_later(stretches[index - 1][0], months):
            resident = True
        ended = stretch[-1] + 1
        if ended >= months_later(stretch[0], months):
            resident = False
            continue
        last = index + 1 == len(stretches)
        if left and resident is not False and (last or places[index + 1] == HERE):
            now = UNKNOWN if resident is None else WITHHELD if last and alive else HERE
            became |= dict.fromkeys(stretch, now)
    return nights | became


def with_short_absences(nights: dict[int, str], tolerated: int, *, alive: bool) -> dict[int, str]:
    """The nights, of which those of absences of so many nights at most count as spent in the country."""
    stretches = stretches_of(nights)
    places = ["", *(nights[stretch[0]] for stretch in stretches), ""]
    for index, stretch in enumerate(stretches, 1):
        if places[index] == AWAY and len(stretch) <= tolerated and places[index - 1] == HERE:
            died = index == len(stretches) and not alive
            if places[index + 1] == HERE or died:
                nights = nights | dict.fromkeys(stretch, HERE)
            elif index == len(stretches):
                nights = nights | dict.fromkeys(stretch, WITHHELD)
    return nights


def statuses_on(person: Person, first: int, until: int, *, days: list[int], rule: Looking) -> dict[int, str]:
    """Whether a person is resident at the start of days, without those before any information."""
    seen = watched(person, first, until)
    alive = person.died is None or person.died >= until
    newborn = person.born is not None and person.born >= first
    nights = with_absences(dict(seen.nights), rule, alive=alive, newborn=newborn)
    asked = [day for day in days if person.died is None or person.died >= day]
    return {
        day: status_by(person, nights, on=day, observed=(first, until), rule=rule)
        for day in asked
        if any(night < day for night in seen.nights)
    }


def status_on(person: Person, first: int, until: int, *, on: int, rule: Looking) -> str | None:
    """Whether a person is resident at the start of a day; None before any information."""
    return statuses_on(person, first, until, days=[on], rule=rule).get(on)


def status_by(person: Person, nights: dict[int, str], *, on: int, observed: tuple[int, int], rule: Looking) -> str:
    """Whether the nights make a person resident at the start of a day."""
    first, until = observed
    alive = person.died is None or person.died >= until
    eve, arrival = nights.get(on - 1), on - 1
    same = {HERE, WITHHELD} if eve in {HERE, WITHHELD} else {eve}
    since = months_later(on, -rule.window)
    while arrival >= since and nights.get(arrival - 1) in same:
        arrival -= 1
    newborn = person.born is not None and person.born >= first
    if not newborn and person.resident is None:
        nights |= dict.fromkeys(range(first - 4000, first), UNKNOWN)
    needed = rule.nights if rule.nights is not None else on - months_later(on, -(rule.months or 0))
    lived = judged(nights, range(since, on), needed=needed, one_stay=rule.one_stay)
    if lived == "yes" or rule.stay_months is None or eve == AWAY or arrival < since:
        return lived
    stays = stays_on(nights, arrival, until if alive else None, rule)
    if stays == "missing" and eve == WITHHELD:
        stays = "open"
    days = rule.words(arrival) if eve in {HERE, WITHHELD} else None
    if days is not None and (rule.basis != "MIX" or stays == "open"):
        stays = "yes" if days >= nights_wanted(arrival, rule) else "no"
    return next(answer for answer in ("yes", "missing", "open", "no") if answer in {lived, stays})


def stays_on(nights: dict[int, str], arrival: int, until: int | None, rule: Looking) -> str:
    """Whether a person who arrived stays as long as the rule requires; `until` is the first unknown night."""
    ahead, wanted = months_later(arrival, rule.of_months or 0), nights_wanted(arrival, rule)
    sure = sum(nights.get(night) == HERE for night in range(arrival, ahead))
    missing = sum(nights.get(night) in {UNKNOWN, WITHHELD} for night in range(arrival, ahead))
    future = max(0, ahead - until) if until is not None else 0
    if sure >= wanted:
        return "yes"
    if sure + missing + future < wanted:
        return "no"
    return "missing" if missing else "open"


def nights_wanted(arrival: int, rule: Looking) -> int:
    """How long those stay, or mean to stay, who live here from their arrival on."""
    if rule.of_months != rule.stay_months and rule.nights is not None:
        return rule.nights
    return months_later(arrival, rule.stay_months or 0) - arrival


def judged(nights: dict[int, str], window: range, *, needed: int, one_stay: bool) -> str:
    """Whether a person was in the country for this number of nights of a window, in total or in one stay."""
    spent = [nights.get(night) for night in window]
    here, hidden, withheld = (spent.count(place) for place in (HERE, UNKNOWN, WITHHELD))
    longest = run = 0
    for place in spent:
        run = run + 1 if place == HERE else 0
        longest = max(longest, run)
    mine = longest if one_stay else here
    if mine >= needed:
        return "yes"
    most = here + hidden + withheld if hidden + withheld else mine
    if most < needed:
        return "no"
    return "missing" if hidden else "open"
