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


@cases_from("conversion/cases/a_multiple_in_a_note_is_asked_about_with_its_code.csv")
def test_a_multiple_in_a_note_is_asked_about_with_its_code(note: str, code: str) -> None:
    assert offered(of(POPULATION, note=note), "UNIT_MULT") == ["", code, "0"], "no answer is taken for granted"
    proposal = of(POPULATION, note=note, decisions={("*", "fixed UNIT_MULT", ""): code})
    assert fixed(proposal, "UNIT_MULT") == code
    assert not [question for question in proposal.open if question.part in ("title", "fixed UNIT_MULT")]


@cases_from("conversion/cases/titles_without_unit_or_group_raise_no_question.csv")
def test_titles_without_unit_or_group_raise_no_question(title: str, note: str) -> None:
    proposal = of(title, note=note)
    assert not [question for question in proposal.open if question.part in ("title", "fixed UNIT_MULT", "fixed SEX")]
    assert (fixed(proposal, "UNIT_MULT"), fixed(proposal, "UNIT_MEASURE")) == ("0", "PS")


WOMEN = (
    "Salvadoreñas retornadas",
    "Colombianas residentes en Chile",
    "Extranjeras residentes",
    "Inmigrantes nacidas en el extranjero",
    "Cidadãs estrangeiras residentes",
    "Kenyanes résidant en France",
    "Étrangères résidant au Maroc",
    "Immigrées par pays de naissance",
    "Cittadine straniere residenti",
    "Migrantinnen nach Herkunftsland",
    "Ukrainerinnen in Österreich",
    "Cudzoziemki w Polsce",
    "Obywatelki Ukrainy",
    "Cizinky podle státního občanství",
    "Іноземки за громадянством",
    "Численность грузинок",
    "Иностранные гражданки",
    "Strankinje po državljanstvu",
    "المهاجرات حسب بلد الجنسية",
)
EVERYBODY = (
    "Personas extranjeras por país",
    "Peruanas y peruanos residentes",
    "Étrangers et étrangères par nationalité",
    "Nacionalidades extranjeras",
    "Populations immigrées",
    "Inmigrantes de Filipinas",
    "Maltese nationals",
    "Argentine nationals",
    "Migrantes residentes",
    "População imigrante",
    "Ausländerinnen und Ausländer nach Staatsangehörigkeit",
    "Иностранные граждане",
)


@pytest.mark.parametrize("title", WOMEN)
def test_word_for_women_asks_for_the_sex(title: str) -> None:
    assert offered(of(title), "SEX") == ["", "F", "_T"]
    assert fixed(of(title, decisions={("*", "fixed SEX", ""): "F"}), "SEX") == "F"


@pytest.mark.parametrize("title", EVERYBODY)
def test_feminine_word_for_everybody_asks_for_no_sex(title: str) -> None:
    assert fixed(of(title), "SEX") == "_T"
