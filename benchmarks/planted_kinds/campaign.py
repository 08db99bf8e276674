"""Plants faults and asks validation for them; publishes clean datasets and counts what validation says of them.

``python -m benchmarks.planted_kinds --of 10000`` plants so many faults, spread over the kinds by their rates;
``--clean 1000`` validates so many clean datasets, those of 250 countries with each rounding. With ``--write`` progress
is kept beside the results, so that a run that is stopped goes on; ``--jobs 2`` runs two processes.
"""

from __future__ import annotations

import json
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.planted_kinds import judging
from benchmarks.planted_kinds.clean_datasets import clean_dataset
from benchmarks.planted_kinds.planting import Kind, Plant, Planter, kinds, planters
from benchmarks.planted_kinds.tables import BASES, Published, published

RESULTS = Path(__file__).parents[1] / "results"
SEEDS = 50
"""Plants are put into the datasets of so many seeds."""
DRAWS = 60
"""So many datasets are drawn for a plant before it is given up."""
OWN = 0.25
"""A planter whose table has so many rows more or less, as a share, has written one of its own."""
SAME_BASE = 20
"""After so many another base is drawn as well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one plant: the rule that found it, missed, or skipped."""

    kind: str
    number: int
    by: str
    place: str = ""
    seconds: float = 0.0

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.number}"


MISSED, SKIPPED = "missed", "skipped"


def numbers(total: int, names: Sequence[str] = ()) -> dict[str, int]:
    """The number of planted faults by kind: by rate, at least one unless the rate is zero.

    The rate of a kind that cannot be planted goes to the others of its family.
    """
    chosen = [kind for kind in kinds().values() if total and (not names or kind.id in names)]
    rates = sum(kind.rate for kind in chosen)
    of_family: Counter[str] = Counter()
    planted_of_family: Counter[str] = Counter()
    for kind in chosen:
        of_family[kind.family] += kind.rate
        planted_of_family[kind.family] += kind.rate if kind.id in planters() else 0
    return {
        kind.id: max(1, round(total * kind.rate / rates * of_family[kind.family] / planted_of_family[kind.family]))
        for kind in chosen
        if kind.id in planters()
    }


def planted(kind: str, number: int, seed: int) -> tuple[Plant, Published] | None:
    """The plant of a kind with this number, and the dataset without it: the same for the same seed.

    None where no dataset has a place for it.
    """
    planter: Planter = planters()[kind]
    rng = np.random.default_rng([seed, zlib.crc32(kind.encode()), number])
    base = 1
    for draw in range(DRAWS):
        flows = planter.choices[int(rng.integers(len(planter.choices)))]
        if draw % SAME_BASE == 0:
            base = planter.bases[int(rng.integers(len(planter.bases)))]
        clean = published(int(rng.integers(SEEDS)), base, flows, extent=planter.extent, variant=planter.variant)
        plant = planter.plant(clean, rng)
        if plant is not None:
            return plant, without(plant, clean)
    return None


def without(plant: Plant, drawn: Published) -> Published:
    """Remove the fault from a dataset, using the drawn tables where the planter changed them.

    Releases, outside reports and metadata are then those of the plant. If the fault is in them, or the planter wrote
    its own tables, the dataset as drawn is used unless the planter provides one.
    """
    if plant.clean is not None:
        return plant.clean
    tables = plant.published.tables
    both = [(tables[flow], table) for flow, table in drawn.tables.items() if flow in tables]
    is_same = all(planted is table for planted, table in both)
    is_own = any(abs(planted.height - table.height) > OWN * table.height for planted, table in both)
    if is_same or is_own:
        return drawn
    return replace(plant.published, tables={**tables, **drawn.tables}, prepared=drawn.prepared)


def outcome(kind: Kind, number: int, seed: int) -> Outcome:
    """Plant a fault and look for it; findings at the same place without the fault do not count."""
    start = time.process_time()
    both = planted(kind.id, number, seed)
    if both is None:
        return Outcome(kind.id, number, SKIPPED)
    plant, clean = both
    told = findings_of(plant, plant.published, kind.rules)
    by = judging.found(kind.rules, plant, told)
    if by:  # what is told in the same words without the fault is no finding of it
        before = {(finding.rule, finding.text) for finding in findings_of(plant, clean, kind.rules)}
        by = judging.found(
            kind.rules, plant, [finding for finding in told if (finding.rule, finding.text) not in before]
        )
    place = f"{plant.dataflow} b={plant.published.base} seed={plant.published.seed} {plant.size} {plant.note}"
    return Outcome(kind.id, number, by or MISSED, place, time.process_time() - start)


def findings_of(plant: Plant, dataset: Published, rules: Sequence[str]) -> list[judging.Named]:
    """Return the findings of rules on the dataflows of a plant in a dataset."""
    return judging.findings(dataset, (plant.dataflow, *plant.flows), rules)


