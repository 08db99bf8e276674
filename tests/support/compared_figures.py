"""Figures of random people besides flows and stocks: the program against a reckoning night by night."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
from compared_nights import FROM_CROSSINGS, LOOKING_BACK, in_words
from figures_by_nights import (
    MOVED_KEY,
    OVERSTAY_KEY,
    RETURN_KEY,
    Asked,
    Figures,
    Judged,
    Mobile,
    Traveller,
    circular,
    judged_by_crossings,
    judged_by_days,
    mobile_by_crossings,
    mobile_by_days,
    overstays,
    random_traveller,
    returns,
    temporary,
    worlds,
)
from made_records import AREA, day, movements_of, number, persons_of, table, written
from night_by_night import months_later
from shipped import CATALOGUE

from sdmxmig.records.circular import circular_rules, judged_persons
from sdmxmig.records.counting import Statement
from sdmxmig.records.days import Observation, Period
from sdmxmig.records.derivation import NOTHING_BEFORE, events_of
from sdmxmig.records.engines import collected, engine_of, scanned
from sdmxmig.records.people import AGE_GROUPS
from sdmxmig.records.questions import Derivation, Events, Question, Records
from sdmxmig.records.record_tables import CITIZENSHIPS
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.further_figures import FIGURES

RULES = {**FROM_CROSSINGS, **LOOKING_BACK}
STATEMENT = Statement({"RES_RULE": "OTH", "DUR_BASIS": "ACT"}, observation={"REF_AREA": AREA, "FREQ": "A"})
SHORT = Asked(number("2018-01-01"), number("2022-04-01"), (2020, 2021))
LONG = Asked(number("2010-01-01"), number("2021-02-15"), (2019, 2020))
"""Circular mobility looks back ten years."""
WORLDS = 12
"""So many times it is drawn what may have happened in nights that no record shows."""
People = dict[str, Traveller]
Compared = tuple[object, object]


def people_drawn(seed: int, count: int, asked: Asked) -> People:
    dice = random.Random(seed)
    return {f"P{index}": random_traveller(dice, asked.first, asked.until) for index in range(count)}


def frames_of(people: People, shuffled: int = -1) -> dict[str, pl.DataFrame]:
    """The tables of records of people; a seed shuffles their rows."""
    persons = {name: traveller.person for name, traveller in people.items()}
    said = [record for traveller in people.values() for record in traveller.said]
    details = pl.DataFrame(
        [(record.c_residence, record.purpose, record.granted_days, record.intended_days) for record in said],
        schema={"c_residence": pl.String, "purpose": pl.String, "granted_days": pl.Int64, "intended_days": pl.Int64},
        orient="row",
    )
    changes = [
        {"person": name, "date": day(since), "c_citizen": code}
        for name, traveller in people.items()
        for since, code in traveller.changes
    ]
    frames = {
        "movements": movements_of(persons).with_columns(details),
        "persons": persons_of(persons).with_columns(
            sex=pl.Series([traveller.sex for traveller in people.values()], dtype=pl.String),
            c_citizen=pl.Series([traveller.citizen for traveller in people.values()], dtype=pl.String),
        ),
        "citizenships": table(CITIZENSHIPS, changes),
    }
    if shuffled >= 0:
        return {
            name: frame.sample(fraction=1, shuffle=True, seed=shuffled + place)
            for place, (name, frame) in enumerate(frames.items())
        }
    return frames


@contextmanager
def derivation_of(
    rule: str, frames: Mapping[str, pl.DataFrame], asked: Asked, folder: Path, engine_name: str
) -> Iterator[tuple[Derivation, Events]]:
    """A request for each of the years; open crossings weigh zero, so that every figure is a count."""
    paths = written(folder, **frames)
    with engine_of(engine_name, folder) as engine:
        tables = {name: scanned(engine, path) for name, path in paths.items()}
        records = Records(tables["movements"], persons=tables["persons"], citizenships=tables["citizenships"])
        periods = tuple(periods_of(asked))
        question = Question(RULES[rule], Observation(AREA, asked.first, until=asked.until), periods=periods)
        derivation = Derivation(engine, records, question=question)
        yield derivation, events_of(derivation, NOTHING_BEFORE)


def periods_of(asked: Asked) -> Iterator[Period]:
    """The periods that are asked for; a part of a year is called by the month in which it begins."""
    for year in asked.years:
        for begin in asked.begins(year):
            label = str(year) if asked.months == 12 else day(begin).strftime("%Y-%m")
            yield Period(label, begin, end=months_later(begin, asked.months))


def counted_of(name: str, derivation: Derivation, events: Events) -> Dataset:
    """The program's figures besides flows and stocks."""
    sums = FIGURES[name].sums(derivation, events, CATALOGUE.flows)
    return FIGURES[name].data(derivation.question, sums, CATALOGUE.flows, STATEMENT)


