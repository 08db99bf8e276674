"""A title that plainly states what is counted decides the meaning; others are asked about."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, truth
from proposed import WORDS, proposed

from sdmxmig.conversion.recognition.mentions import read_title

ROWS = "| Uganda | 110 | 120 |\n| Somalia | 230 | 240 |\n"


def read_as(title: str, flow: str, area: str, *, head: str = "Country", rows: str = ROWS) -> tuple[dict[str, str], set]:
    """The codes that hold for the whole table, and the components that are asked about."""
    proposal = proposed(f"## Sheet S\n| {title} |\n| {head} | 2019 | 2020 |\n{rows}", flow, area)
    asked = {question.part.removeprefix("fixed ") for question in proposal.open if question.part.startswith("fixed ")}
    return dict(proposal.mapping.blocks[0].fixed), asked


def test_title_of_foreigners_beside_reporter_is_asked_about() -> None:
    rows = ROWS + "| Kenya | 990 | 995 |\n"
    assert (
        "CTZ_STATUS" in read_as("Foreign population by citizenship", "DF_POP", "KE", head="Citizenship", rows=rows)[1]
    )


def test_sheet_name_alone_is_not_read_as_a_title() -> None:
    proposal = proposed(f"## Sheet Foreigners 2020\n| Citizenship | 2019 | 2020 |\n{ROWS}", "DF_POP", "KE")
    assert "fixed CTZ_STATUS" in {question.part for question in proposal.open}


@cases_from("conversion/cases/inflected_country_names_in_titles_are_recognised.csv")
def test_inflected_country_names_in_titles_are_recognised(title: str, code: str) -> None:
    assert code in [mention.code for mention in read_title(title, WORDS).of("COUNTRY")]


@pytest.mark.parametrize(
    "title", ["Niger region", "Women in cities", "Maltese", "Перуанцы", "中国人口", "Georgians", "Emirat"]
)
def test_words_that_begin_like_a_country_are_not_its_name(title: str) -> None:
    assert not any("case" in candidate.reason for candidate in WORDS.countries.candidates(title))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("외국인의 인구", {("CTZ_STATUS", "FC"), ("MEASURE", "POP")}),
        ("이민자는", {("MEASURE", "IMM")}),
        ("여자와 남자의", {("SEX", "F"), ("SEX", "M")}),
    ],
)
def test_korean_particles_are_not_part_of_a_word(title: str, expected: set[tuple[str, str]]) -> None:
    reading = read_title(title, WORDS)
    assert {(mention.concept, mention.code) for mention in reading.mentions} == expected
    assert not reading.unexplained


@pytest.mark.parametrize("title", ["국가", "어린이", "제주도", "결과", "나이"])
def test_korean_words_that_end_like_a_particle_stay_whole(title: str) -> None:
    assert {mention.phrase for mention in read_title(title, WORDS).mentions} <= {title}
    assert not read_title(title, WORDS).of("COUNTRY")


ONE_YEAR = "| Sex | Persons |\n| Men | 60 |\n| Women | 50 |\n| Total | 110 |\n"


@pytest.mark.parametrize(
    "title", ["End of table, 2022", "End users by sex, 2022", "Population by sex, end of June 2022"]
)
def test_other_word_endings_are_not_read_as_a_day(title: str) -> None:
    proposal = proposed(f"## Sheet A\n| {title} |\n{ONE_YEAR}", "DF_POP", "KE")
    assert "REF_DATE" not in dict(proposal.mapping.blocks[0].fixed)


@cases_from("conversion/cases/a_title_of_acquisitions_is_not_asked_whether_it_means_losses.csv", is_asked=truth)
def test_acquisitions_in_a_title_are_not_taken_for_losses(title: str, is_asked: bool) -> None:
    assert ("CTZ_ITEM" in read_as(title, "DF_CITIZENSHIP", "GE")[1]) == is_asked


@cases_from("conversion/cases/a_title_of_asylum_applications_is_taken_at_its_word.csv", is_asked=truth)
def test_title_of_asylum_applications_raises_no_question(title: str, is_asked: bool) -> None:
    assert ("PROT_ITEM" in read_as(title, "DF_PROTECTION", "GE")[1]) == is_asked


@pytest.mark.parametrize(
    ("title", "area"),
    [("A magyar állampolgárságot kapott személyek életkor szerint", "HU"), ("New Kenyan citizens by age", "KE")],
)
def test_new_citizens_are_not_proposed_as_nationals(title: str, area: str) -> None:
    proposal = proposed(f"## Sheet A\n| {title}, 2022 |\n{ONE_YEAR}", "DF_CTZ_ACQ", area)
    assert dict(proposal.mapping.blocks[0].fixed).get("CTZ_STATUS") != "NC"
    assert not any(question.chosen.code == "NC" for question in proposal.open)


def test_every_item_of_a_short_list_is_offered() -> None:
    proposal = proposed(f"## Sheet A\n| Žádosti o udělení ochrany, 2022 |\n{ONE_YEAR}", "DF_PROTECTION", "CZ")
    offered = {each.code for question in proposal.open for each in question.others if "PROT_ITEM" in question.part}
    assert {"APPLIED", "PENDING", "DECIDED", "STOCK"} <= offered


@cases_from("conversion/cases/words_for_days_registers_and_arrival_raise_no_doubt.csv", unknown=listed)
def test_words_for_days_registers_and_arrival_raise_no_doubt(title: str, unknown: tuple[str, ...]) -> None:
    assert read_title(title, WORDS).unexplained == unknown
