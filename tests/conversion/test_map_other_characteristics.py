"""Columns or rows with another characteristic beside their neighbours’: one question leaves out the whole block."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import asked, codes, observations, proposed

from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.suggestion.questions import AS_IT_IS, LEAVE_OUT

ABOUT_BLOCK = ("S", "blocks header 2", "Período de llegada")
ARRIVALS = (
    "## Sheet S\n| Población nacida en el extranjero por sexo y período de llegada, Censo 2011 |\n"
    "| País de nacimiento | Total | Sexo | < | Período de llegada | < | < |\n"
    "| ^ | ^ | Hombres | Mujeres | Antes de 2000 | 2000-2011 | Ignorado |\n"
    "| Nicaragua | 50 | 20 | 30 | 25 | 21 | 4 |\n| Colombia | 30 | 12 | 18 | 20 | 9 | 1 |\n"
    "| Perú | 7 | 3 | 4 | 2 | 2 | 3 |\n"
)


def questions_about_labels(proposal: Proposal) -> list[str]:
    return [question.label for question in asked(proposal) if question.part.startswith(("codes", "blocks", "line"))]


@cases_from("conversion/cases/a_block_of_another_characteristic_is_asked_about_once.csv")
def test_block_of_another_characteristic_is_asked_about_once(
    title: str, country: str, total: str, sex: str, sexes: str, other: str, labels: str, countries: str
) -> None:
    men, women = sexes.split("; ")
    listed = labels.split("; ")
    heads = f"| {country} | {total} | {sex} | < | {other} |{' < |' * (len(listed) - 1)}\n"
    heads += f"| ^ | ^ | {men} | {women} | {' | '.join(listed)} |\n"
    rows = "".join(f"| {name} | 10 | 4 | 6 |{' 2 |' * len(listed)}\n" for name in countries.split("; "))
    proposal = proposed(f"## Sheet S\n| {title} |\n{heads}{rows}", "DF_POP")
    assert questions_about_labels(proposal) == [other]
    assert codes(proposal, "SEX") == {total: "_T", men: "M", women: "F"}


@pytest.mark.parametrize(
    ("sex", "men", "women", "other", "labels"),
    [
        ("Sexo", "Hombres", "Mujeres", "Período de llegada", ("Antes de 2000", "2000-2011", "Ignorado")),
        ("Sex", "Male", "Female", "Marital status", ("Single", "Married", "Not stated")),
        ("Sexe", "Hommes", "Femmes", "Niveau d’instruction", ("Primaire", "Supérieur", "Non déclaré")),
        ("Пол", "мужчины", "женщины", "Образование", ("высшее", "среднее", "не указано")),
        ("Geschlecht", "männlich", "weiblich", "Familienstand", ("ledig", "verheiratet", "unbekannt")),
    ],
)
def test_rows_below_the_title_of_another_characteristic_are_asked_about_once(
    sex: str, men: str, women: str, other: str, labels: tuple[str, ...]
) -> None:
    rows = "".join(f"| {label} | 10 | 6 | 4 |\n" for label in labels)
    text = (
        "## Sheet S\n| Population by country of birth, 1 January 2011 |\n| | Total | India | Italy |\n"
        f"| Total | 30 | 18 | 12 |\n| {sex} |\n| {men} | 10 | 6 | 4 |\n| {women} | 20 | 12 | 8 |\n| {other} |\n{rows}"
    )
    proposal = proposed(text, "DF_POP", "GB")
    assert questions_about_labels(proposal) == [other]
    assert codes(proposal, "SEX") == {"Total": "_T", men: "M", women: "F"}
    assert sum(map(int, observations(text, proposal).values())) == (30 + 10 + 20) * 2


@pytest.mark.parametrize("answer", [LEAVE_OUT, AS_IT_IS])
def test_answer_leaves_out_the_block_or_asks_about_each_label(answer: str) -> None:
    proposal = proposed(ARRIVALS, "DF_POP", decisions={ABOUT_BLOCK: answer})
    labels = [] if answer == LEAVE_OUT else ["Antes de 2000", "2000-2011"]
    assert [question.label for question in asked(proposal) if question.part == "codes SEX"] == labels
    assert not [question for question in asked(proposal) if question.part.startswith("blocks")]


def test_stays_that_look_like_ages_are_no_ages() -> None:
    stays = ARRIVALS.replace("Período de llegada |", "Duración de residencia |")
    stays = stays.replace("Antes de 2000 | 2000-2011", "0-4 años | 5-9 años")
    proposal = proposed(stays, "DF_POP")
    assert questions_about_labels(proposal) == ["Duración de residencia"]
    assert ("AGE", "_T") in proposal.mapping.blocks[0].fixed


def test_labels_below_a_code_of_the_same_dimension_are_no_other_characteristic() -> None:
    text = (
        "## Sheet S\n| First permits by citizenship and reason, 2022 |\n"
        "| Citizenship | Work | < | Family reasons | < |\n| ^ | Work | Seasonal work | Blah | Humbug |\n"
        "| India | 4 | 5 | 6 | 7 |\n| Italy | 1 | 2 | 3 | 4 |\n"
    )
    assert not [each for each in proposed(text, "DF_PERMIT").open if each.part.startswith("blocks")]
