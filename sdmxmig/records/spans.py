"""Periods of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.primitives.lazily import nw
from sdmxmig.records.days import date_of, months_later, number_of
from sdmxmig.records.rows import text

PERIOD = "TIME_PERIOD"
LEAST_DAYS = 28
"""No month is shorter."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period: text, first day, and day after the last."""

    label: str
    begin: int
    _: KW_ONLY
    end: int

    @property
    def is_calendar_year(self) -> bool:
        return len(self.label) == len("2024")


def days_between(period: Period, first: int, until: int) -> list[int]:
    """The days from the first to the last one of records on which periods like this one begin or end.

    >>> [str(date_of(day)) for day in days_between(Period("1970-Q2", 90, end=181), 1, 300)]
    ['1970-04-01', '1970-07-01', '1970-10-01']
    """
    begin, end = date_of(period.begin), date_of(period.end)
    months = (end.year - begin.year) * 12 + end.month - begin.month
    back = (period.begin - first) // LEAST_DAYS // months
    ahead = (until - period.begin) // LEAST_DAYS // months
    days = [number_of(months_later(begin, months * turn)) for turn in range(-back, ahead + 1)]
    return [day for day in days if first <= day <= until]


def period_of(periods: Sequence[Period]) -> nw.Expr:
    label = text(None)
    for period in periods:
        within = (nw.col("at") >= period.begin) & (nw.col("at") < period.end)
        label = nw.when(within).then(nw.lit(period.label)).otherwise(label)
    return label
