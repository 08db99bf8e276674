"""The periods of which figures are asked, and into which of them a day falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.lazily import nw
from sdmxmig.records.rows import text

PERIOD = "TIME_PERIOD"


@dataclass(frozen=True, slots=True)
class Period:
    """A period of which figures are asked: its text in SDMX, its first day, and the day after its last, as numbers."""

    label: str
    begin: int
    _: KW_ONLY
    end: int

    @property
    def is_calendar_year(self) -> bool:
        """Whether it is a year as the calendar has them, by its text."""
        return len(self.label) == len("2024")


def period_of(periods: Sequence[Period]) -> nw.Expr:
    """The period that the day `at` falls in."""
    label = text(None)
    for period in periods:
        within = (nw.col("at") >= period.begin) & (nw.col("at") < period.end)
        label = nw.when(within).then(nw.lit(period.label)).otherwise(label)
    return label
