"""Return, overstays, temporary and circular mobility against reckoning night by night: 100,000 random persons for each.

A case is a figure, a rule and a seed, by which persons and the order of their records are drawn. The program counts all
of them at once, and plain Python each of them night by night, from the definitions alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compared_figures import COMPARED, OF_RULES, drawn_for

from sdmxmig.records.engines import POLARS

PERSONS, SEEDS = 2_500, range(500, 540)
PAIRS = tuple((figure, rule) for figure, rules in OF_RULES.items() for rule in rules)


@dataclass(frozen=True, slots=True)
class Case:
    """A figure, a rule and the seed of the persons."""

    figure: str
    rule: str
    seed: int

    @property
    def id(self) -> str:
        return f"{self.figure}, {self.rule}, {self.seed}"


def cases(figure: str, rule: str, count: int = len(SEEDS)) -> Iterator[Case]:
    return (Case(figure, rule, seed) for seed in SEEDS[:count])


def outcome(case: Case) -> str:
    """Return “equal”, or the difference."""
    people = drawn_for(case.figure, case.seed, PERSONS)
    with tempfile.TemporaryDirectory() as place:
        counted, reckoned = COMPARED[case.figure](case.rule, people, Path(place), POLARS, shuffled=case.seed)
    return "equal" if counted == reckoned else "other figures than by nights"
