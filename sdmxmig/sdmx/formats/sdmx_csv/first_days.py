"""Periods as the days on which they begin, so that those of several frequencies stand on one axis."""

from __future__ import annotations

import datetime as dt

import polars as pl

from sdmxmig.primitives import periods


def first_day(text: str) -> str:
    """The day on which a period begins; what is already a moment, or no period, stays as it is.

    >>> first_day("2014-Q2"), first_day("2014-01-15/P1M"), first_day("2014-01-15T12:00:00")
    ('2014-04-01', '2014-01-15', '2014-01-15T12:00:00')
    """
    start, slash, _ = text.partition("/")
    period = periods.parse(start)
    if period is not None:
        return period.first_day.isoformat()
    return start if slash and is_moment(start) else text


def is_moment(text: str) -> bool:
    """Whether a text is a day with a time."""
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def first_days(values: pl.Series) -> pl.Series:
    """A column of periods as the days on which they begin."""
    distinct = values.drop_nulls().unique()
    days = pl.Series([first_day(text) for text in distinct], dtype=pl.String)
    return values.replace_strict(distinct, days, default=None, return_dtype=pl.String)
