"""A title that limits all figures raises a question on the component, with its code."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import proposed

from sdmxmig.conversion.suggestion import Decisions, Proposal

COUNTRIES = ("Uganda", "Somalia", "India")


def table(title: str, note: str = "", head: str = "Country of citizenship") -> str:
    """A table by citizenship with a title above it and a note below."""
    rows = "".join(f"| {label} | {100 + at} | {200 + at} |\n" for at, label in enumerate(COUNTRIES))
    return f"## Sheet S\n| {title} |\n| {head} | 2019 | 2020 |\n{rows}\n| {note} |\n"


def of(title: str, flow: str = "DF_POP", note: str = "", decisions: Decisions | None = None) -> Proposal:
    return proposed(table(title, note), flow, "KE", decisions)


def offered(proposal: Proposal, component: str) -> list[str]:
    """The codes that an open question about the value of a component offers, the one that is proposed first."""
    return [
        code
        for question in proposal.open
        if question.part == f"fixed {component}"
        for code in (question.chosen.code, *(candidate.code for candidate in question.others))
    ]


def fixed(proposal: Proposal, component: str) -> str:
    return dict(proposal.mapping.blocks[0].fixed).get(component, "")


POPULATION = "Population by country of citizenship"


@pytest.mark.parametrize(
    ("flow", "title", "component", "code"),
    [
        ("DF_IMM_TOPIC", "Employed immigrants by country of citizenship", "LF_STATUS", "EMP"),
        ("DF_IMM_TOPIC", "Immigrant workers by country of citizenship", "LF_STATUS", "EMP"),
        ("DF_IMM_TOPIC", "Travailleurs immigrés par pays de nationalité", "LF_STATUS", "EMP"),
        ("DF_IMM_TOPIC", "Immigrants by country of citizenship, students", "REASON", "EDU"),
        ("DF_IMM_TOPIC", "Immigrants by country of citizenship: economically active", "LF_STATUS", "LF"),
        ("DF_TEMPMOB", "Arrivals of crew members by country of citizenship", "MOB_TYPE", "CREW"),
    ],
)
def test_a_group_that_a_dimension_can_say_is_asked_about_with_its_code(
    flow: str, title: str, component: str, code: str
) -> None:
    assert code in offered(of(title, flow), component)


@pytest.mark.parametrize("title", ["Trabajadoras extranjeras por nacionalidad", "Foreign workers by citizenship"])
def test_further_words_beside_a_unit_are_asked_about(title: str) -> None:
    assert any(question.part == "title" for question in of(title).open)


@cases_from("conversion/cases/a_multiple_in_a_note_is_asked_about_with_its_code.csv")
def test_a_multiple_in_a_note_is_asked_about_with_its_code(note: str, code: str) -> None:
    assert offered(of(POPULATION, note=note), "UNIT_MULT") == ["", code, "0"], "no answer is taken for granted"
    proposal = of(POPULATION, note=note, decisions={("*", "fixed UNIT_MULT", ""): code})
    assert fixed(proposal, "UNIT_MULT") == code
    assert not [question for question in proposal.open if question.part in ("title", "fixed UNIT_MULT")]


@pytest.mark.parametrize(
    ("title", "code"),
    [
        (f"{POPULATION}, in thousands", "3"),
        (f"{POPULATION} (000s)", "3"),
        (f"{POPULATION} (thousands)", "3"),
        ("Ausländische Bevölkerung nach Staatsangehörigkeit (in Tsd.)", "3"),
        ("Population par pays de nationalité (en milliers)", "3"),
        ("Численность населения по гражданству, тыс. человек", "3"),
        ("按国籍分的人口（单位：万人）", "4"),
        ("Vatandaşlık ülkesine göre nüfus (Bin kişi)", "3"),
        ("População por país de nacionalidade. Unidade: milhar", "3"),
        ("السكان حسب بلد الجنسية (بالآلاف)", "3"),
        (f"{POPULATION}, in millions", "6"),
    ],
)
def test_multiple_in_words_sets_unit_mult_in_all_languages(title: str, code: str) -> None:
    proposal = of(title)
    assert fixed(proposal, "UNIT_MULT") == code
    assert not offered(proposal, "UNIT_MULT")


@pytest.mark.parametrize("title", ["Population by country of citizenship thousands of them born here"])
def test_a_multiple_among_other_words_is_asked_about(title: str) -> None:
    assert of(title).open


@pytest.mark.parametrize(
    ("title", "note"),
    [
        (POPULATION, ""),
        (f"{POPULATION} (persons)", ""),
        (f"{POPULATION}, number", ""),
        ("Population par pays de nationalité (effectifs)", ""),
        ("Население по странам гражданства, человек", ""),
        (POPULATION, "Source: Statistical office"),
        (POPULATION, "Persons"),
        ("Population by citizenship, women and men", ""),
        ("Bevölkerung nach Staatsangehörigkeit (Personen)", ""),
        ("Población por país de nacionalidad. Número de personas", ""),
    ],
)
def test_titles_without_unit_or_group_raise_no_question(title: str, note: str) -> None:
    proposal = of(title, note=note)
    assert not [question for question in proposal.open if question.part in ("title", "fixed UNIT_MULT", "fixed SEX")]
    assert (fixed(proposal, "UNIT_MULT"), fixed(proposal, "UNIT_MEASURE")) == ("0", "PS")


@pytest.mark.parametrize(
    "title",
    [
        "Internal migration: in-migrants by country of citizenship",
        "Прибывшие в пределах страны по гражданству",
        "Internal migration by country of citizenship",
        "Immigrants by country of citizenship: internal migration",
        "Binnenwanderung: Zuzüge nach Staatsangehörigkeit",
        "Migration interne: arrivées par pays de nationalité",
        "Migración interna: inmigrantes por país de nacionalidad",
    ],
)
def test_moves_inside_the_country_are_no_immigration(title: str) -> None:
    assert any(question.part in ("title", "sheet") for question in of(title, "DF_IMM").open)


@pytest.mark.parametrize(
    "title",
    [
        "Immigrants by country of citizenship",
        "International migration: immigrants by country of citizenship",
        "Число прибывших по странам гражданства",
        "Immigration by country of citizenship",
        "Zuzüge aus dem Ausland nach Staatsangehörigkeit",
    ],
)
def test_moves_from_abroad_are(title: str) -> None:
    assert not [question for question in of(title, "DF_IMM").open if question.part in ("title", "sheet")]


@pytest.mark.parametrize(
    ("title", "is_asked"),
    [
        ("Resident population by country of citizenship, Mombasa", True),
        ("Population by sex and citizenship, Nairobi", True),
        ("Population by citizenship, age and district", False),
        ("Population by Citizenship, Age and District", False),
        ("Bevölkerung nach Staatsangehörigkeit, Alter und Gemeinde", False),
    ],
)
def test_a_place_behind_a_breakdown_is_none_by_its_name(title: str, *, is_asked: bool) -> None:
    assert bool({"title", "fixed REF_AREA"} & {question.part for question in of(title).open}) is is_asked
