"""How long it takes to apply the 12/16 rule to many crossings: ``python -m benchmarks.residence_speed --of 10000000``.

Crossings are drawn at random, seeded: five a person on average, entry and exit in turn over eight years. Timed is from
the Parquet file to the outcome of each crossing, counted; what is written beside it is the share that migrated, which
must be the same on every engine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from sdmxmig.lazily import nw
from sdmxmig.records.crossing_rules import outcomes_of
from sdmxmig.records.engines import DUCKDB, POLARS, collected, engine_of, kept, scanned
from sdmxmig.records.observation import Observation
from sdmxmig.records.residence_rules import ResidenceRule
from sdmxmig.records.spells import spells_of

RULE = ResidenceRule("R12_16", "crossing", continuity="cumulative", threshold_days=365, window_days=487)
FIRST, DAYS, PER_PERSON = 16000, 2920, 5


def made(count: int, path: Path) -> None:
    """Write so many crossings; those of a person alternate in the order of their days."""
    dice = np.random.default_rng(1216)
    person = np.sort(dice.integers(0, max(1, count // PER_PERSON), count))
    day = FIRST + dice.integers(0, DAYS, count)
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    begins = np.r_[True, person[1:] != person[:-1]]
    first = np.maximum.accumulate(np.where(begins, np.arange(count), 0))
    entry = (np.arange(count) - first + person) % 2 == 0
    frame = pl.DataFrame({"person": person, "date": day, "entry": entry})
    texts = {name: pl.lit(None, dtype=pl.String) for name in ("c_residence", "purpose")}
    numbers = {name: pl.lit(None, dtype=pl.Int64) for name in ("sequence", "intended_days", "granted_days")}
    frame.select(
        person=pl.format("P{}", "person"),
        date=pl.col("date").cast(pl.Int32).cast(pl.Date),
        direction=pl.when("entry").then(pl.lit("ENTRY")).otherwise(pl.lit("EXIT")),
        **texts,
        **numbers,
    ).sample(fraction=1, shuffle=True, seed=1).write_parquet(path)


def main() -> None:
    """Time each engine on the same file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", type=int, default=1_000_000, metavar="CROSSINGS")
    parser.add_argument("--memory", default="6GB")
    parser.add_argument("--engines", nargs="+", default=[POLARS, DUCKDB])
    asked = parser.parse_args()
    observation = Observation("XA", FIRST, until=FIRST + DAYS)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "movements.parquet"
        made(asked.of, path)
        for name in asked.engines:
            with engine_of(name, Path(place), memory=asked.memory) as engine:
                start = time.perf_counter()
                spells = spells_of(scanned(engine, path), None, observation, lying=engine.sorts_once)
                outcomes = outcomes_of(kept(engine, spells, "spells"), RULE, observation, lying=engine.sorts_once)
                counted = collected(engine, outcomes.group_by("outcome").agg(nw.len().alias("crossings")))
                took = time.perf_counter() - start
            print(name, f"{took:.1f} s", dict(sorted(counted.drop_nulls().rows())))  # noqa: T201


if __name__ == "__main__":
    main()
