"""How long all rules of the levels 0 to 2 take on many observations, which are slowest, and how much memory it needs.

``python -m benchmarks.validation_speed 1000000`` makes populations, immigration and emigration of so many observations,
by citizenship and by birth, with sex, age and years, whose totals are exact and whose population account closes, and
prints a Markdown table. ``--broken`` makes all figures negative and different, so that each of them is a finding; the
findings then go the way of ``sdmxmig validate``, into a store. Goals: 90 seconds and 4 GiB for 10 million observations
on two cores; 1 GiB for a million findings.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from unittest import mock

import polars as pl

from benchmarks.data_speed import machine, memory
from sdmxmig import catalogue
from sdmxmig.quality import validation
from sdmxmig.quality.rules import Check
from sdmxmig.reporting.outputs import findings_lines
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import ORIGIN_COLUMNS, Dataset, Flow
from sdmxmig.sdmx.model.findings import Findings, RuleProfile, Verdict
from sdmxmig.statistics.demography.ledger import Book
from sdmxmig.workspace.tasks.validating import MAX_LISTED

AREA, LAST_YEAR, PREPARED = "GE", 2024, "2026-01-31"
LEVELS = (0, 1, 2)
SLOWEST = 15
BIG = 3_000_000
"""From so many observations on ages are single years."""
FIVE_YEARS = [f"Y{first}T{first + 4}" for first in range(0, 85, 5)]
SINGLE_YEARS = [f"Y{age}" for age in range(85)]
OPEN = "Y_GE85"
PEOPLE, MOVES = 20, 1
"""How many more people there are than moves in a year."""
FLOWS = {"DF_POP": PEOPLE, "DF_IMM": 2 * MOVES, "DF_EMI": MOVES}
NO_ORIGINS = pl.DataFrame(schema=dict.fromkeys(ORIGIN_COLUMNS, pl.String))
BREAKDOWNS = ("C_CITIZEN", "C_BIRTH")
USUAL = {
    "FREQ": "A",
    "REF_AREA": AREA,
    "OBS_STATUS": "A",
    "UNIT_MULT": "0",
    "UNIT_MEASURE": "PS",
    "REF_DATE": "D0101",
    "RES_RULE": "R12",
    "DUR_BASIS": "_U",
}
BY_FLOW = {
    "DF_IMM": {"DIRECTION": "I"},
    "DF_EMI": {"DIRECTION": "E"},
    "DF_BIRTHS": {"EVENT": "LBIRTH"},
    "DF_DEATHS": {"EVENT": "DEATH"},
}


def countries_of(flow: Flow) -> list[str]:
    codelist = flow.codelist("C_CITIZEN")
    return [
        item.id
        for item in (codelist.items if codelist else ())
        if len(item.id) == 2 and item.id.isalpha() and item.id != AREA and not (item.valid_from or item.valid_to)
    ]


def cells(times: int, years: Iterable[int], countries: Sequence[str], ages: Sequence[str]) -> pl.DataFrame:
    """Figures by year, sex, age and country, with all totals over sex, age and country (column `country`)."""
    leaves = (
        pl.DataFrame({"year": list(years)})
        .join(pl.DataFrame({"SEX": ["F", "M"], "s": [11, 10]}), how="cross")
        .join(pl.DataFrame({"AGE": ages, "a": [3 + place % 7 for place in range(len(ages))]}), how="cross")
        .join(pl.DataFrame({"country": countries, "c": [5 + 37 * n % 90 for n in range(len(countries))]}), how="cross")
        .with_columns(value=pl.col("s") * pl.col("a") * pl.col("c") * times * (80 + pl.col("year") - LAST_YEAR) // 100)
        .select("year", "SEX", "AGE", "country", "value")
    )
    for dimension in ("SEX", "AGE", "country"):
        others = [name for name in ("year", "SEX", "AGE", "country") if name != dimension]
        totals = (
            leaves.group_by(others, maintain_order=True)
            .agg(pl.col("value").sum())
            .with_columns(pl.lit("_T").alias(dimension))
        )
        leaves = pl.concat([leaves, totals.select(leaves.columns)])
    return leaves


def dataset_of(flow: Flow, figures: pl.DataFrame) -> Dataset:
    """Build a dataset from figures; missing components have their usual code or total."""
    structure, usual = flow.structure, USUAL | BY_FLOW.get(flow.id, {})

    def column(name: str) -> pl.Expr:
        if name in figures.columns:
            return pl.col(name).cast(pl.String)
        codelist = flow.codelist(name)
        total = "_T" if codelist is not None and "_T" in codelist and name in structure.key else None
        return pl.lit(usual.get(name, total), pl.String).alias(name)

    ids = [component.id for component in structure.components]
    frame = figures.select(column(name) for name in ids)
    at_observation = [c.id for c in structure.components if c.attachment in ("", "observation")]
    at_series = [c.id for c in structure.attributes("series")]
    series = frame.select(*structure.series_key, *at_series).unique(structure.series_key, maintain_order=True)
    attributes = {c.id: usual[c.id] for c in structure.attributes("dataset") if c.id in usual}
    return Dataset(flow, frame.select(at_observation), series=series, attributes=attributes, origins=NO_ORIGINS)


def datasets(number: int, flows: Mapping[str, Flow], *, broken: bool = False) -> list[Dataset]:
    """Populations, moves, births and deaths of about so many observations."""
    ages = [*(FIVE_YEARS if number < BIG else SINGLE_YEARS), OPEN]
    countries = countries_of(flows["DF_POP"])
    a_year = len(FLOWS) * len(BREAKDOWNS) * 3 * (len(ages) + 1) * (len(countries) + 1)
    years = range(LAST_YEAR - max(1, round(number / a_year)), LAST_YEAR + 1)
    made = []
    totals: dict[str, pl.DataFrame] = {}
    for flow_id, times in FLOWS.items():
        last = LAST_YEAR + (flow_id == "DF_POP")  # the account of the last year ends with the population after it
        figures = cells(times, range(years[1], last + 1), countries, ages)
        totals[flow_id] = figures.filter(pl.col("AGE") == "_T", pl.col("country") == "_T", pl.col("SEX") != "_T")
        parts = [
            figures.filter((pl.col("country") != "_T") | (name == BREAKDOWNS[0])).select(
                pl.col("year").alias("TIME_PERIOD"),
                "SEX",
                "AGE",
                *(
                    pl.col("country").alias(name) if other == name else pl.lit("_T").alias(other)
                    for other in BREAKDOWNS
                ),
                pl.col("value").alias("OBS_VALUE"),
            )
            for name in BREAKDOWNS
        ]
        table = pl.concat(parts)
        if broken:
            table = table.with_columns(OBS_VALUE=-1 - pl.int_range(pl.len()))
        made.append(dataset_of(flows[flow_id], table))
    return made if broken else [*made, *build_events(totals, flows)]


def build_events(totals: Mapping[str, pl.DataFrame], flows: Mapping[str, Flow]) -> list[Dataset]:
    """Births and deaths by sex that close the population account; one in a hundred people dies."""
    population, moves_in, moves_out = (totals[name].select("year", "SEX", "value") for name in FLOWS)
    after = population.with_columns(pl.col("year") - 1)
    account = (
        moves_in.join(moves_out, on=["year", "SEX"], suffix="_out")
        .join(population, on=["year", "SEX"], suffix="_start")
        .join(after, on=["year", "SEX"], suffix="_end")
        .with_columns(deaths=pl.col("value_start") // 100 + pl.col("value"))
        .with_columns(
            births=pl.col("value_end")
            - pl.col("value_start")
            + pl.col("deaths")
            - pl.col("value")
            + pl.col("value_out")
        )
    )
    made = []
    for flow_id, name in (("DF_BIRTHS", "births"), ("DF_DEATHS", "deaths")):
        by_sex = account.select(pl.col("year").alias("TIME_PERIOD"), "SEX", pl.col(name).alias("OBS_VALUE"))
        both = by_sex.group_by("TIME_PERIOD", maintain_order=True).agg(pl.col("OBS_VALUE").sum())
        figures = pl.concat([by_sex, both.with_columns(SEX=pl.lit("_T")).select(by_sex.columns)])
        made.append(dataset_of(flows[flow_id], figures))
    return made


def measure_seconds(
    parts: Sequence[Dataset], known: catalogue.Catalogue
) -> tuple[dict[str, float], dict[str, int], Findings]:
    """Measure processor seconds and findings by rule; shared time is ``shared``."""
    seconds: dict[str, float] = {}
    counts: dict[str, int] = {}
    run = validation.run

    def run_timed(check: Check, listing: validation.FindingListing) -> Verdict:
        start = time.process_time()
        verdict = run(check, listing)
        seconds[check.rule.id] = seconds.get(check.rule.id, 0.0) + time.process_time() - start
        counts[check.rule.id] = counts.get(check.rule.id, 0) + verdict.findings
        return verdict

    start = time.process_time()
    book_of = cache(Book)  # as `sdmxmig validate` does
    with mock.patch.object(validation, "run", run_timed):
        results = [
            validation.validate(
                dataset,
                known,
                [other for other in parts if other is not dataset],
                prepared=PREPARED,
                listed=MAX_LISTED,
                book_of=book_of,
            )
            for dataset in parts
        ]
    seconds["shared"] = time.process_time() - start - sum(seconds.values())
    return seconds, counts, Findings.join(results)


def only(known: catalogue.Catalogue, rules: Sequence[str]) -> catalogue.Catalogue:
    profile = RuleProfile(id="ONLY", name=Text.of(en="Some rules"), only=tuple(rules))
    return replace(known, rule_profiles={"ONLY": profile}).apply_profile("ONLY")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("observations", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--broken", action="store_true", help="every figure is a finding")
    parser.add_argument("--only", nargs="+", default=(), metavar="RULE", help="only these rules")
    options = parser.parse_args()
    known = catalogue.load().apply_profile(levels=LEVELS)
    if options.only:
        known = only(known, options.only)
    parts = datasets(options.observations, known.flows, broken=options.broken)
    number = sum(dataset.observations.height for dataset in parts)
    before = memory("VmRSS")
    start, processors = time.perf_counter(), time.process_time()
    seconds, counts, findings = measure_seconds(parts, known)
    store = findings_lines.render(findings, known.rules)
    wall, processors = time.perf_counter() - start, time.process_time() - processors
    print(f"{machine()}\n")  # noqa: T201
    found = ", ".join(f"{findings.count(severity):,} {severity}" for severity in ("error", "warning", "information"))
    tested = sum(verdict.outcome != "not testable" for verdict in findings.verdicts)
    print(f"{number:,} observations, {len(findings.verdicts)} checks, of which {tested} could be made; {found}.")  # noqa: T201
    print(f"All: {wall:.1f} s by the clock, {processors:.1f} s of processors.")  # noqa: T201
    print(f"Memory: {before / 1024:,.0f} MiB with the data, {memory('VmHWM') / 1024:,.0f} MiB at most.")  # noqa: T201
    print(f"Store: {len(store) / 1e6:,.1f} MB.\n\n| rule | s | findings |\n|---|---|---|")  # noqa: T201
    for rule, taken in sorted(seconds.items(), key=lambda pair: -pair[1])[:SLOWEST]:
        print(f"| {rule} | {taken:.2f} | {counts.get(rule, 0):,} |")  # noqa: T201


if __name__ == "__main__":
    main()
