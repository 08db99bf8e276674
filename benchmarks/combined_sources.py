"""Combines five sources of a simulated country and compares the result with its truth.

Records are linked to persons with a known rate of missed links; sex and citizenship follow the majority of sources; the
cross table is fitted to known margins, and the survey calibrated to them. Requirements: margins are met exactly, 90 to
98 of 100 intervals of shares contain the truth, duplicate persons do not exceed the stated linkage errors, and the
fitted table is closer to the truth than the counts.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from sdmxmig.catalogue import Catalogue
from sdmxmig.records.simulation.files import build_files
from sdmxmig.records.simulation.true_tables import World
from sdmxmig.workspace.tasks.combined_figures import write_csv
from sdmxmig.workspace.tasks.combining import combine

HOME = "XA"
SEEN = ("register", "social", "border", "permits")
"""The sources that say who persons are, besides the survey."""
TYPES = {"register": "REG", "social": "SOC", "border": "BOR", "permits": "PER_RES", "survey": "HHS"}
HEAD = f'name = "Five sources of a made-up country"\narea = "{HOME}"\n'


STEPS = """
[[step]]
name = "persons"
kind = "prefer"
tables = ORDER
order.SEX = ORDER
order.STATUS = ORDER
rule.SEX = "majority"
rule.STATUS = "majority"

[[step]]
name = "everybody"
kind = "count"
table = "persons"
smallest = 1

[[step]]
name = "counts"
kind = "count"
table = "persons"
by = ["SEX", "STATUS"]
smallest = 1

[[step]]
name = "population"
kind = "fit"
table = "counts"
margins = ["by_sex", "by_status"]
smallest = 1

[[step]]
name = "calibrated"
kind = "weights"
table = "survey"
weight = "weight"
totals = ["by_sex", "by_status"]

[[step]]
name = "employment"
kind = "survey"
table = "calibrated"
weight = "weight"
of = "employed"
by = ["SEX"]
size = "residents"
"""
MISSED = 0.02
"""The share of links that are missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a run: the largest error of a margin, and which intervals contain the truth.

    `twice` are surplus persons due to missed links, `stated` their stated maximum. `fitted` and `unfitted` are the
    distances of the cross tables from the truth, as a share of the population.
    """

    margin: float
    held: tuple[bool, ...]
    twice: int
    stated: float
    fitted: float
    unfitted: float


def source(name: str, file: str, type_: str) -> str:
    return f'[[source]]\nname = "{name}"\nfile = "{file}"\ntype = "{type_}"\nversion = "1"\n'


def declaration() -> str:
    names = (*SEEN, "survey")
    sources = [source(name, f"{name}.parquet", TYPES[name]) for name in names]
    margins = [source(name, f"{name}.parquet", "CEN") for name in ("by_sex", "by_status")]
    linked = [
        f'[[step]]\nname = "{name}_persons"\nkind = "link"\ntable = "{name}"\nlinks = "links.parquet"\n'
        f'source = "{name}"\nrecord = "record"\nlinkage = "linkage_errors.csv"\n'
        for name in names
    ]
    order = str([f"{name}_persons" for name in names]).replace("'", '"')
    return HEAD + "".join([*sources, *margins, *linked]) + STEPS.replace("ORDER", order)


def status(column: str) -> pl.Expr:
    code = pl.col(column)
    return pl.when(code.str.contains(HOME)).then(pl.lit("NC")).when(code.is_not_null()).then(pl.lit("FC"))


def tables_of(world: World) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Return sources, links and margins by file name, and the true residents."""
    files = dict(build_files(world))
    people = files["truth/simulated_identities.parquet"].select("person", SEX="sex", STATUS=status("c_citizen"))
    truth = files["truth/simulated_characteristics.parquet"].join(people, on="person")
    tables = {
        name: files[f"sources/{name}/simulated_identities.parquet"].select(
            "record", SEX="sex", STATUS=status("c_citizen")
        )
        for name in SEEN
    }
    answers = files["sources/survey/simulated_survey.parquet"].select("record", "weight", "employed")
    asked = files["truth/simulated_links_survey.parquet"].join(truth, on="person").select("record", "SEX", "STATUS")
    tables["survey"] = answers.join(asked, on="record").with_columns(residents=pl.lit(truth.height))
    tables["true_links"] = pl.concat(
        files[f"truth/simulated_links_{name}.parquet"].select("record", "person", source=pl.lit(name))
        for name in (*SEEN, "survey")
    )
    tables["links"] = with_missed(tables["true_links"], world.seed)
    for name, column in (("by_sex", "SEX"), ("by_status", "STATUS")):
        tables[name] = truth.group_by(column).agg(value=pl.len()).sort(column)
    return tables, truth


