"""Rows without figures, and totals that occur twice."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import asked_labels, observations, proposed


def table(*rows: str) -> str:
    listed = "".join(f"| {row} |\n" if row.count("|") else f"| {row} | | |\n" for row in rows)
    return f"## Sheet S\n| Population by country of citizenship, 2020 |\n| Citizenship | Men | Women |\n{listed}"


def test_repeated_equal_total_is_used_once() -> None:
    text = table(
        "Total | 100 | 200",
        "Zambia | 60 | 120",
        "Unknown | 40 | 80",
        "COUNTRY",
        "Total | 100 | 200",
        "Ghana | 30 | 70",
        "Chad | 30 | 50",
        "Unknown | 40 | 80",
    )
    proposal = proposed(text, "DF_POP")
    assert asked_labels(proposal) == []
    assert sorted(value for key, value in observations(text, proposal).items() if key[4] == "_T") == ["100", "200"]


@cases_from("conversion/cases/rows_that_may_be_others_are_asked_about.csv", rows=listed)
def test_rows_that_may_be_others_are_asked_about(rows: tuple[str, ...]) -> None:
    assert asked_labels(proposed(table(*rows), "DF_POP"))


@pytest.mark.parametrize("head", ["Men", "Total", "Males", "Hommes", "Всего"])
def test_small_figures_that_go_with_their_labels_are_no_codes(head: str) -> None:
    rows = "| Ghana | 100 | 200 |\n| Other | 1 | 2 |\n| Chad | 101 | 200 |\n| Other | 1 | 2 |\n"
    text = f"## Sheet S\n| Population by country of citizenship, 2020 |\n| Citizenship | {head} | Women |\n{rows}"
    (block,) = proposed(text, "DF_POP").mapping.blocks
    assert "SEX" in {component_map.component for component_map in block.components}
