"""The tables of a run of `data_speed`: every case, and what came of the goals; all times are those of processors."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed_cases import FLOORS, Case


@dataclass(frozen=True, slots=True)
class Time:
    """The processor seconds of a run, and its MiB above its start."""

    processors: float
    peak: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The time allowed for a job: a multiple of a case at `GOAL_SIZE` (`goal`), or of the floor at `BUDGET_SIZE`."""

    verb: str
    job: str
    than: str
    goal: float
    budget: float


def read_budgets() -> list[Budget]:
    with Path(__file__).with_name("speed_budgets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Budget(
            verb=row["verb"],
            job=row["job"],
            than=row["than"],
            goal=float(row["goal"]),
            budget=float(row["budget"]),
        )
        for row in rows
    ]


GOAL_SIZE = 1_000_000
BUDGET_SIZE = 20_000

Times = Mapping[str, Sequence[Time]]


def best(times: Times) -> dict[str, Time]:
    return {
        name: Time(min(one.processors for one in found), min(one.peak for one in found))
        for name, found in times.items()
        if found
    }


def row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def all_cases(cases: Sequence[Case], times: Times, failed: Mapping[str, str]) -> list[str]:
    """The table of everything that was run."""
    found = best(times)
    titles = ["job", "case", "s", "all rounds", "x floor", "peak MiB above start"]
    lines = [row(titles), "|---" * len(titles) + "|"]
    for case in cases:
        own, floor = found.get(case.name), found.get(FLOORS[case.verb])
        if own is None or floor is None:
            lines.append(row([f"{case.verb}: {case.job}", case.name, "–", failed.get(case.name, ""), "", ""]))
            continue
        rounds = ", ".join(f"{one.processors:.3f}" for one in times[case.name])
        cells = [f"{case.verb}: {case.job}", case.name, f"{own.processors:.3f}", rounds]
        lines.append(row([*cells, f"{own.processors / floor.processors:.2f}", f"{own.peak:.0f}"]))
    return lines


def goals(cases: Sequence[Case], times: Times) -> list[str]:
    """Return the slowest of our cases by goal, and whether it is met.

    Streamed writing is not judged, since it reads its table from a file, unlike the floor.
    """
    found = best(times)
    lines = [row(["goal", "slowest case", "times", "of", "met"]), "|---" * 5 + "|"]
    for budget in read_budgets():
        own = [case for case in cases if (case.verb, case.job) == (budget.verb, budget.job) and case.name in found]
        own = [case for case in own if budget.verb != "write" or not case.streams]
        than = found.get(budget.than)
        if not own or not than:
            continue
        case = max(own, key=lambda one: found[one.name].processors)
        times_than = found[case.name].processors / than.processors
        met = "yes" if times_than <= budget.goal else "**no**"
        lines.append(
            row([f"{budget.verb}: {budget.job}", case.name, f"{times_than:.2f} (≤ {budget.goal:g})", budget.than, met])
        )
    return lines
