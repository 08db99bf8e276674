"""A dash among figures is zero without a question only where the totals of the table fit just so."""

from __future__ import annotations

import pytest
from markdown_workbooks import workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

HEAD = "| Citizenship | Total | Men | Women |\n"


def is_asked(rows: str, head: str = HEAD, sign: str = "-", flow: str = "DF_IMM") -> bool:
    """Whether it is asked what a sign means."""
    text = f"## Sheet S\n| Immigrants by citizenship and sex, 2020 |\n{head}{rows}"
    tried = propose(read("t.xlsx", workbook(text)), flow, CATALOGUE, WORDS, area="GE")
    return any(question.part == "values" and f"“{sign}”" in question.label for question in tried.open)


HIDDEN = "| Total | 55 | 29 | 26 |\n| Kenya | 18 | 12 | - |\n| Uganda | 30 | 14 | 16 |\n| Ghana | 7 | 3 | 4 |\n"
ONE_SHORT = "| Total | 49 | 29 | 21 |\n| Kenya | 12 | 12 | - |\n| Uganda | 30 | 14 | 16 |\n| Ghana | 7 | 3 | 4 |\n"
A_COLUMN = "| Total | 29 | 29 | - |\n| Kenya | 12 | 12 | - |\n| Uganda | 14 | 14 | - |\n| Ghana | 3 | 3 | - |\n"
A_ROW = "| Total | 37 | 17 | 20 |\n| Kenya | - | - | - |\n| Uganda | 30 | 14 | 16 |\n| Ghana | 7 | 3 | 4 |\n"
A_TOTAL = "| Total | - | 29 | 20 |\n| Kenya | 12 | 12 | 0 |\n| Uganda | 30 | 14 | 16 |\n| Ghana | 7 | 3 | 4 |\n"
NO_SUM = "| Kenya | 12 | 5 | - |\n| Uganda | 30 | 14 | - |\n| Ghana | 7 | 3 | 4 |\n"
A_COPY = "| Kenya | 12 | 12 | - |\n| Uganda | 30 | 14 | 16 |\n"
PROVEN = [
    "| Total | 49 | 29 | 20 |\n| Kenya | 12 | 12 | - |\n| Uganda | 30 | 14 | 16 |\n| Ghana | 7 | 3 | 4 |\n",
    "| Total | 51 | 20 | 31 |\n| Kenya | 12 | - | 12 |\n| Uganda | 30 | 17 | 13 |\n| Ghana | 9 | 3 | 6 |\n",
    "| Total | 52 | 25 | 27 |\n| Kenya | 22 | 9 | 13 |\n| Uganda | 16 | 16 | - |\n| Ghana | 14 | - | 14 |\n",
    "| Total | 1 049 | 529 | 520 |\n| Kenya | 512 | 512 | - |\n| Uganda | 530 | 14 | 516 |\n| Ghana | 7 | 3 | 4 |\n",
]


@pytest.mark.parametrize("rows", PROVEN)
@pytest.mark.parametrize("sign", ["-", "–"])
def test_a_dash_that_every_total_needs_to_be_zero_is_zero(rows: str, sign: str) -> None:
    assert not is_asked(rows.replace(" - ", f" {sign} "), sign=sign)


@pytest.mark.parametrize("rows", [HIDDEN, ONE_SHORT, A_COLUMN, A_ROW, A_TOTAL, NO_SUM, A_COPY])
def test_any_other_dash_is_asked_about(rows: str) -> None:
    assert is_asked(rows)


def test_a_dash_is_zero_only_in_the_sheet_that_proves_it() -> None:
    sheets = "".join(
        f"## Sheet {name}\n| Immigrants by citizenship and sex, {name} |\n{HEAD}{rows}\n"
        for name, rows in (
            ("2020", PROVEN[1]),
            ("2021", "| Kenya | 12 | 5 | - |\n| Uganda | 30 | 14 | - |\n| Ghana | 7 | 3 | 4 |\n"),
        )
    )
    tried = propose(read("t.xlsx", workbook(sheets)), "DF_IMM", CATALOGUE, WORDS, area="GE")
    asked = [question for question in tried.open if question.part == "values"]
    assert [question.label for question in asked] == ["the sign “-”"]