def figures_in(dataset: Dataset, *names: str) -> Figures:
    """Figures with their status by group, without empty age classes.

    Low reliability is left out: nights give the truth, not how much else is unknown.
    """
    nobody = (pl.col("OBS_VALUE") == "0") & pl.col("AGE").is_in(AGE_GROUPS)
    rows = dataset.observations.filter(~nobody).rows(named=True)
    return {tuple(row[name] for name in names): (row["OBS_VALUE"], row["OBS_STATUS"].replace("U", "A")) for row in rows}


def said_in(dataset: Dataset, before: str, after: str) -> dict[str, str]:
    """The numbers that comments name between two texts, by period."""
    rows = dataset.observations.rows(named=True)
    texts = {row["TIME_PERIOD"]: row["COMMENT_OBS"] for row in rows if before in (row.get("COMMENT_OBS") or "")}
    return {year: text.split(before)[1].split(after)[0].replace(",", "") for year, text in texts.items()}


def judged_people(people: People, rule: str, asked: Asked) -> dict[str, tuple[Traveller, list[Judged]]]:
    """People with what became of their crossings, or of their residence from year to year."""
    declared = RULES[rule]
    judged = {}
    for name, traveller in people.items():
        if rule in LOOKING_BACK:
            events = judged_by_days(traveller.person, asked, in_words(declared))
        else:
            needed, window = declared.threshold_days or 0, declared.window_days or 0
            events = judged_by_crossings(traveller.person, asked, needed=needed, window=window)
        judged[name] = (traveller, list(events))
    return judged


def compare_events(
    rule: str, people: People, folder: Path, engine: str, shuffled: int = -1, *, asked: Asked = SHORT
) -> Compared:
    """Compare the outcomes of crossings, or of residence from year to year or in parts of years."""
    with derivation_of(rule, frames_of(people, shuffled), asked, folder, engine) as (derivation, events):
        rows = collected(derivation.engine, events.rows).filter(
            pl.col("TIME_PERIOD").is_not_null() & pl.col("outcome").is_not_null()
        )
        counted = sorted(rows.select("person", "at", "direction", "outcome").rows())
    judged = judged_people(people, rule, asked)
    reckoned = [
        (name, event.day, event.direction, event.outcome)
        for name, (_, events_of_person) in judged.items()
        for event in events_of_person
        if asked.year(event.day)
    ]
    return counted, sorted(reckoned)


def compare_returns(rule: str, people: People, folder: Path, engine: str, shuffled: int = -1) -> Compared:
    with derivation_of(rule, frames_of(people, shuffled), SHORT, folder, engine) as (derivation, events):
        dataset = counted_of("return", derivation, events)
    counted = figures_in(dataset, "TIME_PERIOD", "IND_TERM", *RETURN_KEY)
    figures, unknown = returns(judged_people(people, rule, SHORT), SHORT)
    return (counted, said_in(dataset, "before: ", " more")), (figures, unknown)


