"""``sdmxmig map`` on figures with two marks, and in brackets: marks that cannot be kept are asked about."""

from __future__ import annotations

import pytest
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

FLOW = CATALOGUE.flows["DF_IMM"]
LEGEND = "¹ Break in series: new register.\n* Estimate. p Provisional. ( ) unreliable\n"


def csv(*rows: str) -> bytes:
    return ("Immigrants by sex\nYear,Total,Men,Women\n" + "\n".join(rows) + "\n" + LEGEND).encode()


def proposed(content: bytes, decisions: Decisions | None = None) -> Proposal:
    return suggest(read("m.csv", content), FlowKnowledge(FLOW, WORDS), "GE", decisions)


def values(content: bytes, decisions: Decisions) -> dict[tuple[str, str], str]:
    proposal = proposed(content, decisions)
    frame = convert(read("m.csv", content), proposal.mapping, FLOW, CATALOGUE.rules).dataset.observations
    return {row[:2]: row[2] for row in frame.select("TIME_PERIOD", "SEX", "OBS_VALUE").iter_rows()}


TWO = csv("2021,500,300,200", "2022¹,650*,350,300", '2023p,"1,700",800,900')
BRACKETS = csv("2021,500,300,200", "2022,650,350,300", '2023,"1,700",(800),900')


def test_figure_with_other_mark_than_period_is_asked_about() -> None:
    asked = {question.label: question.chosen.reason for question in proposed(TWO).open}
    assert "the figure is marked E and its period B" in asked["650* at 2022¹"]


@pytest.mark.parametrize("row", ["2022¹,650,350,300", "2022,650*,350,300", "2022*,650*,350,300"])
def test_single_consistent_status_is_not_asked_about(row: str) -> None:
    assert not [question.label for question in proposed(csv("2021,500,300,200", row)).open if " at " in question.label]


def test_figures_in_brackets_are_asked_about_once() -> None:
    more = csv("2021,500,300,200", "2022,(650),350,300", '2023,"1,700",(80),900')
    for content in (BRACKETS, more):
        assert [one.label for one in proposed(content).open if one.part == "values"] == ["figures in brackets"]


@pytest.mark.parametrize(("decision", "value"), [("plus", "800"), ("minus", "-800")])
def test_figures_in_brackets_are_read_as_answered(decision: str, value: str) -> None:
    assert values(BRACKETS, {("", "values", "figures in brackets"): decision})["2023", "M"] == value
