"""Stated errors beside true errors in simulated countries: linkage, coverage, residence rules and disclosure control.

Each method of the product states how far its figures may be from the truth. Here the truth is known, so a table shows
the stated figure, the true one, and in how many runs the stated interval holds the truth. CI runs it small, `make long`
in full.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import linprog

from benchmarks.coverage_intervals import LAST, catalogue, country_of, results, two_lists
from sdmxmig.io.network import Secret
from sdmxmig.records.linkage.linking import Band, add_judgements, estimate_measures
from sdmxmig.records.simulation.files import build_files, compute_figures
from sdmxmig.records.simulation.populations import HOME_COUNTRY
from sdmxmig.records.simulation.true_tables import World, record_truth
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.derived_release import suppress_figures
from sdmxmig.workspace.tasks.deriving import DerivationResult, derive
from sdmxmig.workspace.tasks.further_figures import DeriveRequest
from sdmxmig.workspace.tasks.linkage_tables import LinkRequest
from sdmxmig.workspace.tasks.linking import link
from sdmxmig.workspace.tasks.protecting import ProtectionRequest

FIRST, DECIDED = 2018, 2018
"""The first simulated year, whose windows of 16 months have passed at the end."""
EVERY_PAIR, PER_BAND = 10**9, 30
THRESHOLD = 5
NUMBERS: Mapping[bool, Sequence[str]] = {True: (), False: ("person_number", "document")}
"""What sources do not have: with numbers few links are wrong, with names and days of birth alone many."""
LEAST = {"linkage": 0.9, "coverage": 0.9, "rules": 1.0, "disclosure": 1.0}
"""The share of runs in which an interval holds the truth at least: 95 % intervals, and ends that are certain."""
TOLERANCE = 1e-6
SEED, COMPLETE = 5300, "every crossing recorded"


@dataclass(frozen=True, slots=True)
class Size:
    """How many countries of how many persons, and how many draws of sources or samples in each."""

    countries: int
    persons: int
    _: KW_ONLY
    draws: int
    is_full: bool = False


SMALL, FULL = Size(1, 1_500, draws=25), Size(10, 4_000, draws=20, is_full=True)


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure with the truth and, if something is stated on its error, an interval."""

    method: str
    figure: str
    _: KW_ONLY
    true: float
    stated: float
    low: float | None = None
    high: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the interval contains the truth; None without one."""
        return (
            None
            if self.low is None or self.high is None
            else self.low - TOLERANCE <= self.true <= self.high + TOLERANCE
        )


def linkage_statements(seed: int, size: Size, *, has_numbers: bool) -> Iterator[Statement]:
    """Link two sources, and judge samples of their pairs by the truth."""
    files = dict(build_files(World(size.persons, seed, first_year=FIRST, last_year=FIRST)))
    names = ("register", "social")
    with tempfile.TemporaryDirectory() as place:
        paths = {name: Path(place) / f"{name}.parquet" for name in names}
        for name, path in paths.items():
            known = files[f"sources/{name}/simulated_identities.parquet"]
            known.with_columns(pl.lit(None, pl.String).alias(number) for number in NUMBERS[has_numbers]).write_parquet(
                path
            )
        request = LinkRequest(
            paths, Secret(hashlib.sha256(str(seed).encode()).hexdigest()), sample=EVERY_PAIR, shown_as="record"
        )
        made = link(request, Path(place) / "out", catalogue()).tables
    person = {name: files[f"truth/simulated_links_{name}.parquet"].select("record", "person") for name in names}
    pairs = with_truth(made["clerical.csv"].filter(pl.col("kind") == "between"), person)
    linked = made["bands.csv"].filter(pl.col("kind") == "between")
    bands = [
        Band("between", band, linked=is_linked, pairs=count)
        for band, is_linked, count in linked.select("band", "linked", "pairs").rows()
    ]
    suffix = "" if has_numbers else ", without numbers"
    is_linked = pairs["band"].is_in([band.name for band in bands if band.linked])
    hits, links = pairs.filter(is_linked & pairs["true"]), int(is_linked.sum())
    both = person["register"]["person"].unique().is_in(person["social"]["person"].implode()).sum()
    compared, found = int(pairs["true"].sum()), hits["person"].n_unique()
    true = {
        "precision": hits.height / links,
        "false_links": links - hits.height,
        "recall": hits.height / compared,
        "missed_links": compared - hits.height,
    }
    for draw in range(size.draws):
        place_in_band = pl.int_range(pl.len()).shuffle(seed=1000 * seed + draw).over("band")
        judgement = pl.when("true").then(pl.lit("yes")).otherwise(pl.lit("no"))
        judged = add_judgements(bands, pairs.filter(place_in_band < PER_BAND).with_columns(judgement=judgement), "")
        for row in estimate_measures(judged, "between", draw):
            figure, value = str(row["measure"]), row["value"]
            if figure in true and value is not None:
                ends = {end: float(str(row[end])) for end in ("low", "high")}
                yield Statement("linkage", figure + suffix, true=true[figure], stated=float(str(value)), **ends)
            if figure == "missed_links" and value is not None:
                never = f"{figure}, with pairs of no block{suffix}"
                yield Statement("linkage", never, true=float(both - found), stated=float(str(value)))


def with_truth(pairs: pl.DataFrame, person: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Add the person of the first record, and whether the second is of the same one."""
    owners = pl.concat([table.with_columns(source=pl.lit(name)) for name, table in person.items()])
    for side in ("first", "second"):
        of_side = owners.rename({"record": side, "source": f"{side}_source", "person": f"{side}_person"})
        pairs = pairs.join(of_side, on=[side, f"{side}_source"], how="left")
    return pairs.with_columns(person="first_person", true=pl.col("first_person") == pl.col("second_person"))


