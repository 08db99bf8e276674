"""Immigrants by previous country and emigrants by next country are recognised; otherwise ``map`` asks."""

from __future__ import annotations

import pytest
from case_tables import cases_from, text_from
from proposed import proposed, tried

BODY = "| Kenya | 120 | 130 |\n| Ghana | 45 | 47 |\n| Senegal | 33 | 31 |\n"
TABLE = "## Sheet S\n| {title} |\n| {head} | 2021 | 2022 |\n" + BODY


def asked(flow: str, title: str, head: str) -> list[str]:
    questions = proposed(TABLE.format(title=title, head=head), flow).questions
    return [
        question.chosen.reason for question in questions if question.is_open and " lived " in question.chosen.reason
    ]


@cases_from("conversion/cases/a_country_on_the_wrong_side_of_the_move_is_asked_about.csv")
def test_country_on_the_wrong_side_of_a_move_is_asked_about(flow: str, title: str, head: str) -> None:
    way = "emigrants lived afterwards" if flow == "DF_EMI" else "immigrants lived before"
    assert [question.endswith(f"{way}?") for question in asked(flow, title, head)] == [True]


@cases_from("conversion/cases/country_on_the_right_side_raises_no_question.csv")
def test_country_on_the_right_side_raises_no_question(flow: str, title: str, head: str) -> None:
    assert asked(flow, title, head) == []


@pytest.mark.parametrize(("head", "is_asked"), [("Pays d'asile", True), ("Country of destination", False)])
def test_country_of_asylum_of_returnees_is_asked_about(head: str, *, is_asked: bool) -> None:
    questions = proposed(TABLE.format(title="Returns", head=head), "DF_RETURN").questions
    assert any("came from" in question.chosen.reason for question in questions if question.is_open) == is_asked


@cases_from("conversion/cases/destination_of_emigrants_is_not_the_reporting_country.csv")
def test_destination_of_emigrants_is_not_the_reporting_country(
    flow: str, title: str, head: str, component: str
) -> None:
    proposal = proposed(TABLE.format(title=title, head=head), flow, "")
    sources = {each.component: str(each.source) for block in proposal.mapping.blocks for each in block.components}
    assert sources[component] == "column 1"
    assert "REF_AREA" not in sources
    assert "fixed REF_AREA" in [question.part for question in proposal.open]


def test_destination_of_immigrants_may_be_the_reporting_country() -> None:
    proposal = proposed(TABLE.format(title="Immigrants", head="Country of destination"), "DF_IMM", "")
    (question,) = (question for question in proposal.questions if question.part == "line column 1")
    assert not question.chosen.code
    assert "REF_AREA" in {offer.code for offer in question.others}


def test_countries_of_moves_without_header_get_no_proposal() -> None:
    proposal = proposed(TABLE.format(title="Immigration", head=""), "DF_IMM", "")
    (question,) = (question for question in proposal.questions if question.part == "line column 1")
    assert not question.chosen.code
    assert {offer.code for offer in question.others} >= {"C_BIRTH", "C_CITIZEN", "C_RESIDENCE"}


HEADED = text_from("conversion/cases/map_moves_headed.md")


@pytest.mark.parametrize(
    ("total", "figures"), [("", "80 | 90 |"), ("", "| |"), ("| Total | 180 | 200 |\n", "80 | 90 |")]
)
@pytest.mark.parametrize("first", ["Poland", "Latvia"])
@pytest.mark.parametrize(
    ("flow", "values"), [("DF_EMI", {"50", "55", "30", "35"}), ("DF_IMM", {"60", "65", "40", "45"})]
)
def test_other_directions_are_left_out(total: str, figures: str, first: str, flow: str, values: set[str]) -> None:
    trial = tried(HEADED.format(total=total, figures=figures, first=first), flow, "LT")
    assert {*trial.conversion.dataset.observations["OBS_VALUE"]} - {"80", "90"} == values


BOTH_WAYS = text_from("conversion/cases/map_moves_both_ways.md")


@pytest.mark.parametrize("flow", ["DF_IMM", "DF_EMI"])
def test_headers_distinguish_directions_of_a_common_title(flow: str) -> None:
    questions = tried(BOTH_WAYS, flow).open
    assert [question.part for question in questions] == ["fixed RES_RULE"]
