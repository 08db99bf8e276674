"""``sdmxmig derive``: immigration and emigration from border crossings and other records of persons."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sdmxmig.cli.options import NOW_OPTION, output_option
from sdmxmig.cli.talk import say, show, stage
from sdmxmig.errors import SdmxmigError, counted

if TYPE_CHECKING:
    from polars import DataFrame

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FREQUENCIES = {"year": "A", "quarter": "Q", "month": "M"}
DAY = click.DateTime(["%Y-%m-%d"])


@click.command("derive")
@click.option("--movements", type=FILE, metavar="FILE", help="Crossings of the border, CSV or Parquet.")
@click.option("--nights", type=FILE, metavar="FILE", help="Nights of mobile phone traces, instead of movements.")
@click.option("--permits", type=FILE, metavar="FILE", help="Permits to stay, instead of movements, for rule PERMIT.")
@click.option("--documents", type=FILE, metavar="FILE", help="Whose the documents are that movements name.")
@click.option("--linkage", type=FILE, metavar="FILE", help="Errors of the linkage that documents come from.")
@click.option("--persons", type=FILE, metavar="FILE", help="Persons with birth, death, citizenship.")
@click.option("--citizenships", type=FILE, metavar="FILE", help="Changes of citizenship.")
@click.option("--area", required=True, metavar="CODE", help="The country, as CL_AREA calls it.")
@click.option("--rule", required=True, metavar="CODE", help="The rule of residence: a code of CL_RES_RULE.")
@click.option(
    "--set", "changes", multiple=True, metavar="NAME=VALUE", help="A parameter of the rule, otherwise than declared."
)
@click.option(
    "--basis",
    type=click.Choice(["ACT", "INT", "GRT", "MIX"]),
    default="ACT",
    show_default=True,
    help="What durations rest on: actual stays, intended ones, granted ones, or intended ones while stays are open.",
)
@click.option("--from", "first", type=DAY, metavar="DAY", help="From when on the records are complete.")
@click.option("--to", "last", type=DAY, metavar="DAY", help="Until when, that day included.")
@click.option("--earlier", type=DAY, metavar="DAY", help="Also list what became of what was known on that day.")
@click.option(
    "--every",
    type=click.Choice(["year", "quarter", "month"]),
    default="year",
    show_default=True,
    help="How long the periods are.",
)
@click.option(
    "--year-ends",
    type=click.IntRange(1, 12),
    default=12,
    show_default=True,
    metavar="MONTH",
    help="The month with which years end.",
)
@click.option("--year", "years", type=int, multiple=True, metavar="YEAR", help="A year; several times for several.")
@click.option(
    "--bridge", "bridged", type=click.IntRange(0, 366), default=0, metavar="NIGHTS", help="Gaps of traces to fill."
)
@click.option(
    "--birth-place",
    type=click.Choice(["MOTHER", "DELIVERY"]),
    default="MOTHER",
    show_default=True,
    help="Who is born abroad: by residence of the mother, or place of delivery.",
)
@click.option("--source-type", default="", metavar="CODE", help="Code of CL_SRC_TYPE; else BOR, MPD or PER_RES.")
@click.option(
    "--also",
    type=click.Choice(["temporary", "return", "overstays", "circular"]),
    multiple=True,
    help="Count also temporary mobility, return migration, candidates for overstays, circular mobility.",
)
@click.option(
    "--engine", default="polars", show_default=True, metavar="NAME", help="polars, duckdb or spark (sdmxmig[scale])."
)
@click.option("--memory", default="4GB", show_default=True, metavar="SIZE", help="Memory of the engine.")
@click.option(
    "--master",
    default="local[2]",
    show_default=True,
    metavar="ADDRESS",
    help="Of Spark: a cluster (spark://host:port), or so many processes of this machine.",
)
@output_option("out", "The folder for the data.", required=True)
@NOW_OPTION
def derive_command(  # noqa: PLR0913, PLR0917 - one for each option
    movements: Path | None,
    nights: Path | None,
    permits: Path | None,
    documents: Path | None,
    linkage: Path | None,
    persons: Path | None,
    citizenships: Path | None,
    area: str,
    rule: str,
    changes: tuple[str, ...],
    basis: str,
    first: datetime | None,
    last: datetime | None,
    earlier: datetime | None,
    every: str,
    year_ends: int,
    years: tuple[int, ...],
    bridged: int,
    birth_place: str,
    source_type: str,
    also: tuple[str, ...],
    engine: str,
    memory: str,
    master: str,
    out: Path,
    now: str,
) -> None:
    """Count immigration and emigration from records of persons, under a rule of residence.

    Each crossing is judged by the nights after it, as the rule declares. What later records will decide makes figures
    provisional; crossings next to which a record is missing are counted as not known, and how many there are is said.
    Data are written as SDMX-CSV, one file a dataflow; they name rule, source and what was corrected.

    \b
    Examples:
      sdmxmig derive --movements crossings.parquet --area GE --rule R12_16 -o derived
      sdmxmig derive --movements crossings.csv --persons persons.csv --area GE --rule R12_16 --year 2023 -o derived
      sdmxmig derive --movements crossings.parquet --area GE --rule R12_12 --engine duckdb --memory 8GB -o derived
    """
    from sdmxmig.application.deriving import BESIDE, DeriveRequest, derive, message_of
    from sdmxmig.catalogue import load
    from sdmxmig.publishing.files import open_result

    named = {
        "movements": movements,
        "nights": nights,
        "permits": permits,
        "documents": documents,
        "persons": persons,
        "citizenships": citizenships,
    }
    request = DeriveRequest(
        area,
        rule,
        files={name: path for name, path in named.items() if path},
        first=first.date() if first else None,
        last=last.date() if last else None,
        years=years,
        earlier=earlier.date() if earlier else None,
        every=FREQUENCIES[every],
        year_ends=year_ends,
        basis=basis,
        bridged=bridged,
        birth_place=birth_place,
        source_type=source_type,
        linkage=linkage,
        also=also,
        changes=tuple(change_of(change) for change in changes),
        engine=engine,
        memory=memory,
        master=master,
    )
    derived = derive(request, load())
    for outcome, crossings in derived.outcomes.items():
        say(f"{outcome}: {counted(crossings, 'crossing')}")
    for finding in in_words(derived.tables.get("findings")):
        say(finding)
    out.mkdir(parents=True, exist_ok=True)
    for dataset in derived.datasets:
        path = out / f"{dataset.flow.dataflow.ref.id}.csv"
        with open_result(path, ".csv") as file:
            file.write(message_of(dataset, now))
        stage("derive", f"{counted(dataset.observations.height, 'observation')}")
        show(str(path))
    for name in BESIDE:
        (out / f"{name}.csv").unlink(missing_ok=True)  # of an earlier run: it would stand beside figures it is not of
    for name, table in derived.tables.items():
        path = out / f"{name}.csv"
        with open_result(path, ".csv") as file:
            table.write_csv(file)
        show(str(path))


def in_words(findings: DataFrame | None) -> list[str]:
    """Findings on the records, a line each, with the numbers of rows."""
    if findings is None:
        return []
    columns = ("TABLE", "KIND", "COUNT", "ROWS", "WHAT")
    return [
        f"{table}: {kind} in {counted(int(count), 'row')} ({numbers}): {what}"
        for table, kind, count, numbers, what in findings.select(columns).rows()
    ]


def change_of(text: str) -> tuple[str, str]:
    """The name and the value of a parameter that is set."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SdmxmigError(f"“{text}” sets nothing.", hint="Write for example THRESHOLD_DAYS=183.")
    return name.strip(), value.strip()
