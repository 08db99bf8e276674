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


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("First asylum applications excluding minors", "Y_GE18"),
        ("Premières demandes d'asile (hors mineurs)", "Y_GE18"),
        ("Premières demandes d'asile (hors mineurs accompagnants)", ""),
        ("Premières demandes d'asile, mineurs", "Y0T17"),
        ("Premières demandes d'asile", "_T"),
    ],
)
def test_an_age_group_that_is_left_out_leaves_the_other_ages(title: str, code: str) -> None:
    table = f"## Sheet S\n| {title} |\n| Sex | 2021 | 2022 |\n| Men | 120 | 130 |\n| Women | 45 | 47 |\n"
    questions = {question.component: question.chosen.code for question in proposed(table, "DF_PROTECTION").questions}
    assert questions.get("AGE", "_T") == code


@pytest.mark.parametrize(
    ("title", "code", "others"),
    [
        ("Premières demandes d'asile", "APPLIED_FIRST", set()),
        ("First-time asylum applicants", "APPLIED_FIRST", set()),
        ("Asylum applicants", "APPLIED", set()),
        ("Asylum applicants and first-time applicants", "APPLIED", {"APPLIED_FIRST"}),
    ],
)
def test_the_narrower_of_two_codes_of_one_phrase_is_meant(title: str, code: str, others: set[str]) -> None:
    table = f"## Sheet S\n| {title} |\n| Sex | 2021 | 2022 |\n| Men | 120 | 130 |\n| Women | 45 | 47 |\n"
    proposal = proposed(table, "DF_PROTECTION")
    chosen = dict(proposal.mapping.blocks[0].fixed)["PROT_ITEM"]
    offered = {other.code for each in proposal.open if each.component == "PROT_ITEM" for other in each.others}
    assert (chosen, others <= offered) == (code, True)


def test_all_of_few_codes_of_a_dataflow_are_offered_and_no_others() -> None:
    table = "## Sheet S\n| Permessi di soggiorno |\n| Sex | 2021 | 2022 |\n| Men | 1 | 2 |\n| Women | 3 | 4 |\n"
    (question,) = [each for each in proposed(table, "DF_PERMIT").open if each.component == "ADM_ITEM"]
    assert {other.code for other in question.others} == {
        "PERMIT_FIRST",
        "PERMIT_CHANGE",
        "PERMIT_RENEWED",
        "PERMIT_VALID",
        "PERMIT_LONG",
        "PERMIT_SINGLE",
        "PERMIT_BLUE",
        "WORK_PERMIT",
        "VISA_ISSUED",
    }
