"""Flows, stocks and accounts by permits and by intentions against nights: 100,000 random persons for each.

A case is a rule, with what durations rest on, and a seed, by which persons and the order of their records are drawn.
The program counts all of them at once, and plain Python each of them night by night, from the definitions alone. Under
rules that look back outcomes alone are compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compared_accounts import CASES, LOOKING_BACK, counted, drawn, events_counted, events_reckoned, reckoned

from sdmxmig.records.engines import POLARS

PERSONS, SEEDS = 2_500, range(700, 740)
RULES = (*CASES, *LOOKING_BACK)


@dataclass(frozen=True, slots=True)
class Case:
    """A rule with what durations rest on, and the seed of the persons."""

    rule: str
    seed: int

    @property
    def id(self) -> str:
        return f"{self.rule}, {self.seed}"


def cases(rule: str, count: int = len(SEEDS)) -> Iterator[Case]:
    return (Case(rule, seed) for seed in SEEDS[:count])


def outcome(case: Case) -> str:
    """“equal”, or which tables are not."""
    people = drawn(case.rule, case.seed, PERSONS)
    looks_back = case.rule in LOOKING_BACK
    count, reckon = (events_counted, events_reckoned) if looks_back else (counted, reckoned)
    with tempfile.TemporaryDirectory() as place:
        told = count(case.rule, people, Path(place), POLARS, shuffled=case.seed)
    by_nights = reckon(case.rule, people)
    other = [name for name in by_nights if told[name] != by_nights[name]]
    return f"other {', '.join(other)} than by nights" if other else "equal"
