"""Questions to records, and events."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.records.days import Period, days_between

if TYPE_CHECKING:
    from sdmxmig.primitives.lazily import pl
    from sdmxmig.records.days import Observation
    from sdmxmig.records.engines import Engine
    from sdmxmig.records.residence_rules import ResidenceRule
    from sdmxmig.records.rows import Rows


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


@dataclass(frozen=True, slots=True)
class Records:
    """The tables of records; `bridged` nights fill gaps in traces."""

    movements: Rows | None
    _: KW_ONLY
    persons: Rows | None = None
    citizenships: Rows | None = None
    nights: Rows | None = None
    permits: Rows | None = None
    bridged: int = 0


@dataclass(frozen=True, slots=True)
class Derivation:
    engine: Engine
    records: Records
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """The events of a question.

    `rows`: `person`, `at`, `direction`, `outcome`, `basis`, `weight` (thousandths), `open`, `adjusts`, `TIME_PERIOD`,
    `c_residence`, `purpose`, `settled`, `resided`. `states` are certain residences, `opened` weights of open crossings.
    """

    rows: Rows
    states: Rows
    opened: Rows
    spells: Rows
    shares: tuple[pl.DataFrame, ...]
