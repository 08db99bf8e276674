"""A group that a title leaves out, parents and averages: each is asked about, with a proposal that fits."""

from __future__ import annotations

import pytest
from proposed import ALWAYS, proposed

from sdmxmig.conversion.suggestion import Question

BODY = "| 0-14 | 120 | 130 |\n| 15-64 | 45 | 47 |\n| 65+ | 33 | 31 |\n"


def asked(title: str, flow: str = "DF_IMM") -> list[Question]:
    table = "## Sheet S\n| {title} |\n| Age | 2021 | 2022 |\n" + BODY
    return [
        question
        for question in proposed(table.format(title=title), flow).questions
        if question.is_open and question.part not in ALWAYS
    ]


@pytest.mark.parametrize(
    ("title", "component", "code"),
    [
        ("Immigrants by age, excluding national citizens", "CTZ_STATUS", "FC"),
        ("Immigrants by age, without nationals", "CTZ_STATUS", "FC"),
        ("Immigrants by age (excl. foreigners)", "CTZ_STATUS", "NC"),
        ("Immigrants by age, excluding the foreign-born", "BIRTH_STATUS", "NB"),
        ("Immigrants by age, excluding women", "SEX", "M"),
        ("Immigrés par âge, hors étrangers", "CTZ_STATUS", "NC"),
        ("Inmigrantes por edad, excluidos los extranjeros", "CTZ_STATUS", "NC"),
        ("Zuwanderer nach Alter, ohne Ausländer", "CTZ_STATUS", "NC"),
    ],
)
def test_where_a_group_is_left_out_the_others_are_proposed(title: str, component: str, code: str) -> None:
    questions = {
        question.component: question.chosen.code for question in asked(title) if question.part.startswith("fixed")
    }
    assert questions[component] == code


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Foreign immigrants by age", "FC"),
        ("Foreign immigrants by age, without asylum seekers", "FC"),
        ("Immigrants, nationals excluding students, by age", "NC"),
    ],
)
def test_a_group_that_is_not_what_is_left_out_is_proposed_itself(title: str, code: str) -> None:
    table = "## Sheet S\n| {title} |\n| Age | 2021 | 2022 |\n" + BODY
    proposal = proposed(table.format(title=title), "DF_IMM")
    assert [question.chosen.code for question in proposal.questions if question.component == "CTZ_STATUS"] == [code]


@pytest.mark.parametrize(
    "title",
    [
        "Average annual number of immigrants by age",
        "Annual average of immigrants by age",
        "Immigrants by age, yearly average",
        "Promedio anual de inmigrantes por edad",
        "Zuwanderer nach Alter im Jahresdurchschnitt",
        "Среднегодовая численность иммигрантов по возрасту",
    ],
)
def test_movements_that_are_averaged_are_asked_about(title: str) -> None:
    assert any("average" in question.chosen.reason for question in asked(title))


@pytest.mark.parametrize(
    "title", ["Immigrants by age, annual", "Yearly immigrants by age", "Immigrants by age and year"]
)
def test_movements_of_a_year_are_no_averages(title: str) -> None:
    assert asked(title) == []


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("Population by age and country of birth of the mother", "mother"),
        ("Population by age, parents born abroad", "parents"),
        ("Population par âge, pays de naissance du père", "père"),
        ("Población por edad, padres extranjeros", "padres"),
        ("Bevölkerung nach Alter, Eltern im Ausland geboren", "Eltern"),
        ("Население по возрасту, по гражданству матери", "матери"),
    ],
)
def test_words_about_parents_are_asked_about_without_setting_sex(title: str, word: str) -> None:
    questions = asked(title, "DF_POP")
    assert any(word in question.label and question.part == "title" for question in questions)
    assert not any(question.component == "SEX" for question in questions)
