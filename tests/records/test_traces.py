"""Nights from mobile phone traces: their results, and no figure that rests on unseen nights."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from compared_nights import LOOKING_BACK, VERDICTS, in_words
from derived_accounts import account_rows
from made_records import AREA, day, name_persons, number, persons_of, table
from night_by_night import Person, crossing_rule, random_person, status_on, watched
from shipped import CATALOGUE

from sdmxmig.records.derivation import derive_events
from sdmxmig.records.files import NIGHTS
from sdmxmig.records.residence_rules import Derivation, Question, Records, build_rule, number_records
from sdmxmig.records.rows import Observation, Period
from sdmxmig.records.spells import CROSSING
from sdmxmig.records.traces import build_trace_spells, determine_trace_outcomes, determine_trace_statuses

RULES = CATALOGUE.item_scheme("CL_RES_RULE")
FIRST, UNTIL = number("2019-01-01"), number("2022-07-01")
OBSERVED = Observation(AREA, FIRST, until=UNTIL)
DAYS = [number(f"{year}-01-01") for year in (2020, 2021, 2022)]
R12_16, R183_183 = build_rule("R12_16", RULES), build_rule("R183_183", RULES)
Completed = dict[str, list[Person]]


def trace(*runs: str, person: str = "P") -> list[Mapping[str, Any]]:
    """Runs of nights of a person: ``2020-01-01 400 AA``."""
    split = [run.split() for run in runs]
    return [
        {"person": person, "date": day(number(begin)), "nights": int(nights), "country": country}
        for begin, nights, country in split
    ]


def outcomes(rows: list[Mapping[str, Any]], code: str = "R12_16", **more: Any) -> list[tuple[Any, ...]]:
    """Day, direction and outcome of the crossings of a trace, under a rule that counts from the crossing on."""
    until, bridged = number(more.get("until", "2022-07-01")), more.get("bridged", 0)
    observed = Observation(AREA, FIRST, until=until)
    records = number_records({"nights": table(NIGHTS, rows), "persons": table_of_person(**more.get("person", {}))})
    assert records.nights is not None
    spells = build_trace_spells(records.nights, records.persons, observed, bridged=bridged)
    judged = determine_trace_outcomes(spells, Question(build_rule(code, RULES), observed, periods=()))
    crossings = judged.filter(pl.col("origin") == CROSSING).sort("begin")
    short = crossings.select("begin", "direction", pl.col("outcome").str.split("_").list.last())
    return [(str(day(begin)), direction, outcome) for begin, direction, outcome in short.rows()]


def table_of_person(**known: Any) -> pl.DataFrame:
    return persons_of({"P": Person(resident=False)}).with_columns(
        **{name: pl.lit(value) for name, value in known.items()}
    )


def test_nights_here_after_nights_abroad_are_an_immigration() -> None:
    rows = trace("2019-01-01 365 BB", "2020-01-01 400 AA")
    assert outcomes(rows) == [("2020-01-01", "I", "YEAR")]


def test_unseen_nights_are_unknown_rather_than_absences() -> None:
    stayed = trace("2019-01-01 365 BB", "2020-01-01 200 AA", "2020-10-01 300 AA")
    assert outcomes(stayed) == [("2020-01-01", "I", "YEAR")], "365 of 487 nights were seen"
    seldom = trace("2019-01-01 365 BB", "2020-01-01 200 AA")
    assert outcomes(seldom) == [("2020-01-01", "I", "RECORD")], "the others could have been anywhere"


def test_crossing_in_a_gap_is_dated_by_the_next_known_night() -> None:
    rows = trace("2019-01-01 360 BB", "2020-01-01 400 AA")
    assert outcomes(rows) == [("2020-01-01", "I", "YEAR")]


def test_crossing_that_depends_on_a_gap_is_undetermined() -> None:
    rows = trace("2019-01-01 300 BB", "2020-01-01 330 AA", "2020-11-26 560 BB")
    assert outcomes(rows)[0] == ("2020-01-01", "I", "RECORD"), "65 nights before may have been here"
    rows = trace("2019-01-01 355 BB", "2020-01-01 330 AA", "2020-11-26 560 BB")
    assert outcomes(rows)[0] == ("2020-01-01", "I", "CROSSING"), "10 more would not be enough"


def test_night_recorded_in_two_countries_is_unknown() -> None:
    rows = trace("2019-01-01 365 BB", "2020-01-01 365 AA", "2020-06-01 1 BB", "2020-12-31 500 BB")
    assert outcomes(rows)[0] == ("2020-01-01", "I", "RECORD")
    agreed = trace("2019-01-01 365 BB", "2020-01-01 365 AA", "2020-06-01 1 AA", "2020-12-31 500 BB")
    assert outcomes(agreed)[0] == ("2020-01-01", "I", "YEAR"), "what is told twice is told once"


def test_consecutive_foreign_countries_form_one_absence() -> None:
    rows = trace("2019-01-01 300 BB", "2019-10-28 65 CC", "2020-01-01 400 AA")
    assert outcomes(rows) == [("2020-01-01", "I", "YEAR")]


def test_person_seen_again_after_a_gap_has_not_crossed() -> None:
    rows = trace("2019-06-01 365 AA", "2020-08-01 365 AA")
    assert outcomes(rows, person={"resident": True}) == []
    stranger = outcomes(trace("2019-06-01 365 AA", "2020-08-01 365 AA", person="Q"))
    assert stranger == [("2019-06-01", "I", "RECORD")], "since when is not known"


def test_emigration_after_an_ambiguous_gap_is_undated() -> None:
    rows = trace("2019-01-01 500 AA", "2020-08-23 10 AA", "2020-09-02 600 BB")
    assert outcomes(rows, person={"resident": True}) == [("2020-09-02", "E", "RECORD")]
    short = trace("2019-01-01 600 AA", "2020-08-25 8 AA", "2020-09-02 600 BB")
    assert outcomes(short, bridged=2, person={"resident": True}) == [("2020-09-02", "E", "YEAR")]


def test_recent_crossings_of_a_trace_stay_open() -> None:
    rows = trace("2019-01-01 1000 BB", "2021-09-27 100 AA")
    assert outcomes(rows, until="2022-01-05") == [("2021-09-27", "I", "SPELL")]


def test_nights_before_birth_and_after_death_are_ignored() -> None:
    rows = trace("2019-01-01 365 BB", "2020-01-01 400 AA")
    died = {"death_date": day(number("2020-03-01"))}
    assert outcomes(rows, person=died) == [("2020-01-01", "I", "CROSSING")]
    born = {"birth_date": day(number("2020-02-01")), "c_birth": AREA, "c_mother": AREA}
    assert outcomes(rows, person=born) == []


@pytest.mark.parametrize(("second", "outcome"), [("2019-08-01 330 BB", "YEAR"), ("2019-08-01 170 BB", "RECORD")])
def test_nights_on_both_sides_decide_a_crossing(second: str, outcome: str) -> None:
    rows = trace("2019-01-01 212 AA", second)
    assert outcomes(rows, "R183_183") == [("2019-08-01", "E", outcome)]


def lost(dice: random.Random, person: Person) -> tuple[list[tuple[int, int, bool]], list[Person]]:
    """A trace of somebody of whom some nights are lost, and persons who may have spent these nights otherwise."""
    seen = watched(person, FIRST, UNTIL)
    nights = {night: place == "here" for night, place in seen.nights.items() if night >= FIRST and place != "unknown"}
    gone: set[int] = set(range(FIRST, UNTIL)) - set(nights)
    for _ in range(dice.choice([0, 1, 2, 4])):
        begin = dice.randrange(FIRST, UNTIL)
        gone |= set(range(begin, begin + dice.choice([1, 3, 20, 90, 150, 250, 400])))
    known = {night: place for night, place in nights.items() if night not in gone}
    runs: list[tuple[int, int, bool]] = []
    for night in sorted(known):
        if runs and runs[-1][0] + runs[-1][1] == night and runs[-1][2] == known[night]:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, runs[-1][2])
        else:
            runs.append((night, 1, known[night]))
    return runs, [completed(dice, person, known) for _ in range(2)]


def completed(dice: random.Random, person: Person, known: Mapping[int, bool]) -> Person:
    """Somebody who spent the known nights where they were spent, and the others anywhere, in stretches."""
    start = max(FIRST, person.born) if person.born is not None else FIRST
    place = known.get(start, dice.random() < 0.5)
    crossings: list[tuple[int, str, int | None]] = []
    turn = start + dice.randrange(1, 400)
    eve: bool | None = None
    for night in range(start, UNTIL):
        if night in known:
            place = known[night]
        elif night >= turn:
            place, turn = not place, night + dice.choice([40, 200, 370, 500])
        if eve is not None and place != eve:
            crossings.append((night, "ENTRY" if place else "EXIT", None))
        eve = place
    native = place if not crossings and start == person.born else person.native
    if start == person.born:
        native = known.get(start, crossings[0][1] == "EXIT" if crossings else native)
    resident = person.resident
    return Person(crossings, person.born, person.died, resident, native, person.mother)


def some_traces(seed: int, count: int) -> tuple[pl.DataFrame, dict[str, Person], Completed]:
    dice = random.Random(seed)
    rows, people, others = [], {}, {}
    for index in range(count):
        person = random_person(dice, FIRST, UNTIL)
        if person.resident is None or person.born is not None:
            continue
        name = f"P{index}"
        people[name] = person
        runs, others[name] = lost(dice, person)
        rows += [
            {"person": name, "date": day(begin), "nights": nights, "country": AREA if here else "BB"}
            for begin, nights, here in runs
        ]
    return table(NIGHTS, rows), people, others


Rows = dict[str, list[tuple[Any, ...]]]


def by_person(frame: pl.DataFrame, *columns: str) -> Rows:
    rows: Rows = {}
    for person, *values in frame.select("person", *columns).rows():
        rows.setdefault(person, []).append(tuple(values))
    return {person: sorted(values) for person, values in rows.items()}


def spells_of(nights: pl.DataFrame, persons: pl.DataFrame) -> tuple[pl.DataFrame, Records]:
    records = number_records({"nights": nights, "persons": persons})
    assert records.nights is not None
    return build_trace_spells(records.nights, records.persons, OBSERVED), records


def check_outcomes(seed: int, count: int) -> set[str]:
    """Check that certain results of a trace hold for any use of lost nights; return the outcomes that occurred."""
    nights, people, others = some_traces(seed, count)
    frame, records = spells_of(nights, persons_of(people))
    judged = determine_trace_outcomes(frame, Question(R12_16, OBSERVED, periods=())).filter(
        pl.col("origin") == CROSSING
    )
    spells = by_person(name_persons(frame, records, persons=persons_of(people)), "begin", "end", "here")
    named = name_persons(judged, records, persons=persons_of(people))
    outcomes = by_person(named, "begin", "direction", "outcome")
    met = set()
    for name, rows in outcomes.items():
        for begin, direction, outcome in rows:
            met.add(outcome)
            gap = max((since for since, until, here in spells[name] if here is None and until == begin), default=begin)
            for person in others[name]:
                possible = crossing_rule(person, FIRST, UNTIL, needed=365, window=487)
                within = [item for item in possible if gap <= item[0] <= begin and item[1] == direction]
                migrations = [item for item in within if item[2].endswith("_IN_YEAR")]
                if outcome.endswith("_IN_YEAR"):  # a crossing on the first day has no night before it to be seen by
                    assert migrations or gap == FIRST, (name, begin, direction)
                elif outcome.startswith("NON"):
                    assert not [item for item in migrations if item[0] == begin], (name, begin, direction)
    return met


def test_certain_outcomes_hold_for_every_use_of_lost_nights() -> None:
    met = check_outcomes(7, 500)
    assert len(met) >= 4, "every outcome but one at least"


@pytest.mark.parametrize("code", ["R6", "R12", "REU28", "R9_12"])
def test_certain_residents_hold_for_every_use_of_lost_nights(code: str) -> None:
    nights, people, others = some_traces(11, 100)
    spells, records = spells_of(nights, persons_of(people))
    rows = determine_trace_statuses(spells, DAYS, Question(LOOKING_BACK[code], OBSERVED, periods=()))
    statuses = name_persons(rows.filter(pl.col("at").is_in(DAYS)), records, persons=persons_of(people))
    certain = 0
    for name, at, status in statuses.select("person", "at", "status").rows():
        answer = VERDICTS[status]
        for person in others[name] if answer in {"yes", "no"} else []:
            certain += 1
            truth = status_on(person, FIRST, UNTIL, on=at, rule=in_words(LOOKING_BACK[code]))
            assert truth in {answer, "open"}, (name, day(at))
    assert certain > statuses.height, "most are certain"


def test_trace_without_gaps_agrees_with_crossings() -> None:
    dice = random.Random(31)
    people = {f"P{index}": random_person(dice, FIRST, UNTIL) for index in range(60)}
    rows = [
        {"person": name, "date": day(night), "nights": 1, "country": AREA if place == "here" else "BB"}
        for name, person in people.items()
        for night, place in watched(person, FIRST, UNTIL).nights.items()
        if night >= FIRST
    ]
    whole = {
        name: person
        for name, person in people.items()
        if "unknown" not in watched(person, FIRST, UNTIL).nights.values()
    }
    nights = table(NIGHTS, [row for row in rows if row["person"] in whole]).sample(fraction=1, shuffle=True, seed=3)
    spells, records = spells_of(nights, persons_of(whole))
    judged = determine_trace_outcomes(spells, Question(R12_16, OBSERVED, periods=()))
    crossings = name_persons(judged.filter(pl.col("origin") == CROSSING), records, persons=persons_of(whole))
    expected = {
        name: rows
        for name, person in whole.items()
        if (rows := crossing_rule(person, FIRST, UNTIL, needed=365, window=487))
    }
    assert by_person(crossings, "begin", "direction", "outcome") == expected


@pytest.mark.parametrize("code", ["R12_16", "R12_12", "R6", "REU28"])
def test_accounts_of_traces_balance(code: str) -> None:
    nights, people, _ = some_traces(13, 120)
    years = tuple(
        Period(str(year), number(f"{year}-01-01"), end=number(f"{year + 1}-01-01")) for year in (2019, 2020, 2021)
    )
    records = number_records({"nights": nights, "persons": persons_of(people)})
    derivation = Derivation(records, Question(build_rule(code, RULES), OBSERVED, periods=years))
    items = {row["ACC_ITEM"] for row in account_rows(derivation, derive_events(derivation)) if row["OBS_VALUE"] != "0"}
    assert items >= {"POP_BEG", "POP_END", "FLW_IMM", "FLW_EMI", "ADJ"}
