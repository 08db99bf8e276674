"""The tables of a run of `data_speed`: every case, and what came of the goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from benchmarks.speed_cases import FLOORS, JOBS, Case


@dataclass(frozen=True, slots=True)
class Time:
    """The measurements of a run: clock and processor seconds, and MiB above its start."""

    wall: float
    processors: float
    _: KW_ONLY
    peak: float


def time_of(took: Sequence[float]) -> Time:
    """Parse the three numbers that a run prints."""
    wall, processors, peak = took
    return Time(wall, processors, peak=peak)


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal of a job: a maximum multiple of the floor."""

    verb: str
    layout: str
    floor: float


GOALS = (
    Goal("write", "flat", floor=5),
    Goal("write", "series", floor=3),
    Goal("write", "generic", floor=6),
    Goal("write", "csv", floor=1.7),
    Goal("write", "json", floor=4),
    Goal("read", "flat", floor=6),
    Goal("read", "series", floor=3.5),
    Goal("read", "generic", floor=8),
    Goal("read", "csv", floor=2.5),
    Goal("check", "flat", floor=10),
    Goal("check", "series", floor=10),
    Goal("check", "generic", floor=10),
)
GOAL_SIZE = 1_000_000
"""The goals are for so many observations."""
LARGE_PEAK = 500
LARGE_DRIFT = 1.2
"""What is streamed takes at most so many MiB, and its ratio to the floor grows at most so much with the size."""

Times = Mapping[str, Sequence[Time]]


def best(times: Times) -> dict[str, Time]:
    return {
        name: Time(
            min(one.wall for one in found), min(one.processors for one in found), peak=min(one.peak for one in found)
        )
        for name, found in times.items()
        if found
    }


def row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def ratio(slow: Time, quick: Time | None) -> str:
    """How many times as long one takes as the other, by the clock; empty if the other was not run."""
    return f"{slow.wall / quick.wall:.2f}" if quick else ""


def all_cases(cases: Sequence[Case], times: Times, failed: Mapping[str, str]) -> list[str]:
    """The table of everything that was run."""
    found = best(times)
    titles = ["job", "case", "best s", "all rounds", "CPU s", "x floor", "x floor CPU", "peak MiB above start"]
    lines = [row(titles), "|---" * len(titles) + "|"]
    for case in cases:
        own = found.get(case.name)
        if own is None:
            lines.append(row([f"{case.verb}: {case.job}", case.name, "–", failed.get(case.name, ""), *[""] * 4]))
            continue
        floor = found.get(FLOORS[case.verb])
        processors = f"{own.processors / floor.processors:.2f}" if floor else ""
        rounds = ", ".join(f"{one.wall:.3f}" for one in times[case.name])
        cells = [f"{case.verb}: {case.job}", case.name, f"{own.wall:.3f}", rounds, f"{own.processors:.3f}"]
        lines.append(row([*cells, ratio(own, floor), processors, f"{own.peak:.0f}"]))
    return lines


def goals(cases: Sequence[Case], times: Times) -> list[str]:
    """Return the slowest of our cases by goal, and whether it is met.

    Streamed writing is not judged, since it reads its table from a file, unlike the floor.
    """
    found = best(times)
    lines = [row(["goal", "slowest case", "x floor", "met"]), "|---" * 4 + "|"]
    for goal in GOALS:
        job = JOBS[goal.layout][0]
        own = [c for c in cases if (c.verb, c.job, c.tool) == (goal.verb, job, "sdmxmig") and c.name in found]
        own = [c for c in own if goal.verb != "write" or not c.streams]
        floor = found.get(FLOORS[goal.verb])
        if not own or not floor:
            continue
        case = max(own, key=lambda one: found[one.name].wall)
        times_floor = found[case.name].wall / floor.wall
        met = "yes" if times_floor <= goal.floor else "**no**"
        lines.append(row([f"{goal.verb}: {job}", case.name, f"{times_floor:.2f} (≤ {goal.floor})", met]))
    return lines


def streaming(cases: Sequence[Case], small: Times, large: Times) -> list[str]:
    """Return the memory of streaming more, and the ratio to the floor compared with the smaller size."""
    before, after = best(small), best(large)
    lines = [row(["case", "x floor", f"x floor at {GOAL_SIZE:,}", "peak MiB above start", "met"]), "|---" * 5 + "|"]
    for case in cases:
        if not case.streams or case.name not in after or case.name not in before:
            continue
        own = after[case.name].wall / after[FLOORS[case.verb]].wall
        earlier = before[case.name].wall / before[FLOORS[case.verb]].wall
        met = own <= earlier * LARGE_DRIFT and after[case.name].peak <= LARGE_PEAK
        peak = f"{after[case.name].peak:.0f}"
        lines.append(row([case.name, f"{own:.2f}", f"{earlier:.2f}", peak, "yes" if met else "**no**"]))
    return lines
