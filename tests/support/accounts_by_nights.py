"""Flows, stocks and the account of each year, reckoned in plain Python from what may have settled each person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from figures_by_nights import Asked, Figures, Key, Traveller, grouped, new_year, settles, side
from night_by_night import HERE, Turn, direction_of, outcome_of, what_became

OPEN, MISSING = "UNDETERMINED_OPEN_SPELL", "UNDETERMINED_MISSING_RECORD"
People = dict[str, tuple[Traveller, list[Turn]]]
PERSON_KEY = ("SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN")
FLOW_KEY = (*PERSON_KEY, "C_RESIDENCE")
ALL_PERSONS, ALL_FLOWS = ("_T",) * len(PERSON_KEY), ("_T",) * len(FLOW_KEY)
PERSON_GROUPS: tuple[Key, ...] = (
    *((), ("SEX",), ("SEX", "AGE"), ("BIRTH_STATUS", "CTZ_STATUS"), ("C_BIRTH",), ("C_CITIZEN",)),
)
ACCOUNT_KEY = ("BIRTH_STATUS", "CTZ_STATUS")
ACCOUNT_GROUPS: tuple[Key, ...] = ((), ("BIRTH_STATUS",), ("CTZ_STATUS",), ACCOUNT_KEY)
SIGNS = {"POP_BEG": 1, "LBIRTH": 1, "DEATH": -1, "FLW_IMM": 1, "FLW_EMI": -1, "POP_END": -1}
GROUPS_OF: dict[str, tuple[Key, ...]] = {
    **dict.fromkeys([*SIGNS, "ADJ", "moved"], ACCOUNT_GROUPS),
    **dict.fromkeys(["CTZ_ACQ", "CTZ_LOSS"], ((), ("BIRTH_STATUS",))),
}


def outcomes(people: People, asked: Asked) -> list[tuple[str, int, str, str, int]]:
    """Outcome of each crossing of these years, and whether later records can change it."""
    return sorted(
        (name, turn.day, direction_of(turn), outcome_of(turn), int(is_open(turn)))
        for name, (_, turns) in people.items()
        for turn in turns
        if turn.crossing and asked.year(turn.day)
    )


def codes_of(traveller: Traveller, day: int) -> dict[str, str]:
    """Codes of a person on a day."""
    citizen, born_in = traveller.citizen_on(day), traveller.born_in
    return {
        "SEX": traveller.sex or "_U",
        "AGE": traveller.age_on(day),
        "BIRTH_STATUS": side(born_in, "NB", "FB"),
        "CTZ_STATUS": side(citizen, "NC", "FC"),
        "C_BIRTH": born_in,
        "C_CITIZEN": citizen,
    }


def came_from(traveller: Traveller, turn: Turn) -> str:
    """The country of previous or next residence, if the last record of the day leads where the person is then."""
    if not traveller.person.crossings or traveller.last_leads_in(turn.day) != (turn.place == HERE):
        return "_U"
    return traveller.journey(turn.day).c_residence or "_U"


def flows(people: People, asked: Asked) -> dict[str, Figures]:
    """Immigration and emigration of each year, by what is known of persons on the day."""
    rows: dict[tuple[str, str], list[tuple[dict[str, str], int]]] = defaultdict(list)
    provisional = set()
    for traveller, turns in people.values():
        for turn in turns:
            year = asked.year(turn.day)
            if not turn.crossing or year is None:
                continue
            key = "DF_IMM" if turn.place == HERE else "DF_EMI", year
            if outcome_of(turn) in {"IMMIGRANT_IN_YEAR", "EMIGRANT_IN_YEAR"}:
                rows[key].append((codes_of(traveller, turn.day) | {"C_RESIDENCE": came_from(traveller, turn)}, 1))
            if is_open(turn):
                provisional.add(key)
    figures: dict[str, Figures] = {"DF_IMM": {}, "DF_EMI": {}}
    for flow, year in ((flow, str(year)) for flow in figures for year in asked.years):
        status = "P" if (flow, year) in provisional else "A"
        sums = grouped(rows[flow, year], [*PERSON_GROUPS, ("C_RESIDENCE",)], FLOW_KEY)
        sums[ALL_FLOWS] += 0
        figures[flow] |= {(year, *codes): (str(count), status) for codes, count in sums.items()}
    return figures


def is_open(turn: Turn) -> bool:
    """Check whether later records can change the outcome of a crossing."""
    by_nights = what_became("open", str(turn.place), turn.before)
    return outcome_of(turn) == OPEN or (turn.stated and by_nights == OPEN)


def home_on(traveller: Traveller, turns: Iterable[Turn], day: int) -> str | None:
    """Where somebody who is alive lives at the beginning of a day, as was certain last."""
    person = traveller.person
    if (person.died is not None and person.died < day) or (person.born is not None and person.born >= day):
        return None
    homes = [turn.after for turn in turns if settles(turn) and (turn.day < day or begins(turn, traveller, day))]
    return next(iter(homes[-1])) if homes else None


def begins(turn: Turn, traveller: Traveller, day: int) -> bool:
    """Whether a turn is the beginning of records on this day, and no birth."""
    return turn.day == day and not turn.crossing and traveller.person.born != day


def may_change(traveller: Traveller, turns: Iterable[Turn], day: int) -> bool:
    """Whether it is open where somebody lives at the beginning of a day."""
    person = traveller.person
    gone = person.died is not None and person.died < day
    return not gone and any(turn.crossing and turn.day < day and is_open(turn) for turn in turns)


def stocks(people: People, asked: Asked) -> Figures:
    """The residents when years begin, by what was known of them on the eve."""
    figures: Figures = {}
    for year in (*asked.years, asked.years[-1] + 1):
        day = new_year(year)
        rows = [
            (codes_of(traveller, day - 1), 1)
            for traveller, turns in people.values()
            if home_on(traveller, turns, day) == HERE
        ]
        status = "P" if any(may_change(*person, day) for person in people.values()) else "A"
        sums = grouped(rows, PERSON_GROUPS, PERSON_KEY)
        sums[ALL_PERSONS] += 0
        figures |= {(str(year), *codes): (str(count), status) for codes, count in sums.items()}
    return figures


def account(people: People, asked: Asked) -> Figures:
    """The account of each year by birth and citizenship; the rest is an adjustment."""
    figures: Figures = {}
    moves, residents = flows(people, asked), stocks(people, asked)
    for year in asked.years:
        rows = [row for person in people.values() for row in items_of(*person, year)]
        sums = {
            item: grouped(((codes, count) for which, codes, count in rows if which == item), groups, ACCOUNT_KEY)
            for item, groups in GROUPS_OF.items()
        }
        for group in {group for counts in sums.values() for group in counts}:
            gap = sum(sign * sums[item][group] for item, sign in SIGNS.items())
            sums["ADJ"][group] = -gap - (sums["moved"][group] if group[1] != "_T" else 0)
        provisional = {
            "FLW_IMM": moves["DF_IMM"][str(year), *ALL_FLOWS][1],
            "FLW_EMI": moves["DF_EMI"][str(year), *ALL_FLOWS][1],
            "POP_BEG": residents[str(year), *ALL_PERSONS][1],
            "POP_END": residents[str(year + 1), *ALL_PERSONS][1],
            **dict.fromkeys(changing(people, year), "P"),
        }
        zeros = {*SIGNS, "ADJ", "CTZ_ACQ"}
        for item in zeros:
            sums[item]["_T", "_T"] += 0
        figures |= {
            (str(year), item, *codes): (str(count), provisional.get(item, "A"))
            for item, counts in sums.items()
            for codes, count in counts.items()
            if item != "moved" and (count or (item in zeros and codes == ("_T", "_T")))
        }
    return figures


def changing(people: People, year: int) -> Iterator[str]:
    """The changes of citizenship of a year by people of whom it is open whether they live here."""
    begin, end = new_year(year), new_year(year + 1)
    for traveller, turns in people.values():
        for day in {day for day, _ in traveller.changes if begin <= day < end}:
            before, after = (codes_of(traveller, when)["CTZ_STATUS"] for when in (day - 1, day))
            if any(turn.crossing and turn.day < day and is_open(turn) for turn in turns) and before != after:
                yield "ADJ" if "_U" in {before, after} else "CTZ_ACQ" if after == "NC" else "CTZ_LOSS"


def items_of(traveller: Traveller, turns: list[Turn], year: int) -> Iterator[tuple[str, dict[str, str], int]]:
    """The account items of a year in which a person counts, each with the codes of the person at that time.

    A citizenship acquired on the day of birth is the first one. `moved` is what changes of citizenship add to a group
    or take from it. If citizenship was or becomes unknown, no acquisition or loss is certain: it is an adjustment.
    """
    begin, end, person = new_year(year), new_year(year + 1), traveller.person
    for item, day in (("POP_BEG", begin), ("POP_END", end)):
        if home_on(traveller, turns, day) == HERE:
            yield item, codes_of(traveller, day - 1), 1
    born, died = person.born, person.died
    if born is not None and begin <= born < end and turns and turns[0].day == born and turns[0].after == {HERE}:
        yield "LBIRTH", codes_of(traveller, born - 1), 1
    if died is not None and begin <= died < end and home_in(traveller, turns, died, after=True) == HERE:
        yield "DEATH", codes_of(traveller, died), 1
    for turn in turns:
        if turn.crossing and begin <= turn.day < end and outcome_of(turn) in {"IMMIGRANT_IN_YEAR", "EMIGRANT_IN_YEAR"}:
            yield "FLW_IMM" if turn.place == HERE else "FLW_EMI", codes_of(traveller, turn.day), 1
    yield from changes_of_citizenship(traveller, turns, begin, end)


def changes_of_citizenship(
    traveller: Traveller, turns: list[Turn], begin: int, end: int
) -> Iterator[tuple[str, dict[str, str], int]]:
    """Moves of a resident between groups by new citizenships, and which of them are acquisitions or losses."""
    for day in sorted({day for day, _ in traveller.changes if begin <= day < end}):
        before, after = codes_of(traveller, day - 1), codes_of(traveller, day)
        if before["CTZ_STATUS"] == after["CTZ_STATUS"] or home_in(traveller, turns, day) != HERE:
            continue
        if "_U" in {before["CTZ_STATUS"], after["CTZ_STATUS"]}:
            continue
        yield "moved", before, -1
        yield "moved", after, 1
        yield "CTZ_ACQ" if after["CTZ_STATUS"] == "NC" else "CTZ_LOSS", after, 1


def home_in(traveller: Traveller, turns: list[Turn], day: int, *, after: bool = False) -> str | None:
    """The place where a living person lives before or after the crossings of a day.

    A person who arrives or leaves on the day of naturalisation does so as a citizen.
    """
    person = traveller.person
    if (person.died is not None and person.died < day) or (person.born is not None and person.born > day):
        return None
    homes = [turn.after for turn in turns if settles(turn) and turn.day < day + (after or not turn.crossing)]
    return next(iter(homes[-1])) if homes else None
