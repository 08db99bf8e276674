"""A country that a head or title names is asked about as the origin of all figures, however short its name is."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed


def asked(text: str, flow: str = "DF_IMM") -> dict[str, list[str]]:
    """The origins that are asked about for all figures, with the countries that are offered."""
    proposal = proposed(f"## Sheet S\n{text}| 2017 | 101 |\n| 2018 | 120 |\n", flow)
    parts = ("fixed C_BIRTH", "fixed C_CITIZEN", "fixed C_RESIDENCE")
    return {
        question.part[6:]: [other.code for other in question.others if other.code != "_T"]
        for question in proposal.open
        if question.part in parts
    }


@cases_from("conversion/cases/the_head_of_the_only_column.csv")
def test_country_in_the_only_header_is_asked_about(name: str, code: str) -> None:
    assert set(map(tuple, asked(f"| Year | {name} |\n").values())) == {(code,)}


@pytest.mark.parametrize("title", ["Immigrants from USA", "Immigrants from the UK", "Immigrants from UAE"])
def test_country_in_a_title_is_asked_about(title: str) -> None:
    questions = asked(f"| {title} | |\n| Year | Persons |\n")
    assert questions
    assert all(len(codes) == 1 for codes in questions.values())


@pytest.mark.parametrize(
    "head", ["Persons", "Number", "Total", "人数", "Immigrants", "No.", "Georgia", "საქართველო", "In persons"]
)
def test_headers_without_another_country_raise_no_question(head: str) -> None:
    assert asked(f"| Year | {head} |\n") == {}
