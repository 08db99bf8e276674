"""Days as whole numbers: the calendar reckoned on them is that of Python."""

from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl

from sdmxmig.records.days import date_of, number_of, numbered, year_of


def test_years_and_numbers_of_all_days_from_1901_to_2099() -> None:
    days = [dt.date(1901, 1, 1) + dt.timedelta(days=step) for step in range(72_684)]
    assert days[-1] == dt.date(2099, 12, 31)
    frame = nw.from_native(pl.DataFrame({"day": days, "number": [number_of(day) for day in days]}))
    rows = frame.select(year=year_of("number"), number=numbered("day"), same="number").to_native()
    assert rows["year"].to_list() == [day.year for day in days]
    assert rows["number"].equals(rows["same"])
    assert date_of(number_of(days[-1])) == days[-1]
