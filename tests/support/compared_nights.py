"""Results of a residence rule for random persons: the program against a reckoning night by night."""

from __future__ import annotations

import random
from dataclasses import replace

import polars as pl
from made_records import AREA, movements_of, name_persons, number, persons_of
from night_by_night import Looking, Person, crossing_rule, random_person, statuses_on, two_sided_rule
from shipped import CATALOGUE

from sdmxmig.records.crossing_rules import determine_outcomes
from sdmxmig.records.reference_rules import determine_statuses
from sdmxmig.records.residence_rules import CONTINUOUS, Question, ResidenceRule, build_rule, number_records
from sdmxmig.records.rows import Observation
from sdmxmig.records.spells import CROSSING, build_spells

RULES = CATALOGUE.item_scheme("CL_RES_RULE")
FROM_CROSSINGS = {code: build_rule(code, RULES) for code in ("R12_16", "R12_12", "R183_183")}
LOOKING_BACK = {code: build_rule(code, RULES) for code in ("R6", "R12", "REU28", "R9_12")}
LOOKING_BACK["R6 in one stay"] = build_rule("R6", RULES, (("CONTINUITY", CONTINUOUS),))

CROSSED = Observation(AREA, number("2018-01-01"), until=number("2023-07-01"))
"""Over which days those are observed whom rules judge from their crossings on."""
LOOKED_AT = Observation(AREA, number("2019-01-01"), until=number("2022-07-01"))
"""The same for rules that look back from a day."""
DAYS = [number(f"{year}-01-01") for year in (2019, 2020, 2021, 2022)] + [LOOKED_AT.until]
VERDICTS = {0: "no", 1: "open", 2: "yes", 3: "missing"}

People = dict[str, Person]
Outcomes = list[tuple[str, int, str]]


def people_who_cross(seed: int, count: int) -> People:
    dice = random.Random(seed)
    return {f"P{index}": random_person(dice, CROSSED.first, CROSSED.until) for index in range(count)}


def people_looked_at(seed: int, count: int) -> People:
    dice = random.Random(seed)
    people = {f"P{index}": random_person(dice, LOOKED_AT.first, LOOKED_AT.until) for index in range(count)}
    return {name: replace(person, mother=None) for name, person in people.items()}


def outcomes_by_rule(people: People, rule: ResidenceRule, *, shuffled: int = -1) -> Outcomes:
    """Outcomes of the crossings of people; a seed shuffles their records."""
    frames = {"movements": movements_of(people), "persons": persons_of(people)}
    if shuffled >= 0:
        frames["movements"] = frames["movements"].sample(fraction=1, shuffle=True, seed=shuffled)
    records = number_records(frames)
    spells = build_spells(records.movements, records.persons, CROSSED)
    rows = name_persons(determine_outcomes(spells, Question(rule, CROSSED, periods=())), records, **frames)
    return sorted(rows.filter(pl.col("origin") == CROSSING).select("person", "begin", "outcome").rows())


def outcomes_by_nights(people: People, rule: ResidenceRule) -> Outcomes:
    needed, window = rule.threshold_days, rule.window_days
    assert needed
    assert window
    observed = CROSSED.first, CROSSED.until
    outcomes: Outcomes = []
    for name, person in people.items():
        if rule.before_days:
            years = two_sided_rule(person, *observed, before=rule.before_days, needed=needed, window=window)
            outcomes += [(name, day, outcome) for day, outcome in years.items()]
        else:
            crossings = crossing_rule(person, *observed, needed=needed, window=window)
            outcomes += [(name, day, outcome) for day, _, outcome in crossings]
    return sorted(outcomes)


def statuses_by_rule(people: People, rule: ResidenceRule) -> Outcomes:
    frames = {"movements": movements_of(people), "persons": persons_of(people)}
    records = number_records(frames)
    spells = build_spells(records.movements, records.persons, LOOKED_AT)
    judged = determine_statuses(spells, DAYS, Question(rule, LOOKED_AT, periods=()))
    rows = name_persons(judged, records, **frames)
    statuses = rows.select("person", "at", "status").rows()
    return sorted((person, at, VERDICTS[status]) for person, at, status in statuses)


def statuses_by_nights(people: People, rule: ResidenceRule) -> Outcomes:
    first, until = LOOKED_AT.first, LOOKED_AT.until
    statuses: Outcomes = []
    for name, person in people.items():
        death = [person.died] if person.died is not None and first <= person.died < until else []
        days = [*DAYS, *death]
        statuses += [
            (name, *pair) for pair in statuses_on(person, first, until, days=days, rule=in_words(rule)).items()
        ]
    return sorted(statuses)


def in_words(rule: ResidenceRule) -> Looking:
    return Looking(
        nights=rule.threshold_days,
        months=rule.threshold_months,
        window=rule.window_months or 0,
        one_stay=rule.continuity == CONTINUOUS,
        tolerated=rule.absence_days,
        tolerated_months=rule.absence_months,
        stay_months=rule.intention_months,
        of_months=rule.intention_window_months,
    )
