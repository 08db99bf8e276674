"""The tables of a run of `data_speed`: every case, and what came of the goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from benchmarks.speed_cases import FLOORS, JOBS, PEERS, Case


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
    """The goal of a job: a maximum multiple of the floor, and a minimum advantage over others."""

    verb: str
    layout: str
    _: KW_ONLY
    floor: float
    faster: Mapping[str, float]


GOALS = (
    Goal("write", "flat", floor=5, faster={"pysdmx": 45, "sdmx1": 200}),
    Goal("write", "series", floor=3, faster={"pysdmx": 120}),
    Goal("write", "generic", floor=6, faster={"pysdmx": 45}),
    Goal("write", "csv", floor=1.7, faster={"pysdmx": 20, "sdmx1": 50}),
    Goal("write", "json", floor=4, faster={}),
    Goal("read", "flat", floor=6, faster={"pysdmx": 15, "sdmx1": 60}),
    Goal("read", "series", floor=3.5, faster={"pysdmx": 15}),
    Goal("read", "generic", floor=8, faster={"pysdmx": 30}),
    Goal("read", "csv", floor=2.5, faster={"pysdmx": 3, "sdmx1": 100}),
    Goal("check", "flat", floor=10, faster={}),
    Goal("check", "series", floor=10, faster={}),
    Goal("check", "generic", floor=10, faster={}),
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


def ratio(slow: Time | None, quick: Time | None, digits: int = 2) -> str:
    """How many times as long one takes as the other, by the clock; empty if one was not run."""
    return f"{slow.wall / quick.wall:.{digits}f}" if slow and quick else ""


def all_cases(cases: Sequence[Case], times: Times, failed: Mapping[str, str]) -> list[str]:
    """The table of everything that was run."""
    found = best(times)
    titles = ["job", "case", "best s", "all rounds", "CPU s", "x floor", "x floor CPU"]
    titles += [*(f"x {tool}" for tool in PEERS), "peak MiB above start"]
    lines = [row(titles), "|---" * len(titles) + "|"]
    for case in cases:
        own = found.get(case.name)
        if own is None:
            lines.append(row([f"{case.verb}: {case.job}", case.name, "–", failed.get(case.name, ""), *[""] * 7]))
            continue
        floor = found.get(FLOORS[case.verb])
        processors = f"{own.processors / floor.processors:.2f}" if floor else ""
        slower = [ratio(found.get(peer_of(case, tool, cases)), own, 0) for tool in PEERS]
        rounds = ", ".join(f"{one.wall:.3f}" for one in times[case.name])
        cells = [f"{case.verb}: {case.job}", case.name, f"{own.wall:.3f}", rounds, f"{own.processors:.3f}"]
        lines.append(row([*cells, ratio(own, floor), processors, *slower, f"{own.peak:.0f}"]))
    return lines


def peer_of(case: Case, tool: str, cases: Sequence[Case]) -> str:
    """The case of another library with the same job; empty if it has none, or the case is another library's."""
    alike = (one.name for one in cases if one.tool == tool and one.job == case.job and one.verb == case.verb)
    return next(alike, "") if case.tool == "sdmxmig" else ""


def goals(cases: Sequence[Case], times: Times) -> list[str]:
    """Return the slowest of our cases by goal, and whether it is met.

    Streamed writing is not judged, since it reads its table from a file, unlike the floor.
    """
    found = best(times)
    lines = [row(["goal", "slowest case", "x floor", *(f"x {tool}" for tool in PEERS[:2]), "met"]), "|---" * 6 + "|"]
    for goal in GOALS:
        job = JOBS[goal.layout][0]
        own = [c for c in cases if (c.verb, c.job, c.tool) == (goal.verb, job, "sdmxmig") and c.name in found]
        own = [c for c in own if goal.verb != "write" or not c.streams]
        floor = found.get(FLOORS[goal.verb])
        if not own or not floor:
            continue
        case = max(own, key=lambda one: found[one.name].wall)
        judged = [(found[case.name].wall / floor.wall, goal.floor, "≤")]
        for tool in PEERS[:2]:
            peer = found.get(peer_of(case, tool, cases))
            wanted = goal.faster.get(tool)
            judged.append((peer.wall / found[case.name].wall if peer and wanted else None, wanted, "≥"))
        met = all(value <= wanted if sign == "≤" else value >= wanted for value, wanted, sign in judged if value)
        said = [f"{value:.2f} ({sign} {wanted})" if value else "" for value, wanted, sign in judged]
        lines.append(row([f"{goal.verb}: {job}", case.name, *said, "yes" if met else "**no**"]))
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
