"""``sdmxmig map`` on labels of several words that all mean one code."""

from __future__ import annotations

from case_tables import cases_from
from proposed import proposed


def reasons(label: str, others: str = "Family reunification") -> str:
    return f"""
## Sheet A
| Residence permits by reason | | |
| Reason | 2021 | 2022 |
| {label} | 10 | 11 |
| {others} | 20 | 22 |
| International protection | 5 | 6 |
| Total | 35 | 39 |
"""


def code_of(label: str) -> str:
    proposal = proposed(reasons(label), "DF_PERMIT")
    (codes,) = (question.codes for question in proposal.mapping.blocks[0].components if question.component == "REASON")
    is_asked = any(question.part == "codes REASON" and question.label == label for question in proposal.open)
    return "" if is_asked else dict(codes).get(label, "")


@cases_from("conversion/cases/words_that_all_mean_one_code_mean_it_together.csv")
def test_words_that_all_mean_one_code_mean_it_together(label: str, code: str) -> None:
    assert code_of(label) == code