def coverage_statements(seed: int, size: Size) -> Iterator[Statement]:
    """Estimate what registers cover: from two lists alone, or with signs of life and a training sample as well."""
    for draw in range(size.draws):
        if size.is_full:
            figures = results(country_of(seed, draw))
        else:
            figures = {
                "population, lists alone": two_lists(country_of(seed, draw, persons=size.persons, first=LAST - 2))
            }
        for figure, row in figures.items():
            yield Statement("coverage", figure, true=row.truth, stated=row.value, low=row.low, high=row.high)


def rule_statements(seed: int, size: Size) -> Iterator[Statement]:
    """Derive flows from all crossings, and from the crossings of a border that misses some.

    A figure of normal reliability states no error, so it has to be true; one of low reliability claims nothing.
    """
    truth = record_truth(World(size.persons, seed, first_year=FIRST, last_year=LAST))
    year, total = pl.col("TIME_PERIOD") == str(DECIDED), pl.col("PURPOSE") == "_T"
    whole = [pl.col(name) == "_T" for name in ("BIRTH_STATUS", "CTZ_STATUS")]
    true = dict(compute_figures(truth).filter(year, total, *whole).select("ITEM", "OBS_VALUE").rows())
    for source, derived in derivations(seed, size).items():
        account = next(dataset.observations for dataset in derived.datasets if dataset.flow.id == "DF_ACCOUNT")
        rows = account.filter(year, pl.col("ACC_ITEM").is_in(["FLW_IMM", "FLW_EMI"]), *whole)
        for item, text, status in rows.select("ACC_ITEM", "OBS_VALUE", "OBS_STATUS").rows():
            value, is_claimed = float(text), status == "A"
            ends = (value, value) if is_claimed else (None, None)
            figure = f"{item}, {source}"
            yield Statement("rules", figure, true=float(true[item]), stated=value, low=ends[0], high=ends[1])


def derivations(seed: int, size: Size) -> dict[str, DerivationResult]:
    """Derive figures from the truth, and from the border with the persons of its documents."""
    files = dict(build_files(World(size.persons, seed, first_year=FIRST, last_year=LAST)))
    truth = {name: files[f"truth/simulated_{name}.parquet"] for name in ("movements", "persons", "citizenships")}
    border = {
        "movements": files["sources/border/simulated_movements.parquet"],
        "documents": files["truth/simulated_documents.parquet"],
    }
    return {
        COMPLETE: derived_from(truth),
        "border that misses crossings": derived_from({**truth, **border}),
    }


def derived_from(tables: Mapping[str, pl.DataFrame]) -> DerivationResult:
    with tempfile.TemporaryDirectory() as place:
        paths = {name: Path(place) / f"{name}.parquet" for name in tables}
        for name, path in paths.items():
            tables[name].write_parquet(path)
        first, last = date(FIRST, 1, 1), date(LAST, 12, 31)
        request = DeriveRequest(HOME_COUNTRY, "R12_16", files=paths, first=first, last=last, years=(DECIDED,))
        return derive(request, catalogue())


def disclosure_statements(derived: DerivationResult) -> Iterator[Statement]:
    """Protect derived figures, and compare stated intervals with those that a reader computes from the release.

    The reader adds up what each dataset has published, with a solver of its own. The stated interval has to hold the
    true figure, and must not be wider than the one of this reader, who uses fewer sums.
    """
    release, protected = suppress_figures(derived, catalogue(), ProtectionRequest(THRESHOLD))
    true, shown = values_of(derived.datasets), values_of(release.datasets)
    count, hidden = len(protected.figures), len(true) - len(shown)
    yield Statement("disclosure", "suppressed figures", true=hidden, stated=count, low=count, high=count)
    sums = [one for dataset in derived.datasets for one in sums_of(dataset)]
    for figure in protected.figures:
        cell, width = (figure.flow, figure.key), figure.most - figure.least
        name = f"{figure.reason} suppression, "
        yield Statement(
            "disclosure", f"{name}figure", true=true[cell], stated=width, low=figure.least, high=figure.most
        )
        own = [one for one in sums if one[0][0] == figure.flow]
        readers = readers_width(cell, own, shown)
        yield Statement("disclosure", f"{name}width", true=readers, stated=width, low=width, high=np.inf)


