"""Return, overstays, temporary and circular mobility of random people, as reckoned night by night from definitions."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_figures import COMPARED, OF_RULES, drawn_for

from sdmxmig.records.engines import DUCKDB, POLARS, SPARK

SOME = {"circular": 25}
"""Of so many people it is drawn again and again what may have been."""
IN_CI = {("events of months", "R6"), ("events", "R12"), ("return", "R12_16"), ("return", "R6"), ("overstays", "R12_16")}
IN_CI |= {("temporary", "R12_16"), ("temporary", "R9_12"), ("circular", "R12_16")}
PAIRS = [(figure, rule) for figure, rules in OF_RULES.items() for rule in rules]


@pytest.mark.parametrize(
    ("figure", "rule"), [pytest.param(*pair, marks=() if pair in IN_CI else pytest.mark.long) for pair in PAIRS]
)
def test_figures_are_those_of_reckoning_night_by_night(figure: str, rule: str, tmp_path: Path) -> None:
    people = drawn_for(figure, 7, SOME.get(figure, 60))
    counted, reckoned = COMPARED[figure](rule, people, tmp_path, POLARS, shuffled=3)
    assert counted == reckoned
    assert counted or figure == "circular", "of circular mobility what contradicts is listed"


@pytest.mark.long
@pytest.mark.parametrize("engine", [DUCKDB, SPARK])
@pytest.mark.parametrize("figure", COMPARED)
def test_other_engines_count_the_same(figure: str, engine: str, tmp_path: Path) -> None:
    counted, reckoned = COMPARED[figure](OF_RULES[figure][0], drawn_for(figure, 8, 40), tmp_path, engine)
    assert counted == reckoned
