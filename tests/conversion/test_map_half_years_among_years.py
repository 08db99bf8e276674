"""A half-year among years: the frequency of each figure is that of its own period, and an unspecified one is found."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import proposed
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion.answers import check_decision
from sdmxmig.conversion.suggestion.questions import EVERYWHERE
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.quality.rules.times import has_frequency


@cases_from("conversion/cases/each_figure_has_the_frequency_of_its_own_period_half.csv")
@pytest.mark.parametrize(("answer", "freq"), [("2023-S1", "S"), ("2023-Q1", "Q"), ("2023-01-01/P9M", "_U")])
def test_each_figure_has_the_frequency_of_its_own_period(half: str, answer: str, freq: str) -> None:
    heads = f"| Sex | 2021 | 2022 | {half} |"
    text = f"## Sheet S\n| Immigrants by sex |\n{heads}\n| Men | 310 | 320 | 160 |\n| Women | 290 | 305 | 150 |\n"
    decisions = {(EVERYWHERE, "codes TIME_PERIOD", half): answer}
    proposal = proposed(text, "DF_IMM", decisions=decisions)
    assert not [question for question in proposal.open if question.part == "fixed FREQ"]
    flow = CATALOGUE.flows["DF_IMM"]
    mapping = load("t.toml", write(proposal.mapping).encode(), CATALOGUE.flows)
    frame = convert(read("t.xlsx", workbook(text)), mapping, flow, CATALOGUE.rules).dataset.observations
    assert set(frame.select("TIME_PERIOD", "FREQ").iter_rows()) == {("2021", "A"), ("2022", "A"), (answer, freq)}


@pytest.mark.parametrize("period", ["2023", "2023-S1", "2023-Q1", "2023-01", "2023-W05", "2023-01-31"])
def test_period_that_tells_its_frequency_is_not_unspecified(period: str) -> None:
    assert not has_frequency(period, "_U")
    assert has_frequency("2023-01-01/P9M", "_U")


def test_question_on_unknown_period_shows_half_year_form() -> None:
    heads = "| Sex | 2021 | 2022 | first part |"
    text = f"## Sheet S\n| Immigrants by sex |\n{heads}\n| Men | 310 | 320 | 160 |\n| Women | 290 | 305 | 150 |\n"
    asked = {question.label: question.chosen.reason for question in proposed(text, "DF_IMM").open}
    assert "2023-S1" in asked["first part"]
    with pytest.raises(InputError, match="is not a period") as refused:
        check_decision("codes TIME_PERIOD", "first half of 2023", CATALOGUE.flows["DF_IMM"], Place("r.xlsx"))
    assert "2020-S1" in refused.value.hint
