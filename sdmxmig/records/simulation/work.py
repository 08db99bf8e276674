"""Work and schooling of simulated persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.records.simulation.chance import Chance
from sdmxmig.records.simulation.made_up import HOME
from sdmxmig.records.simulation.people import first_days

if TYPE_CHECKING:
    from sdmxmig.records.simulation.chance import Flags, Whole
    from sdmxmig.records.simulation.truth import Truth

WORKING_AGES = (18, 64)
EMPLOYED = {True: 0.68, False: 0.6}
"""The share of persons of working age who work, of natives and of those born abroad."""
STEADY = 0.8
"""The weight of what is a person's own, against that of the year, in who works."""
LEAST_SCHOOL, MOST_SCHOOL = 4, 17
YEAR = 365.25


def works_in(truth: Truth, year: int) -> Flags:
    """For each person whether it works in a year, if it is in the country."""
    number = truth.persons.height
    own = Chance(truth.world.seed, "work").uniform(number)
    of_year = Chance(truth.world.seed, f"work {year}").uniform(number)
    native = (truth.persons["c_birth"] == HOME).to_numpy()
    share = np.where(native, EMPLOYED[True], EMPLOYED[False])
    drawn = np.where(of_year < STEADY, own, (of_year - STEADY) / (1 - STEADY))
    age = (first_days(np.array([year + 1]))[0] - truth.persons["born"].to_numpy()) / YEAR
    working: Flags = (drawn < share) & (age >= WORKING_AGES[0]) & (age < WORKING_AGES[1] + 1)
    return working


def schooling_of(truth: Truth) -> Whole:
    number = truth.persons.height
    years = Chance(truth.world.seed, "school").between(LEAST_SCHOOL, MOST_SCHOOL, number)
    age = ((truth.until - truth.persons["born"].to_numpy()) / YEAR).astype(np.int64)
    return np.clip(np.minimum(years, age - 6), 0, None)


def characteristics_of(truth: Truth) -> pl.DataFrame:
    living = truth.stays.filter(pl.col("here") & (pl.col("end") >= truth.until))["person"].unique().sort()
    places = living.to_numpy()
    return pl.DataFrame(
        {
            "person": places,
            "employed": works_in(truth, truth.world.last_year)[places],
            "schooling": schooling_of(truth)[places],
        }
    )
