"""Moves within the country beside international ones: neither they nor the total of both are migration."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import asked_labels, observations, proposed

INTERNAL, INTERNATIONAL = "Internal migration", "International migration"
COLUMNS = f"| Year | {INTERNAL} | {INTERNATIONAL} | Total |\n| 2020 | 940 | 41 | 981 |\n| 2021 | 950 | 40 | 990 |\n"
ROWS = f"| Moves | 2020 | 2021 |\n| {INTERNAL} | 940 | 950 |\n| {INTERNATIONAL} | 41 | 40 |\n| Total | 981 | 990 |\n"


@pytest.mark.parametrize("rows", [COLUMNS, ROWS], ids=["columns", "rows"])
@pytest.mark.parametrize("flow", ["DF_IMM", "DF_EMI"])
def test_moves_within_the_country_are_left_out(rows: str, flow: str) -> None:
    text = f"## Sheet S\n| Migration |\n{rows}"
    assert list(observations(text, proposed(text, flow, "KZ")).values()) == ["41", "40"]


def test_internal_moves_beside_account_items_are_accepted() -> None:
    rows = "| Year | Immigrants | Emigrants | Internal migration |\n| 2020 | 9 | 4 | 50 |\n| 2021 | 8 | 5 | 55 |\n"
    proposal = proposed(f"## Sheet S\n| Migration |\n{rows}", "DF_ACCOUNT", "KZ")
    assert [question.label for question in proposal.open if question.part == "codes ACC_ITEM"] == []
    assert [skip.match for skip in proposal.mapping.blocks[0].skip_columns] == [INTERNAL]


def test_arrivals_perhaps_within_the_country_are_asked_about() -> None:
    rows = "| Год | Прибыло | Выбыло |\n| 2020 | 9 | 4 |\n| 2021 | 8 | 5 |\n"
    proposal = proposed(f"## Sheet S\n| Внешняя миграция |\n{rows}", "DF_ACCOUNT", "KZ")
    asked = [question for question in proposal.open if question.part == "codes ACC_ITEM"]
    assert {each.label: each.others[0].code for each in asked} == {"Прибыло": "FLW_IMM", "Выбыло": "FLW_EMI"}


def tables_of_moves(total: str, internal: str, external: str) -> list[str]:
    """The same moves in columns, below and above their directions, and in rows."""
    heads = f"| {total} | {internal} | {external} "
    below = f"| Year | Immigrants | < | < | Emigrants | < | < |\n| ^ {heads}{heads}|\n"
    above = f"| Year | {total} | < | {internal} | < | {external} | < |\n| ^ {'| Immigrants | Emigrants ' * 3}|\n"
    return [
        f"| Year {heads}|\n| 2020 | 981 | 940 | 41 |\n| 2021 | 990 | 950 | 40 |\n",
        f"{below}| 2020 | 981 | 940 | 41 | 8 | 7 | 1 |\n| 2021 | 990 | 950 | 40 | 9 | 7 | 2 |\n",
        f"{above}| 2020 | 981 | 8 | 940 | 7 | 41 | 1 |\n| 2021 | 990 | 9 | 950 | 7 | 40 | 2 |\n",
        f"| Moves | 2020 | 2021 |\n| {total} | 981 | 990 |\n| {internal} | 940 | 950 |\n| {external} | 41 | 40 |\n",
    ]


@cases_from("conversion/cases/words_for_internal_and_external_moves.csv")
def test_moves_across_the_border_are_the_only_migration(total: str, internal: str, external: str) -> None:
    for rows in tables_of_moves(total, internal, external):
        text = f"## Sheet S\n| Immigration |\n{rows}"
        proposal = proposed(text, "DF_IMM", "MK")
        assert list(observations(text, proposal).values()) == ["41", "40"]
        assert ("CTZ_STATUS", "_T") in proposal.mapping.blocks[0].fixed
        assert not [label for label in asked_labels(proposal) if label != "fixed CTZ_STATUS"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("Internal", "Unknown"), ("Domestic workers", "International students"), ("Interior", "Costa")],
)
def test_words_that_do_not_divide_moves_omit_no_column(first: str, second: str) -> None:
    rows = f"| Year | Total | {first} | {second} |\n| 2020 | 981 | 940 | 41 |\n| 2021 | 990 | 950 | 40 |\n"
    proposal = proposed(f"## Sheet S\n| Immigrants |\n{rows}", "DF_IMM", "MK")
    assert not [skip for skip in proposal.mapping.blocks[0].skip_columns if "within" in skip.reason]
