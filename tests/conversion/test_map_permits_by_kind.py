"""“First” and “renewed” permits are of the kind that the title names."""

from __future__ import annotations

import pytest
from proposed import proposed

ROWS = "| Citizenship | أول مرة | تجديد | Persons |\n| Uganda | 940 | 30 | 970 |\n| Chad | 41 | 10 | 51 |\n"


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("Work permits issued, 2021", {}),
        ("Visas issued, 2021", {}),
        ("Residence permits issued, 2021", {"أول مرة": "PERMIT_FIRST", "تجديد": "PERMIT_RENEWED"}),
    ],
)
def test_first_and_renewed_are_residence_permits_only_below_a_title_of_them(title: str, codes: dict[str, str]) -> None:
    proposal = proposed(f"## Sheet S\n| {title} |\n{ROWS}", "DF_PERMIT", "EG")
    lines = [dict(each.codes) for block in proposal.mapping.blocks for each in block.components]
    assert {label: code for line in lines for label, code in line.items() if label in ("أول مرة", "تجديد")} == codes


def test_a_total_without_a_code_is_asked_about() -> None:
    rows = ROWS.replace("Persons", "Total").replace("أول مرة", "First").replace("تجديد", "Renewed")
    proposal = proposed(f"## Sheet S\n| Residence permits issued, 2021 |\n{rows}", "DF_PERMIT", "EG")
    assert "Total" in [question.label for question in proposal.open if question.part == "codes ADM_ITEM"]
