"""``sdmxmig map`` reads signs in numbers from all figures, days in numbers, and rules by their lengths."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from shipped import CATALOGUE
from test_map_titles import WORDS, asked, propose, read

from sdmxmig.conversion.recognition.ages import recognise_age
from sdmxmig.conversion.suggestion.figures import SIGNS, detect_separators
from sdmxmig.conversion.suggestion.questions import Question

pytestmark = pytest.mark.sampled(4)


@pytest.mark.parametrize(
    ("texts", "signs"),
    [
        (["48,900", "24,1"], ("", ",")),
        (["1048,900", "24,100"], ("", ",")),
        (["48,900", "123456"], ("", ",")),
        (["48,900", "1,234,567"], (",", ".")),
        (["48.900", "24.100,5"], (".", ",")),
    ],
)
def test_all_figures_of_a_column_decide_which_sign_is_decimal(texts: list[str], signs: tuple[str, str]) -> None:
    assert detect_separators(texts, {}) == (*signs, None)


TEXTS = {
    ";": "Población por sexo{};;\nAño;Hombres;Mujeres\n2021;24,100;24,800\n2022;24,200;24,900\n",
    ",": 'Population by sex{},,\nYear,Men,Women\n2021,"24,100","24,800"\n2022,"24,200","24,900"\n',
    "\t": "Bevölkerung nach Geschlecht{}\t\t\nJahr\tMänner\tFrauen\n2021\t24.100\t24.800\n2022\t24.200\t24.900\n",
}


def about_signs(delimiter: str, unit: str) -> list[Question]:
    tables = read("t.csv", TEXTS[delimiter].format(unit).encode())
    return [
        question for question in propose(tables, "DF_POP", CATALOGUE, WORDS, area="ES").open if question.label == SIGNS
    ]


@pytest.mark.parametrize(
    ("delimiter", "unit"), [(";", " (miles)"), (";", ""), (",", " (thousands)"), ("\t", " (in Tausend)")]
)
def test_sign_that_may_be_both_is_asked_without_a_proposal(delimiter: str, unit: str) -> None:
    (question,) = about_signs(delimiter, unit)
    assert question.chosen.code == ""
    assert {candidate.code for candidate in question.others} == {",", "."}


@pytest.mark.parametrize(("delimiter", "unit"), [(";", " (personas)"), (",", " (persons)")])
def test_figures_in_persons_have_no_decimals(delimiter: str, unit: str) -> None:
    assert not about_signs(delimiter, unit)


@cases_from("conversion/cases/age_in_completed_years_has_its_code.csv")
def test_age_in_completed_years_has_its_code(label: str, code: str) -> None:
    assert recognise_age(label, WORDS.vocabulary)[0].code == code


def test_men_and_women_are_not_read_as_a_country() -> None:
    for title in (
        "Population of men and women",
        "Men and women of Kenya",
        "Población de 16 y mayores",
        "Población de mayores",
    ):
        assert not [question for question in asked(title) if question.part.startswith("fixed C_")]


TITLE_AND_COLUMN = """Population by sex on 1 January (usual residence: at least 12 months),,,
Year,Residence rule,Men,Women
2021,{column},24100,24800
2022,{column},24200,24900
"""


@cases_from("conversion/cases/rule_of_a_title_is_not_proposed_against_a_column.csv", offered=listed)
def test_rule_of_a_title_is_not_proposed_against_a_column(column: str, code: str, offered: tuple[str, ...]) -> None:
    tables = read("t.csv", TITLE_AND_COLUMN.format(column=column).encode())
    (question,) = (
        question
        for question in propose(tables, "DF_POP", CATALOGUE, WORDS, area="NZ").open
        if question.part == "fixed RES_RULE"
    )
    assert question.chosen.code == code
    assert [candidate.code for candidate in question.others][: len(offered)] == [*offered]
