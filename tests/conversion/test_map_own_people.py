"""Titles that say that all figures are of the country's own people, and those that only name the country."""

from __future__ import annotations

import pytest
from case_tables import cases_from, truth
from proposed import asked, asked_labels, proposed


def people_of(title: str, area: str, flow: str = "DF_POP") -> tuple[str, bool]:
    """The citizenship that holds for the whole table, and whether anything about the title is asked."""
    rows = "| Sex | 2019 |\n| Male | 60 |\n| Female | 50 |\n| Total | 110 |\n"
    proposal = proposed(f"## Sheet S\n| {title} |\n{rows}", flow, area)
    return dict(proposal.mapping.blocks[0].fixed)["CTZ_STATUS"], bool(asked(proposal))


def test_deaths_of_infants_are_not_all_deaths() -> None:
    assert people_of("Deaths under one year by sex", "KE", "DF_DEATHS")[1]


def test_table_number_is_not_read_as_a_quarter() -> None:
    assert not people_of("Table Q1. Immigrants by sex", "SE", "DF_IMM")[1]


def asked_among(title: str, head: str, labels: str) -> list[str]:
    """The labels that are asked about in a list of countries, which begins with a total."""
    rows = "".join(f"| {label} | {900 - at} |\n" for at, label in enumerate(labels.split("; ")))
    return asked_labels(proposed(f"## Sheet S\n| {title} | |\n| {head} | 2022 |\n{rows}", "DF_IMM", "IE"))


@cases_from("conversion/cases/citizens_in_a_list_of_countries_are_no_country.csv")
def test_citizens_in_a_list_of_countries_get_no_country(title: str, head: str, countries: str, people: str) -> None:
    assert {*asked_among(title, head, f"{countries}; {people}")} - {"fixed BIRTH_STATUS"} == {people}


@cases_from("conversion/cases/other_names_for_countries_are_countries.csv")
def test_alternative_names_of_countries_are_recognised(title: str, head: str, labels: str) -> None:
    assert {*asked_among(title, head, labels)}.isdisjoint(labels.split("; "))


@cases_from("conversion/cases/a_group_is_no_doubt_if_the_only_total_counts_it.csv", is_asked=truth)
def test_group_counted_in_the_only_total_raises_no_question(title: str, head: str, labels: str, is_asked: bool) -> None:
    rows = "".join(f"| {label} | {900 - at} |\n" for at, label in enumerate(labels.split("; ")))
    proposal = proposed(f"## Sheet S\n| {title} | |\n| {head} | 2022 |\n{rows}", "DF_POP", "IE")
    assert any("cover this group only" in question.chosen.reason for question in proposal.open) == is_asked


def test_own_citizens_are_offered_beside_other_countries() -> None:
    text = """
## Sheet S
| Eventos de repatriación de mexicanos desde Estados Unidos según sexo |
| Sexo | 2021 | 2022 |
| Hombres | 10 | 20 |
| Mujeres | 30 | 40 |
"""
    (question,) = [each for each in proposed(text, "DF_RETURN", "MX").open if each.component == "C_CITIZEN"]
    assert {"_T", "MX"} <= {other.code for other in question.others}


@pytest.mark.parametrize(
    ("title", "is_asked"),
    [
        ("Marriage-based migrants by sex, as of 31 December", True),
        ("Мигранты по полу на конец года", True),
        ("Population by sex and migration background, 31 December", False),
    ],
)
def test_stock_of_migrants_is_not_taken_for_the_population(title: str, is_asked: bool) -> None:
    rows = "| Sex | 2019 |\n| Male | 60 |\n| Female | 50 |\n| Total | 110 |\n"
    proposal = proposed(f"## Sheet S\n| {title} |\n{rows}", "DF_POP", "KR")
    assert ("fixed BIRTH_STATUS" in {question.part for question in asked(proposal)}) == is_asked


def value_of(component: str, title: str, area: str, flow: str = "DF_POP") -> str:
    """The proposed value of a component without a line, or “asked”."""
    rows = "| Citizenship | 2019 | 2020 |\n| Ukraine | 30 | 40 |\n| India | 3 | 4 |\n"
    proposal = proposed(f"## Sheet S\n| {title} |\n{rows}", flow, area)
    is_asked = any(question.part == f"fixed {component}" and not question.chosen.code for question in proposal.open)
    return "asked" if is_asked else dict(proposal.mapping.blocks[0].fixed).get(component, "")


@cases_from("conversion/cases/and_or_not_joined_to_a_word_keeps_its_meaning.csv")
def test_and_or_not_joined_to_a_word_keeps_its_meaning(component: str, area: str, title: str, value: str) -> None:
    assert value_of(component, title, area) == value


def test_inflected_country_is_not_read_as_women() -> None:
    assert value_of("SEX", "Imigracja do Polski według obywatelstwa", "PL", "DF_IMM") == "_T"
    assert value_of("SEX", "Ukrainki w Polsce według obywatelstwa", "PL") == "asked"


def test_arabic_groups_are_not_read_as_deaths() -> None:
    assert not asked(
        proposed(
            "## Sheet S\n| السكان حسب الجنس وفئات العمر |\n| الجنس | 2019 |\n| ذكور | 60 |\n| إناث | 50 |\n",
            "DF_POP",
            "AE",
        )
    )


@cases_from("conversion/cases/foreign_moves_are_asked_for_whom_they_count.csv", is_asked=truth)
def test_foreign_moves_are_asked_for_whom_they_count(area: str, title: str, is_asked: bool) -> None:
    rows = "| Citizenship | 2019 | 2020 |\n| Ukraine | 30 | 40 |\n| India | 3 | 4 |\n"
    proposal = proposed(f"## Sheet S\n| {title} |\n{rows}", "DF_IMM", area)
    assert ("fixed CTZ_STATUS" in {question.part for question in proposal.open}) == is_asked