def plants(
    total: int, seed: int, names: Sequence[str] = (), part: tuple[int, int] = (1, 1), progress: Path | None = None
) -> Iterator[Outcome]:
    """Yield all plants of a campaign or a part.

    The `progress` file provides earlier plants and receives new ones.
    """
    done: dict[tuple[str, int], Outcome] = {}
    for record in records(progress):
        done[record["kind"], record["number"]] = Outcome(**record)
    for kind, number in numbers(total, names).items():
        for n in range(number):
            if n % part[1] != part[0] - 1:
                continue
            one = done.get((kind, n))
            if one is None:
                one = outcome(kinds()[kind], n, seed)
                add(progress, asdict(one))
            yield one


def records(progress: Path | None) -> list[dict[str, Any]]:
    """Read a progress file; empty if absent."""
    if progress is None or not progress.is_file():
        return []
    return [json.loads(line) for line in progress.read_text(encoding="utf-8").splitlines()]


def add(progress: Path | None, record: dict[str, Any]) -> None:
    if progress is not None:
        progress.parent.mkdir(parents=True, exist_ok=True)
        with progress.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def table(outcomes: Sequence[Outcome]) -> str:
    """By kind: planted, found by the first rule, by a later one, missed, skipped."""
    lines = [
        "| kind | planted | first rule | later rule | missed | skipped | found |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind in kinds().values():
        by = Counter(one.by for one in outcomes if one.kind == kind.id)
        if not by:
            continue
        put = sum(by.values()) - by[SKIPPED]
        first = sum(by[rule] for rule in kind.first)
        later = put - first - by[MISSED]
        share = f"{100 * (put - by[MISSED]) / put:.1f} %" if put else "–"
        lines.append(f"| {kind.id} | {put} | {first} | {later} | {by[MISSED]} | {by[SKIPPED]} | {share} |")
    every = Counter(one.by if one.by in (MISSED, SKIPPED) else "found" for one in outcomes)
    planted_ones = every["found"] + every[MISSED]
    share = f"{100 * every['found'] / planted_ones:.2f} %" if planted_ones else "–"
    lines.append(f"| all | {planted_ones} | | | {every[MISSED]} | {every[SKIPPED]} | {share} |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Clean:
    """The validation of one clean dataset: findings by severity, dataflow and rule, with the first of each."""

    seed: int
    base: int
    counts: dict[str, int]
    first: dict[str, str]
    seconds: float


def clean(seed: int, base: int) -> Clean:
    """Validate a clean dataset by all rules."""
    start = time.process_time()
    dataset, flows = clean_dataset(seed, base)
    named = judging.findings(dataset, flows)
    seconds = time.process_time() - start
    counts = Counter(f"{one.severity} {one.flow} {one.rule}" for one in named)
    first: dict[str, str] = {}
    for one in named:
        first.setdefault(f"{one.severity} {one.flow} {one.rule}", one.text)
    return Clean(seed, base, dict(counts), first, seconds)


def clean_datasets(number: int, progress: Path | None, part: tuple[int, int] = (1, 1)) -> Iterator[Clean]:
    """Yield validations of clean datasets, each country with every rounding; earlier ones are reused."""
    done = {(record["seed"], record["base"]): Clean(**record) for record in records(progress)}
    for place in range(number):
        seed, base = place // len(BASES), BASES[place % len(BASES)]
        if seed % part[1] != part[0] - 1:
            continue
        one = done.get((seed, base))
        if one is None:
            one = clean(seed, base)
            add(progress, asdict(one))
        yield one


def clean_table(results: Sequence[Clean]) -> str:
    """Count clean datasets with findings by severity, dataflow, rule and base."""
    names = sorted({name for one in results for name in one.counts})
    lines = ["| severity | dataflow | rule | " + " | ".join(f"b = {base}" for base in BASES) + " | findings |"]
    lines.append("|---|---|---|" + "---:|" * (len(BASES) + 1))
    for name in names:
        by = [sum(name in one.counts for one in results if one.base == base) for base in BASES]
        total = sum(one.counts.get(name, 0) for one in results)
        lines.append(f"| {' | '.join(name.split())} | {' | '.join(map(str, by))} | {total} |")
    errors = sum(has_error(one) for one in results)
    lines.append(f"\n{len(results)} datasets, {errors} with an error.")
    return "\n".join(lines)


GOAL, WORST = 0.995, 0.95
"""Which share of all plants must be found, and of the plants of every kind."""


def is_good(outcomes: Sequence[Outcome], datasets: Sequence[Clean]) -> bool:
    """Whether no clean dataset has an error and enough plants are found, of all and of every kind."""
    by_kind: dict[str, list[bool]] = {}
    for one in outcomes:
        if one.by != SKIPPED:
            by_kind.setdefault(one.kind, []).append(one.by != MISSED)
    shares = [sum(of_kind) / len(of_kind) for of_kind in by_kind.values()]
    everything = [is_found for of_kind in by_kind.values() for is_found in of_kind]
    enough = sum(everything) >= GOAL * len(everything) and min(shares, default=1) >= WORST
    return enough and not any(has_error(one) for one in datasets)


def has_error(result: Clean) -> bool:
    return any(name.startswith("error") for name in result.counts)
