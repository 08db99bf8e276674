"""Labels such as “Total emigrants” among countries are the total of what the dataflow counts."""

from __future__ import annotations

from case_tables import cases_from
from proposed import proposed

TABLE = """## Sheet S
| Table by citizenship |
| Country of citizenship | 2021 | 2022 |
| {label} | 60 | 66 |
| Ghana | 40 | 44 |
| Chad | 20 | 22 |
"""


def total(flow: str, label: str) -> str:
    proposal = proposed(TABLE.format(label=label), flow, "KE")
    maps = (each for block in proposal.mapping.blocks for each in block.components if each.component == "C_CITIZEN")
    codes = {text: code for each in maps for text, code in dict(each.codes).items()}
    is_open = any(question.is_open and question.label == label for question in proposal.questions)
    return "" if is_open else str(codes.get(label, ""))


@cases_from("conversion/cases/total_of_what_is_counted_is_the_total.csv")
def test_total_of_the_counted_item_is_the_total(flow: str, label: str) -> None:
    assert total(flow, label) == "_T"


@cases_from("conversion/cases/total_of_another_count_or_of_a_part_is_not_the_total.csv")
def test_total_of_another_count_or_of_a_part_is_not_the_total(flow: str, label: str) -> None:
    assert total(flow, label) != "_T"


def test_total_is_offered_for_a_label_with_a_word_for_total() -> None:
    rows = "| Total of zorblax | 1000 |\n| 0-14 | 300 |\n| 15-64 | 600 |\n| 65+ | 90 |\n"
    proposal = proposed(f"## Sheet S\n| Immigration in 2023 | |\n| Age | Persons |\n{rows}", "DF_IMM", "KE")
    (question,) = (question for question in proposal.open if question.label == "Total of zorblax")
    assert "_T" in {other.code for other in question.others}