def with_missed(links: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Drop some links, so that their records count as separate persons."""
    chance = pl.Series(np.random.default_rng(seed).random(links.height) < MISSED)
    alone = pl.format("{}-{}", "source", "record")
    return links.with_columns(person=pl.when(chance).then(alone).otherwise("person"))


def errors_of(links: pl.DataFrame) -> str:
    """Write expected linkage errors in the form of `sdmxmig link`."""
    lines = ["to_source,kind,measure,value,low,high,basis,pairs,judged"]
    for name, records in links.group_by("source").len().sort("source").iter_rows():
        values = {"precision": 1, "recall": 1 - MISSED, "missed_links": MISSED * records, "false_links": 0}
        lines += [f"{name},between,{measure},{value},,,model,{records},0" for measure, value in values.items()]
    return "\n".join([*lines, ""])


def run(seed: int, persons: int, catalogue: Catalogue) -> Outcome:
    """Combine a country and compare it with its truth."""
    tables, truth = tables_of(World(persons, seed, first_year=2019, last_year=2019))
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name, table in tables.items():
            table.write_parquet(folder / f"{name}.parquet")
        (folder / "linkage_errors.csv").write_text(errors_of(tables["links"]), encoding="utf-8")
        (folder / "combine.toml").write_text(declaration(), encoding="utf-8")
        result = combine(folder / "combine.toml", catalogue)
    figures = {output.made.name: pl.read_csv(io.BytesIO(write_csv(output))) for output in result.outputs}
    return judged(figures, tables, truth)


def judged(figures: dict[str, pl.DataFrame], tables: dict[str, pl.DataFrame], truth: pl.DataFrame) -> Outcome:
    """The figures of a run beside the truth."""
    true = truth.group_by("SEX", "STATUS").agg(true=pl.len())
    shares = truth.group_by("SEX").agg(true=pl.col("employed").mean())
    held = figures["employment"].join(shares, on="SEX").select(pl.col("true").is_between("low", "high")).to_series()
    margins = (("by_sex", "SEX"), ("by_status", "STATUS"))
    return Outcome(
        margin=max(gap(figures["population"], tables[name], column) for name, column in margins),
        held=tuple(held),
        twice=int(figures["everybody"]["value"].item()) - tables["true_links"]["person"].n_unique(),
        stated=MISSED * tables["links"].height,
        fitted=distance(figures["population"], true),
        unfitted=distance(figures["counts"], true),
    )


def gap(table: pl.DataFrame, margin: pl.DataFrame, column: str) -> float:
    both = table.group_by(column).agg(pl.col("value").sum()).join(margin, on=column, how="full")
    return float(np.abs(both["value"].to_numpy() - both["value_right"].to_numpy()).max())


def distance(table: pl.DataFrame, true: pl.DataFrame) -> float:
    """Return the share of the population in wrong cells, after scaling to the true total."""
    both = true.join(table, on=["SEX", "STATUS"], how="left").fill_null(0)
    true_cells, cells = both["true"].to_numpy().astype(float), both["value"].to_numpy().astype(float)
    wrong = np.abs(cells * (true_cells.sum() / cells.sum()) - true_cells).sum() / 2
    return float(wrong / true_cells.sum())