def compare_overstays(rule: str, people: People, folder: Path, engine: str, shuffled: int = -1) -> Compared:
    with derivation_of(rule, frames_of(people, shuffled), SHORT, folder, engine) as (derivation, events):
        dataset = counted_of("overstays", derivation, events)
    counted = figures_in(dataset, "TIME_PERIOD", *OVERSTAY_KEY)
    return (counted, said_in(dataset, "missing: ", " more")), overstays(people, SHORT)


def compare_temporary(rule: str, people: People, folder: Path, engine: str, shuffled: int = -1) -> Compared:
    with derivation_of(rule, frames_of(people, shuffled), SHORT, folder, engine) as (derivation, events):
        dataset = counted_of("temporary", derivation, events)
    counted = figures_in(dataset, "TIME_PERIOD", "TMP_ITEM", "UNIT_MEASURE", *MOVED_KEY)
    return counted, temporary({name: (each, mobile(each, rule)) for name, each in people.items()}, SHORT)


def mobile(traveller: Traveller, rule: str) -> Mobile:
    """Temporary mobility of a person under a rule."""
    declared = RULES[rule]
    if rule in LOOKING_BACK:
        return mobile_by_days(traveller.person, SHORT, in_words(declared))
    needed, window = declared.threshold_days or 0, declared.window_days or 0
    return mobile_by_crossings(traveller.person, SHORT, needed=needed, window=window)


def compare_circular(rule: str, people: People, folder: Path, engine: str, shuffled: int = -1) -> Compared:
    """List persons for whom the program contradicts every possible course of their nights.

    If all nights are known, the results must agree. Otherwise the program can be certain only of results that hold for
    every possible course, and must allow each that holds for some.
    """
    wrong: list[tuple[str, str, str, set[str]]] = []
    dice = random.Random(len(people))
    with derivation_of(rule, frames_of(people, shuffled), LONG, folder, engine) as (derivation, events):
        for kind in circular_rules(CATALOGUE.item_scheme("CL_CIRCULAR")):
            for period in derivation.question.periods:
                window = Period(period.label, months_later(period.end, -12 * kind.years), end=period.end)
                rows = collected(derivation.engine, judged_persons(derivation, events, kind, window))
                answers = dict(rows.select("person", "answer").rows())
                for name, traveller in people.items():
                    alive = traveller.person.died is None or traveller.person.died >= LONG.until
                    possible = {
                        circular(nights, steps, end=period.end, lasts=alive, kind=kind.code)
                        for nights, steps in worlds(traveller.person, LONG, dice, WORLDS)
                    }
                    if not agrees(answers.get(name, "no"), possible, is_known(traveller)):
                        wrong.append((name, f"{kind.code} {period.label}", answers.get(name, "no"), possible))
    return wrong, []


def is_known(traveller: Traveller) -> bool:
    """Check whether the place of every night is known."""
    return len(list(worlds(traveller.person, LONG, random.Random(1), 2))) == 1


def agrees(answer: str, possible: set[str], known: bool) -> bool:
    if known:
        return {answer} == possible
    allowed = {"yes": {"yes"}, "open": {"yes", "open"}, "no": {"no"}, "unknown": {"yes", "open", "no"}}
    return possible <= allowed[answer]


COMPARED: Mapping[str, Callable[..., Compared]] = {
    "events": compare_events,
    "events of quarters": partial(compare_events, asked=replace(SHORT, months=3)),
    "events of months": partial(compare_events, asked=replace(SHORT, months=1)),
    "return": compare_returns,
    "overstays": compare_overstays,
    "temporary": compare_temporary,
    "circular": compare_circular,
}
"Comparison, by its name."
OF_RULES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("events", "events of quarters", "events of months"), tuple(LOOKING_BACK)),
    "return": tuple(code for code in RULES if code != "R183_183"),
    "overstays": ("R12_16",),
    "temporary": tuple(code for code in RULES if code != "R183_183"),
    "circular": ("R12_16",),
}
"""Under which rules: overstays and circular mobility follow none."""


def drawn_for(figure: str, seed: int, count: int) -> People:
    return people_drawn(seed, count, LONG if figure == "circular" else SHORT)
