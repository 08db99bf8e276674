"""Moves within the country beside international ones: neither they nor the total of both are migration."""

from __future__ import annotations

import pytest
from proposed import observations, proposed

INTERNAL, INTERNATIONAL = "Internal migration", "International migration"
COLUMNS = f"| Year | {INTERNAL} | {INTERNATIONAL} | Total |\n| 2020 | 940 | 41 | 981 |\n| 2021 | 950 | 40 | 990 |\n"
ROWS = f"| Moves | 2020 | 2021 |\n| {INTERNAL} | 940 | 950 |\n| {INTERNATIONAL} | 41 | 40 |\n| Total | 981 | 990 |\n"


@pytest.mark.parametrize("rows", [COLUMNS, ROWS], ids=["columns", "rows"])
@pytest.mark.parametrize("flow", ["DF_IMM", "DF_EMI"])
def test_moves_within_the_country_are_left_out(rows: str, flow: str) -> None:
    text = f"## Sheet S\n| Migration |\n{rows}"
    assert list(observations(text, proposed(text, flow, "KZ")).values()) == ["41", "40"]


def test_internal_moves_beside_items_of_the_account_raise_no_question() -> None:
    rows = "| Year | Immigrants | Emigrants | Internal migration |\n| 2020 | 9 | 4 | 50 |\n| 2021 | 8 | 5 | 55 |\n"
    proposal = proposed(f"## Sheet S\n| Migration |\n{rows}", "DF_ACCOUNT", "KZ")
    assert [question.label for question in proposal.open if question.part == "codes ACC_ITEM"] == []
    assert [skip.match for skip in proposal.mapping.blocks[0].skip_columns] == [INTERNAL]


def test_words_for_arrivals_that_may_be_within_the_country_are_asked_about() -> None:
    rows = "| Год | Прибыло | Выбыло |\n| 2020 | 9 | 4 |\n| 2021 | 8 | 5 |\n"
    proposal = proposed(f"## Sheet S\n| Внешняя миграция |\n{rows}", "DF_ACCOUNT", "KZ")
    asked = [question for question in proposal.open if question.part == "codes ACC_ITEM"]
    assert {each.label: each.others[0].code for each in asked} == {"Прибыло": "FLW_IMM", "Выбыло": "FLW_EMI"}
