"""Rules that look back from a day: equal to reckoning night by night, for every person and every day asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_nights import LOOKING_BACK, people_looked_at, statuses_by_nights, statuses_by_rule
from made_records import AREA, day, number, table, written

from sdmxmig.records.days import Observation, Period
from sdmxmig.records.derivation import spells_under
from sdmxmig.records.engines import DUCKDB, POLARS, collect, open_engine, scan_table
from sdmxmig.records.questions import Derivation, Question, Records
from sdmxmig.records.record_tables import MOVEMENTS


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
    with open_engine(engine_name, tmp_path) as engine:
        statuses = statuses_by_rule(engine, people, LOOKING_BACK[name], tmp_path)
    assert statuses == statuses_by_nights(people, LOOKING_BACK[name])
    assert len({status for *_, status in statuses}) >= 3


def test_an_engine_keeps_what_it_is_asked_several_times(tmp_path: Path) -> None:
    """As of years two apart: the last one two years earlier is the first one, asked of the same records."""
    rows = [{"person": "A", "date": day(number(f"20{year}-06-01")), "direction": "ENTRY"} for year in (19, 21)]
    path = written(tmp_path, movements=table(MOVEMENTS, rows))["movements"]
    observed = Observation(AREA, number("2018-01-01"), until=number("2023-01-01"))
    year = Period("2020", number("2020-01-01"), end=number("2021-01-01"))
    with open_engine(DUCKDB, tmp_path) as engine:
        question = Question(LOOKING_BACK["R12"], observed, periods=(year,))
        derivation = Derivation(engine, Records(scan_table(engine, path)), question=question)
        first, again = (collect(engine, spells_under(derivation, question)) for _ in range(2))
    assert first.sort("begin").rows() == again.sort("begin").rows()
    assert first.height == 3, "before the first entry, between both, and after the second"
