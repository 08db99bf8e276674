"""Words of a title that the proposal does not use are asked about; redundant words are not.

Every title is tested with the same figures: a population, or movements, by year and sex.
"""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, text_from
from markdown_workbooks import workbook
from proposed import ALWAYS, WORDS, asked_text, codes, observations, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

pytestmark = pytest.mark.sampled(4)

TABLE = text_from("conversion/cases/map_titles_table.md")


def asked(
    title: str, flow: str = "DF_POP", area: str = "KE", sheet: str = "Sheet1", note: str = "Source: register"
) -> list[Question]:
    text = TABLE.format(title=title, sheet=sheet, note=note)
    tried = propose(read("t.xlsx", workbook(text)), flow, CATALOGUE, WORDS, area=area)
    return [question for question in tried.open if question.part not in ALWAYS]


@cases_from("conversion/cases/deciding_title_and_notes_become_required_texts.csv", says=listed)
def test_deciding_title_and_notes_become_required_texts(title: str, note: str, says: tuple[str, ...]) -> None:
    text = TABLE.format(title=title, sheet="S", note=note)
    mapping = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE").proposal.mapping
    assert mapping.blocks[0].required_texts == says


def test_deciding_title_is_required_with_years_as_wildcards() -> None:
    text = TABLE.format(title="Table 3: Population by sex, 2018-2019 (thousands)", sheet="S", note="Source: x")
    mapping = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE").proposal.mapping
    assert mapping.blocks[0].required_texts == ("*[0-9]: Population by sex, ????-???? (thousands)",)


STUBS = text_from("conversion/cases/map_titles_stubs.md")


def headed(title: str, head: str) -> TriedProposal:
    """The proposal for a population with this title and this head over its countries."""
    text = STUBS.format(title=title, head=head)
    return propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE")


@cases_from("conversion/cases/a_title_and_a_header_of_different_origins_are_asked_about.csv")
def test_title_and_header_of_different_origin_are_asked_about(title: str, head: str) -> None:
    tried = headed(title, head)
    assert {"title", "line column 2"} & {question.part for question in tried.open}


@cases_from("conversion/cases/title_and_header_of_one_origin_need_the_header.csv")
def test_title_and_header_of_one_origin_need_the_header(title: str, head: str) -> None:
    tried = headed(title, head)
    assert not {"title", "line column 2"} & {question.part for question in tried.open}
    assert head in tried.proposal.mapping.blocks[0].required_texts


def test_sheet_of_another_year_than_its_title_is_asked_about() -> None:
    def periods(sheet: str, title: str) -> list[str]:
        text = TABLE.format(title=title, sheet=sheet, note="Source: register").replace("| Year |", "| Age |")
        text = text.replace("| 2018 |", "| 0-14 |").replace("| 2019 |", "| 15-64 |")
        tried = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE")
        return [question.part for question in tried.open if question.part == "fixed TIME_PERIOD"]

    assert periods("2022", "Population by age, 1 January 2023") == ["fixed TIME_PERIOD"]
    assert periods("2022", "Population by age, 2020-2023") == []
    assert periods("2022", "Population by age, 2022") == []


@pytest.mark.parametrize(("head", "is_asked"), [("Status 2019", True), ("Status", False)])
def test_column_of_statuses_of_one_year_is_asked_about(head: str, is_asked: bool) -> None:
    text = "## Sheet S\n\n| Population by sex | | | |\n\n| Sex | 2018 | 2019 | {} |\n| Male | 10 | 11 | provisional |\n"
    text = text.format(head) + "| Female | 12 | 13 | final |\n"
    tried = propose(read("t.xlsx", workbook(text)), "DF_POP", CATALOGUE, WORDS, area="KE")
    assert (
        "OBS_STATUS" in {question.component for question in tried.open if question.part.startswith("line")}
    ) == is_asked


SIGNED = text_from("conversion/cases/map_titles_signed.md")


@cases_from("conversion/cases/unusual_or_unexplained_sign_is_asked_about.csv")
def test_unusual_or_unexplained_sign_is_asked_about(sign: str, note: str, code: str) -> None:
    tried = propose(
        read("t.xlsx", workbook(SIGNED.format(sign=sign, note=note))), "DF_POP", CATALOGUE, WORDS, area="KE"
    )
    assert [(question.label, question.chosen.code) for question in tried.open if question.part == "values"] == [
        (f"the sign “{sign}”", code)
    ]


@cases_from("conversion/cases/sign_with_its_usual_meaning_raises_no_question.csv")
def test_sign_with_its_usual_meaning_raises_no_question(sign: str, note: str) -> None:
    tried = propose(
        read("t.xlsx", workbook(SIGNED.format(sign=sign, note=note))), "DF_POP", CATALOGUE, WORDS, area="KE"
    )
    assert [question.label for question in tried.open if question.part == "values"] == []


@pytest.mark.parametrize("years", [("’18", "’19"), ("'18", "'19"), ("‘18", "‘19")])
def test_two_digit_years_are_not_read_as_ages(years: tuple[str, str]) -> None:
    text = "## Sheet S\n\n| Population by sex | | |\n\n| Sex | {} | {} |\n| Male | 10 | 11 |\n| Female | 12 | 13 |\n"
    tried = propose(read("t.xlsx", workbook(text.format(*years))), "DF_POP", CATALOGUE, WORDS, area="KE")
    assert "AGE" not in {
        component_map.component for block in tried.proposal.mapping.blocks for component_map in block.components
    }
    assert tried.open


@cases_from("conversion/cases/label_of_the_only_row_is_no_title.csv")
def test_label_of_the_only_row_is_not_read_as_a_title(title: str, head: str, label: str, area: str, code: str) -> None:
    text = f"## Sheet S\n| {title} |\n| {head} | 2021 | 2022 |\n| {label} | 1234 | 1300 |\n"
    proposal = proposed(text, "DF_IMM", area)
    assert codes(proposal, "C_CITIZEN") == {label: code}
    assert label not in asked_text(proposal)


@pytest.mark.parametrize("title", ["Number of immigrants in 2022", "Inmigrantes, 2022"])
def test_titled_single_figure_yields_an_observation(title: str) -> None:
    text = f"## Sheet S\n| {title} |\n| Total | 12345 |\n"
    figures = observations(text, proposed(text, "DF_IMM", "KE"))
    assert {key[0]: value for key, value in figures.items()} == {"2022": "12345"}
