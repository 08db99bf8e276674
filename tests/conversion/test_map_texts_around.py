"""Texts other than titles can limit figures too: words beside years, headers, file names."""

from __future__ import annotations

import pytest
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


@pytest.mark.parametrize(
    ("heads", "word"),
    [
        (("Refugees 2020", "Refugees 2021"), "refugees"),
        (("Foreign workers 2020", "Foreign workers 2021"), "workers"),
        (("Urban 2020", "Urban 2021"), "urban"),
        (("Residents abroad 2020", "Residents abroad 2021"), "abroad"),
        (("Zorblaxes 2020", "Zorblaxes 2021"), "zorblaxes"),
        (("Étudiants 2020", "Étudiants 2021"), "étudiants"),
    ],
)
def test_words_beside_every_year_are_doubted_as_titles_are(heads: tuple[str, ...], word: str) -> None:
    assert word in reasons(asked(by_sex("Population by sex", *heads)))


@pytest.mark.parametrize(
    "heads", [("2020", "2021"), ("Population 2020", "Population 2021"), ("Year 2020", "Year 2021")]
)
def test_redundant_words_beside_every_year_raise_no_question(heads: tuple[str, ...]) -> None:
    assert asked(by_sex("Population by sex", *heads)) == []


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("MenoresRefugiados.xlsx", "refugiados"),
        ("foreign-workers.xlsx", "workers"),
        ("student_population.xlsx", "student"),
    ],
)
def test_group_in_a_file_name_is_asked_about_beside_a_clear_title(name: str, word: str) -> None:
    assert word in reasons(asked(by_sex("Population by sex", "2020", "2021"), name=name))


@pytest.mark.parametrize("name", ["population.xlsx", "KE_population_2021.xlsx", "PopulationBySex.xlsx", "ke.xlsx"])
def test_redundant_file_name_raises_no_question(name: str) -> None:
    assert asked(by_sex("Population by sex", "2020", "2021"), name=name) == []


@pytest.mark.parametrize("word", ["YTD", "cumulative", "cumulated since January"])
def test_figures_that_are_added_up_are_asked_about_beside_shares_too(word: str) -> None:
    text = by_sex("Immigrants by sex", f"Immigrants ({word}) 2020", "Per cent 2020")
    assert "added up" in reasons(asked(text, "DF_IMM"))


def test_code_column_without_names_is_used() -> None:
    text = f"## Sheet S\n| Emigrants by country of destination | | |\n| code | 2020 | 2021 |\n{CODED}\n"
    block = tried(text, "DF_EMI").proposal.mapping.blocks[0]
    assert [
        str(component_map.source) for component_map in block.components if component_map.component.startswith("C_")
    ] == ["column 1"]


@pytest.mark.parametrize("balance", ["Saldo", "Balance", "Net"])
def test_a_balance_is_no_item_of_a_list(balance: str) -> None:
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


@pytest.mark.parametrize(
    "office",
    [
        "Instituto Nacional de Estadísticas – Servicio Nacional de Migraciones",
        "Department of Immigration and Emigration",
        "Kenya National Bureau of Statistics",
        "Ministry of Overseas Employment",
        "Immigration Department",
        "Служба миграции",
        "Göç İdaresi Başkanlığı",
    ],
)
def test_the_name_of_an_office_in_a_title_raises_no_question(office: str) -> None:
    assert asked(by_sex(f"{office} | |\n| Population by sex", "2020", "2021")) == []


@pytest.mark.parametrize("title", ["Service workers from abroad", "Population registered at the Immigration Office"])
def test_an_office_inside_a_title_hides_no_words(title: str) -> None:
    assert asked(by_sex(title, "2020", "2021"))
