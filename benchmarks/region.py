"""How long a regional study of many countries takes, and how much memory.

``python -m benchmarks.region --countries 50`` runs the three shipped examples, makes so many countries of them in a
temporary folder, and lets ``sdmxmig region`` compare them in a process of its own. A simulated country has the profile,
data and name of an example under another code: a share of its answers is changed or taken away, its figures are scaled,
and it reports flows to and from some of the others. The same seed gives the same countries.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import KW_ONLY, dataclass, replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import polars as pl

from benchmarks.data_speed import machine
from sdmxmig.catalogue import Catalogue, load
from sdmxmig.catalogue.folders import shipped
from sdmxmig.cli import run
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.findings import Findings
from sdmxmig.sdmx.model.profile import Answer, Profile
from sdmxmig.statistics.assessment import assess
from sdmxmig.workspace.results import Results
from sdmxmig.workspace.tasks.assessing import ASSESSMENT, read_profile
from sdmxmig.workspace.tasks.data_folder import DISK_FORMAT, data_name, read_datasets
from sdmxmig.workspace.tasks.session import Session, open_session

EXAMPLES = ("georgia", "moldova", "sweden")
NOW = "2026-01-01T00:00:00"
SEED = 6
FLOWS = {"DF_IMM": "I", "DF_EMI": "E"}
RULES, BASES = ("R6", "R12", "R12", "OTH", "_U"), ("ACT", "INT", "_U")
CHANGED, LOST, REPORTED = 0.3, 0.2, 0.6
"""Shares of answers that are changed or taken away, and of pairs of countries whose flow is reported."""
SECONDS, MIB = 60, 2048
"""What a study of 50 countries may take."""


@dataclass(frozen=True, slots=True)
class Base:
    """An example from which countries are made: its session, profile and data."""

    session: Session
    profile: Profile
    _: KW_ONLY
    datasets: tuple[Dataset, ...]


def bases(folder: Path) -> Iterator[Base]:
    """The examples, converted."""
    for name in EXAMPLES:
        workspace = folder / name
        shutil.copytree(shipped("examples") / name, workspace)
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            run(["convert", str(workspace), "--now", NOW])
        session = open_session(workspace, None, NOW)
        yield Base(session, read_profile(session), datasets=read_datasets(session))


def areas(catalogue: Catalogue, countries: int) -> list[str]:
    """So many codes of countries of today, in the order of their codes."""
    codelist = catalogue.item_scheme("SDMX:CL_AREA(2.0)")
    known = [item.id for item in codelist if len(item.id) == 2 and item.note("M49") and not item.valid_to]
    return sorted(known)[:countries]


def answered(profile: Profile, area: str, catalogue: Catalogue, chance: random.Random) -> Profile:
    """A profile with some answers changed and some taken away."""

    def other(item: str, given: Answer | None) -> Answer:
        answer = given or Answer(item)
        if chance.random() < LOST:
            return Answer(item)
        codes = [code for code, _ in catalogue.scales[catalogue.items[item].scale].labels]
        return replace(answer, answer=chance.choice(codes)) if chance.random() < CHANGED else answer

    given = {item: other(item, profile.answers.get(item)) for item in catalogue.items}
    return replace(profile, area=area, answers=given)


def scaled(dataset: Dataset, area: str, factor: Decimal, rule: Mapping[str, str]) -> Dataset:
    """The data of an example as those of another country: under its code and rule, all values times a factor."""

    def times(text: str) -> str:
        return f"{Decimal(text) * factor:f}" if text.replace(".", "", 1).isdigit() else text

    rows = dataset.observations.with_columns(
        REF_AREA=pl.lit(area), OBS_VALUE=pl.col("OBS_VALUE").map_elements(times, return_dtype=pl.String)
    )
    series = dataset.series.with_columns(REF_AREA=pl.lit(area))
    attributes = {name: rule.get(name, value) for name, value in dataset.attributes.items()}
    return replace(
        dataset, observations=rows, series=series, attributes=attributes, origins=dataset.origins.clear(), partial={}
    )


def with_partners(dataset: Dataset, area: str, others: Sequence[str], chance: random.Random) -> Dataset:
    """A flow of a country with rows for some of the other countries: their totals, three years each."""
    if dataset.flow.id not in FLOWS:
        return dataset
    totals = dict.fromkeys(dataset.flow.structure.series_key, "_T")
    fixed = {**totals, "FREQ": "A", "REF_AREA": area, "DIRECTION": FLOWS[dataset.flow.id]}
    fixed |= {"OBS_STATUS": "A", "UNIT_MULT": "0"}
    columns = dataset.observations.columns
    partners = [one for one in others if one != area and chance.random() < REPORTED]
    rows = [
        {**fixed, "C_RESIDENCE": partner, "TIME_PERIOD": str(year), "OBS_VALUE": str(chance.randint(10, 9999))}
        for partner in partners
        for year in (2021, 2022, 2023)
    ]
    known = dataset.observations.filter(pl.col("C_RESIDENCE").cast(pl.String) == "_T").cast(pl.String)
    more = pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=known.schema)
    return replace(dataset, observations=pl.concat([known, more]))


def make(folder: Path, base: Base, area: str, others: Sequence[str]) -> Path:
    """One simulated country as a workspace that has been assessed."""
    chance = random.Random(f"{SEED} {area}")  # noqa: S311 - simulated, not secret
    catalogue = base.session.catalogue
    factor = Decimal(chance.randint(5, 300)) / 100
    rule = {"RES_RULE": chance.choice(RULES), "DUR_BASIS": chance.choice(BASES)}
    datasets = [with_partners(scaled(dataset, area, factor, rule), area, others, chance) for dataset in base.datasets]
    names = catalogue.item_scheme("SDMX:CL_AREA(2.0)")
    own = replace(base.session.workspace.country, area=area, name=Text(names[area].name.values))
    result = assess(
        own, catalogue, datasets=datasets, findings=Findings(), profile=answered(base.profile, area, catalogue, chance)
    )
    data = {
        data_name(dataset.flow.id, DISK_FORMAT): data_bytes(
            FORMATS[DISK_FORMAT], [dataset], base.session.header(f"{area}_{dataset.flow.id}")
        )
        for dataset in datasets
    }
    results = Results(folder / area, folder / area / "out")
    with results.writing(), results.together():
        results.put("data", data)
        results.put("assessment", {ASSESSMENT: typed_json.render(result)})
    return folder / area


def measured(workspaces: Sequence[Path], out: Path) -> tuple[float, float, float]:
    """Seconds, seconds of the processor and MiB of one study in a process of its own."""
    command = [sys.executable, "-m", "sdmxmig", "region", *map(str, workspaces), "-o", str(out), "--name", "Simulated"]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own program
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def table(countries: int, made: float, found: tuple[float, float, float], out: Path) -> str:
    """What was measured, as a page."""
    seconds, cpu, mib = found
    largest = max(path.stat().st_size for path in out.rglob("*.html")) / 1e6
    files = sum(path.is_file() for path in out.rglob("*"))
    said = (
        f"`sdmxmig region` on {countries} workspaces: HTML, PDF, Word, workbook, Markdown and a page of each country "
        f"({files} files). The countries are made from the shipped examples by `benchmarks/region.py` (seed {SEED}); "
        f"making and assessing them took {made:.0f} s."
    )
    lines = [
        *("# A regional study of simulated countries", "", machine(), "", said, ""),
        "| countries | seconds | goal | CPU s | peak MiB | goal | largest HTML, MB | goal |",
        "|---|---|---|---|---|---|---|---|",
        f"| {countries} | {seconds:.1f} | ≤ {SECONDS} | {cpu:.1f} | {mib:.0f} | ≤ {MIB} | {largest:.2f} | ≤ 2 |",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the countries, compare them, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--countries", type=int, default=50)
    parser.add_argument("--keep", type=Path, help="a folder in which countries and study stay")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = asked.keep or Path(name)
        start = time.perf_counter()
        chosen = areas(load(), asked.countries)
        given = list(bases(folder / "examples"))
        workspaces = [
            make(folder / "countries", given[number % len(given)], area, chosen) for number, area in enumerate(chosen)
        ]
        made = time.perf_counter() - start
        out = folder / "study"
        print(table(len(chosen), made, measured(workspaces, out), out))  # noqa: T201 - a program that prints


if __name__ == "__main__":
    main()
