"""Figures of a part of the country, named beside it in a title, never become national unasked."""

from __future__ import annotations

from case_tables import cases_from
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

ROWS = "Sex;2022;2023\nMen;10;20\nWomen;30;40\n"
USUAL = {"fixed RES_RULE", "fixed DUR_BASIS"}


def asked_parts(title: str, area: str) -> set[str]:
    table = read("t.csv", f"{title}\n{ROWS}".encode())
    return {question.part for question in propose(table, "DF_IMM", CATALOGUE, WORDS, area=area).open} - USUAL


@cases_from("conversion/cases/part_of_a_country_beside_its_name_is_asked_about.csv")
def test_part_of_a_country_beside_its_name_is_asked_about(area: str, title: str) -> None:
    assert asked_parts(title, area)


@cases_from("conversion/cases/name_of_the_country_with_ordinary_words_is_not_asked_about.csv")
def test_name_of_the_country_with_ordinary_words_is_not_asked_about(area: str, title: str) -> None:
    assert asked_parts(title, area) == set()
