"""Flows, stocks and accounts of random people by permits and intentions, as reckoned night by night."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_accounts import CASES, LOOKING_BACK, PERMIT, counted, drawn, events_counted, events_reckoned, reckoned

from sdmxmig.records.engines import DUCKDB, POLARS, SPARK

IN_CI = (PERMIT, "R12_16 INT", "R12_12 MIX")


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case in IN_CI else pytest.mark.long) for case in CASES]
)
def test_accounts_are_those_of_reckoning_night_by_night(case: str, tmp_path: Path) -> None:
    people = drawn(case, 7, 60)
    told = counted(case, people, tmp_path, POLARS, shuffled=3)
    assert told == reckoned(case, people)
    assert told["outcomes"]


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case == "R6 INT" else pytest.mark.long) for case in LOOKING_BACK]
)
def test_stated_intention_counts_for_late_arrivals(case: str, tmp_path: Path) -> None:
    people = drawn(case, 9, 60)
    told = events_counted(case, people, tmp_path, POLARS, shuffled=3)
    assert told == events_reckoned(case, people)
    assert told["outcomes"]


@pytest.mark.long
@pytest.mark.parametrize("engine", [DUCKDB, SPARK])
@pytest.mark.parametrize("case", [PERMIT, "R12_16 INT", "R12_16 GRT", "R12_16 MIX"])
def test_other_engines_make_the_same_accounts(case: str, engine: str, tmp_path: Path) -> None:
    people = drawn(case, 8, 40)
    assert counted(case, people, tmp_path, engine, shuffled=5) == reckoned(case, people)


@pytest.mark.long
def test_identical_rows_count_once_in_every_window(tmp_path: Path) -> None:
    """Of two equal exits DuckDB took now this one, now the other for the first: an emigrant was none."""
    people = drawn("R12_16 GRT", 9, 120)
    assert counted("R12_16 GRT", people, tmp_path, DUCKDB, shuffled=9) == reckoned("R12_16 GRT", people)
