"""Units and ages in headers, sources and notes count like those in titles: they are used or asked about."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import WORDS, proposed
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

ALWAYS = {"fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE", "fixed TIME_PERIOD"}
"""What no table of these says, and is asked of every office once."""


def asked(heads: tuple[str, str], note: str = "", title: str = "Immigrants by sex") -> list[Question]:
    rows = "| 2019 | 51045 | 40936 |\n| 2020 | 51790 | 41946 |"
    text = f"## Sheet S\n| {title} | | |\n| Year | {heads[0]} | {heads[1]} |\n{rows}\n"
    tried = propose(
        read("t.xlsx", workbook(f"{text}\n| {note} | | |\n" if note else text)), "DF_IMM", CATALOGUE, WORDS, area="KE"
    )
    return [question for question in tried.open if question.part not in ALWAYS]


def multiples(title: str, unit: str) -> tuple[str, set[str]]:
    """The multiple proposed for the figures of a title over a note on their unit, and the others offered."""
    questions = [question for question in asked(("Men", "Women"), unit, title) if question.part == "fixed UNIT_MULT"]
    return next(
        ((question.chosen.code, {other.code for other in question.others}) for question in questions), ("", set())
    )


@cases_from("conversion/cases/no_multiple_is_proposed_beside_persons.csv")
def test_no_multiple_is_proposed_beside_persons(title: str, unit: str) -> None:
    assert multiples(title, unit) == ("", {"3", "0"})


def test_unscaled_figures_are_offered_beside_a_multiple() -> None:
    assert multiples("Immigrants by sex, 2023 (thousands)", "") == ("3", {"0"})


@pytest.mark.parametrize(
    "note",
    [
        "Las cifras se refieren a eventos: una misma persona puede haber sido repatriada en más de una ocasión.",
        "Dieselbe Person kann mehr als einmal zurückgeführt worden sein.",
        "Ta sama osoba mogła zostać zawrócona więcej niż raz.",
        "Une même personne peut avoir été renvoyée à plusieurs reprises.",
    ],
)
def test_people_who_are_counted_repeatedly_raise_the_question_of_the_unit(note: str) -> None:
    text = f"## Sheet S\n| Returns by sex, 2023 |\n| Sex | Total |\n| Male | 9 |\n| Female | 8 |\n\n| {note} |\n"
    (question,) = (each for each in proposed(text, "DF_RETURN").open if each.part == "fixed UNIT_MEASURE")
    assert [each.code for each in question.others] == ["EVENT", "PS"]


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("Immigrants by place of settlement and sex, 2023", "PS"),
        ("Immigrés par place d’accueil et sexe, 2023", "PS"),
        ("Płace imigrantów według płci, 2023", ""),
    ],
)
def test_ordinary_word_is_no_unit_of_another_language(title: str, unit: str) -> None:
    proposal = proposed(f"## Sheet S\n| {title} |\n| Sex | 2023 |\n| Men | 500 |\n| Women | 400 |\n", "DF_IMM")
    assert dict(proposal.mapping.blocks[0].fixed).get("UNIT_MEASURE", "") == unit
    assert ("fixed UNIT_MEASURE" in {question.part for question in proposal.open}) == (not unit)
