"""``sdmxmig map`` on headers and titles with another unit than proposed, or with net figures."""

from __future__ import annotations

from case_tables import cases_from, listed, truth
from proposed import proposed

ROWS = "| 2021 | 42000 | 32000 |\n| 2022 | 45000 | 35000 |"


def asked(title: str, *heads: str) -> dict[str, str]:
    text = f"## Sheet S\n| {title} |\n| Year | {' | '.join(heads or ('Men', 'Women'))} |\n{ROWS}\n"
    return {question.part: question.chosen.reason for question in proposed(text, "DF_IMM").open}


@cases_from(
    "conversion/cases/headers_that_say_persons_below_thousands_are_asked_about.csv", heads=listed, is_asked=truth
)
def test_headers_that_say_persons_below_thousands_are_asked_about(
    title: str, heads: tuple[str, str], *, is_asked: bool
) -> None:
    questions = asked(title, *heads)
    assert ("fixed UNIT_MULT" in questions) is is_asked
    assert not is_asked or "the table says “person" in questions["fixed UNIT_MULT"]
