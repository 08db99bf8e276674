"""Emigration by a sample in classes of the last sign of life: also of groups that are too small for a figure."""

from __future__ import annotations

from datetime import date

import polars as pl

from sdmxmig.records.corrected_emigration import CorrectedYear, Sources, compute_corrected_year
from sdmxmig.records.files import PERSONS
from sdmxmig.records.register_coverage import People, Reference

NOBODY = {"person": pl.String, "date": pl.Date}
KINDS = {"text": pl.String, "date": pl.Date, "truth": pl.Boolean}
PEOPLE = {column.name: KINDS[column.kind] for column in PERSONS.columns}


def of_groups(**groups: tuple[int, int, int]) -> CorrectedYear:
    """The emigration of 2023 by sex: of each group 1,000 persons have a sign in 2023, and 40 none since 2022.

    So many of the former are in the sample, none of whom left; so many of the latter, and so many of these left in May.
    """
    persons, signs, sample = [], [], []
    for sex, (active, silent, left) in groups.items():
        names = {year: [f"{sex}-{year}-{n}" for n in range(size)] for year, size in ((2023, 1000), (2022, 40))}
        for year, of_year in names.items():
            persons += [(name, sex) for name in of_year]
            signs += [(name, year) for name in of_year]
        sample += [(name, True, None) for name in names[2023][:active]]
        sample += [(name, False, date(2023, 5, 1)) for name in names[2022][:left]]
        sample += [(name, True, None) for name in names[2022][left:silent]]
    people = pl.DataFrame([{"person": name, "sex": sex} for name, sex in persons], schema=PEOPLE)
    known = {"person": pl.String, "resident": pl.Boolean, "left": pl.Date}
    sources = Sources(
        register=people["person"],
        signs=pl.DataFrame(signs, schema=["record", "year"], orient="row"),
        sample=pl.DataFrame(sample, schema=known, orient="row"),
        exits=pl.DataFrame(schema=NOBODY),
        people=People(people),
    )
    return compute_corrected_year(sources, ("SEX",), Reference("XA", date(2024, 1, 1)))


def test_small_groups_are_merged_by_last_sign_of_life() -> None:
    """Silent persons are checked oftener than others: those of both groups are one class, and not one with the others.

    Of the 80 silent persons 12 of 16 left, so that 60 did; nobody else is known to have left.
    """
    year = of_groups(F=(8, 8, 6), M=(8, 8, 6))
    assert sorted(year.small) == [("F",), ("M",)]
    assert round(year.total.value) == 60


def test_class_with_small_sample_is_estimated_on_its_own() -> None:
    """Nine of 1,000 persons were checked, and all 40 silent ones, 15 of whom left: 15 left, and how sure that is."""
    exits = of_groups(F=(9, 40, 15), M=(100, 40, 0)).groups["F",]
    assert round(exits.value) == 15
    assert exits.variance > 50**2, "nine of 1,000 tell little"
