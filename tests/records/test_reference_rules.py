"""Rules that look back from a day: equal to reckoning night by night, for every person and every day asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_nights import LOOKING_BACK, people_looked_at, statuses_by_nights, statuses_by_rule

from sdmxmig.records.engines import DUCKDB, POLARS, engine_of


@pytest.mark.parametrize(
    ("engine_name", "name"),
    [
        *((POLARS, name) for name in LOOKING_BACK),
        (DUCKDB, "REU28"),
        *(pytest.param(DUCKDB, name, marks=pytest.mark.long) for name in LOOKING_BACK if name != "REU28"),
    ],
)
def test_statuses_are_those_of_reckoning_night_by_night(engine_name: str, name: str, tmp_path: Path) -> None:
    people = people_looked_at(23, 90)
    with engine_of(engine_name, tmp_path) as engine:
        statuses = statuses_by_rule(engine, people, LOOKING_BACK[name], tmp_path)
    assert statuses == statuses_by_nights(people, LOOKING_BACK[name])
    assert len({status for *_, status in statuses}) >= 3
