"""Titles that say that all figures are of the country's own people, and those that only name the country."""

from __future__ import annotations

import pytest
from proposed import proposed


def asks_about(title: str, component: str = "C_CITIZEN", area: str = "AR") -> bool:
    rows = "".join(f"| {name} | {at} | {2 * at} |\n" for at, name in enumerate(("2020", "2021", "2022"), 110))
    proposal = proposed(f"## Sheet S\n| {title} |\n| Year | Men | Women |\n{rows}", "DF_BORDER", area)
    return any(question.is_open and question.component == component for question in proposal.questions)


@pytest.mark.parametrize(
    "title",
    [
        "Entradas de personas de nacionalidad argentina",
        "Entries of persons of Argentine nationality",
        "Entries, nationality: Argentina",
        "Entrées de personnes de nationalité argentine",
    ],
)
def test_the_citizenship_that_a_title_names_is_asked_about(title: str) -> None:
    assert asks_about(title)


@pytest.mark.parametrize(
    "title", ["Entries to Argentina", "Entradas a la Argentina por sexo", "Entries by sex, Argentina"]
)
def test_the_country_that_reports_is_none(title: str) -> None:
    assert not asks_about(title)
