"""Plants faults and asks validation for them; publishes clean datasets and counts what validation says of them.

``python -m benchmarks.planted_kinds --of 10000`` plants so many faults, spread over the kinds by their rates;
``--clean 1000`` validates so many clean datasets with each rounding. Progress is kept beside the results, so that a run
that is stopped goes on; ``--part 1/2`` does one half, for two processes.
"""

from __future__ import annotations

import json
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
SAME_BASE = 20
"""After so many another base is drawn as well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one plant: found by which rule, missed, or skipped."""

    kind: str
    number: int
    by: str
    place: str = ""
    seconds: float = 0.0

    @property
    def id(self) -> str:
        """A stable name."""
        return f"{self.kind}/{self.number}"


MISSED, SKIPPED = "missed", "skipped"
WITH_ALL_RULES = "confidentiality"
"""What adds up, rules on withheld figures learn from those on totals and margins: all rules take part."""


def numbers(total: int, names: Sequence[str] = ()) -> dict[str, int]:
    """How many faults of each kind are planted: by its rate, at least one of each."""
    chosen = [kind for kind in kinds().values() if not names or kind.id in names]
    rates = sum(kind.rate for kind in chosen)
    return {kind.id: max(1, round(total * kind.rate / rates)) for kind in chosen}


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
            return plant, plant.clean or clean
    return None


def outcome(kind: Kind, number: int, seed: int) -> Outcome:
    """Plant one fault and look for it; what is told of the same place without the fault does not count."""
    start = time.process_time()
    both = planted(kind.id, number, seed)
    if both is None:
        return Outcome(kind.id, number, SKIPPED)
    plant, clean = both
    rules = () if kind.family == WITH_ALL_RULES else kind.rules
    told = told_of(plant, plant.published, kind.rules, rules)
    if told:
        told -= told_of(plant, clean, kind.rules, rules)
    by = next((rule for rule in kind.rules if rule in told), "")
    place = f"{plant.dataflow} b={plant.published.base} seed={plant.published.seed} {plant.size} {plant.note}"
    return Outcome(kind.id, number, by or MISSED, place, time.process_time() - start)


def told_of(plant: Plant, dataset: Published, rules: Sequence[str], running: Sequence[str]) -> set[str]:
    """Those of these rules that name the place of a plant in a dataset; `running` are those that take part."""
    named = judging.findings(dataset, (plant.dataflow, *plant.flows), running)
    return {rule for rule in rules if judging.found([rule], plant, named)}


def plants(total: int, seed: int, names: Sequence[str] = (), part: tuple[int, int] = (1, 1)) -> Iterator[Outcome]:
    """All plants of a campaign, or a part of them; kinds without a planter are told as skipped."""
    for kind, number in numbers(total, names).items():
        for n in range(number):
            if n % part[1] == part[0] - 1:
                yield outcome(kinds()[kind], n, seed) if kind in planters() else Outcome(kind, n, SKIPPED, "no planter")


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
    put = [one for one in outcomes if one.by != SKIPPED]
    missed = sum(one.by == MISSED for one in put)
    share = f"{100 * (len(put) - missed) / len(put):.2f} %" if put else "–"
    lines.append(f"| all | {len(put)} | | | {missed} | {len(outcomes) - len(put)} | {share} |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Clean:
    """What validation says of one clean dataset: findings by severity, dataflow and rule, and the first of each."""

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


def clean_datasets(number: int, progress: Path, part: tuple[int, int] = (1, 1)) -> Iterator[Clean]:
    """Clean datasets with each rounding; what an earlier run has validated is read from its progress."""
    done: dict[tuple[int, int], Clean] = {}
    if progress.is_file():
        for line in progress.read_text(encoding="utf-8").splitlines():
            one = Clean(**json.loads(line))
            done[one.seed, one.base] = one
    progress.parent.mkdir(parents=True, exist_ok=True)
    with progress.open("a", encoding="utf-8", buffering=1) as file:
        for seed in range(number):
            for base in BASES if seed % part[1] == part[0] - 1 else ():
                one = done.get((seed, base))
                if one is None:
                    one = clean(seed, base)
                    said = {name: getattr(one, name) for name in ("seed", "base", "counts", "first", "seconds")}
                    file.write(json.dumps(said) + "\n")
                yield one


def clean_table(results: Sequence[Clean]) -> str:
    """By severity, dataflow and rule: in how many clean datasets of each base something is said."""
    names = sorted({name for one in results for name in one.counts})
    lines = ["| severity | dataflow | rule | " + " | ".join(f"b = {base}" for base in BASES) + " | findings |"]
    lines.append("|---|---|---|" + "---:|" * (len(BASES) + 1))
    for name in names:
        by = [sum(name in one.counts for one in results if one.base == base) for base in BASES]
        total = sum(one.counts.get(name, 0) for one in results)
        lines.append(f"| {' | '.join(name.split())} | {' | '.join(map(str, by))} | {total} |")
    errors = sum(any(name.startswith("error") for name in one.counts) for one in results)
    lines.append(f"\n{len(results)} datasets, {errors} with an error.")
    return "\n".join(lines)
