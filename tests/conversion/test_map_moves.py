"""Immigrants by previous country and emigrants by next country are recognised; otherwise ``map`` asks."""

from __future__ import annotations

from case_tables import cases_from_csv
from proposed import proposed

BODY = "| Kenya | 120 | 130 |\n| Ghana | 45 | 47 |\n| Senegal | 33 | 31 |\n"
TABLE = "## Sheet S\n| {title} |\n| {head} | 2021 | 2022 |\n" + BODY


def asked(flow: str, title: str, head: str) -> list[str]:
    questions = proposed(TABLE.format(title=title, head=head), flow).questions
    return [
        question.chosen.reason for question in questions if question.is_open and " lived " in question.chosen.reason
    ]


@cases_from_csv
def test_a_country_on_the_wrong_side_of_the_move_is_asked_about(flow: str, title: str, head: str) -> None:
    way = "emigrants lived afterwards" if flow == "DF_EMI" else "immigrants lived before"
    assert [question.endswith(f"{way}?") for question in asked(flow, title, head)] == [True]


@cases_from_csv
def test_a_country_on_the_right_side_of_the_move_is_not(flow: str, title: str, head: str) -> None:
    assert asked(flow, title, head) == []
