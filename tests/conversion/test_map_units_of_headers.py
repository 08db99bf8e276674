"""``sdmxmig map`` on headers and titles with another unit than proposed, or with net figures."""

from __future__ import annotations

import pytest
from proposed import proposed

ROWS = "| 2021 | 42000 | 32000 |\n| 2022 | 45000 | 35000 |"


def asked(title: str, *heads: str) -> dict[str, str]:
    text = f"## Sheet S\n| {title} |\n| Year | {' | '.join(heads or ('Men', 'Women'))} |\n{ROWS}\n"
    return {question.part: question.chosen.reason for question in proposed(text, "DF_IMM").open}


@pytest.mark.parametrize(
    ("title", "heads", "is_asked"),
    [
        ("Immigrants by sex, thousands", ("Men (persons)", "Women (persons)"), True),
        ("Immigrants by sex, thousands", ("Men, persons", "Women, persons"), True),
        ("Immigrants by sex, millions", ("Men (persons)", "Women"), True),
        ("Immigrants par sexe, milliers", ("Hommes (personnes)", "Femmes (personnes)"), True),
        ("Immigrants by sex, thousands", ("Men", "Women"), False),
        ("Immigrants by sex, thousands", ("Persons", "Women"), False),
        ("Immigrants by sex, thousands", ("Number of persons", "Women"), False),
        ("Immigrants by sex, thousands", ("Men (thousand persons)", "Women (thousand persons)"), False),
        ("Immigrants by sex, persons", ("Men (persons)", "Women (persons)"), False),
    ],
)
def test_headers_that_say_persons_below_thousands_are_asked_about(
    title: str, heads: tuple[str, str], *, is_asked: bool
) -> None:
    questions = asked(title, *heads)
    assert ("fixed UNIT_MULT" in questions) is is_asked
    assert not is_asked or "the table says “person" in questions["fixed UNIT_MULT"]
