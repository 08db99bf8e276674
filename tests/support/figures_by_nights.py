"""Further figures reckoned night by night in plain Python: slow, and written from the definitions alone.

Return, overstays, temporary movements and circular mobility, of random people with all that records may say of them.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from night_by_night import (
    AWAY,
    HERE,
    UNKNOWN,
    Looking,
    Person,
    Turn,
    Watched,
    direction_of,
    months_later,
    outcome_of,
    random_person,
    statuses_on,
    turns_of,
    watched,
    with_absences,
    year_of,
)

OWN, COUNTRIES = "AA", ("AA", "BB", "CC", "FR", None)
PURPOSES = {
    "TMP_LAB": ("TMP_LAB", "TMP_SI"),
    "TMP_EDU": ("TMP_EDU", "TMP_SI"),
    "TOUR": ("TOUR", "TMP_OTH"),
    "TMP_OTH": ("TMP_OTH",),
    "TMP": ("TMP_U",),
    "MIG": ("TMP_U",),
    None: ("TMP_U",),
}
"""What people write as purpose, and the kinds of temporary mobility that it belongs to."""
Key = tuple[str, ...]
Figures = dict[Key, tuple[str, str]]
"""Figures by their codes: the value and its status."""


@dataclass
class Said:
    """Details of the journey in a record of a crossing."""

    c_residence: str | None
    purpose: str | None
    granted_days: int | None
    intended_days: int | None = None


@dataclass
class Traveller:
    """Somebody with crossings, of which each says something of the journey, and with what a register knows."""

    person: Person
    said: list[Said]
    sex: str | None
    citizen: str | None
    changes: list[tuple[int, str]] = field(default_factory=list)

    def citizen_on(self, day: int) -> str:
        """The last citizenship acquired; None if two were acquired on one day."""
        since = max((since for since, _ in self.changes if since <= day), default=None)
        codes = {code for when, code in self.changes if when == since} or {self.citizen or "_U"}
        return codes.pop() if len(codes) == 1 else "_U"

    @property
    def born_in(self) -> str:
        """The country of birth, by the residence of the mother if known."""
        known = self.person.mother if self.person.mother is not None else self.person.native
        return "_U" if known is None else OWN if known else "BB"

    def age_on(self, day: int) -> str:
        if self.person.born is None or (age := year_of(day) - year_of(self.person.born)) < 0:
            return "_U"
        return "Y_GE85" if age >= 85 else f"Y{age // 5 * 5}T{age // 5 * 5 + 4}"

    def journey(self, day: int) -> Said:
        """Details of the journey on a day: those of the last record, unless another record of the same time differs."""
        records = [
            (crossing[2] or 0, crossing[1] == "ENTRY", said)
            for crossing, said in zip(self.person.crossings, self.said, strict=True)
            if crossing[0] == day
        ]
        nothing = Said(None, None, None)
        if any(one[:2] == other[:2] and one[2] != other[2] for one in records for other in records):
            return nothing
        return max(records, key=lambda record: record[:2])[2]

    def last_leads_in(self, day: int) -> bool:
        """Whether the last record of a day is an entry."""
        records = [(order or 0, way == "ENTRY") for when, way, order in self.person.crossings if when == day]
        return max(records)[1]


def random_traveller(dice: random.Random, first: int, until: int) -> Traveller:
    person = random_person(dice, first, until)
    if person.born is None and dice.random() < 0.7:
        person.born = first - dice.randrange(1_000, 30_000)
        person.native, person.mother = dice.choice([None, True, False]), dice.choice([None, True, False])
    said: list[Said] = []
    for index, crossing in enumerate(person.crossings):
        if index and crossing == person.crossings[index - 1] and dice.random() < 0.7:
            said.append(said[-1])
        else:
            said.append(
                Said(dice.choice(COUNTRIES[1:]), dice.choice([*PURPOSES]), dice.choice([None, 0, 30, 90, 180, 365]))
            )
    changes = [(dice.randrange(first - 300, until), dice.choice(["AA", "BB"]))] if dice.random() < 0.2 else []
    return Traveller(person, said, dice.choice(["F", "M", None]), dice.choice(COUNTRIES), changes)


@dataclass(frozen=True)
class Asked:
    """Over which days records are complete, and of which calendar years figures are asked, or of parts of these."""

    first: int
    until: int
    years: tuple[int, ...]
    months: int = 12

    @property
    def reference_days(self) -> list[int]:
        """The days on which periods begin while records are complete, and when they end if a period does."""
        days = [day for year in range(year_of(self.first), year_of(self.until) + 1) for day in self.begins(year)]
        return [day for day in days if self.first <= day <= self.until]

    def begins(self, year: int) -> list[int]:
        """The first days of the periods of a year."""
        return [months_later(new_year(year), month) for month in range(0, 12, self.months)]

    def year(self, day: int) -> str | None:
        return str(year_of(day)) if year_of(day) in self.years and self.first <= day < self.until else None


def new_year(year: int) -> int:
    return (dt.date(year, 1, 1) - dt.date(1970, 1, 1)).days


@dataclass(frozen=True)
class Judged:
    """The outcome of a crossing, or of a change between reference days.

    `lived` is whether the person is known to have lived here before.
    """

    day: int
    direction: str
    outcome: str
    lived: bool


def judged_by_crossings(person: Person, asked: Asked, *, needed: int, window: int) -> Iterator[Judged]:
    """Crossings under a rule that counts from the crossing on."""
    turns = turns_of(person, asked.first, asked.until, needed=needed, window=window)
    homes = [turn.day for turn in turns if turn.after == {HERE} and settles(turn)]
    for turn in turns:
        if turn.crossing:
            yield Judged(turn.day, direction_of(turn), outcome_of(turn), any(day < turn.day for day in homes))


def settles(turn: Turn) -> bool:
    """Whether from a turn on it is certain where the person lives: by nights, or by the mother at birth."""
    return turn.answer == "yes" or (turn.after != turn.before | {turn.place} and len(turn.after) == 1)


def judged_by_days(person: Person, asked: Asked, rule: Looking) -> Iterator[Judged]:
    """Changes of residence between the first days of years, and the day of death, under a rule that looks back.

    A change is of the day on which the person last came (or left), or of the first day of the year if that is earlier.
    """
    days = asked.reference_days
    newborn = person.born is not None and person.born >= asked.first
    ended = person.died is not None and asked.first <= person.died < asked.until
    asked_days = sorted({*days, *([person.died] if ended and person.died is not None else [])})
    statuses = statuses_on(person, asked.first, asked.until, days=asked_days, rule=rule)
    seen = watched(person, asked.first, asked.until)
    alive = person.died is None or person.died >= asked.until
    nights = with_absences(dict(seen.nights), rule, alive=alive, newborn=newborn)
    rows = [(day, status, False) for day, status in statuses.items()]
    if newborn and person.born is not None and person.born < asked.until:
        rows.append((person.born, at_birth(person, seen, statuses), True))
    rows.sort(key=lambda row: (row[0], row[2]))
    certain, before, since = "no", "missing", days[0]
    homes: list[int] = []
    for number, (day, status, birth) in enumerate(rows):
        if number == 0 and (birth or day == days[0]):
            homes += [day] if status == "yes" else []
        else:
            into = status == "yes" if status in {"yes", "no"} else certain == "no"
            when = min(max(last_came(nights, day) if into else last_left(nights, day), since), day - 1)
            changed = status in {"yes", "no"} and status != certain
            outcome = ""
            if changed and before in {"yes", "no"}:
                outcome = "IMMIGRANT_IN_YEAR" if into else "EMIGRANT_IN_YEAR"
            elif changed or status == "missing" or (status == "open" and before not in {"yes", "no"}):
                outcome = "UNDETERMINED_MISSING_RECORD"
            elif status == "open":
                outcome = "UNDETERMINED_OPEN_SPELL"
            if outcome:
                yield Judged(when, "I" if into else "E", outcome, any(home < when for home in homes))
            homes += [when] if changed and into else []
        before, since = status, day
        certain = status if status in {"yes", "no"} else certain


def at_birth(person: Person, seen: Watched, statuses: dict[int, str]) -> str:
    """Whether somebody was born a resident: by the mother, else as the next reference day says of who was born here."""
    if person.mother is not None:
        return "yes" if person.mother else "no"
    if seen.nights.get(seen.start) != HERE:
        return "no"
    later = [status for day, status in sorted(statuses.items()) if day > seen.start]
    return "yes" if later and later[0] == "yes" else "no"


def last_came(nights: dict[int, str], day: int) -> int:
    """The first night of the last stay in the country before a day."""
    last = max((night for night, place in nights.items() if night < day and place == HERE), default=-(10**9))
    while nights.get(last - 1) == HERE:
        last -= 1
    return last


def last_left(nights: dict[int, str], day: int) -> int:
    """The night after the last one in the country before a day."""
    return max((night for night, place in nights.items() if night < day and place == HERE), default=-(10**9)) + 1


def grouped(rows: Iterable[tuple[dict[str, str], int]], groups: Iterable[Key], names: Key) -> Counter[Key]:
    """Sums by each group of codes; the others are at their total."""
    sums: Counter[Key] = Counter()
    groups = list(groups)
    for codes, count in rows:
        for group in groups:
            sums[tuple(codes[name] if name in group else "_T" for name in names)] += count
    return sums


RETURN_KEY = ("SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "COUNTERPART_AREA")
RETURN_GROUPS: tuple[Key, ...] = ((), ("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("COUNTERPART_AREA",))


def side(code: str, own: str, other: str) -> str:
    return "_U" if code == "_U" else own if code == OWN else other


def returns(people: dict[str, tuple[Traveller, list[Judged]]], asked: Asked) -> tuple[Figures, dict[str, str]]:
    """Return migrants and all immigrants of each year, and the immigrants for whom return is unknown.

    A returnee was born in the country or is its citizen, and lived in it before. A person born during observation
    who never lived here, or is neither native nor citizen, is no returnee.
    """
    rows: dict[tuple[str, str], list[tuple[dict[str, str], int]]] = defaultdict(list)
    unknown: Counter[str] = Counter()
    provisional: set[str] = set()
    for traveller, judged in people.values():
        for event in judged:
            year = asked.year(event.day)
            if year is None or event.direction != "I":
                continue
            if event.outcome == "UNDETERMINED_OPEN_SPELL":
                provisional.add(year)
            if event.outcome != "IMMIGRANT_IN_YEAR":
                continue
            codes = {
                "SEX": traveller.sex or "_U",
                "AGE": traveller.age_on(event.day),
                "BIRTH_STATUS": side(traveller.born_in, "NB", "FB"),
                "CTZ_STATUS": side(traveller.citizen_on(event.day), "NC", "FC"),
                "COUNTERPART_AREA": came_from(traveller, event, asked),
            }
            rows[year, "DEN"].append((codes, 1))
            answer = has_returned(traveller, event, asked)
            if answer:
                rows[year, "NUM"].append((codes, 1))
            unknown[year] += answer is None
    figures: Figures = {}
    for year in map(str, asked.years):
        status = "P" if year in provisional else "A"
        for term in ("NUM", "DEN"):
            sums = grouped(rows[year, term], RETURN_GROUPS, RETURN_KEY) or {("_T",) * len(RETURN_KEY): 0}
            figures |= {(year, term, *codes): (str(count), status) for codes, count in sums.items()}
    return figures, {year: str(count) for year, count in unknown.items() if count}


def came_from(traveller: Traveller, event: Judged, asked: Asked) -> str:
    """From where an immigrant came, as the records of the day say if it is a day on which somebody crossed."""
    steps = watched(traveller.person, asked.first, asked.until).steps
    here = next((after == HERE for day, _, after in steps if day == event.day), None)
    if here is None or here != traveller.last_leads_in(event.day):
        return "_U"
    return traveller.journey(event.day).c_residence or "_U"


def has_returned(traveller: Traveller, event: Judged, asked: Asked) -> bool | None:
    person, born_in, citizen = traveller.person, traveller.born_in, traveller.citizen_on(event.day)
    own = OWN in {born_in, citizen}
    maybe = own or "_U" in {born_in, citizen}
    of_resident = person.mother is True and person.born is not None and person.born < event.day
    of_register = person.resident is True and (person.born is None or person.born < asked.first)
    lived = event.lived or of_resident or of_register
    watched_all_life = person.born is not None and person.born >= asked.first
    if own and lived:
        return True
    return False if not maybe or watched_all_life else None


OVERSTAY_KEY = ("SEX", "AGE", "C_CITIZEN")
OVERSTAY_GROUPS: tuple[Key, ...] = ((), ("SEX",), ("SEX", "AGE"), ("C_CITIZEN",))


def overstays(people: dict[str, Traveller], asked: Asked) -> tuple[Figures, dict[str, str]]:
    """Foreigners who stayed longer than allowed by the end of the year, without a recorded exit.

    It is unknown for persons who entered again without an exit, and for those of unknown citizenship.
    """
    figures: Figures = {}
    unknown: Counter[str] = Counter()
    for year in asked.years:
        end, rows = new_year(year + 1), []
        for traveller in people.values():
            person = traveller.person
            if person.died is not None and person.died < end:
                continue
            seen = watched(person, asked.first, asked.until)
            past = [step for step in seen.steps if step[0] < end]
            if not past or past[-1][2] != HERE:
                continue
            day = past[-1][0]
            granted = traveller.journey(day).granted_days if traveller.last_leads_in(day) else None
            if granted is None or end - day <= granted or traveller.citizen_on(end - 1) == OWN:
                continue
            citizen = traveller.citizen_on(end - 1)
            if seen.nights[end - 1] == UNKNOWN or citizen == "_U":
                unknown[str(year)] += 1
                continue
            codes = {"SEX": traveller.sex or "_U", "AGE": traveller.age_on(end - 1), "C_CITIZEN": citizen}
            rows.append((codes, 1))
        sums = grouped(rows, OVERSTAY_GROUPS, OVERSTAY_KEY) or {("_T",) * len(OVERSTAY_KEY): 0}
        figures |= {(str(year), *codes): (str(count), "P") for codes, count in sums.items()}
    return figures, {str(year): str(unknown[str(year)]) for year in asked.years}


MOVED_KEY = ("MOB_TYPE", "STAY_DUR", "C_RESIDENCE", "SEX", "AGE", "C_CITIZEN")
MOVED_GROUPS: tuple[Key, ...] = (
    *(("MOB_TYPE",), ("MOB_TYPE", "STAY_DUR")),
    *(("STAY_DUR",), ("C_RESIDENCE",), ("SEX",), ("SEX", "AGE"), ("C_CITIZEN",), ()),
)


@dataclass
class Mobile:
    """Temporary mobility of a person: crossings that change no residence, and the place at the start of years.

    `moves` are crossings, each with whether later records can change it. `stocks` are years with the item, whether the
    person counts in it, and whether that can change.
    """

    moves: list[tuple[Turn, bool]]
    stocks: list[tuple[str, str, bool, bool]]


def mobile_by_crossings(person: Person, asked: Asked, *, needed: int, window: int) -> Mobile:
    """Temporary mobility under a rule that counts from the crossing on.

    A nonresident who comes without migrating has arrived temporarily; a resident who leaves so has departed.
    """
    turns = turns_of(person, asked.first, asked.until, needed=needed, window=window)
    seen = watched(person, asked.first, asked.until)
    moves = [(turn, outcome_of(turn) == OPEN) for turn in turns if asked.year(turn.day) and moves_for_a_time(turn)]
    stocks = []
    for year in (*asked.years, asked.years[-1] + 1):
        stocks += [(str(year), *answer) for answer in stock_of(person, seen, turns, year)]
    return Mobile(moves, stocks)


def mobile_by_days(person: Person, asked: Asked, rule: Looking) -> Mobile:
    """Temporary mobility under a rule that looks back from the first day of a year.

    A migrant of the year lives in the first place until the day of the change, and in the second from then on. The
    migration is the crossing whose stay contains that day. If residence at the start or end of a year is unknown,
    temporary moves in it are unknown. The outcome of a stay after the last whole year is open.
    """
    seen = watched(person, asked.first, asked.until)
    days = asked.reference_days
    events = [event for event in judged_by_days(person, asked, rule) if event.day < days[-1]]
    statuses = statuses_on(person, asked.first, asked.until, days=days, rule=rule)
    moves = []
    for day, _, place in seen.steps:
        if asked.year(day) is None:
            continue
        later = [when for when, _, _ in seen.steps if when > day]
        end = later[0] if later else asked.until if person.died is None else min(person.died, asked.until)
        own = [
            event.outcome for event in events if day <= event.day < end and (event.direction == "I") == (place == HERE)
        ]
        home = home_on(day, statuses.get(new_year(year_of(day))), events, is_own=bool(own))
        if home == (AWAY if place == HERE else HERE) and set(own) <= {OPEN}:
            moves.append((Turn(day, place, True, "no", {home}, {home}), bool(own) or end > days[-1]))
    of_years = [new_year(year) for year in (*asked.years, asked.years[-1] + 1)]
    return Mobile(moves, [answer for day in of_years for answer in stock_by_days(person, seen, statuses, day)])


def home_on(day: int, at_first: str | None, events: list[Judged], *, is_own: bool) -> str | None:
    """The place where a person lives at a crossing, if known; an own migration does not count yet."""
    home = {"yes": HERE, "no": AWAY}.get(at_first or "")
    for event in events:
        if year_of(event.day) != year_of(day):
            continue
        if event.outcome == "UNDETERMINED_MISSING_RECORD":
            return None
        if event.day <= day and not is_own:
            if event.outcome == OPEN or home is None:
                return None
            home = HERE if event.direction == "I" else AWAY
    return home


def stock_by_days(
    person: Person, seen: Watched, statuses: dict[int, str], day: int
) -> Iterator[tuple[str, str, bool, bool]]:
    """Whether somebody is here for a time, or a resident abroad, on a reference day; by the last certain residence."""
    place = seen.nights.get(day - 1)
    if place not in {HERE, AWAY} or (person.died is not None and person.died < day):
        return
    homes = [(when, status, 0) for when, status in statuses.items() if when <= day and status in {"yes", "no"}]
    if person.born is not None and seen.start == person.born < day:
        homes.append((person.born, at_birth(person, seen, statuses), 1))
    if homes:
        home = HERE if max(homes, key=lambda row: (row[0], row[2]))[1] == "yes" else AWAY
        is_open = statuses.get(day) == "open"
        yield str(year_of(day)), ("PRES" if place == HERE else "ABS"), home != place, is_open


def temporary(people: dict[str, tuple[Traveller, Mobile]], asked: Asked) -> Figures:
    """Temporary movements and those who made them, by purpose and length, and who is here or away for a time."""
    movements: dict[tuple[str, str], list[Move]] = defaultdict(list)
    provisional: set[tuple[str, str]] = set()
    stocks: Counter[tuple[str, str]] = Counter()
    for name, (traveller, mobile) in people.items():
        seen = watched(traveller.person, asked.first, asked.until)
        for turn, is_open in mobile.moves:
            key = str(year_of(turn.day)), "ARR" if turn.place == HERE else "DEP"
            codes, lasts, kinds = described(traveller, turn, seen, asked)
            movements[key] += [(name, {**codes, "MOB_TYPE": kind}, kind) for kind in ("TMP", *kinds)]
            if lasts or is_open:
                provisional.add(key)
        for year, item, is_counted, is_open in mobile.stocks:
            if is_counted or is_open:
                stocks[year, item] += is_counted
            if is_open:
                provisional.add((year, item))
    of_years = {str(year) for begin in asked.years for year in (begin, begin + 1)}
    stocks.update({(year, item): 0 for year in of_years for item in ("PRES", "ABS")})
    return {**flows_of(movements, provisional, asked), **stocks_of(stocks, provisional)}


OPEN = "UNDETERMINED_OPEN_SPELL"
Move = tuple[str, dict[str, str], str]
"""Who moved, the codes of the movement, and the kind of mobility."""
TOTALS = ("_T",) * (len(MOVED_KEY) - 1)


def moves_for_a_time(turn: Turn) -> bool:
    """Whether somebody crosses the border away from home, and does not migrate as far as is known."""
    away_from_home = turn.before == ({AWAY} if turn.place == HERE else {HERE})
    return turn.crossing and away_from_home and outcome_of(turn) in {"NON_MIGRANT_CROSSING", OPEN}


def described(traveller: Traveller, turn: Turn, seen: Watched, asked: Asked) -> tuple[dict[str, str], bool, Key]:
    """The codes of a temporary movement, whether its stay goes on, and the kinds of mobility of its purpose."""
    length, lasts = stay_from(seen, turn.day, traveller.person, asked.until)
    said = traveller.journey(turn.day)
    if traveller.last_leads_in(turn.day) != (turn.place == HERE):
        said = Said(None, None, None)
    codes = {
        "STAY_DUR": length,
        "C_RESIDENCE": said.c_residence or "_U",
        "SEX": traveller.sex or "_U",
        "AGE": traveller.age_on(turn.day),
        "C_CITIZEN": traveller.citizen_on(turn.day),
    }
    return codes, lasts, PURPOSES[said.purpose]


def flows_of(movements: dict[tuple[str, str], list[Move]], provisional: set[tuple[str, str]], asked: Asked) -> Figures:
    figures: Figures = {}
    for year in map(str, asked.years):
        for item in ("ARR", "DEP"):
            status = "P" if (year, item) in provisional else "A"
            for unit in ("NUMBER", "PS"):
                sums = moved(movements[year, item], persons=unit == "PS") or {("TMP", *TOTALS): 0}
                figures |= {(year, item, unit, *codes): (str(count), status) for codes, count in sums.items()}
    return figures


def stocks_of(stocks: Counter[tuple[str, str]], provisional: set[tuple[str, str]]) -> Figures:
    return {
        (year, item, "PS", "TMP", *TOTALS): (str(count), "P" if (year, item) in provisional else "A")
        for (year, item), count in stocks.items()
    }


def moved(rows: list[tuple[str, dict[str, str], str]], *, persons: bool) -> Counter[Key]:
    """Movements, or persons who moved, by each group."""
    sums: dict[Key, list[str]] = defaultdict(list)
    for name, codes, kind in rows:
        for group in MOVED_GROUPS:
            if ("MOB_TYPE" in group) == (kind == "TMP"):
                continue
            key = tuple(codes[part] if part in (*group, "MOB_TYPE") else "_T" for part in MOVED_KEY)
            sums[key].append(name)
    return Counter({key: len(set(names)) if persons else len(names) for key, names in sums.items()})


def stay_from(seen: Watched, day: int, person: Person, until: int) -> tuple[str, bool]:
    """How long the stay after a crossing was, in months of the calendar, and whether it is still going on."""
    place = next(after for when, _, after in seen.steps if when == day)
    later = next((step for step in seen.steps if step[0] > day), None)
    if later and later[1] != place:
        return "_U", False
    if later is None and (person.died is None or person.died >= until):
        return "_U", True
    end = later[0] if later else person.died
    assert end is not None
    bands = (("M_LT3", 3), ("M3T5", 6), ("M6T11", 12))
    return next((code for code, months in bands if end < months_later(day, months)), "M_GE12"), False


def stock_of(person: Person, seen: Watched, turns: list[Turn], year: int) -> Iterator[tuple[str, bool, bool]]:
    """Whether a person is here temporarily, or a resident abroad, at the start of a year, and whether that can change.

    It can if an earlier open crossing decides it: a resident who is here turns out to be here temporarily if that
    crossing was an emigration.
    """
    day = new_year(year)
    place = seen.nights.get(day - 1)
    if place not in {HERE, AWAY} or (person.died is not None and person.died < day):
        return
    past = [turn for turn in turns if turn.day < day or (turn.day == day and not turn.crossing)]
    homes = [turn.after for turn in past if settles(turn)]
    doubts = [turn for turn in past if turn.crossing and turn.day < day]
    is_open = any(outcome_of(turn) == "UNDETERMINED_OPEN_SPELL" for turn in doubts)
    if homes:
        yield ("PRES" if place == HERE else "ABS"), homes[-1] != {place}, is_open


CIRCULAR = {"CIRC_MIG": (None, 12), "CIRC_TMP": (90, None)}
"""How long the stays of each kind are, in days or months."""


def circular(nights: dict[int, str], steps: set[int], *, end: int, lasts: bool, kind: str) -> str:
    """Whether nights of which all are known show three crossings in ten years with long stays, or will if one lasts."""
    days, months = CIRCULAR[kind]
    stretches: list[list[int]] = []
    for night in sorted(nights):
        if stretches and nights[stretches[-1][-1]] == nights[night] and night not in steps:
            stretches[-1].append(night)
        else:
            stretches.append([night])
    begin, last, moves, waiting = months_later(end, -120), "", 0, 0
    for number, stretch in enumerate(stretches, 1):
        needed = days if days is not None else months_later(stretch[0], months or 0) - stretch[0]
        place = nights[stretch[0]]
        crossed = stretch[0] in steps and begin <= stretch[0] < end and place != last
        if len(stretch) >= needed:
            moves += crossed
            last = place
        elif number == len(stretches) and lasts:
            waiting += crossed
    return "yes" if moves >= 3 else "open" if moves + waiting >= 3 else "no"


def worlds(person: Person, asked: Asked, dice: random.Random, count: int) -> Iterator[tuple[dict[int, str], set[int]]]:
    """Possible courses: the nights of a person, with unknown ones filled in ways that fit the records."""
    seen = watched(person, asked.first, asked.until)
    steps = {day for day, _, _ in seen.steps}
    hidden: list[list[int]] = []
    for night in sorted(night for night, place in seen.nights.items() if place == UNKNOWN):
        if hidden and hidden[-1][-1] == night - 1 and night not in steps:
            hidden[-1].append(night)
        else:
            hidden.append([night])
    for _ in range(count if hidden else 1):
        nights = dict(seen.nights)
        for stretch in hidden:
            place = next((after for day, _, after in seen.steps if day == stretch[0]), dice.choice([HERE, AWAY]))
            ended = next((before for day, before, _ in seen.steps if day == stretch[-1] + 1), None)
            switch = stretch[0] + dice.choice([1, 30, 90, 91, 200, 366, 400])
            for night in stretch:
                if night == switch:
                    place = AWAY if place == HERE else HERE
                    switch += dice.choice([1, 30, 90, 91, 200, 366, 400])
                nights[night] = place
            nights[stretch[-1]] = ended or place
        moved = {night for stretch in hidden for night in stretch if nights.get(night - 1, "") != nights[night]}
        yield nights, steps | {night for night in moved if night - 1 in nights}
