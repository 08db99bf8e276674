"""Open crossings in stocks and accounts: the weight of a resident is between zero and one."""

from __future__ import annotations

import polars as pl
import pytest
from compared_nights import FROM_CROSSINGS, LOOKING_BACK
from derived_accounts import account_rows
from made_records import AREA, build_frames, number, people_drawn

from sdmxmig.records.accounts import select_residents
from sdmxmig.records.derivation import derive_events, weigh_open_crossings
from sdmxmig.records.residence_rules import OPEN_SPELL, Derivation, Question, number_records
from sdmxmig.records.rows import Observation, Period
from sdmxmig.records.spells import BIRTH, CROSSING, START

OBSERVED = Observation(AREA, number("2018-01-01"), until=number("2022-04-01"))
QUARTERS = [
    Period(f"{year}-Q{quarter}", number(f"{year}-{3 * quarter - 2:02}-01"), end=end)
    for year in (2020, 2021)
    for quarter, end in enumerate(
        (number(f"{year}-04-01"), number(f"{year}-07-01"), number(f"{year}-10-01"), number(f"{year + 1}-01-01")), 1
    )
]
"""Quarters: a rule that looks back may not know who lives here on a day, and know it on the next one."""


@pytest.mark.parametrize(
    "rule", ["R12_16", "R6", *(pytest.param(rule, marks=pytest.mark.long) for rule in ("R12_12", "REU28"))]
)
def test_residence_weight_of_a_person_is_at_most_1(rule: str) -> None:
    records = number_records(build_frames(people_drawn(11, 600, OBSERVED.first, OBSERVED.until), 11))
    question = Question({**FROM_CROSSINGS, **LOOKING_BACK}[rule], OBSERVED, periods=tuple(QUARTERS))
    derivation = Derivation(records, question)
    events = derive_events(derivation)
    assert account_rows(derivation, events), "accounts close, or they are not written"
    stocks = [select_residents(events, period.end) for period in QUARTERS]
    weights = pl.concat(stocks).group_by("person", "at").agg(pl.col("weight").sum(), pl.col("open").max())
    assert weights.filter(pl.col("open") == 1).height > 10
    assert weights.filter(~pl.col("weight").is_between(0, 1000)).rows() == []


@pytest.mark.parametrize(
    ("known", "crossings", "expected"),
    [
        ([], [("I", 1, 600)], [(1, 600, 0)]),
        ([], [("E", 1, 600)], [(1, 0, 600)]),
        ([(0, START, 0)], [("E", 1, 600), ("I", 2, 500)], [(1, 0, 600), (2, 500, 0)]),
        ([(0, START, 1)], [("I", 1, 400), ("E", 2, 300)], [(1, 0, -400), (2, -300, 0)]),
        ([(0, START, 1)], [("E", 1, 300), ("E", 2, 900)], [(1, -300, 0), (2, -700, 200)]),
        (
            [(0, START, 0)],
            [("I", 1, 600), ("I", 2, 700), ("E", 3, 1000)],
            [(1, 600, 0), (2, 400, -300), (3, -700, 300)],
        ),
        ([(0, START, 0), (5, CROSSING, 1)], [("I", 1, 600)], [(1, 600, 0), (5, -600, -600)]),
        ([(0, START, 0), (5, START, 0)], [("I", 1, 600), ("I", 7, 100)], [(1, 600, 0), (4, -600, -600), (7, 100, 0)]),
        ([(0, BIRTH, 1)], [("E", 0, 250)], [(0, -250, 0)]),
    ],
    ids=[
        *("comes", "unknown leaves", "away, leaves, comes", "here, comes, leaves", "leaves twice"),
        *("comes twice, leaves", "known to live here later", "known to live elsewhere later", "born and gone"),
    ],
)
def test_open_crossing_changes_a_figure_by_at_most_1_person(
    known: list[tuple[int, int, int]],
    crossings: list[tuple[str, int, int]],
    expected: list[tuple[int, int, int]],
) -> None:
    """Expected by day: the addition, and the part that is an adjustment; a second person counts separately."""
    events = [
        {"person": who, "direction": way, "at": day, "weight": weight, "outcome": OPEN_SPELL, "open": 1}
        for who in (1, 2)
        for way, day, weight in crossings
    ]
    states = [
        {"person": who, "begin": day, "origin": origin, "settled": home}
        for who in (1, 2)
        for day, origin, home in known
    ]
    columns = {"person": pl.Int64, "begin": pl.Int64, "origin": pl.Int64, "settled": pl.Int64}
    rows = weigh_open_crossings(pl.DataFrame(events), pl.DataFrame(states, schema=columns))
    for who in (1, 2):
        changes = rows.filter(pl.col("person") == who).sort("turned").select("turned", "weight", "adjusts").rows()
        assert changes == expected
