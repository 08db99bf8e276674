"""Speed of writing, reading and checking data, compared with polars.

``python -m benchmarks.data_speed --sizes 100000 1000000`` times every case in its own process, in rotating rounds, so
that a busy machine slows all alike, and writes a dated table with goals (``speed_budgets.csv``) and results. Times are
the best of the rounds, of all processors; loading and start-up are excluded. Our readers also check all codes. Peak
memory is relative to the start of the case. Ten million observations (``--sizes 10000000``) are only streamed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed_cases import Case, case_named, cases_of, prepared
from benchmarks.speed_report import GOAL_SIZE, Time, all_cases, goals
from sdmxmig.sdmx.formats.sdmx_ml.data_reading.tokens import load_scanner

RESULTS = Path(__file__).parent / "results"
TIMEOUT = 1_800
WARM = 1_000
Rounds = tuple[dict[str, list[Time]], dict[str, str]]
LARGE = 10_000_000
VERBS = ("write", "read", "check")


def measure(name: str, folder: Path) -> None:
    """Time one case in this process, after a small warm-up table, and print the result."""
    case = case_named(name)
    load_scanner()
    case.prepare(folder / "warm")()
    run = case.prepare(folder)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins here
    start = time.process_time()
    run()
    print(json.dumps([time.process_time() - start, (memory("VmHWM") - before) / 1024]))  # noqa: T201


def memory(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def run_rounds(cases: Sequence[Case], folder: Path, rounds: int) -> Rounds:
    """Run all cases in rounds; returns times, and reasons for cases that failed."""
    times: dict[str, list[Time]] = {case.name: [] for case in cases}
    failed: dict[str, str] = {}
    for number in range(rounds):
        for case in cases:
            if case.name in failed:
                continue
            command = [sys.executable, "-m", "benchmarks.data_speed", "--case", case.name, "--folder", str(folder)]
            try:
                answer = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True)  # noqa: S603
                times[case.name].append(Time(*json.loads(answer.stdout.splitlines()[-1])))
            except (subprocess.SubprocessError, IndexError, ValueError) as error:
                said = getattr(error, "stderr", "") or str(error)
                failed[case.name] = said.strip().splitlines()[-1][:200] if said.strip() else "no answer"
            told = f"{times[case.name][-1].processors:.3f} s" if times[case.name] else failed.get(case.name, "")
            print(f"round {number + 1}: {case.name}: {told}", file=sys.stderr)  # noqa: T201
    return times, failed


def machine() -> str:
    found = [f"{name} {version(name)}" for name in ("polars", "lxml")]
    busy = f"{os.getloadavg()[0]:.1f} other processes waiting at the start"
    commit = subprocess.run(["git", "rev-parse", "--short=9", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    of = f"Commit {commit.stdout.strip() or 'unknown'}, {os.cpu_count()} processors"
    return f"{of}, {busy}, Python {platform.python_version()}, {', '.join(found)}."


def report(size: int, found: Rounds, cases: Sequence[Case]) -> str:
    times, failed = found
    head = f"## {size:,} observations\n"
    return "\n".join([head, *goals(cases, times), "", *all_cases(cases, times, failed)]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, GOAL_SIZE])
    parser.add_argument("--jobs", nargs="+", choices=VERBS, default=VERBS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="cases with this pattern in their names; no file is written")
    parser.add_argument("--case", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where tables and messages lie while it runs")
    arguments = parser.parse_args()
    if arguments.case:
        measure(arguments.case, arguments.folder)
        return
    parts = [f"# Speed of data formats\n\n{machine()}\n"]
    with tempfile.TemporaryDirectory(dir=arguments.folder) as kept:
        for size in arguments.sizes:
            folder = Path(kept) / str(size)
            prepared(folder, size)
            prepared(folder / "warm", WARM)
            cases = [
                case
                for case in cases_of(arguments.jobs)
                if re.search(arguments.only, case.name) or case.tool == "polars"
            ]
            own = [case for case in cases if size < LARGE or case.streams or case.tool == "polars"]
            parts.append(report(size, run_rounds(own, folder, arguments.rounds), own))
            for file in folder.glob("*.*"):
                file.unlink()
    text = "\n".join(parts)
    print(text)  # noqa: T201
    if not arguments.only:
        RESULTS.mkdir(exist_ok=True)
        name = "data" if "write" in arguments.jobs else "-".join(arguments.jobs)
        (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{name}-speed.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
