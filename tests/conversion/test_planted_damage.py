"""A seeded sample of the campaign of changed tables; `python -m benchmarks.planted_damage` runs it in full."""

from __future__ import annotations

import random

import pytest
from shipped import CATALOGUE

from benchmarks.damaged_sheets import Book
from benchmarks.planted_damage import GOOD, Campaign, Case, cases
from benchmarks.sheet_damages import DAMAGES, exchange


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return Campaign(CATALOGUE)


@pytest.mark.sampled(3)
def test_no_figure_of_a_changed_table_moves_in_silence(campaign: Campaign) -> None:
    for damage in DAMAGES:
        listed = [case for case in cases(2, campaign.own) if case.damage == damage]
        random.Random(damage).shuffle(listed)
        outcomes = ((case, campaign.outcome(case)) for case in listed)
        case, outcome = next(outcome for outcome in outcomes if outcome[1] != "without")
        assert outcome in GOOD, case


def test_there_are_ten_small_tables_of_different_layouts(campaign: Campaign) -> None:
    assert len(campaign.own) >= 10
    assert all(one.tables for one in campaign.own.values())


def test_what_a_campaign_calls_silent_is_a_figure_in_a_wrong_cell(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge itself: figures that change places under their headers are seen by nobody but it."""

    def figures_exchanged(book: Book) -> bool:
        sheet, body = book.any_sheet()
        exchange(sheet, body.columns[0], body.columns[1], body.rows[0])
        return True

    monkeypatch.setitem(DAMAGES, "figures_exchanged", figures_exchanged)
    outcome = campaign.outcome(Case("crossed", "figures_exchanged", seed=1))
    assert outcome not in GOOD
    assert "SEX M instead of F" in outcome
