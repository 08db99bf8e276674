"""Speed and memory of the 12/16 rule on many crossings: ``python -m benchmarks.residence_speed --of 10000000``.

Crossings are random and seeded: on average five per person, alternating entry and exit over eight years. ``rule``
measures from the Parquet file to the counted outcomes.

``derive`` runs the command: it also checks every cell and reports faults, weighs open crossings by those of earlier
years, and writes figures of whole years.

Each measurement has its own process. Measurements and files stay in the folder ``--in``, so an interrupted run
continues. ``--write`` writes the table.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from sdmxmig.catalogue import load
from sdmxmig.records.crossing_rules import determine_outcomes
from sdmxmig.records.residence_rules import Question, ResidenceRule, number_records
from sdmxmig.records.rows import Observation, partition_tables
from sdmxmig.records.spells import build_spells
from sdmxmig.workspace.tasks.deriving import derive
from sdmxmig.workspace.tasks.further_figures import DeriveRequest

RULE = ResidenceRule(code="R12_16", anchor="crossing", continuity="cumulative", threshold_days=365, window_days=487)
FIRST, DAYS, PER_PERSON = 16000, 2920, 5
OBSERVED = Observation("XA", FIRST, until=FIRST + DAYS)
CHUNK = 10_000_000
COUNT, DERIVE = "rule", "derive"
RESULTS = Path(__file__).parent / "results"
Counts = dict[str, int]


def made(count: int, path: Path) -> None:
    """Write so many crossings, a few million at a time: those of a person alternate in the order of their days."""
    with TemporaryDirectory(dir=path.parent) as place:
        parts = []
        for start in range(0, count, CHUNK):
            parts.append(Path(place) / f"{start}.parquet")
            chunk(start, min(CHUNK, count - start), count).write_parquet(parts[-1])
        unfinished = path.with_suffix(".unfinished")
        pl.scan_parquet(parts).sink_parquet(unfinished)
        unfinished.rename(path)


def chunk(start: int, count: int, whole: int) -> pl.DataFrame:
    """The crossings of some of the persons, in no order; their numbers lie scattered among those of all."""
    dice = np.random.default_rng(1216 + start)
    person = np.sort(dice.integers(0, max(1, count // PER_PERSON), count))
    day = FIRST + dice.integers(0, DAYS, count)
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    begins = np.r_[True, person[1:] != person[:-1]]
    first = np.maximum.accumulate(np.where(begins, np.arange(count), 0))
    entry = (np.arange(count) - first + person) % 2 == 0
    numbers = 1 << max(1, whole // PER_PERSON).bit_length()
    scattered = ((person + start // PER_PERSON) * 2654435761) % numbers
    frame = pl.DataFrame({"person": scattered, "date": day, "entry": entry})
    texts = {name: pl.lit(None, dtype=pl.String) for name in ("c_residence", "purpose")}
    wholes = {name: pl.lit(None, dtype=pl.Int64) for name in ("sequence", "intended_days", "granted_days")}
    return frame.select(
        person=pl.format("P{}", "person"),
        date=pl.col("date").cast(pl.Int32).cast(pl.Date),
        direction=pl.when("entry").then(pl.lit("ENTRY")).otherwise(pl.lit("EXIT")),
        **texts,
        **wholes,
    ).sample(fraction=1, shuffle=True, seed=1)


def counted(path: Path, folder: Path, memory: str) -> Counts:
    """How many crossings had which outcome."""
    counts: Counter[str] = Counter()
    for paths in partition_tables({"movements": path}, folder, memory=memory):
        movements = number_records({"movements": pl.read_parquet(paths["movements"])}).movements
        assert movements is not None  # noqa: S101
        outcomes = determine_outcomes(build_spells(movements, None, OBSERVED), Question(RULE, OBSERVED, periods=()))
        counts.update(dict(outcomes["outcome"].drop_nulls().value_counts().rows()))
    return dict(sorted(counts.items()))


def derived(path: Path, memory: str) -> Counts:
    """How many crossings of whole years had which outcome, by all that the command does."""
    return dict(
        derive(DeriveRequest(OBSERVED.area, RULE.code, files={"movements": path}, memory=memory), load()).outcomes
    )


def measured(name: str, path: Path, memory: str) -> dict[str, Any]:
    """Measure in this process: clock and processor seconds, peak memory, and result."""
    pl.DataFrame({"of": [2, 1]}).sort("of")  # the library is read before the clock starts
    with TemporaryDirectory(dir=path.parent) as place:
        clock, before = time.perf_counter(), time.process_time()
        counts = derived(path, memory) if name == DERIVE else counted(path, Path(place), memory)
        took = time.perf_counter() - clock
        processors = time.process_time() - before
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"clock": took, "processors": processors, "memory": most, "load": os.getloadavg()[0], "counts": counts}


def table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "# Speed of the 12/16 rule",
        "",
        f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, polars {pl.__version__}. Other programs ran",
        "on the machine, so that times of processors (user and system, all threads) say more than the clock. Memory is",
        "the most that the process had.",
        "",
        "| crossings | what | s by the clock | s of processors | memory MiB | load |",
        "|---:|---|---:|---:|---:|---:|",
        *(
            f"| {row['of']:,} | {row['what']} | {row['clock']:.1f} | {row['processors']:.1f} "
            f"| {row['memory']:,.0f} | {row['load']:.1f} |"
            for row in sorted(rows, key=lambda row: (row["of"], row["processors"]))
        ),
    ]
    return "\n".join(lines) + "\n"


def run(parse: Callable[[], argparse.Namespace]) -> None:
    asked = parse()
    folder = Path(asked.folder)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "measured.jsonl"
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    for of in asked.of:
        path = folder / f"movements_{of}.parquet"
        if asked.alone:
            print(json.dumps({"of": of, "what": asked.alone, **measured(asked.alone, path, asked.memory)}))  # noqa: T201
            return
        if not path.is_file():
            made(of, path)
        for name in asked.what:
            if not any((row["of"], row["what"]) == (of, name) for row in rows):
                words = ["--of", str(of), "--in", str(folder), "--memory", asked.memory, "--alone", name]
                call = [sys.executable, "-m", "benchmarks.residence_speed", *words]
                output = subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()[-1]  # noqa: S603
                with log.open("a", encoding="utf-8") as file:
                    file.write(output + "\n")
                rows.append(json.loads(output))
    print(table(rows))  # noqa: T201
    if asked.write:
        target = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-residence-speed.md"
        target.write_text(table(rows), encoding="utf-8")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", type=int, nargs="+", default=[1_000_000], metavar="CROSSINGS")
    parser.add_argument("--memory", default="6GB")
    parser.add_argument("--what", nargs="+", choices=(COUNT, DERIVE), default=[COUNT, DERIVE])
    parser.add_argument("--in", dest="folder", default="/tmp/sdmxmig-residence-speed")  # noqa: S108 - only figures
    parser.add_argument("--alone", default="", help="measure this in this process, and print it")
    parser.add_argument("--write", action="store_true", help="write the dated table")
    return parser.parse_args()


if __name__ == "__main__":
    run(parsed)
