"""Simulated registers and their truth, and what `sdmxmig coverage` states of them; `stated_errors` compares both.

A country is simulated (`sdmxmig.records.simulation`) with the declared faults of its sources, and `sdmxmig coverage`
receives what an office would have: the register with its moves, a survey, signs of life from social security, and a
sample of the register with known departures. Records are linked by the truth, so that only coverage is judged.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.records.files import SIMULATED
from sdmxmig.records.simulation.life_courses import MOVED, RandomDraws
from sdmxmig.records.simulation.populations import HOME_COUNTRY
from sdmxmig.records.simulation.record_faults import build_identities
from sdmxmig.records.simulation.sources import Source, build_register, build_social, build_survey, create_source
from sdmxmig.records.simulation.true_tables import Truth, World, build_truth_tables, convert_to_date, record_truth
from sdmxmig.workspace.tasks.coverage_estimation import Coverage, estimate_coverage
from sdmxmig.workspace.tasks.coverage_request import CoverageRequest

PERSONS, FIRST, LAST = 10_000, 2004, 2021
SAMPLED = 0.5
"""The share of the register of whose persons it was found out whether they live in the country."""
DAY = date(LAST + 1, 1, 1)
LISTS, THIRD = ("register", "survey"), "social"
"""The third list has everybody with a sign of life in the year: many of those who left in it, too."""


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
    """An estimate with its 95 % interval, and the truth."""

    truth: float
    value: float
    low: float
    high: float


def persons_of(source: Source, table: pl.DataFrame, column: str) -> pl.DataFrame:
    links = source.links.rename({"record": column, "person": "who"})
    return table.join(links, on=column, how="left").with_columns(pl.col("who").alias(column)).drop("who")


def registered_days(register: Source) -> pl.DataFrame:
    """Since when, and until when, persons are in the register; columns: person, begin, end."""
    people = register.tables["persons"]
    starts = people.filter("resident").select("person", date=pl.lit(date(1900, 1, 1)), sign=pl.lit(1))
    births = people.filter(pl.col("c_mother") == HOME_COUNTRY).select("person", date="known_from", sign=pl.lit(1))
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
    truth = record_truth(World(persons, seed, first_year=first, last_year=LAST))
    return truth, build_identities(truth)


def country_of(seed: int, draw: int, persons: int = PERSONS, first: int = FIRST) -> Country:
    """Simulate a country with its sources, which vary by draw."""
    truth, identities = truth_with(seed, persons, first)
    truth = replace(truth, world=replace(truth.world, seed=1000 * seed + draw))
    register, social, survey = (
        make(create_source(name, truth, identities))
        for name, make in (("register", build_register), ("social", build_social), ("survey", build_survey))
    )
    days = persons_of(register, registered_days(register), "person").sort("person", "begin")
    listed = days.filter(pl.col("end").is_null())["person"].unique().sort()
    ids = truth.persons["id"]
    living = truth.stays.filter(pl.col("here") & (pl.col("end") >= truth.until))
    residents = ids.gather(living["person"]).unique()
    gone = left_of(truth)
    year = pl.col("left") >= date(LAST, 1, 1)
    ever = days["person"].unique()
    chance = RandomDraws(truth.world.seed, "training")
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
            "persons": build_truth_tables(truth)["persons"].drop("mother", "twin"),
            "citizenships": build_truth_tables(truth)["citizenships"],
        },
    )


def left_of(truth: Truth) -> pl.DataFrame:
    """When persons left the country; columns: person, left."""
    moves = truth.stays.filter(pl.col("here") & (pl.col("closed") == MOVED))
    following = truth.stays.select("person", begin="begin", next="here")
    away = moves.join(following, left_on=["person", "end"], right_on=["person", "begin"], how="left")
    return away.filter(~pl.col("next").fill_null(value=False)).select(
        person=truth.persons["id"].gather(away.filter(~pl.col("next").fill_null(value=False))["person"]),
        left=convert_to_date("end"),
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
            HOME_COUNTRY,
            DAY,
            lists={name: paths[name] for name in lists},
            rule="R12_16",
            files={name: paths[table] for name, table in files.items()},
            by=("CTZ_STATUS",),
        )
        return estimate_coverage(request, catalogue())


def results(country: Country, lists: tuple[str, ...] = LISTS) -> dict[str, Result]:
    """Return estimates with truth: population, overcoverage, and emigration of the last year.

    Raises `SdmxmigError` if the index does not tell residents from others.
    """
    made, third = covered(country, lists), covered(country, (*lists, THIRD))
    other, over = covered(country, lists, LISTED_ALONE).year, made.population.over
    found = {
        "population": result_of(
            country.residents, made.population.total.value, (made.population.total.low, made.population.total.high)
        ),
        f"population, {THIRD} as a third list": result_of(
            country.residents, third.population.total.value, (third.population.total.low, third.population.total.high)
        ),
    }
    if over:
        found["absent"] = result_of(country.absent, over.absent, over.interval)
    for name, year in (("emigration", made.year), ("emigration, exits not sampled", other)):
        if year:
            found[name] = result_of(country.emigrants, year.total.value, year.total.interval)
    return found


def two_lists(country: Country) -> Result:
    """Return the population of two lists alone, which count persons who have left as well."""
    made = covered(country, files={name: name for name in ("persons", "citizenships")}).population.total
    return result_of(country.residents + country.absent, made.value, (made.low, made.high))


def result_of(truth: float, value: float, interval: tuple[float, float]) -> Result:
    return Result(truth=truth, value=value, low=interval[0], high=interval[1])
