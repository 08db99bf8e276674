"""What is asked of person records, and the events that answer it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from sdmxmig.records.crossing_rules import ACTUAL
from sdmxmig.records.spans import Period, days_between

if TYPE_CHECKING:
    from sdmxmig.primitives.lazily import pl
    from sdmxmig.records.engines import Engine
    from sdmxmig.records.observation import Observation
    from sdmxmig.records.residence_rules import ResidenceRule
    from sdmxmig.records.rows import Rows


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of records: under which rule, on which basis, over which periods of the observation."""

    rule: ResidenceRule
    observation: Observation
    _: KW_ONLY
    periods: tuple[Period, ...]
    basis: str = ACTUAL

    @property
    def reference_days(self) -> list[int]:
        """The days on which periods like those that are asked for begin or end, in all of the observation.

        Rules that look back judge them all, so that no figure depends on which other periods are asked for.
        """
        return days_between(self.periods[0], self.observation.first, self.observation.until)


@dataclass(frozen=True, slots=True)
class Records:
    """The tables of records of a country, each a frame of the engine: movements, or else traces (`nights`) or permits.

    Gaps of up to `bridged` nights in traces, between nights on the same side of the border, count as nights there.
    """

    movements: Rows | None
    _: KW_ONLY
    persons: Rows | None = None
    citizenships: Rows | None = None
    nights: Rows | None = None
    permits: Rows | None = None
    bridged: int = 0


@dataclass(frozen=True, slots=True)
class Derivation:
    """A question that is asked of records on an engine."""

    engine: Engine
    records: Records
    _: KW_ONLY
    question: Question


@dataclass(frozen=True, slots=True)
class Events:
    """What came of a question: what every crossing or period turned out to be, with its weight, and the same unweighed.

    `rows` has `person`, `at` (the day), `direction`, `outcome`, `basis`, `weight` in thousandths, `open` (1 where later
    records will decide), `adjusts`, `TIME_PERIOD` (null outside the periods), `c_residence`, `purpose`, `settled` and
    `resided`, the residence after and before where it is certain; `states` in which days residence is certain from then
    on (`settled`); `opened` what open crossings change in the weight of persons among the residents; `spells` are those
    of all persons. `shares` are those by which open crossings are weighed.
    """

    rows: Rows
    states: Rows
    _: KW_ONLY
    opened: Rows
    spells: Rows
    shares: tuple[pl.DataFrame, ...]
