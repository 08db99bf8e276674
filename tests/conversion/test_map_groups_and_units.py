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
def test_multiple_in_a_note_is_asked_about_with_its_code(note: str, code: str) -> None:
    assert offered(of(POPULATION, note=note), "UNIT_MULT") == ["", code, "0"], "no answer is taken for granted"
    proposal = of(POPULATION, note=note, decisions={("*", "fixed UNIT_MULT", ""): code})
    assert fixed(proposal, "UNIT_MULT") == code
    assert not [question for question in proposal.open if question.part in ("title", "fixed UNIT_MULT")]


@cases_from("conversion/cases/titles_without_unit_or_group_raise_no_question.csv")
def test_titles_without_unit_or_group_raise_no_question(title: str, note: str) -> None:
    proposal = of(title, note=note)
    assert not [question for question in proposal.open if question.part in ("title", "fixed UNIT_MULT", "fixed SEX")]
    assert (fixed(proposal, "UNIT_MULT"), fixed(proposal, "UNIT_MEASURE")) == ("0", "PS")


@cases_from("conversion/cases/word_for_women_asks_for_the_sex.csv")
def test_word_for_women_asks_for_the_sex(title: str) -> None:
    assert offered(of(title), "SEX") == ["", "F", "_T"]
    assert fixed(of(title, decisions={("*", "fixed SEX", ""): "F"}), "SEX") == "F"


@cases_from("conversion/cases/feminine_word_for_everybody_asks_for_no_sex.csv")
def test_feminine_word_for_everybody_asks_for_no_sex(title: str) -> None:
    assert fixed(of(title), "SEX") == "_T"


def status_of(title: str, area: str = "KE") -> str:
    """The citizenship status of a table, as set or as the first answer proposed."""
    proposal = proposed(table(title), "DF_POP", area)
    return next(iter(offered(proposal, "CTZ_STATUS")), "") or fixed(proposal, "CTZ_STATUS")


@cases_from("conversion/cases/word_for_foreign_women_means_citizenship_and_asks_sex.csv")
def test_word_for_foreign_women_means_citizenship_and_asks_sex(title: str) -> None:
    assert status_of(title) == "FC"
    assert offered(of(title), "SEX") == ["", "F", "_T"]


@cases_from("conversion/cases/nationals_of_third_countries_are_foreign_citizens_with_a_limit.csv")
def test_third_country_nationals_are_limited_foreigners(title: str) -> None:
    assert status_of(title) == "FC"
    assert "title" in [question.part for question in of(title).open]


@cases_from("conversion/cases/negated_word_for_citizens_means_foreign_citizens.csv")
def test_negated_word_for_citizens_means_foreign_citizens(area: str, title: str) -> None:
    assert status_of(title, area) == "FC"


@pytest.mark.parametrize(
    ("area", "title"), [("PH", "Returning overseas Filipinos, by sex"), ("TR", "Yurt dışındaki Türkler")]
)
def test_own_people_from_abroad_are_citizens(area: str, title: str) -> None:
    assert status_of(title, area) == "NC"


@pytest.mark.parametrize(
    ("area", "title"),
    [("KE", "Citizens and foreigners"), ("KE", "Citizens, non-citizens"), ("DE", "Staatsangehörige und Nichtdeutsche")],
)
def test_citizens_beside_foreigners_are_kept_separate(area: str, title: str) -> None:
    assert status_of(title, area) != "FC"


def by_country(rows: dict[str, str], title: str, head: str, decisions: Decisions | None = None) -> Proposal:
    listed = "".join(f"| {label} | {figure} | {figure} |\n" for label, figure in rows.items())
    return proposed(f"## Sheet S\n| {title} |\n| {head} | 2019 | 2020 |\n{listed}", "DF_POP", "KE", decisions)


OTHERS = {"Uganda": "4120", "Somalia": "1310", "India": "870"}
WITHOUT_OWN = ["FC", "_T", "leave out"]


@pytest.mark.parametrize(
    ("rows", "codes", "code"),
    [
        ({**OTHERS, "Total": "6300"}, [], "FC"),
        ({"Gesamt": "6300", **OTHERS}, [], "FC"),
        ({**OTHERS, "Итого": "6300"}, [], "FC"),
        ({**OTHERS, "Autres pays": "700", "Total": "7000"}, WITHOUT_OWN, "FC"),
        ({**OTHERS, "未知": "700", "总计": "7000"}, WITHOUT_OWN, "FC"),
        ({**OTHERS, "Total": "9000"}, ["", *WITHOUT_OWN], "_T"),
        ({"المجموع": "9000", **OTHERS}, ["", *WITHOUT_OWN], "_T"),
        ({**OTHERS, "Africa": "5430", "Total": "9000"}, ["", *WITHOUT_OWN], "_T"),
        ({**OTHERS, "Total population": "9000"}, [], "_T"),
        ({"Kenya": "2700", **OTHERS, "Total": "9000"}, [], "_T"),
        ({"Kenyans": "2700", **OTHERS, "Total": "9000"}, [], "_T"),
        (OTHERS, [], "_T"),
    ],
)
def test_total_without_citizens_means_foreigners_or_is_asked(rows: dict[str, str], codes: list[str], code: str) -> None:
    proposal = by_country(rows, POPULATION, "Country of citizenship")
    assert (offered(proposal, "CTZ_STATUS"), fixed(proposal, "CTZ_STATUS")) == (codes, code)
    natives = by_country(rows, "Population by country of birth", "Country of birth")
    of_births = [{"FC": "FB"}.get(each, each) for each in codes]
    if "Kenyans" not in rows:
        assert (offered(natives, "BIRTH_STATUS"), fixed(natives, "BIRTH_STATUS")) == (of_births, code.replace("C", "B"))


def test_total_that_may_include_own_citizens_can_be_left_out() -> None:
    answer = {("*", "fixed CTZ_STATUS", ""): "leave out"}
    proposal = by_country({**OTHERS, "Total": "9000"}, POPULATION, "Country of citizenship", answer)
    (countries,) = (part for part in proposal.mapping.blocks[0].components if part.component == "C_CITIZEN")
    assert {code for _, code in countries.codes} == {"UG", "SO", "IN"}
