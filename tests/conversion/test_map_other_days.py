"""Days in titles are reference days only where words tie the figures to them, unlike days of laws or prints."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Question


def question(line: str, component: str) -> Question:
    table = f"## Sheet S\n| Population by sex |\n| {line} |\n| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n"
    (asked,) = (asked for asked in proposed(table, "DF_POP").questions if asked.part == f"fixed {component}")
    return asked


@cases_from("conversion/cases/other_day_gives_no_reference_day_and_no_year.csv")
def test_other_day_gives_no_reference_day_and_no_year(line: str) -> None:
    assert question(line, "REF_DATE").chosen.code == ""
    assert question(line, "TIME_PERIOD").chosen.code == ""


@cases_from("conversion/cases/day_tied_to_figures_is_proposed_with_its_year.csv")
def test_day_tied_to_figures_is_proposed_with_its_year(line: str, day: str) -> None:
    assert question(line, "REF_DATE").chosen.code == day
    assert not question(line, "TIME_PERIOD").is_open


@pytest.mark.parametrize("line", ["31.12.2023", "(31.12.2023)", "1 January 2024", "2023-12-31"])
def test_bare_day_is_no_reference_day_and_its_year_is_asked_about(line: str) -> None:
    assert question(line, "REF_DATE").chosen.code == ""
    assert question(line, "TIME_PERIOD").is_open
