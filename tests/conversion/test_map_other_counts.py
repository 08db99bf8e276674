"""The words of a title must fit the dataflow: a stock is not a flow, one mode of naturalisation is not the total.

Every title is tested with the same figures by year and sex.
"""

from __future__ import annotations

import pytest
from case_tables import cases_from, truth
from markdown_workbooks import workbook
from proposed import ALWAYS, WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

pytestmark = pytest.mark.sampled(4)

TABLE = """## Sheet {sheet}

| {title} | | |

| Year | Male | Female |
| 2018 | 1100 | 1050 |
| 2019 | 1160 | 1130 |
"""
STATUSES = """## Sheet Sheet1

| Population | | |

| Citizenship | 2018 | 2019 |
| {first} | 1100 | 1050 |
| Foreigners | 160 | 130 |
"""


def asked(title: str, flow: str, area: str, sheet: str = "Sheet1") -> str:
    tables = read("t.xlsx", workbook(TABLE.format(title=title, sheet=sheet)))
    tried = propose(tables, flow, CATALOGUE, WORDS, area=area)
    return "; ".join(
        f"{question.label} {question.chosen.reason}" for question in tried.open if question.part not in ALWAYS
    )


def test_direction_stated_in_another_text_is_not_asked_about() -> None:
    assert asked("International migration by sex", "DF_IMM", "GE")
    assert not asked("International migration by sex", "DF_IMM", "GE", sheet="Immigration")


@cases_from("conversion/cases/citizens_by_birth_are_not_all_citizens.csv", is_asked=truth)
def test_citizens_by_birth_are_not_all_citizens(label: str, is_asked: bool) -> None:
    tables = read("t.xlsx", workbook(STATUSES.format(first=label)))
    tried = propose(tables, "DF_POP", CATALOGUE, WORDS, area="GE")
    named = [question for question in tried.open if label in question.label]
    assert bool(named) is is_asked
