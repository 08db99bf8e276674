"""Years that stand between the rows, below heads that name their columns, are no line of labels to look up."""

from __future__ import annotations

import pytest
from proposed import proposed

ROWS = "".join(
    f"| {label} | {figures} |\n"
    for label, figures in (
        ("Whole population", "1032 | 519 | 513"),
        ("Swedish citizens", "938 | 471 | 467"),
        ("Foreign citizens", "94 | 48 | 46"),
    )
)


@pytest.mark.parametrize("flow", ["DF_IMM", "DF_EMI", "DF_POP"])
def test_whatever_dataflow_is_asked_for(flow: str) -> None:
    heads = "| Birth and citizenship | Persons | < | < |\n| ^ | Both sexes | Men | Women |\n"
    proposal = proposed(f"## Sheet S\n{heads}| 2019 |\n{ROWS}| 2020 |\n{ROWS}", flow, "SE")
    assert proposal.open
