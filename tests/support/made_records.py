"""Small tables of records for tests."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from folders import write_files
from night_by_night import Person, random_person

from sdmxmig.cli import run
from sdmxmig.records.files import CITIZENSHIPS, MOVEMENTS, PERSONS, RecordTable
from sdmxmig.records.residence_rules import Records

TYPES = {"text": pl.String, "date": pl.Date, "whole": pl.Int64, "truth": pl.Boolean}
EPOCH = dt.date(1970, 1, 1)
AREA = "AA"
DIMENSIONS = ("BIRTH_STATUS", "CTZ_STATUS", "SEX", "AGE", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE")
"""The dimensions of flows that may be totals."""


def table_options(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Write tables of records, and return the options of `derive` that name them."""
    write_files(folder, {f"{name}.csv": content for name, content in files.items()})
    return [word for name in files for word in (f"--{name}", str(folder / f"{name}.csv"))]


def derive(folder: Path, files: Mapping[str, str], *words: str) -> int:
    """Run `derive` on tables, for Moldova under the 12/16 rule unless the words say otherwise; the exit code."""
    asked = ["--area", "MD", "--rule", "R12_16", "--from", "2018-01-01", "--to", "2023-12-31"]
    return run(["derive", *table_options(folder, files), *asked, "-o", str(folder / "out"), *words])


def day(number: int) -> dt.date:
    return EPOCH + dt.timedelta(days=number)


def number(text: str) -> int:
    return (dt.date.fromisoformat(text) - EPOCH).days


def table(kind: RecordTable, rows: list[Mapping[str, Any]]) -> pl.DataFrame:
    """A table of records with all columns; missing values are empty."""
    schema = {column.name: TYPES[column.kind] for column in kind.columns}
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def movements_of(people: Mapping[str, Person]) -> pl.DataFrame:
    return table(
        MOVEMENTS,
        [
            {"person": name, "date": day(when), "direction": direction, "sequence": sequence}
            for name, person in people.items()
            for when, direction, sequence in person.crossings
        ],
    )


def persons_of(people: Mapping[str, Person]) -> pl.DataFrame:
    def country(known: bool | None) -> str | None:
        return None if known is None else AREA if known else "BB"

    return table(
        PERSONS,
        [
            {
                "person": name,
                "birth_date": None if person.born is None else day(person.born),
                "death_date": None if person.died is None else day(person.died),
                "c_birth": country(person.native),
                "c_mother": country(person.mother),
                "resident": person.resident,
            }
            for name, person in people.items()
        ],
    )


def people_drawn(seed: int, count: int, first: int, until: int) -> dict[str, Person]:
    """Random people; the day of birth of most is known."""
    dice = random.Random(seed)
    people = {f"P{index}": random_person(dice, first, until) for index in range(count)}
    for person in people.values():
        if person.born is None and dice.random() < 0.7:
            person.born = first - dice.randrange(1_000, 30_000)
            person.native, person.mother = dice.choice([None, True, False]), dice.choice([None, True, False])
    return people


def build_frames(people: Mapping[str, Person], seed: int) -> dict[str, pl.DataFrame]:
    """Records of people in random order, with sex, citizenships, and statements at the border."""
    dice = random.Random(seed)
    first, last = min(dates := movements_of(people)["date"].to_list()), max(dates)
    countries, days = (AREA, "BB", "CC", None), (None, 0, 30, 90, 180, 364, 365, 400)
    told: dict[str, dict[str, tuple[object, ...]]] = {
        "movements": {
            "c_residence": countries[1:],
            "purpose": ("TMP_LAB", "TMP_EDU", "TOUR", "MIG", None),
            "granted_days": days,
            "intended_days": days,
        },
        "persons": {"sex": ("F", "M", None), "c_citizen": countries},
    }
    changes: list[Mapping[str, Any]] = [
        {"person": name, "date": first + (last - first) * dice.random(), "c_citizen": dice.choice(countries[:2])}
        for name in people
        if dice.random() < 0.2
    ]
    frames = {"movements": movements_of(people), "persons": persons_of(people)}
    for name, columns in told.items():
        frame = frames[name]
        drawn = {column: dice.choices(values, k=frame.height) for column, values in columns.items()}
        frames[name] = frame.with_columns(pl.Series(key, row, frame.schema[key]) for key, row in drawn.items())
    frames["citizenships"] = table(CITIZENSHIPS, changes)
    return {name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in frames.items()}


def name_persons(rows: pl.DataFrame, records: Records, **frames: pl.DataFrame) -> pl.DataFrame:
    """Rows with the names of persons in the frames, whose numbers they have in the records."""
    numbered = [(frame["person"], getattr(records, name)["person"]) for name, frame in frames.items()]
    names = {number: name for both in numbered for name, number in zip(*both, strict=True)}
    return rows.with_columns(pl.col("person").replace_strict(names, return_dtype=pl.String))


def written(folder: Path, **frames: pl.DataFrame) -> dict[str, Path]:
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in frames}
