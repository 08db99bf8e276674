"""Small tables of records for tests, and engines to run them on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sdmxmig.records.record_tables import MOVEMENTS, PERSONS, RecordTable

if TYPE_CHECKING:
    from night_by_night import Person

TYPES = {"text": pl.String, "date": pl.Date, "whole": pl.Int64, "truth": pl.Boolean}
EPOCH = dt.date(1970, 1, 1)
AREA = "AA"


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


def written(folder: Path, **frames: pl.DataFrame) -> dict[str, Path]:
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in frames}
