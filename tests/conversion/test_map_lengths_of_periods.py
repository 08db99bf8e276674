"""Periods that last longer than a year, or begin in another month: their frequency and beginning are asked about."""

from __future__ import annotations

import pytest
from proposed import proposed


def open_periods(*heads: str) -> dict[str, str]:
    cells, figures = " | ".join(heads), " | ".join(str(10 + at) for at in range(len(heads)))
    text = f"## Sheet S\n| Immigrants by sex |\n| Sex | {cells} |\n| Male | {figures} |\n| Female | {figures} |\n"
    questions = proposed(text, "DF_IMM", "JP").questions
    return {
        question.part: question.chosen.code
        for question in questions
        if question.is_open and question.part.endswith(("PERIOD", "FREQ"))
    }


@pytest.mark.parametrize(
    ("heads", "freq"),
    [
        (("2010-2014", "2015-2019"), "A5"),
        (("2010-14", "2015-19"), "A5"),
        (("1991-2000", "2001-2010"), "A10"),
        (("2001–2005", "2006–2010", "2011–2015"), "A5"),
    ],
)
def test_spans_of_years_have_a_frequency_of_their_own(heads: tuple[str, ...], freq: str) -> None:
    assert open_periods(*heads) == {"fixed FREQ": freq}


@pytest.mark.parametrize(
    "heads", [("2018年度", "2019年度"), ("FY 2018", "FY 2019"), ("Fiscal year 2018", "Fiscal year 2019")]
)
def test_years_of_offices_begin_when_a_person_says(heads: tuple[str, ...]) -> None:
    assert open_periods(*heads) == {"codes TIME_PERIOD": ""}


@pytest.mark.parametrize(
    "heads", [("2018", "2019"), ("2018年", "2019年"), ("Year 2018", "Year 2019"), ("2015", "2020", "2021")]
)
def test_plain_years_are_certain(heads: tuple[str, ...]) -> None:
    assert open_periods(*heads) == {}
