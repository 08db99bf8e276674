"""How fast data are written and read, against the floor that polars sets and against other libraries.

``python -m benchmarks.data_speed --sizes 100000 1000000`` times every case in its own process, round by round, so that
a busy machine slows all of them alike, and writes a dated table. Formats that are not there are left out. Times
are the best of the rounds; what a case loads before is not counted, nor is its start. Peak memory is that above the
start of the case.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed_cases import Case, case_named, cases_of, prepared

RESULTS = Path(__file__).parent / "results"
TIMEOUT = 1_800
WARM = 1_000
Times = dict[str, list[tuple[float, float, int]]]


def measure(name: str, folder: Path) -> None:
    """Time one case in this process, warmed on a small table, and tell seconds, MiB and the bytes of its output."""
    case = case_named(name)
    case.prepare(folder / "warm")()
    run = case.prepare(folder)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins here
    start = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - start
    peak = (memory("VmHWM") - before) / 1024
    print(json.dumps([seconds, peak, result if isinstance(result, int) else 0]))  # noqa: T201


def memory(field: str) -> int:
    """One of the figures that Linux keeps of this process, in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def run_rounds(cases: Sequence[Case], folder: Path, rounds: int, peer_rounds: int) -> tuple[Times, dict[str, str]]:
    """All cases in turn, round after round; and why some could not be run."""
    times: Times = {case.name: [] for case in cases}
    failed: dict[str, str] = {}
    for number in range(rounds):
        for case in cases:
            if case.name in failed or (case.is_peer and number >= peer_rounds):
                continue
            command = [sys.executable, "-m", "benchmarks.data_speed", "--case", case.name, "--folder", str(folder)]
            try:
                answer = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True)  # noqa: S603
                times[case.name].append(tuple(json.loads(answer.stdout.splitlines()[-1])))
            except (subprocess.SubprocessError, IndexError, ValueError) as error:
                said = getattr(error, "stderr", "") or str(error)
                failed[case.name] = said.strip().splitlines()[-1][:200] if said.strip() else "no answer"
            told = f"{times[case.name][-1][0]:.3f} s" if times[case.name] else failed.get(case.name, "")
            print(f"round {number + 1}: {case.name}: {told}", file=sys.stderr)  # noqa: T201
    return times, failed


def report(size: int, cases: Sequence[Case], times: Times, failed: dict[str, str]) -> str:
    """The table of one size."""
    best = {name: min(found) for name, found in times.items() if found}
    lines = [
        f"## {size:,} observations",
        "",
        "| job | case | best s | all rounds | x floor | x pysdmx | x sdmx1 | x sdmxthon | peak MiB above start |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        verb = case.name.split()[0]
        if case.name not in best:
            lines.append(f"| {verb}: {case.job} | {case.name} | – | {failed.get(case.name, '')} | | | | | |")
            continue
        seconds, peak, _ = best[case.name]
        floor = best.get("write floor C" if verb == "write" else "read floor R")
        ratio = f"{seconds / floor[0]:.2f}" if floor else ""
        slower = [peer_ratio(case, tool, cases, best) for tool in ("pysdmx", "sdmx1", "sdmxthon")]
        rounds = ", ".join(f"{one[0]:.3f}" for one in times[case.name])
        row = [f"{verb}: {case.job}", case.name, f"{seconds:.3f}", rounds, ratio, *slower, f"{peak:.0f}"]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def peer_ratio(case: Case, tool: str, cases: Sequence[Case], best: dict[str, tuple[float, float, int]]) -> str:
    """How many times faster one of our cases is than a library at the same job; empty if that has none."""
    verb = case.name.split()[0]
    other = next((c for c in cases if c.tool == tool and c.job == case.job and c.name.startswith(verb)), None)
    if case.tool != "sdmxmig" or other is None or other.name not in best:
        return ""
    return f"{best[other.name][0] / best[case.name][0]:.0f}"


def machine() -> str:
    """What it ran on."""
    libraries = ("polars", "pysdmx", "sdmx1", "sdmxthon", "lxml", "pandas")
    found = []
    for name in libraries:
        try:
            found.append(f"{name} {version(name)}")
        except ImportError:
            continue
    busy = f"{os.getloadavg()[0]:.1f} other processes waiting at the start"
    return f"{os.cpu_count()} processors, {busy}, Python {platform.python_version()}, {', '.join(found)}."


def main() -> None:
    """Run what was asked for and write the dated table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--jobs", nargs="+", choices=("write", "read"), default=["write", "read"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-rounds", type=int, default=3, help="rounds of other libraries, which are slow")
    parser.add_argument("--large", action="store_true", help="also 10 million observations, without other libraries")
    parser.add_argument("--only", default="", help="cases with this text in their names; no table is written")
    parser.add_argument("--case", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where tables and messages lie while it runs")
    given = parser.parse_args()
    if given.case:
        measure(given.case, given.folder)
        return
    parts = [f"# Speed of data formats\n\n{machine()}\n"]
    sizes = [*given.sizes, *([10_000_000] if given.large else [])]
    with tempfile.TemporaryDirectory(dir=given.folder) as kept:
        for size in sizes:
            folder = Path(kept) / str(size)
            prepared(folder, size)
            prepared(folder / "warm", WARM)
            cases = [case for case in cases_of(given.jobs) if given.only in case.name or case.tool == "polars"]
            own = [case for case in cases if not (case.is_peer and size > 1_000_000)]
            times, failed = run_rounds(own, folder, given.rounds, given.peer_rounds)
            parts.append(report(size, own, times, failed))
            for file in folder.glob("*.*"):
                file.unlink()
    text = "\n".join(parts)
    print(text)  # noqa: T201
    if not given.only:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-data-speed.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
