"""The search for doubtful records and the derivation of spells use the same day of each crossing."""

from __future__ import annotations

import random

import polars as pl
from made_records import AREA, day, name_persons, number, table

from sdmxmig.records.doubtful_records import list_event_days
from sdmxmig.records.files import MOVEMENTS
from sdmxmig.records.residence_rules import number_records
from sdmxmig.records.rows import ROW, Observation, arrange
from sdmxmig.records.spells import CROSSING, SORT_COLUMNS, build_starts, find_crossings, reduce_to_days

OBSERVED = Observation(AREA, number("2020-01-01"), until=number("2021-01-01"))
PLACES = (None, None, None, -480, 480, 600)


def crossings_of_days(count: int) -> pl.DataFrame:
    """One to five crossings of each of so many persons on one of three days, some of them without a place in it."""
    dice = random.Random(7)
    rows = [
        {
            "person": f"P{person:04}",
            "date": day(OBSERVED.first + dice.randrange(3)),
            "direction": dice.choice(("ENTRY", "EXIT")),
            "sequence": dice.choice(PLACES),
        }
        for person in range(count)
        for _ in range(dice.randrange(1, 6))
    ]
    return table(MOVEMENTS, rows)


def test_event_days_agree_with_ordered_crossings() -> None:
    rows = crossings_of_days(500)
    days = list_event_days(rows.with_row_index(ROW, 1)).join(
        rows.with_row_index(ROW, 1).select(ROW, name="person"), on=ROW
    )
    ordered = (pl.col("turns") == 0) | ((pl.col("order") != pl.col("last")) & (pl.col("timeless") == 0))
    told = days.filter(ordered).select("name", "day", before=1 - pl.col("begins"), after="ends")
    records = number_records({"movements": rows})
    assert records.movements is not None
    parts = [build_starts(records.movements, None, OBSERVED), find_crossings(records.movements, OBSERVED)]
    crossed = reduce_to_days(arrange(pl.concat(parts), SORT_COLUMNS)).filter(pl.col("origin") == CROSSING)
    made = name_persons(crossed.select("person", "day", "before", "after"), records, movements=rows)
    assert sorted(made.rows()) == sorted(told.rows())
    assert 300 < made.height < days.height - 100, "of some days nothing is ordered"
