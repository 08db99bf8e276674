"""Days as integers from 1 January 1970, and the periods of figures and observation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import months_later
from sdmxmig.records.rows import text_literal

EPOCH = date(1970, 1, 1)


def to_number(day: date) -> int:
    return (day - EPOCH).days


def to_date(number: int) -> date:
    return EPOCH + timedelta(days=number)


def number_dates(frame: pl.DataFrame) -> pl.DataFrame:
    """Replace all dates by numbers of days."""
    return frame.with_columns(pl.col(pl.Date).cast(pl.Int32).cast(pl.Int64))


def compute_year(column: str) -> pl.Expr:
    """Compute the year of day numbers.

    Civil calendar from March (H. Hinnant, chrono-compatible low-level date algorithms, 2013). Numbers are named rarely,
    since SQL repeats expressions.
    """
    shifted = pl.col(column) + 719468
    century = (shifted * 4 + 3) // 146097
    of_century = shifted - century * 146097 // 4
    year = (of_century * 4 + 3) // 1461
    of_year = of_century - year * 1461 // 4
    turned = pl.when(of_year >= 306).then(pl.lit(1)).otherwise(pl.lit(0))
    return (year + century * 100 + turned).cast(pl.Int64)


PERIOD = "TIME_PERIOD"
MIN_DAYS_OF_MONTH = 28


@dataclass(frozen=True, slots=True)
class Period:
    """A period: text, first day, and day after the last."""

    label: str
    begin: int
    end: int

    @property
    def is_calendar_year(self) -> bool:
        return len(self.label) == len("2024")


def days_between(period: Period, first: int, until: int) -> list[int]:
    """Return the days in the records on which periods like this begin or end.

    >>> [str(to_date(day)) for day in days_between(Period("1970-Q2", 90, end=181), 1, 300)]
    ['1970-04-01', '1970-07-01', '1970-10-01']
    """
    begin, end = to_date(period.begin), to_date(period.end)
    months = (end.year - begin.year) * 12 + end.month - begin.month
    back = (period.begin - first) // MIN_DAYS_OF_MONTH // months
    ahead = (until - period.begin) // MIN_DAYS_OF_MONTH // months
    days = [to_number(months_later(begin, months * turn)) for turn in range(-back, ahead + 1)]
    return [day for day in days if first <= day <= until]


def period_of(periods: Sequence[Period]) -> pl.Expr:
    label = text_literal(None)
    for period in periods:
        within = (pl.col("at") >= period.begin) & (pl.col("at") < period.end)
        label = pl.when(within).then(pl.lit(period.label)).otherwise(label)
    return label


MOTHER, DELIVERY = "MOTHER", "DELIVERY"


@dataclass(frozen=True, slots=True)
class Observation:
    """The observed country and days, `first` to before `until`.

    Later information is ignored, for comparability. `birth_place` is from `CL_BIRTH_PLACE`.
    """

    area: str
    first: int
    until: int
    birth_place: str = MOTHER
