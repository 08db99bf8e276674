"""A note behind a label may say that its figures are of other people than the label says: then `map` asks."""

from __future__ import annotations

import pytest
from proposed import proposed

BY_SEX = "## Sheet S\n| Immigrants by sex |\n| Country of citizenship | {men} | Women |\n"
BODY = "| Kenya | 120 | 130 |\n| {china} | 45 | 47 |\n| Senegal | 33 | 31 |\n\n| {note} |\n"
OTHERWISE = [
    ("Men 1)", "China", "1) Including children under 5 of both sexes"),
    ("Men¹", "China", "¹ Women included"),
    ("Men (1)", "China", "(1) Men and women until 2019"),
    ("Men*", "China", "* Includes women without a permit"),
    ("Men a)", "China", "a) Both sexes in the capital"),
    ("Hommes 1)", "China", "1) Y compris les femmes mariées"),
    ("Hombres (1)", "China", "(1) Incluye mujeres menores de edad"),
    ("Men1", "China", "1 females of the armed forces are counted here"),
    ("Men", "China 1)", "1) Including Hong Kong"),
    ("Men", "China²", "2 Includes Taiwan"),
    ("Men", "China (1)", "(1) Women only"),
    ("Men", "China*", "* Foreign citizens born there only"),
]
AS_SAID = [
    ("Men 1)", "China", "1) Including men who left again"),
    ("Men¹", "China", "¹ Estimated"),
    ("Men", "China 1)", "2) Both sexes"),
    ("Men", "China", "Both sexes are shown in table 4"),
    ("Men 1)", "China", "1) See the notes on methods"),
    ("Men", "China 1)", "1) People's Republic of China"),
    ("Men", "China", "1) Women are more often students"),
    ("Men (1)", "China", "(1) Males of all ages"),
    ("Men*", "China", "* Source: census"),
    ("Men a)", "China", "b) Women"),
]


def asked(men: str, china: str, note: str) -> list[str]:
    questions = proposed((BY_SEX + BODY).format(men=men, china=china, note=note), "DF_IMM").questions
    return [
        question.chosen.reason
        for question in questions
        if question.is_open and "the note behind" in question.chosen.reason
    ]


@pytest.mark.parametrize(("men", "china", "note"), OTHERWISE)
def test_a_note_that_says_other_people_than_its_label_is_asked_about(men: str, china: str, note: str) -> None:
    label = china if men == "Men" else men
    assert asked(men, china, note) != []
    assert all(f"“{label}”" in question for question in asked(men, china, note))


@pytest.mark.parametrize(("men", "china", "note"), AS_SAID)
def test_a_note_of_another_label_or_of_the_same_people_is_not(men: str, china: str, note: str) -> None:
    assert asked(men, china, note) == []
