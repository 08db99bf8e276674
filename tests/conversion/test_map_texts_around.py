"""Texts other than titles can limit figures too: words beside years, headers, file names."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import ALWAYS, WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

CODED = "\n".join(f"| {code} | 1{at} | 2{at} |" for at, code in enumerate(("AUS", "AUT", "BEL", "CHE", "DEU", "FRA")))


def tried(text: str, flow: str = "DF_POP", area: str = "KE", name: str = "t.xlsx") -> TriedProposal:
    return propose(read(name, workbook(text)), flow, CATALOGUE, WORDS, area=area)


def asked(text: str, flow: str = "DF_POP", area: str = "KE", name: str = "t.xlsx") -> list[Question]:
    return [question for question in tried(text, flow, area, name).open if question.part not in ALWAYS]


def reasons(questions: list[Question]) -> str:
    return " ".join(f"{question.part} {question.label} {question.chosen.reason}" for question in questions).casefold()


def by_sex(title: str, *heads: str) -> str:
    """A table by sex, with these heads over its figures."""
    cells, figures = " | ".join(heads), " | ".join(str(10 + at) for at in range(len(heads)))
    return f"## Sheet S\n| {title} | |\n| Sex | {cells} |\n| Male | {figures} |\n| Female | {figures} |\n"


@cases_from("conversion/cases/group_in_a_file_name_is_asked_about_beside_a_clear_title.csv")
def test_group_in_file_name_beside_title_is_asked_about(name: str, word: str) -> None:
    assert word in reasons(asked(by_sex("Population by sex", "2020", "2021"), name=name))


@pytest.mark.parametrize("name", ["population.xlsx", "KE_population_2021.xlsx", "PopulationBySex.xlsx", "ke.xlsx"])
def test_redundant_file_name_raises_no_question(name: str) -> None:
    assert asked(by_sex("Population by sex", "2020", "2021"), name=name) == []


@pytest.mark.parametrize("name", ["11_MN.xlsx", "MN_population.xlsx"])
def test_country_code_in_a_file_name_is_not_read_as_unit(name: str) -> None:
    assert asked(by_sex("Population by sex", "2020", "2021"), area="MN", name=name) == []


def test_code_column_without_names_is_used() -> None:
    text = f"## Sheet S\n| Emigrants by country of destination | | |\n| code | 2020 | 2021 |\n{CODED}\n"
    block = tried(text, "DF_EMI").proposal.mapping.blocks[0]
    assert [
        str(component_map.source) for component_map in block.components if component_map.component.startswith("C_")
    ] == ["column 1"]


@pytest.mark.parametrize("balance", ["Saldo", "Balance", "Net"])
def test_balance_is_not_read_as_an_item_of_a_list(balance: str) -> None:
    text = (
        f"## Sheet S\n| Border crossings, 2020 | | | |\n| Sex | Entries | Exits | {balance} |\n"
        "| Male | 10 | 4 | 6 |\n| Female | 11 | 5 | 6 |\n"
    )
    block = tried(text, "DF_BORDER").proposal.mapping.blocks[0]
    assert [skip.match for skip in block.skip_columns] == [balance]


def test_percentage_columns_do_not_change_the_unit_of_counts() -> None:
    text = (
        "## Sheet S\n| Permits by sex, 2020 (absolute and percentage values) | | |\n"
        "| Sex | Permits | Percentage |\n| Male | 10 | 40.0 |\n| Female | 15 | 60.0 |\n"
    )
    proposal = tried(text, "DF_PERMIT").proposal
    assert [dict(block.fixed)["UNIT_MEASURE"] for block in proposal.mapping.blocks] == ["PS"]


@cases_from("conversion/cases/the_name_of_an_office_in_a_title_raises_no_question.csv")
def test_office_name_in_a_title_raises_no_question(office: str) -> None:
    assert asked(by_sex(f"{office} | |\n| Population by sex", "2020", "2021")) == []


@pytest.mark.parametrize("title", ["Service workers from abroad", "Population registered at the Immigration Office"])
def test_office_name_does_not_hide_words_of_a_title(title: str) -> None:
    assert asked(by_sex(title, "2020", "2021"))
