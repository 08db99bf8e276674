"""Questions to records, and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sdmxmig.primitives.lazily import pl
from sdmxmig.records.days import Period, days_between, number_dates

if TYPE_CHECKING:
    from sdmxmig.records.days import Observation
    from sdmxmig.records.residence_rules import ResidenceRule


ACTUAL, INTENDED, GRANTED, MIXED = "ACT", "INT", "GRT", "MIX"
"""Codes of `CL_DUR_BASIS`."""


@dataclass(frozen=True, slots=True)
class Question:
    rule: ResidenceRule
    observation: Observation
    periods: tuple[Period, ...]
    basis: str = ACTUAL

    @property
    def turning_days(self) -> list[int]:
        """The days on which periods begin or end."""
        return sorted({day for period in self.periods for day in (period.begin, period.end)})

    @property
    def reference_days(self) -> list[int]:
        return days_between(self.periods[0], self.observation.first, self.observation.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The tables of records, with numbers for persons and days; `bridged` nights fill gaps in traces."""

    movements: pl.DataFrame | None = None
    persons: pl.DataFrame | None = None
    citizenships: pl.DataFrame | None = None
    nights: pl.DataFrame | None = None
    permits: pl.DataFrame | None = None
    bridged: int = 0


def number_records(tables: Mapping[str, pl.DataFrame], bridged: int = 0) -> Records:
    """Number persons alike in all tables, and days from 1 January 1970."""
    numbered = pl.Categorical(pl.Categories.random())  # forgets its numbers with the last column that has them
    marked = {name: number_dates(table).cast({"person": numbered}) for name, table in tables.items()}
    person = pl.col("person").to_physical().cast(pl.Int64)
    return Records(**{name: table.with_columns(person) for name, table in marked.items()}, bridged=bridged)


@dataclass(frozen=True, slots=True)
class Derivation:
    records: Records
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """The events of a question.

    `rows`: `person`, `at`, `direction`, `outcome`, `basis`, `weight` (thousandths), `open`, `adjusts`, `TIME_PERIOD`,
    `c_residence`, `purpose`, `settled`, `resided`. `states` are certain residences, `opened` weights of open crossings.
    """

    rows: pl.DataFrame
    states: pl.DataFrame
    opened: pl.DataFrame
    spells: pl.DataFrame
