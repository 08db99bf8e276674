"""The only year of a table is in its title: certain beside a counted item, otherwise asked about."""

from __future__ import annotations

import pytest
from proposed import proposed

BODY = "| Sex | Total |\n| Male | 120 |\n| Female | 130 |\n\n| {note} |\n"


def asked(title: str, note: str = "") -> bool:
    table = f"## Sheet S\n| {title} |\n{BODY.format(note=note)}"
    return any(
        question.component == "TIME_PERIOD" and question.is_open for question in proposed(table, "DF_POP").questions
    )


@pytest.mark.parametrize(
    "title",
    [
        "Population by sex, 2023",
        "Population by sex, 1 January 2023",
        "Foreigners by sex, 2023",
        "Population étrangère par sexe, 2023",
        "Población extranjera por sexo, 2023",
        "Bevölkerung nach Geschlecht 2023",
        "Численность населения по полу, 2023",
        "السكان حسب الجنس 2023",
        "2023年人口",
        "Population by sex, 01.01. – 31.12.2023",
        "2023",
    ],
)
def test_year_of_a_title_with_a_counted_item_is_not_asked(title: str) -> None:
    assert not asked(title)


@pytest.mark.parametrize(
    "title",
    [
        "Statistical Yearbook 2023",
        "Population Yearbook 2023",
        "Population by sex, annual report 2023",
        "Population by sex, published 2023",
        "Annuaire statistique de la population 2023",
        "Anuario de población 2023",
        "Bevölkerung: Statistisches Jahrbuch 2023",
        "Численность населения, ежегодник 2023",
        "人口統計年鑑 2023",
        "Population by sex, zorblax 2023",
        "Population by sex, fiscal year 2023",
        "Population by sex, FY 2023",
        "Population by sex, September 2023",
        "Population par sexe, exercice 2023",
        "Population by sex, 2022 and 2023",
        "Population by sex, 2022; as reported in 2023",
    ],
)
def test_the_year_of_a_publication_is_asked_about(title: str) -> None:
    assert asked(title)


def test_another_year_in_a_note_is_asked_about() -> None:
    assert asked("Population by sex, 2023", "Figures are those of 2022")


@pytest.mark.parametrize(
    "note",
    [
        "Last updated: 5 May 2024",
        "Última actualización: 12 de marzo de 2024",
        "Dernière mise à jour : mai 2024",
        "最后更新：2024年",
    ],
)
def test_when_a_table_was_updated_is_no_other_year(note: str) -> None:
    assert not asked("Population by sex, 2023", note)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Foreigners by sex", "(31.12.2023)"),
        ("Foreigners by sex", "31 December 2023"),
        ("População estrangeira por sexo", "Situação em 31 de dezembro de 2023"),
        ("Population étrangère par sexe", "(date de référence : 31 décembre 2023)"),
        ("Foreigners by zorblax and sex, 2023", ""),
        ("Foreigners by sex", "2023-yil"),
    ],
)
def test_year_beside_a_title_with_a_counted_item_is_not_asked(first: str, second: str) -> None:
    assert not asked(f"{first} |\n| {second}" if second else first)


@pytest.mark.parametrize(
    "title",
    [
        "Foreigners who arrived in 2023",
        "Foreigners by sex, arrived since 2023",
        "Foreigners born in 2023",
        "Foreigners by sex until 2023",
        "Zugezogene seit 2023, Bevölkerung",
        "Population étrangère depuis 2023",
        "Population by sex, school year 2023",
        "Population by sex, cumulated 2023",
    ],
)
def test_a_year_of_arrival_or_birth_or_since_which_is_asked_about(title: str) -> None:
    assert asked(title)


@pytest.mark.parametrize("title", ["Immigrants by sex, as of 1 January 2024", "Immigrants by sex (status 31.12.2023)"])
def test_a_day_does_not_date_movements(title: str) -> None:
    table = f"## Sheet S\n| {title} |\n{BODY.format(note='')}"
    assert any(
        question.component == "TIME_PERIOD" and question.is_open for question in proposed(table, "DF_IMM").questions
    )
