"""``sdmxmig map`` on figures that are added up since January, over decades, or only of some people by the file name."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import WORDS, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import FlowKnowledge, Question, suggest
from sdmxmig.conversion.tables import read


def questions(file: str, heads: tuple[str, str] = ("Men", "Women"), title: str = "Immigrants by sex") -> list[Question]:
    rows = "| 2021 March | 245 | 236 |\n| 2021 April | 290 | 246 |"
    text = f"## Sheet S\n| {title} | | |\n| Month | {heads[0]} | {heads[1]} |\n{rows}\n"
    tables = read(file, workbook(text))
    return list(suggest(tables, FlowKnowledge(CATALOGUE.flows["DF_IMM"], WORDS), "KE").open)


def asks(listed: list[Question], what: str) -> bool:
    return any(what in question.chosen.reason for question in listed)


@cases_from("conversion/cases/a_file_name_that_says_that_figures_are_added_up_is_asked_about.csv")
def test_cumulative_file_name_is_asked_about(file: str) -> None:
    assert asks(questions(file), "cumulative")


@cases_from("conversion/cases/limit_in_the_file_name_alone_is_asked_about.csv")
def test_limit_in_the_file_name_alone_is_asked_about(file: str, what: str) -> None:
    assert asks(questions(file), what)


@pytest.mark.parametrize(
    "file", ["t.xlsx", "immigrants.xlsx", "table_3_immigrants_2021.xlsx", "immigration_by_sex.xlsx"]
)
def test_file_name_repeating_the_title_is_not_asked_about(file: str) -> None:
    assert not [question for question in questions(file) if question.part == "title"]


@pytest.mark.parametrize("joint", [" to ", " bis ", "–", " a ", " по ", "至"])
def test_decades_are_periods_of_ten_years(joint: str) -> None:
    rows = "| Syria | 128 | 538 |\n| Iraq | 70 | 61 |"
    text = f"\n## Sheet A\n| Country of birth | 1820{joint}1829 | 1830{joint}1839 |\n{rows}\n"
    block = proposed(text, "DF_IMM").mapping.blocks[0]
    read_ = {
        text: code
        for component_map in block.components
        if component_map.component == "TIME_PERIOD"
        for text, code in component_map.codes
    }
    assert read_ == {f"1820{joint}1829": "1820-01-01/P10Y", f"1830{joint}1839": "1830-01-01/P10Y"}


@pytest.mark.parametrize("label", ["2020 to date", "1820 to", "2020 or 2021", "up to 2020", "2021 to 2020"])
def test_other_labels_with_years_are_not_read_as_spans(label: str) -> None:
    text = f"\n## Sheet A\n| Country of birth | {label} | 1830 to 1839 |\n| Syria | 128 | 538 |\n| Iraq | 70 | 61 |\n"
    block = proposed(text, "DF_IMM").mapping.blocks[0]
    assert not [
        code
        for component_map in block.components
        for text, code in component_map.codes
        if text == label and "/P" in code
    ]


@pytest.mark.parametrize("head", ["Age group", "grupo_idade", "Groupe d'âges"])
def test_ages_below_a_header_of_ages_are_recognised(head: str) -> None:
    rows = "| 0-6 | 120 | 130 |\n| 7-11 | 220 | 230 |\n| 12-17 | 320 | 330 |"
    proposal = proposed(f"\n## Sheet A\n| {head} | 2020 | 2021 |\n{rows}\n", "DF_IMM")
    parts = [(question.part, question.label) for question in proposal.open]
    assert ("codes AGE", "0-6") in parts
    assert not [part for part, _ in parts if part.startswith("line column") or part == "fixed AGE"]


@pytest.mark.parametrize("head", ["Group", "Rooms", "District"])
def test_numbers_below_another_header_are_not_read_as_ages(head: str) -> None:
    rows = "| 0-6 | 120 | 130 |\n| 7-11 | 220 | 230 |\n| 12-17 | 320 | 330 |"
    proposal = proposed(f"\n## Sheet A\n| {head} | 2020 | 2021 |\n{rows}\n", "DF_IMM")
    assert [question for question in proposal.open if question.part.startswith("line column")]
