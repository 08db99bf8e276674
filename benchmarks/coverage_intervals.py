"""Coverage of simulated registers against their truth: do 95 % intervals contain it, and is overcoverage recovered?

A case is a seed: a country is simulated (`sdmxmig.records.simulation`) with the declared faults of its sources, and
`sdmxmig coverage` receives what an office would have: the register with its moves, a survey, signs of life from social
security, and a sample of the register with known departures. Records are linked by the truth, so that only coverage is
judged. `python -m benchmarks.coverage_intervals` runs all cases.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.corrected_emigration import CorrectedYear
from sdmxmig.records.record_tables import SIMULATED
from sdmxmig.records.simulation.lives import MOVED
from sdmxmig.records.simulation.people import Chance
from sdmxmig.records.simulation.populations import HOME
from sdmxmig.records.simulation.record_faults import identities_of
from sdmxmig.records.simulation.sources import Source, register_of, social_of, source_view, survey_of
from sdmxmig.records.simulation.truth import Truth, World, as_date, truth_of, truth_tables
from sdmxmig.workspace.tasks.coverage_statements import CoverageRequest
from sdmxmig.workspace.tasks.covering import Coverage, coverage

PERSONS, SEEDS, DRAWS, FIRST, LAST = 10_000, range(300, 320), 10, 2004, 2021
SAMPLED = 0.5
"""The share of the register of whose persons it was found out whether they live in the country."""
DAY = date(LAST + 1, 1, 1)
LISTS, THIRD = ("register", "survey"), "social"
"""The third list has everybody with a sign of life in the year: many of those who left in it, too."""


@dataclass(frozen=True, slots=True)
class Case:
    """A simulated country by its seed, and which draw of its sources."""

    seed: int
    draw: int

    @property
    def id(self) -> str:
        return f"{self.seed}, draw {self.draw}"


def cases() -> Iterator[Case]:
    return (Case(seed, draw) for seed in SEEDS for draw in range(DRAWS))


def outcome(case: Case) -> str:
    """Return the estimates and truth of a case as JSON, or the reason for missing ones."""
    try:
        estimates = results(country_of(case.seed, case.draw))
    except SdmxmigError as error:
        return error.message
    rows = {name: [row.truth, row.value, row.low, row.high, row.before] for name, row in estimates.items()}
    return json.dumps({name: [round(number, 1) for number in row] for name, row in rows.items()})


@dataclass(frozen=True, slots=True, eq=False)
class Country:
    """A simulated country: the truth on the day, and the tables of an office by name."""

    seed: int
    _: KW_ONLY
    residents: int
    absent: int
    emigrants: int
    all_emigrants: int
    tables: dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An estimate with its 95 % interval, the truth, and the count without estimation."""

    truth: float
    value: float
    low: float
    high: float
    before: float

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


def persons_of(source: Source, table: pl.DataFrame, column: str) -> pl.DataFrame:
    links = source.links.rename({"record": column, "person": "who"})
    return table.join(links, on=column, how="left").with_columns(pl.col("who").alias(column)).drop("who")


def registered_days(register: Source) -> pl.DataFrame:
    """Since when, and until when, persons are in the register; columns: person, begin, end."""
    people = register.tables["persons"]
    starts = people.filter("resident").select("person", date=pl.lit(date(1900, 1, 1)), sign=pl.lit(1))
    births = people.filter(pl.col("c_mother") == HOME).select("person", date="known_from", sign=pl.lit(1))
    moves = register.tables["movements"].select(
        "person", "date", sign=pl.when(pl.col("direction") == "ENTRY").then(1).otherwise(-1)
    )
    deaths = people.filter(pl.col("death_date").is_not_null()).select("person", date="death_date", sign=pl.lit(-1))
    rows = pl.concat([starts, births, moves, deaths.select("person", "date", "sign")]).sort("person", "date")
    rows = rows.filter(pl.col("date") < DAY)
    changed = rows.filter(pl.col("sign") != pl.col("sign").shift(1).over("person").fill_null(-1))
    ended = changed.with_columns(end=pl.col("date").shift(-1).over("person"))
    days = ended.filter(pl.col("sign") == 1).select("person", begin="date", end="end")
    return days.filter(pl.col("end").is_null() | (pl.col("end") > pl.col("begin")))


@lru_cache(maxsize=2)
def truth_with(seed: int, persons: int, first: int) -> tuple[Truth, pl.DataFrame]:
    """Return the truth of a country and the identities of its persons."""
    truth = truth_of(World(persons, seed, first_year=first, last_year=LAST))
    return truth, identities_of(truth)


