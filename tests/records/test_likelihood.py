"""Open cases weigh as much as the share of migration among cases that were as open two years earlier."""

from __future__ import annotations

import polars as pl
import pytest
from made_records import AREA, day, number, table
from shipped import CATALOGUE

from sdmxmig.records.derivation import derive_events
from sdmxmig.records.files import MOVEMENTS
from sdmxmig.records.residence_rules import Derivation, Question, build_rule, number_records
from sdmxmig.records.rows import Observation, Period

R12_16 = build_rule("R12_16", CATALOGUE.item_scheme("CL_RES_RULE"))
FIRST, UNTIL = number("2018-01-01"), number("2023-01-01")
THEN, NOW = number("2020-10-01"), number("2022-10-01")


def weights(*, stayed: int, left: int, until: int = UNTIL) -> list[tuple[str, int, int]]:
    """Outcome, weight and openness of ten who came three months ago, after others who came two years before them."""
    rows = [{"person": f"S{index}", "date": day(THEN), "direction": "ENTRY"} for index in range(stayed + left)]
    rows += [{"person": f"S{index}", "date": day(THEN + 200), "direction": "EXIT"} for index in range(left)]
    rows += [{"person": f"N{index}", "date": day(NOW), "direction": "ENTRY"} for index in range(10)]
    records = number_records({"movements": table(MOVEMENTS, rows)})
    period = Period("2022", number("2022-01-01"), end=number("2023-01-01"))
    question = Question(R12_16, Observation(AREA, FIRST, until=until), periods=(period,))
    events = derive_events(Derivation(records, question)).rows
    return events.filter(pl.col("at") == NOW).select("outcome", "weight", "open").rows()


def test_open_crossings_are_weighted_by_similar_closed_ones() -> None:
    assert weights(stayed=30, left=10) == [("UNDETERMINED_OPEN_SPELL", 750, 1)] * 10


@pytest.mark.parametrize("stayed", [0, 9])
def test_too_few_similar_persons_yield_no_likelihood(stayed: int) -> None:
    assert weights(stayed=stayed, left=10) == [("UNDETERMINED_OPEN_SPELL", 0, 1)] * 10


def test_open_crossings_are_settled_after_their_window() -> None:
    assert weights(stayed=30, left=10, until=NOW + 487) == [("IMMIGRANT_IN_YEAR", 1000, 0)] * 10
