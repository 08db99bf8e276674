"""Days as integers from 1 January 1970, and the periods of figures and observation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import shift_months
from sdmxmig.records.rows import write_missing_text

EPOCH = date(1970, 1, 1)


def to_number(day: date) -> int:
    return (day - EPOCH).days


def to_date(number: int) -> date:
    return EPOCH + timedelta(days=number)


def number_dates(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Date).cast(pl.Int32).cast(pl.Int64))


def to_date_type(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Date)


def compute_year(column: str) -> pl.Expr:
    return to_date_type(pl.col(column)).dt.year().cast(pl.Int64)


def add_months(day: pl.Expr, months: int) -> pl.Expr:
    return to_date_type(day).dt.offset_by(f"{months}mo").to_physical().cast(pl.Int64)


PERIOD = "TIME_PERIOD"
MIN_DAYS_OF_MONTH = 28


@dataclass(frozen=True, slots=True)
class Period:
    label: str
    begin: int
    end: int

    @property
    def is_calendar_year(self) -> bool:
        return len(self.label) == len("2024")


def list_days_between(period: Period, first: int, until: int) -> list[int]:
    """Return the days in the records on which periods like this begin or end.

    >>> [str(to_date(day)) for day in list_days_between(Period("1970-Q2", 90, end=181), 1, 300)]
    ['1970-04-01', '1970-07-01', '1970-10-01']
    """
    begin, end = to_date(period.begin), to_date(period.end)
    months = (end.year - begin.year) * 12 + end.month - begin.month
    back = (period.begin - first) // MIN_DAYS_OF_MONTH // months
    ahead = (until - period.begin) // MIN_DAYS_OF_MONTH // months
    days = [to_number(shift_months(begin, months * turn)) for turn in range(-back, ahead + 1)]
    return [day for day in days if first <= day <= until]


def compute_period(periods: Sequence[Period]) -> pl.Expr:
    label = write_missing_text()
    for period in periods:
        within = (pl.col("at") >= period.begin) & (pl.col("at") < period.end)
        label = pl.when(within).then(pl.lit(period.label)).otherwise(label)
    return label


MOTHER, DELIVERY = "MOTHER", "DELIVERY"


@dataclass(frozen=True, slots=True)
class Observation:
    area: str
    first: int
    until: int
    birth_place: str = MOTHER
