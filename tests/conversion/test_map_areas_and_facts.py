"""``sdmxmig map`` asks for the area of a part of the country, and asks about each fact alone."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE
from test_map_titles import TABLE, WORDS, asked, propose, read, workbook

from sdmxmig.conversion.suggestion.answers import check_decision, interpret_answer
from sdmxmig.conversion.suggestion.questions import AREA, AS_IT_IS, LEAVE_OUT, OTHER_AREA, STATE_IT, Decisions
from sdmxmig.conversion.suggestion.wording import describe_answer_code, open_question, parse_answer
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.proposals import TriedProposal

pytestmark = pytest.mark.sampled(4)
FLOW = CATALOGUE.flow("DF_POP")
PARTS = {
    "Population of Catalonia by sex": "ES",
    "Population in the municipality of Nakuru by sex": "KE",
    "Población de la Comunidad de Madrid según sexo": "ES",
    "Bevölkerung des Landkreises Göttingen nach Geschlecht": "DE",
    "Население Свердловской области по полу": "RU",
    "عدد السكان في محافظة القاهرة حسب الجنس": "EG",
    "广东省按性别分的人口": "CN",
}


def tried(title: str, area: str, decisions: Decisions) -> TriedProposal:
    text = TABLE.format(title=title, sheet="Sheet1", note="Source: register")
    return propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area=area, decisions=decisions)


@pytest.mark.parametrize(("title", "area"), PARTS.items(), ids=PARTS)
def test_part_of_a_country_is_not_taken_for_the_country(title: str, area: str) -> None:
    (question,) = asked(title, area=area)
    assert (question.part, question.chosen.code) == (AREA, "")
    assert [candidate.code for candidate in question.others] == [area, LEAVE_OUT]
    assert "REF_AREA" not in dict(tried(title, area, {}).proposal.mapping.blocks[0].fixed)


@pytest.mark.parametrize(("answer", "code"), [("PT", "PT"), ("ES", "ES")])
def test_answered_area_is_the_area_of_the_figures(answer: str, code: str) -> None:
    proposal = tried("Population of Catalonia by sex", "ES", {("*", AREA, ""): answer}).proposal
    assert dict(proposal.mapping.blocks[0].fixed)["REF_AREA"] == code
    assert not [question for question in proposal.open if question.part == AREA]


def test_part_of_a_country_can_be_left_out() -> None:
    assert not tried("Population of Catalonia by sex", "ES", {("*", AREA, ""): LEAVE_OUT}).proposal.mapping.blocks
    check_decision(AREA, LEAVE_OUT, FLOW, Place("answers"))


def test_name_without_code_is_refused_with_a_remedy() -> None:
    with pytest.raises(InputError) as refused:
        check_decision(AREA, "Katalonien", FLOW, Place("answers"))
    assert "A part of the country: NAME" in refused.value.hint


@pytest.mark.parametrize("part", ["fixed REF_AREA", "codes REF_AREA"])
@pytest.mark.parametrize(
    "answer", ["A part of the country: Spain", "Una parte del país: España", "国家的一部分：西班牙"]
)
def test_part_of_the_country_is_an_answer_about_tables_and_labels(part: str, answer: str) -> None:
    assert interpret_answer(part, answer, FLOW) == "ES"


@pytest.mark.parametrize("title", ["Population of Bretonia by sex", "Population of Georgia by sex"])
def test_unknown_name_may_be_another_area(title: str) -> None:
    question = next(each for each in asked(title, area="US") if each.part == "title")
    assert OTHER_AREA in [candidate.code for candidate in question.others]
    decisions = {("*", "title", question.label): OTHER_AREA}
    proposal = tried(title, "US", decisions).proposal
    assert [each.part for each in proposal.open if each.part in {AREA, "title"}] == [AREA]
    assert "REF_AREA" not in dict(proposal.mapping.blocks[0].fixed)


def test_areas_in_rows_raise_no_question_about_the_table() -> None:
    assert not [question for question in asked("Population by sex and region") if question.part == AREA]


FACTS = "Population by sex, excluding students. Bretonia. Figures of gnarled shelters"


def test_facts_that_may_limit_figures_are_asked_about_once() -> None:
    (question,) = [question for question in asked(FACTS) if question.part == "title"]
    for fact in ("excluding students", "Bretonia", "gnarled shelters"):
        assert f"“{fact}" in question.chosen.reason or fact in question.label
    assert {candidate.code for candidate in question.others} == {AS_IT_IS, STATE_IT, LEAVE_OUT, OTHER_AREA}


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh"])
def test_answers_in_words_are_understood(language: str) -> None:
    for question in asked(FACTS):
        for candidate in question.others if question.part == "title" else ():
            words = describe_answer_code(candidate.code, question, FLOW, language)
            assert words not in {AS_IT_IS, LEAVE_OUT, OTHER_AREA}
            assert parse_answer("title", words, FLOW, language) == candidate.code


def test_country_in_a_question_has_its_name() -> None:
    question = next(each for each in asked("Population of Georgia by sex", area="US") if each.part == "title")
    assert "United States of America (US)" in open_question(question, FLOW)


def test_comment_on_a_limit_quotes_the_whole_title() -> None:
    title = "Population by sex, gnarled in the shelters"
    (question,) = [question for question in asked(title) if question.part == "title"]
    assert question.label == "gnarled shelters"
    (block,) = tried(title, "KE", {("*", "title", question.label): STATE_IT}).proposal.mapping.blocks
    assert dict(block.fixed)["COMMENT_OBS"] == title


def test_limit_missing_in_own_comment_is_added() -> None:
    title = "Population by sex, gnarled in the shelters"
    limit = {("*", "title", "gnarled shelters"): STATE_IT}
    for own, comment in {"Revised": f"Revised; {title}", f"Of 2024: {title}": f"Of 2024: {title}"}.items():
        (block,) = tried(title, "KE", {**limit, ("*", "fixed COMMENT_OBS", ""): own}).proposal.mapping.blocks
        assert dict(block.fixed)["COMMENT_OBS"] == comment


@pytest.mark.parametrize("total", ["Total", "Zusammen", "Total país"])
def test_total_of_parts_of_the_country_is_the_country(total: str) -> None:
    rows = "Immigrants by place of settlement, 2023\nPlace,Persons\nKalowe,900\nMbiriza,859\nNambiti,700\n"
    decisions = {("*", "line column 1", ""): "REF_AREA", ("*", "codes REF_AREA", "Kalowe"): LEAVE_OUT}
    table = read("t.csv", f"{rows}{total},2459\n".encode())
    proposal = propose(table, "DF_IMM", CATALOGUE, WORDS, area="ZM", decisions=decisions).proposal
    (block,) = proposal.mapping.blocks
    assert dict(next(each.codes for each in block.components if each.component == "REF_AREA")) == {total: "ZM"}
