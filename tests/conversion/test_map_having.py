"""Titles about people who have or lack something: “holding”, “posiadający”, “не имеющие”, “stateless”."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

TABLE = "## Sheet S\n| {title} |\n| Sex | Persons |\n| Total | 60 |\n| Male | 20 |\n| Female | 40 |\n"


def status_and_questions(title: str, area: str) -> tuple[str, list[str]]:
    proposal = proposed(TABLE.format(title=title), "DF_POP", area)
    status = dict(proposal.mapping.blocks[0].fixed).get("CTZ_STATUS", "")
    about_people = ("title", "fixed CTZ_STATUS", "fixed C_CITIZEN")
    return status, [question.part for question in proposal.open if question.part in about_people]


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Residents having foreign citizenship by sex, 2022", "KE"),
        ("Persons holding foreign citizenship by sex, 2022", "KE"),
        ("Ludność posiadająca obce obywatelstwo według płci, 2022", "PL"),
        ("Personnes possédant une nationalité étrangère par sexe, 2022", "FR"),
        ("Personas que poseen nacionalidad extranjera por sexo, 2022", "ES"),
        ("Pessoas que possuem nacionalidade estrangeira por sexo, 2022", "PT"),
        ("Personen, die eine ausländische Staatsangehörigkeit besitzen, nach Geschlecht 2022", "DE"),
        ("Население, имеющее иностранное гражданство, по полу, 2022", "RU"),
    ],
)
def test_words_for_having_raise_no_question_of_their_own(title: str, area: str) -> None:
    status, questions = status_and_questions(title, area)
    assert (status, "title" in questions) == ("FC", False)


@cases_from("conversion/cases/having_or_lacking_something_else_is_asked_about.csv")
def test_having_or_lacking_something_else_is_asked_about(title: str, area: str) -> None:
    assert status_and_questions(title, area)[1]


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Persons not holding Kenyan citizenship by sex, 2022", "KE"),
        ("Personnes ne possédant pas la nationalité française par sexe, 2022", "FR"),
    ],
)
def test_negation_reaches_what_people_lack(title: str, area: str) -> None:
    status, questions = status_and_questions(title, area)
    assert status == "FC"
    assert "fixed CTZ_STATUS" in questions


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Лица без гражданства по полу, 2022", "RU"),
        ("Apatrides par sexe, 2022", "FR"),
        ("Staatenlose nach Geschlecht 2022", "DE"),
        ("Bezpaństwowcy według płci, 2022", "PL"),
        ("Apátridas por sexo, 2022", "ES"),
        ("Persons with no citizenship by sex, 2022", "KE"),
    ],
)
def test_stateless_people_of_a_title_are_not_the_whole_population(title: str, area: str) -> None:
    assert status_and_questions(title, area)[0] == "STLS"


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Иностранные граждане и лица без гражданства по полу, 2022", "RU"),
        ("Étrangers et apatrides par sexe, 2022", "FR"),
        ("Cudzoziemcy i bezpaństwowcy według płci, 2022", "PL"),
        ("Foreigners: stateless persons by sex, 2022", "KE"),
    ],
)
def test_foreigners_with_stateless_people_are_proposed_as_foreigners(title: str, area: str) -> None:
    status, questions = status_and_questions(title, area)
    assert (status, "fixed CTZ_STATUS" in questions) == ("FC", True)


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Persons of unknown citizenship by sex, 2022", "KE"),
        ("Persons with unknown country of birth by sex, 2022", "KE"),
        ("Personnes de nationalité inconnue par sexe, 2022", "FR"),
        ("Personas de nacionalidad desconocida por sexo, 2022", "ES"),
        ("Pessoas de nacionalidade ignorada por sexo, 2022", "PT"),
        ("国籍不明的人口按性别，2022", "CN"),
    ],
)
def test_people_of_unknown_citizenship_are_not_the_whole_population(title: str, area: str) -> None:
    assert "title" in status_and_questions(title, area)[1]


@pytest.mark.parametrize(
    "title", ["Population by citizenship (unknown = not stated)", "Population by sex and unknown age"]
)
def test_unknown_among_the_labels_of_a_table_asks_nothing(title: str) -> None:
    assert status_and_questions(title, "KE")[1] == []
