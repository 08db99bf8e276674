"""Rules of residence against reckoning night by night: 100,000 random persons for each.

A case is a rule and a seed, by which persons are drawn. The program judges all of them at once, and plain Python each
of them night by night, from the definitions alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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

PERSONS, SEEDS = 2_500, 40
RESIDENCE = (*FROM_CROSSINGS, *LOOKING_BACK)


@dataclass(frozen=True, slots=True)
class Case:
    """A rule and the seed of the persons."""

    rule: str
    seed: int

    @property
    def id(self) -> str:
        return f"{self.rule}, {self.seed}"


def cases(rule: str) -> Iterator[Case]:
    return (Case(rule, seed) for seed in range(100, 100 + SEEDS))


def compare_residence(case: Case) -> str:
    """Return “equal”, or the numbers of lines only in the rule and only by nights."""
    name = case.rule
    if name in FROM_CROSSINGS:
        rule, people = FROM_CROSSINGS[name], people_who_cross(case.seed, PERSONS)
        judged, reckoned = outcomes_by_rule(people, rule), outcomes_by_nights(people, rule)
    else:
        rule, people = LOOKING_BACK[name], people_looked_at(case.seed, PERSONS)
        judged, reckoned = statuses_by_rule(people, rule), statuses_by_nights(people, rule)
    if judged == reckoned:
        return "equal"
    return f"{len({*judged} - {*reckoned})} only by the rule, {len({*reckoned} - {*judged})} only by nights"
