"""Flows, stocks and accounts of random people by the program, and by reckoning them night by night."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
from accounts_by_nights import ACCOUNT_KEY, FLOW_KEY, PERSON_KEY, SIGNS, People, account, flows, outcomes, stocks
from compared_figures import SHORT, STATEMENT, frames_of
from compared_nights import in_words
from figures_by_nights import Figures, Traveller, judged_by_days, new_year
from granted_by_nights import Basis, Holder, random_holder, random_sayer, turns_by_permits, turns_by_words, words_of
from made_records import AREA, day, table, written
from shipped import CATALOGUE

from sdmxmig.records.crossing_rules import ACTUAL
from sdmxmig.records.days import Observation, Period
from sdmxmig.records.derivation import NOTHING_BEFORE, events_of, sums_of
from sdmxmig.records.doubtful import absurd_numbers, without_absurd_numbers
from sdmxmig.records.engines import collected, engine_of, scanned
from sdmxmig.records.questions import Derivation, Events, Question, Records
from sdmxmig.records.record_tables import PERMITS
from sdmxmig.records.residence_rules import rule_of
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.deriving import in_figures

RULES = CATALOGUE.item_scheme("CL_RES_RULE")
PERMIT = "PERMIT"
CASES = (PERMIT, *(f"{rule} {basis}" for rule in ("R12_16", "R12_12") for basis in ("INT", "GRT", "MIX", "ACT")))
"""What decides: permits, or a rule and what durations rest on."""
LOOKING_BACK = tuple(f"{rule} {basis}" for rule in ("R6", "R12", "REU28") for basis in ("INT", "GRT", "MIX"))
"""The same under rules that look back, of which outcomes are compared."""
Told = dict[str, object]


def drawn(case: str, seed: int, count: int) -> dict[str, Traveller]:
    dice = random.Random(seed)
    make = random_holder if case == PERMIT else random_sayer
    return {f"P{number}": make(dice, SHORT) for number in range(count)}


def files_of(case: str, people: dict[str, Traveller], folder: Path, shuffled: int) -> dict[str, Path]:
    """The tables of records of people, in an order of chance."""
    frames = frames_of(people, shuffled)
    if case != PERMIT:
        files = written(folder, **frames)
        return without_absurd_numbers(files, list(absurd_numbers(files)))
    del frames["movements"]
    rows = [
        {"person": name, "begin": day(begin), "end": day(end)}
        for name, holder in people.items()
        if isinstance(holder, Holder)
        for begin, end in holder.permits
    ]
    permits = table(PERMITS, rows).sample(fraction=1, shuffle=True, seed=shuffled)
    return written(folder, **frames, permits=permits)


@contextmanager
def derivation_of(case: str, files: dict[str, Path], folder: Path, engine_name: str) -> Iterator[Derivation]:
    """The request: every year of the observation in which figures are compared."""
    code, _, basis = case.partition(" ")
    with engine_of(engine_name, folder) as engine:
        tables = {name: scanned(engine, path) for name, path in files.items()}
        register = {name: tables[name] for name in ("persons", "citizenships")}
        records = Records(tables.get("movements"), **register, permits=tables.get("permits"))
        periods = tuple(Period(str(year), new_year(year), end=new_year(year + 1)) for year in SHORT.years)
        observed = Observation(AREA, SHORT.first, until=SHORT.until)
        question = Question(rule_of(code, RULES), observed, periods=periods, basis=basis or ACTUAL)
        yield Derivation(engine, records, question=question)


def counted(case: str, people: dict[str, Traveller], folder: Path, engine_name: str, *, shuffled: int) -> Told:
    """Outcomes, flows, stocks and accounts that the program derives."""
    files = files_of(case, people, folder, shuffled)
    with derivation_of(case, files, folder, engine_name) as derivation:
        events = events_of(derivation, NOTHING_BEFORE)
        datasets = in_figures(derivation.question, sums_of(derivation, events), CATALOGUE, STATEMENT)
        told: Told = {"outcomes": outcomes_in(derivation, events)}
    told |= {dataset.flow.id: figures_in(dataset) for dataset in datasets}
    return told


def outcomes_in(derivation: Derivation, events: Events) -> list[tuple[str, int, str, str, int]]:
    rows = collected(derivation.engine, events.rows).filter(pl.col("TIME_PERIOD").is_not_null())
    return sorted(rows.select("person", "at", "direction", "outcome", "open").rows())


def events_counted(case: str, people: dict[str, Traveller], folder: Path, engine_name: str, *, shuffled: int) -> Told:
    """The program's result for residence from year to year, under a rule that looks back."""
    with derivation_of(case, files_of(case, people, folder, shuffled), folder, engine_name) as derivation:
        rows = collected(derivation.engine, events_of(derivation, NOTHING_BEFORE).rows)
    known = rows.filter(pl.col("TIME_PERIOD").is_not_null() & pl.col("outcome").is_not_null())
    return {"outcomes": sorted(known.select("person", "at", "direction", "outcome").rows())}


def events_reckoned(case: str, people: dict[str, Traveller]) -> Told:
    """The same by definition."""
    code, _, basis = case.partition(" ")
    rule = replace(in_words(rule_of(code, RULES)), basis=basis)
    rows = [
        (name, event.day, event.direction, event.outcome)
        for name, traveller in people.items()
        for event in judged_by_days(traveller.person, SHORT, replace(rule, words=words_of(traveller, SHORT, basis)))
        if SHORT.year(event.day)
    ]
    return {"outcomes": sorted(rows)}


KEYS = {"DF_IMM": FLOW_KEY, "DF_EMI": FLOW_KEY, "DF_POP": PERSON_KEY, "DF_ACCOUNT": ("ACC_ITEM", *ACCOUNT_KEY)}


def figures_in(dataset: Dataset) -> Figures:
    """Figures and whether they are provisional, without empty classes and items that are zero."""
    key = KEYS[dataset.flow.id]
    figures: Figures = {}
    for row in dataset.observations.rows(named=True):
        codes = tuple(row[name] for name in key)
        if row["OBS_VALUE"] != "0" or not set(codes) - {"_T", *SIGNS, "ADJ", "CTZ_ACQ"}:
            figures[row["TIME_PERIOD"], *codes] = row["OBS_VALUE"], "P" if row["OBS_STATUS"] == "P" else "A"
    return figures


def reckoned(case: str, people: dict[str, Traveller]) -> Told:
    """The same by definition."""
    code, _, basis = case.partition(" ")
    rule = rule_of(code, RULES)
    needed, window = rule.threshold_days or 0, rule.window_days or 0
    turned: People = {}
    for name, traveller in people.items():
        if isinstance(traveller, Holder):
            turned[name] = traveller, turns_by_permits(traveller, SHORT, needed=needed)
        else:
            turned[name] = traveller, turns_by_words(traveller, SHORT, Basis(basis, needed, window))
    return {
        "outcomes": outcomes(turned, SHORT),
        **flows(turned, SHORT),
        "DF_POP": stocks(turned, SHORT),
        "DF_ACCOUNT": account(turned, SHORT),
    }
