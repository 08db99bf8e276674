"""Countries in years before they were divided: a table may mean the former country, where its codelist has it."""

from __future__ import annotations

import pytest
from proposed import proposed


def asked(labels: tuple[str, ...], years: tuple[str, ...], flow: str = "DF_POP") -> str:
    head = " | ".join(years)
    rows = "".join(
        f"| {question} | {' | '.join(str(100 + 10 * at + year) for year in range(len(years)))} |\n"
        for at, question in enumerate((*labels, "Fiji"))
    )
    text = f"## Sheet S\n| Population by country of citizenship |\n| Country of citizenship | {head} |\n{rows}"
    questions = [question.chosen.reason for question in proposed(text, flow, "KE").open if question.part == "title"]
    return " ".join(questions)


@pytest.mark.parametrize(
    ("labels", "years", "code"),
    [
        (("Serbia",), ("2000", "2001"), "(YU)"),
        (("Serbia",), ("2000", "2010"), "(YU)"),
        (("Montenegro",), ("1995", "1999"), "(YU)"),
        (("Russian Federation",), ("1985", "1989"), "(SU)"),
        (("Ukraine", "Russian Federation"), ("1985", "1989"), "(SU)"),
        (("Czechia",), ("1985", "1989"), "(CS)"),
        (("Slovakia", "Czechia"), ("1980", "1991"), "(CS)"),
        (("Croatia",), ("1985", "1989"), "(890)"),
        (("Slovenia",), ("1980", "1991"), "(890)"),
        (("Yemen",), ("1985", "1989"), "(YD)"),
        (("Germany",), ("1985", "1989"), "(DD)"),
        (("Curaçao",), ("2000", "2005"), "(AN)"),
        (("Russie",), ("1985", "1989"), "(SU)"),
    ],
)
def test_countries_in_years_of_a_former_one_are_asked_about_once(
    labels: tuple[str, ...], years: tuple[str, ...], code: str
) -> None:
    assert asked(labels, years).count(code) == 1


@pytest.mark.parametrize(
    ("labels", "years"),
    [
        (("Serbia",), ("2007", "2010")),
        (("Serbia and Montenegro",), ("2000", "2001")),
        (("USSR",), ("1985", "1989")),
        (("Czechoslovakia",), ("1985", "1989")),
        (("Russian Federation",), ("1990", "2000")),
        (("Russian Federation", "USSR"), ("1985", "1989")),
        (("Czechia", "Slovakia"), ("1993", "1994")),
        (("Germany",), ("1990", "1991")),
        (("Croatia",), ("1992", "1995")),
        (("Uganda", "India"), ("1985", "1989")),
        (("France", "Poland"), ("1985", "1989")),
        (("Curaçao",), ("2011", "2015")),
    ],
)
def test_countries_in_other_years_are_not(labels: tuple[str, ...], years: tuple[str, ...]) -> None:
    assert asked(labels, years) == ""
