"""Periods as first days, so that several frequencies share one axis."""

from __future__ import annotations

import datetime as dt

import polars as pl

from sdmxmig.primitives import periods


def first_day(text: str) -> str:
    """Return the first day of a period; moments and other texts stay unchanged.

    >>> first_day("2014-Q2"), first_day("2014-01-15/P1M"), first_day("2014-01-15T12:00:00")
    ('2014-04-01', '2014-01-15', '2014-01-15T12:00:00')
    """
    start, slash, _ = text.partition("/")
    period = periods.parse(start)
    if period is not None:
        return period.first_day.isoformat()
    return start if slash and is_moment(start) else text


def is_moment(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def first_days(values: pl.Series) -> pl.Series:
    distinct = values.drop_nulls().unique()
    days = pl.Series([first_day(text) for text in distinct], dtype=pl.String)
    return values.replace_strict(distinct, days, default=None, return_dtype=pl.String)
