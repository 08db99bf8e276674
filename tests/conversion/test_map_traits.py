"""Traits that no dimension has, though their labels look like one: durations, ethnic groups, years of arrival."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Proposal

AGES = ("0-4", "5-9", "10-14", "15+")
PEOPLES = ("Indian", "Somali", "Kenyan")
COUNTRIES = ("Uganda", "Somalia", "India")
YEARS = ("2015", "2016")


def table(title: str, head: str, labels: tuple[str, ...], years: tuple[str, ...] = ("2019", "2020")) -> str:
    """A table with these labels below a head, and years over its figures."""
    rows = "".join(f"| {label} | {100 + at} | {200 + at} |\n" for at, label in enumerate(labels))
    return f"## Sheet S\n| {title} |\n| {head} | {' | '.join(years)} |\n{rows}"


def read(proposal: Proposal) -> dict[str, str]:
    """The sources of the components that are read from lines."""
    return {
        component_map.component: str(component_map.source)
        for block in proposal.mapping.blocks
        for component_map in block.components
    }


def is_asked(proposal: Proposal, source: str) -> bool:
    return any(question.part == f"line {source}" for question in proposal.open)


@pytest.mark.parametrize(
    ("title", "head", "labels"),
    [
        ("Ausländer nach Aufenthaltsdauer", "von ... bis unter ... Jahren", AGES),
        ("Foreign population by duration of residence", "Years", AGES),
        ("Population étrangère selon les années de résidence", "Ans", AGES),
        ("Foreign population", "Years since arrival", AGES),
        ("按居住时间分的外国人口", "", AGES),
        ("الأجانب حسب مدة الإقامة", "", AGES),
        ("Население по национальности", "Национальность", ("украинцы", "русские", "казахи")),
        ("Population by ethnic origin", "Ethnic origin", PEOPLES),
        ("Population", "Ethnicity", PEOPLES),
        ("Population by language spoken at home", "Language", ("English", "French", "Arabic")),
        ("Population by previous citizenship", "Previous citizenship", COUNTRIES),
        ("Population", "Former citizenship", COUNTRIES),
    ],
)
def test_labels_of_an_unsupported_trait_are_asked_about(title: str, head: str, labels: tuple[str, ...]) -> None:
    proposal = proposed(table(title, head, labels), "DF_POP", "KE")
    assert "column 1" not in read(proposal).values()
    assert is_asked(proposal, "column 1")


@cases_from("conversion/cases/years_in_which_people_came_are_no_periods_of_a_stock.csv")
def test_years_of_arrival_are_not_periods_of_a_stock(title: str) -> None:
    proposal = proposed(table(title, "Country of birth", COUNTRIES, YEARS), "DF_POP", "KE")
    assert "TIME_PERIOD" not in read(proposal)
    assert is_asked(proposal, "header 1")


@pytest.mark.parametrize(
    ("flow", "title", "head", "labels", "component"),
    [
        ("DF_POP", "Foreign population by age", "Age", AGES, "AGE"),
        ("DF_POP", "Foreign population by age and duration of residence", "Age", AGES, "AGE"),
        ("DF_POP", "Foreign population by age; duration of residence: one year and more", "Age group", AGES, "AGE"),
        ("DF_POP", "Population by country of birth", "Country of birth", COUNTRIES, "C_BIRTH"),
        ("DF_POP", "Population by citizenship and ethnic group", "Citizenship", COUNTRIES, "C_CITIZEN"),
        ("DF_POP", "Population by country of citizenship", "Citizenship", PEOPLES, "C_CITIZEN"),
        ("DF_CITIZENSHIP", "Acquisitions by former citizenship", "Former citizenship", COUNTRIES, "C_FORMER"),
        ("DF_IMM", "Immigrants by year of arrival and country of citizenship", "Citizenship", COUNTRIES, "TIME_PERIOD"),
        ("DF_POP", "Population by country of birth and year", "Country of birth", COUNTRIES, "TIME_PERIOD"),
        ("DF_POP", "Population born abroad, by country of birth", "Country", COUNTRIES, "TIME_PERIOD"),
    ],
)
def test_labels_of_dimensions_are_recognised(
    flow: str, title: str, head: str, labels: tuple[str, ...], component: str
) -> None:
    proposal = proposed(table(title, head, labels), flow, "KE")
    assert component in read(proposal)


@pytest.mark.parametrize(
    "label", ["of whom: women", "Women", "Number of women", "Femmes", "Mujeres", "Frauen", "Женщины", "女性", "Donne"]
)
def test_sex_beside_a_total_is_recognised(label: str) -> None:
    text = table("Population by citizenship, 2019", "Citizenship", COUNTRIES, ("Total", label))
    proposal = proposed(text, "DF_POP", "KE")
    assert "SEX" in read(proposal)
    assert not any(label in question.label for question in proposal.open)
