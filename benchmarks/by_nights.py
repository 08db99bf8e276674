"""Rules of residence, figures and accounts against reckoning night by night: 100,000 random persons for each.

A case is a subject and a seed, by which persons and the order of their records are drawn. The program counts all of
them at once, and plain Python each of them night by night, from the definitions alone. Under rules that look back the
outcomes alone of flows and accounts are compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import compared_accounts
from compared_figures import COMPARED, OF_RULES, drawn_for
from compared_nights import (
    FROM_CROSSINGS,
    LOOKING_BACK,
    outcomes_by_nights,
    outcomes_by_rule,
    people_looked_at,
    people_who_cross,
    statuses_by_nights,
    statuses_by_rule,
)

from sdmxmig.records.engines import POLARS, engine_of

PERSONS, SEEDS = 2_500, 40
RESIDENCE = (*FROM_CROSSINGS, *LOOKING_BACK)
FIGURES = tuple((figure, rule) for figure, rules in OF_RULES.items() for rule in rules)
ACCOUNTS = (*compared_accounts.CASES, *compared_accounts.LOOKING_BACK)


@dataclass(frozen=True, slots=True)
class Case:
    """A rule, or a figure and a rule, and the seed of the persons."""

    subject: tuple[str, ...]
    seed: int

    @property
    def id(self) -> str:
        return ", ".join((*self.subject, str(self.seed)))


def cases(*subject: str, first: int) -> Iterator[Case]:
    return (Case(subject, seed) for seed in range(first, first + SEEDS))


def compare_residence(case: Case) -> str:
    """Return “equal”, or the numbers of lines only in the rule and only by nights."""
    (name,) = case.subject
    with tempfile.TemporaryDirectory() as place, engine_of(POLARS, Path(place)) as engine:
        if name in FROM_CROSSINGS:
            rule, people = FROM_CROSSINGS[name], people_who_cross(case.seed, PERSONS)
            judged, reckoned = outcomes_by_rule(engine, people, rule, Path(place)), outcomes_by_nights(people, rule)
        else:
            rule, people = LOOKING_BACK[name], people_looked_at(case.seed, PERSONS)
            judged, reckoned = statuses_by_rule(engine, people, rule, Path(place)), statuses_by_nights(people, rule)
    if judged == reckoned:
        return "equal"
    return f"{len({*judged} - {*reckoned})} only by the rule, {len({*reckoned} - {*judged})} only by nights"


def compare_figures(case: Case) -> str:
    """Return “equal”, or the difference."""
    figure, rule = case.subject
    people = drawn_for(figure, case.seed, PERSONS)
    with tempfile.TemporaryDirectory() as place:
        counted, reckoned = COMPARED[figure](rule, people, Path(place), POLARS, shuffled=case.seed)
    return "equal" if counted == reckoned else "other figures than by nights"


def compare_accounts(case: Case) -> str:
    """Return “equal”, or which tables are not."""
    (rule,) = case.subject
    compared = compared_accounts
    people = compared.drawn(rule, case.seed, PERSONS)
    looks_back = rule in compared.LOOKING_BACK
    count = compared.events_counted if looks_back else compared.counted
    with tempfile.TemporaryDirectory() as place:
        told = count(rule, people, Path(place), POLARS, shuffled=case.seed)
    by_nights = (compared.events_reckoned if looks_back else compared.reckoned)(rule, people)
    other = ", ".join(name for name in by_nights if told[name] != by_nights[name])
    return f"other {other} than by nights" if other else "equal"