Cell = tuple[str, tuple[tuple[str, str], ...]]


def values_of(datasets: Sequence[Dataset]) -> dict[Cell, float]:
    """The figures of datasets by flow and key; suppressed ones are left out."""
    found = {}
    for dataset in datasets:
        names, measure = list(dataset.flow.structure.key), dataset.flow.structure.measure.id
        for *codes, value in dataset.observations.select(*names, measure).rows():
            if value not in (None, ""):
                key = tuple((name, code) for name, code in zip(names, codes, strict=True) if code is not None)
                found[dataset.flow.id, key] = float(value)
    return found


def sums_of(dataset: Dataset) -> Iterator[tuple[Cell, list[Cell]]]:
    """Totals and their parts, by each dimension whose parts add up to the total in all groups."""
    values = values_of([dataset])
    for dimension in dataset.flow.structure.key:
        groups: dict[tuple[tuple[str, str], ...], dict[str, Cell]] = {}
        for cell in values:
            codes = dict(cell[1])
            if dimension in codes:
                code = codes.pop(dimension)
                groups.setdefault(tuple(codes.items()), {})[code] = cell
        whole = [
            (group.pop("_T"), list(group.values())) for group in groups.values() if "_T" in group and len(group) > 1
        ]
        if whole and all(values[total] == sum(values[part] for part in parts) for total, parts in whole):
            yield from whole


def readers_width(cell: Cell, sums: Sequence[tuple[Cell, list[Cell]]], shown: Mapping[Cell, float]) -> float:
    """The width of the interval in which a reader of sums and published figures knows a figure to be."""
    cells = list(dict.fromkeys([cell, *(one for total, parts in sums for one in (total, *parts))]))
    place = {one: number for number, one in enumerate(cells)}
    matrix = np.zeros((len(sums), len(cells)))
    for number, (total, parts) in enumerate(sums):
        matrix[number, place[total]] = -1
        matrix[number, [place[part] for part in parts]] = 1
    limits = [(shown[one], shown[one]) if one in shown else (0, None) for one in cells]
    ends = [
        linprog(sign * np.eye(1, len(cells))[0], A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=limits)
        for sign in (1, -1)
    ]
    return -sum(found.fun for found in ends) if all(found.success for found in ends) else np.inf


def statements(size: Size) -> Iterator[Statement]:
    for seed in range(SEED, SEED + size.countries):
        for has_numbers in (True, False) if size.is_full else (False,):
            yield from linkage_statements(seed, size, has_numbers=has_numbers)
        yield from coverage_statements(seed, size)
        yield from rule_statements(seed, size)
        yield from disclosure_statements(derivations(seed, size)[COMPLETE])


def table(rows: Sequence[Statement]) -> tuple[list[str], list[str]]:
    """Return the lines of the table, and the figures whose intervals contain the truth too seldom."""
    lines = [
        "| method | figure | runs | stated | true | interval | holds the truth |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    wrong = []
    for method, figure in dict.fromkeys((row.method, row.figure) for row in rows):
        mine = [row for row in rows if (row.method, row.figure) == (method, figure)]
        stated, true = (np.median([getattr(row, name) for row in mine]) for name in ("stated", "true"))
        claimed = [row for row in mine if row.holds is not None]
        held = sum(bool(row.holds) for row in claimed)
        ends = [np.median([getattr(row, name) for row in claimed]) for name in ("low", "high")] if claimed else []
        words = f"{held} of {len(claimed)} ({held / len(claimed):.1%})" if claimed else "no error stated"
        between = " to ".join(f"{end:,.6g}" for end in ends)
        lines.append(f"| {method} | {figure} | {len(mine)} | {stated:,.6g} | {true:,.6g} | {between} | {words} |")
        if held < LEAST[method] * len(claimed):
            wrong.append(f"{method}, {figure}: {words}")
    return lines, wrong


def main() -> int:
    """Print the table; exit 1 if an interval holds the truth too seldom."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="one small country, as in CI")
    lines, wrong = table(list(statements(SMALL if parser.parse_args().small else FULL)))
    sys.stdout.write("\n".join([*lines, "", *(wrong or ["Every stated error is true."]), ""]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