def country_of(seed: int, draw: int, persons: int = PERSONS, first: int = FIRST) -> Country:
    """Simulate a country with its sources, which vary by draw."""
    truth, identities = truth_with(seed, persons, first)
    truth = replace(truth, world=replace(truth.world, seed=1000 * seed + draw))
    register, social, survey = (
        make(source_view(name, truth, identities))
        for name, make in (("register", register_of), ("social", social_of), ("survey", survey_of))
    )
    days = persons_of(register, registered_days(register), "person").sort("person", "begin")
    listed = days.filter(pl.col("end").is_null())["person"].unique().sort()
    ids = truth.persons["id"]
    living = truth.stays.filter(pl.col("here") & (pl.col("end") >= truth.until))
    residents = ids.gather(living["person"]).unique()
    gone = left_of(truth)
    year = pl.col("left") >= date(LAST, 1, 1)
    ever = days["person"].unique()
    chance = Chance(truth.world.seed, "training")
    moves = persons_of(register, register.tables["movements"], "person").select("person", "date", "direction")
    exits = moves.filter((pl.col("direction") == "EXIT") & pl.col("date").is_between(date(LAST, 1, 1), DAY, "left"))
    framed = pl.concat([listed, exits["person"]]).unique().sort()
    sample = pl.DataFrame({"person": framed.filter(pl.Series(chance.happens(SAMPLED, framed.len())))})
    training = sample.with_columns(resident=pl.col("person").is_in(residents.implode())).join(
        gone.group_by("person").agg(pl.col("left").max()), on="person", how="left"
    )
    training = training.with_columns(left=pl.when(~pl.col("resident")).then("left"))
    leaving = gone.filter(year)
    return Country(
        seed,
        residents=residents.len(),
        absent=listed.filter(~listed.is_in(residents.implode())).len(),
        emigrants=leaving.filter(pl.col("person").is_in(ever.implode())).height,
        all_emigrants=leaving.height,
        tables={
            "register": days,
            "survey": persons_of(survey, survey.tables["identities"].select("record"), "record").rename(
                {"record": "person"}
            ),
            "movements": moves,
            "social": persons_of(social, social.tables["signs"].filter(pl.col("year") == LAST), "record")
            .select(person="record")
            .unique()
            .sort("person"),
            "signs": persons_of(social, social.tables["signs"], "record").select("record", "year", "sign"),
            "training": training,
            "listed": training.filter(pl.col("person").is_in(listed.implode())),
            "persons": truth_tables(truth)["persons"].drop("mother", "twin"),
            "citizenships": truth_tables(truth)["citizenships"],
        },
    )


def left_of(truth: Truth) -> pl.DataFrame:
    """When persons left the country; columns: person, left."""
    moves = truth.stays.filter(pl.col("here") & (pl.col("closed") == MOVED))
    following = truth.stays.select("person", begin="begin", next="here")
    away = moves.join(following, left_on=["person", "end"], right_on=["person", "begin"], how="left")
    return away.filter(~pl.col("next").fill_null(value=False)).select(
        person=truth.persons["id"].gather(away.filter(~pl.col("next").fill_null(value=False))["person"]),
        left=as_date("end"),
    )


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    return load()


FILES = {name: name for name in ("signs", "training", "movements", "persons", "citizenships")}
"""What an office names besides lists, and the table that it names."""
LISTED_ALONE = {**FILES, "training": "listed"}
"""The same with a sample that has nobody whose exit was registered."""


def covered(country: Country, lists: tuple[str, ...] = LISTS, files: Mapping[str, str] = FILES) -> Coverage:
    """Run coverage on the sources of a country, by citizenship."""
    with tempfile.TemporaryDirectory() as place:
        paths = {}
        for name, table in country.tables.items():
            paths[name] = Path(place) / f"{name}.parquet"
            table.with_columns(pl.lit(value=True).alias(SIMULATED)).write_parquet(paths[name])
        request = CoverageRequest(
            HOME,
            DAY,
            lists={name: paths[name] for name in lists},
            rule="R12_16",
            files={name: paths[table] for name, table in files.items()},
            by=("CTZ_STATUS",),
        )
        return coverage(request, catalogue())


def results(country: Country, lists: tuple[str, ...] = LISTS) -> dict[str, Result]:
    """Return estimates with truth: population, overcoverage, and emigration of the last year."""
    made = covered(country, lists)
    total, year, parts = made.population.total, made.year, made.population.parts
    over = made.population.over
    registered = sum(part.group.registered for part in parts)
    found = {
        "population": Result(
            truth=country.residents, value=total.value, low=total.low, high=total.high, before=registered
        ),
        "absent": Result(
            truth=country.absent,
            value=over.absent if over else 0.0,
            low=over.interval[0] if over else 0.0,
            high=over.interval[1] if over else 0.0,
            before=0,
        ),
    }
    if year:
        found["emigration"] = emigration_of(country, year)
    third = covered(country, (*lists, THIRD)).population.total
    found[f"population, {THIRD} as a third list"] = Result(
        truth=country.residents, value=third.value, low=third.low, high=third.high, before=registered
    )
    other = covered(country, lists, LISTED_ALONE).year
    if other:
        found["emigration, exits not sampled"] = emigration_of(country, other)
    return found


def emigration_of(country: Country, year: CorrectedYear) -> Result:
    """Return the estimated emigration of the last year with its truth."""
    low, high = year.total.interval
    return Result(truth=country.emigrants, value=year.total.value, low=low, high=high, before=year.total.registered)


def summary(outcomes: list[str]) -> list[str]:
    """Return table lines: how often intervals contain the truth, and the mean deviation of estimates."""
    known = [json.loads(text) for text in outcomes if text.startswith("{")]
    lines = [
        "| figure | runs | interval holds the truth | mean truth | mean estimate | before correction | mean width |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in dict.fromkeys(name for row in known for name in row):
        rows = [row[name] for row in known if name in row]
        held = sum(low <= truth <= high for truth, _, low, high, _ in rows)
        means = " | ".join(f"{sum(row[place] for row in rows) / len(rows):,.1f}" for place in (0, 1, 4))
        width = sum(high - low for _, _, low, high, _ in rows) / len(rows)
        lines.append(f"| {name} | {len(rows)} | {held} ({held / len(rows):.1%}) | {means} | {width:,.1f} |")
    return [*lines, "", f"In {len(outcomes) - len(known)} of {len(outcomes)} runs there was no estimate, and a reason."]


def main() -> None:
    """Run all cases, or those of some countries, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--countries", type=int, default=len(SEEDS))
    countries = SEEDS[: parser.parse_args().countries]
    outcomes = [outcome(case) for case in cases() if case.seed in countries]
    print("\n".join(summary(outcomes)))  # noqa: T201 - what is asked for


if __name__ == "__main__":
    main()
