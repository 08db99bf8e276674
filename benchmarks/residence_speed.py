"""Speed of the 12/16 rule on many crossings: ``python -m benchmarks.residence_speed --of 10000000``.

Crossings are random and seeded: on average five per person, alternating entry and exit over eight years. Measures from
the Parquet file to the counted outcomes, which must agree. As a yardstick, DuckDB sorts the same file by
person and day (``sort``).

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
from sdmxmig.primitives.lazily import nw
from sdmxmig.records.crossing_rules import determine_outcomes
from sdmxmig.records.days import Observation
from sdmxmig.records.engines import DUCKDB, POLARS, Engine, collect, materialise, open_engine, scan_table
from sdmxmig.records.questions import Question
from sdmxmig.records.residence_rules import ResidenceRule
from sdmxmig.records.rows import partition_tables
from sdmxmig.records.spells import build_spells
from sdmxmig.workspace.tasks.deriving import derive
from sdmxmig.workspace.tasks.further_figures import DeriveRequest

RULE = ResidenceRule(code="R12_16", anchor="crossing", continuity="cumulative", threshold_days=365, window_days=487)
FIRST, DAYS, PER_PERSON = 16000, 2920, 5
OBSERVED = Observation("XA", FIRST, until=FIRST + DAYS)
CHUNK = BASIS = 10_000_000
SORT, DERIVE = "sort", "derive"
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


def counted(engine: Engine, path: Path, folder: Path, memory: str) -> Counts:
    """How many crossings had which outcome."""
    counts: Counter[str] = Counter()
    tables = {"movements": path}
    for paths in partition_tables(tables, folder, memory=memory) if engine.name == POLARS else [tables]:
        part = engine.for_part()
        spells = build_spells(scan_table(part, paths["movements"]), None, OBSERVED)
        outcomes = determine_outcomes(materialise(part, spells), Question(RULE, OBSERVED, periods=()))
        sums = collect(part, outcomes.group_by("outcome").agg(nw.len().alias("crossings")))
        counts.update(dict(sums.drop_nulls().select("outcome", "crossings").rows()))
    return dict(sorted(counts.items()))


def sorted_by_duckdb(path: Path, folder: Path, memory: str) -> Counts:
    with open_engine(DUCKDB, folder, memory=memory) as engine:
        source = engine.session.read_parquet(str(path))
        source.order("person, date").write_parquet(str(folder / "sorted.parquet"))
    return {}


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
        if name == SORT:
            counts = sorted_by_duckdb(path, Path(place), memory)
        elif name == DERIVE:
            counts = derived(path, memory)
        else:
            with open_engine(name, Path(place), memory=memory) as engine:
                counts = counted(engine, path, Path(place), memory)
        took = time.perf_counter() - clock
        processors = time.process_time() - before
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"clock": took, "processors": processors, "memory": most, "load": os.getloadavg()[0], "counts": counts}


def table(rows: list[dict[str, Any]]) -> str:
    lines = [
        "# Speed of the 12/16 rule",
        "",
        f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, polars {pl.__version__}. Other programs ran",
        "on the machine, so that times of processors (user and system, all threads) say more than the clock. The sort",
        "is DuckDB's, of the same file by person and day into another Parquet file. Memory is the most that the",
        "process had.",
        "",
        "| crossings | what | s by the clock | s of processors | times the sort | memory MiB | load |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    sorts = {row["of"]: row["processors"] for row in rows if row["what"] == SORT}
    for row in sorted(rows, key=lambda row: (row["of"], row["processors"])):
        times = f"{row['processors'] / sorts[row['of']]:.2f}" if row["of"] in sorts else ""
        lines.append(
            f"| {row['of']:,} | {row['what']} | {row['clock']:.1f} | {row['processors']:.1f} | {times} "
            f"| {row['memory']:,.0f} | {row['load']:.1f} |"
        )
    sizes = sorted({row["of"] for row in rows})
    return "\n".join([*lines, *(agreement(of, rows) for of in sizes), *growth(rows)]) + "\n"


def growth(rows: list[dict[str, Any]]) -> list[str]:
    """Compare the time of each size relative to sorting with that for 10 million."""
    took = {(row["of"], row["what"]): row["processors"] for row in rows}
    quotients = {(of, what): took[of, what] / took[of, SORT] for of, what in took if (of, SORT) in took}
    return [
        f"\n{of:,}, {what}: {quotient:.2f} times the sort, which is {quotient / quotients[BASIS, what]:.2f} times "
        f"what it is of {BASIS:,}; by seconds of processors."
        for (of, what), quotient in sorted(quotients.items())
        if of > BASIS and what != SORT and (BASIS, what) in quotients
    ]


def agreement(of: int, rows: list[dict[str, Any]]) -> str:
    """Whether both engines counted the same for a number of crossings, and what."""
    counts = [row["counts"] for row in rows if row["of"] == of and row["what"] not in (SORT, DERIVE)]
    if not counts:
        return ""
    same = (
        "Both engines counted" if all(count == counts[0] for count in counts) else "ENGINES DIFFER; the first counted"
    )
    return f"\n{of:,}: {same} " + ", ".join(f"{name} {number:,}" for name, number in counts[0].items()) + "."


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
        for name in asked.engines:
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
    parser.add_argument("--engines", nargs="+", choices=(POLARS, DUCKDB, SORT, DERIVE), default=[POLARS, DUCKDB, SORT])
    parser.add_argument("--in", dest="folder", default="/tmp/sdmxmig-residence-speed")  # noqa: S108 - only figures
    parser.add_argument("--alone", default="", help="measure this in this process, and print it")
    parser.add_argument("--write", action="store_true", help="write the dated table")
    return parser.parse_args()


if __name__ == "__main__":
    run(parsed)
