"""Notes below a table that limit its figures (groups, exclusions, units, parts of years), and unrelated notes."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Proposal, Question


def of(note: str, flow: str = "DF_IMM", title: str = "Immigrants by country of citizenship") -> Proposal:
    rows = "".join(
        f"| {country} | {100 + at} | {200 + at} |\n" for at, country in enumerate(("Uganda", "Somalia", "India"))
    )
    text = f"## Sheet S\n| {title} |\n| Country of citizenship | 2019 | 2020 |\n{rows}\n| {note} |\n"
    return proposed(text, flow, "KE")


def open_question(note: str, component: str) -> Question:
    (question,) = [each for each in of(note).open if each.part == f"fixed {component}"]
    return question


@cases_from("conversion/cases/limit_expressible_as_a_code_is_offered.csv")
def test_limit_expressible_as_a_code_is_offered(note: str, component: str, code: str) -> None:
    question = open_question(note, component)
    assert (question.chosen.code, question.others[0].code, len(question.others)) == ("", code, 2)


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("No se contabilizan los menores de 16 años.", "Y_GE16"),
        ("Children under 15 years are not included.", "Y_GE15"),
        ("Excluding persons aged 65 years and over", "Y0T64"),
        ("Persons aged 18 years and over", "Y_GE18"),
    ],
)
def test_age_limit_is_proposed_and_asked_about(note: str, code: str) -> None:
    assert open_question(note, "AGE").chosen.code == code
