"""How fast a wide table becomes observations, beside other readers of workbooks and text files.

``python -m benchmarks.table_speed`` times each case of `table_cases` in its own process, round by round, so that a busy
machine slows all of them alike, and writes a dated table with the goals and what came of them. Times are the best of
the rounds, by the clock and of all processors together. Peak memory is that above the start of the case; ``--large``
streams fifty million observations too.
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
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.data_speed import RESULTS, TIMEOUT, memory
from benchmarks.speed_report import Time, best, ratio, row, time_of
from benchmarks.table_cases import CASES, FILLED, LONG_TEXT, TEXT, WORKBOOK, YEARS, Case, write_text, write_workbook

ROWS = 100_000
WARM = 500
LARGE = 50_000_000
Found = dict[str, list[Time]]


def measure(name: str, folder: Path) -> None:
    """Time one case in this process, after a small warm-up table, and print the result."""
    case = next(case for case in CASES if case.name == name)
    case.prepare(folder / "warm")()
    run = case.prepare(folder)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins here
    start, processors = time.perf_counter(), time.process_time()
    count = run()
    wall, processors = time.perf_counter() - start, time.process_time() - processors
    print(json.dumps([wall, processors, (memory("VmHWM") - before) / 1024, count]))  # noqa: T201


def prepared(folder: Path, rows: int, long_rows: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_workbook(folder / WORKBOOK, rows)
    write_text(folder / TEXT, rows)
    if long_rows:
        write_text(folder / LONG_TEXT, long_rows)


def run_rounds(cases: list[Case], folder: Path, rounds: int) -> tuple[Found, dict[str, str]]:
    """All cases in turn, round after round, and how much each of them gave."""
    times: Found = {case.name: [] for case in cases}
    counts: dict[str, str] = {}
    for number in range(rounds):
        for case in cases:
            command = [sys.executable, "-m", "benchmarks.table_speed", "--case", case.name, "--folder", str(folder)]
            answer = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)  # noqa: S603
            if answer.returncode:
                counts[case.name] = (answer.stderr.strip().splitlines() or ["no answer"])[-1][:200]
            else:
                *took, count = json.loads(answer.stdout.splitlines()[-1])
                times[case.name].append(time_of(took))
                counts[case.name] = f"{count:,}"
            told = f"{times[case.name][-1].wall:.2f} s" if times[case.name] else counts[case.name]
            print(f"round {number + 1}: {case.name}: {told}", file=sys.stderr, flush=True)  # noqa: T201
    return times, counts


def report(cases: list[Case], times: Found, counts: dict[str, str]) -> list[str]:
    """Return the table of all cases, and the results of the goals."""
    found = best(times)
    titles = ["case", "file", "result", "best s", "all rounds", "CPU s", "peak MiB above start", "goals", "met"]
    lines = [row(titles), "|---" * len(titles) + "|"]
    for case in cases:
        own = found.get(case.name)
        if own is None:
            lines.append(row([case.name, case.file, counts.get(case.name, ""), *["–"] * 6]))
            continue
        judged = [
            (f"{ratio(own, found.get(peer))} × {peer} (≤ {limit:.2f})", own.wall / found[peer].wall <= limit)
            for peer, limit in case.goals
            if peer in found
        ]
        if case.peak:
            judged.append((f"{own.peak:.0f} MiB (≤ {case.peak:.0f})", own.peak <= case.peak))
        met = ("yes" if all(met for _, met in judged) else "**no**") if judged else ""
        rounds = ", ".join(f"{one.wall:.2f}" for one in times[case.name])
        cells = [case.name, case.file, counts[case.name], f"{own.wall:.2f}", rounds, f"{own.processors:.2f}"]
        lines.append(row([*cells, f"{own.peak:.0f}", "; ".join(said for said, _ in judged), met]))
    return lines


def machine() -> str:
    """Describe the machine."""
    found = [f"{name} {version(name)}" for name in ("polars", "openpyxl", "python-calamine")]
    busy = f"{os.getloadavg()[0]:.1f} other processes waiting at the start"
    return f"{os.cpu_count()} processors, {busy}, Python {platform.python_version()}, {', '.join(found)}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", action="store_true", help="also stream 50 million observations")
    parser.add_argument("--only", default="", help="cases with this text in their names; no table is written")
    parser.add_argument("--case", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where the tables lie while it runs")
    arguments = parser.parse_args()
    if arguments.case:
        measure(arguments.case, arguments.folder)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as kept:
        folder = Path(kept)
        prepared(folder, arguments.rows, int(LARGE / len(YEARS) / FILLED) if arguments.large else 0)
        prepared(folder / "warm", WARM, WARM)
        cases = [case for case in CASES if arguments.only in case.name and (arguments.large or case.file != LONG_TEXT)]
        times, counts = run_rounds(cases, folder, arguments.rounds)
    size = f"{arguments.rows:,} rows of eight texts and {len(YEARS)} years, {1 - FILLED:.0%} empty."
    text = "\n".join(["# Speed of tables", "", machine(), "", size, "", *report(cases, times, counts)]) + "\n"
    print(text)  # noqa: T201
    if not arguments.only:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-table-speed.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
