"""Groups of countries that no code holds: one question of a line leaves them out, whatever their language."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, truth
from proposed import proposed
from shipped import CATALOGUE, words

from sdmxmig.conversion.recognition.groups import names_group, recognise_continent
from sdmxmig.conversion.suggestion.answers import check_decision
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

RECOGNISER = words()

TABLE = "## Sheet 2020\n| Population, 2020 |\n| Country of citizenship | Total |\n{rows}"
COUNTRIES = ("Germany", "Poland", "Chad", "Kenya", "India")


def table(*labels: str) -> str:
    return TABLE.format(rows="".join(f"| {label} | {100 + 7 * at} |\n" for at, label in enumerate(labels)))


def asked(*labels: str, area: str = "NL") -> list[tuple[str, str]]:
    questions = proposed(table(*labels), "DF_POP", area).questions
    return [
        (question.part, question.label)
        for question in questions
        if question.is_open and question.part.startswith(("codes", "rests"))
    ]


GROUPS = [
    ("EU-27 (seit 01.02.2020)", "Drittstaaten zu EU-28 (bis 31.01.2020)"),
    ("EU- und EFTA-Staaten", "Drittstaaten"),
    ("Nordamerika", "Süd- und Südostasien"),
    ("Asie et Océanie", "Pays du Golfe et Machrek"),
    ("dont pays de la CEDEAO", "Autres pays de la CEDEAO"),
    ("الدول العربية", "دول عربية أخرى"),
    ("CIS countries", "non-CIS countries"),
    ("Страны СНГ", "Страны дальнего зарубежья"),
    ("Nordic countries", "Other Nordic"),
    ("EU citizens", "Third countries"),
    ("SEVERNA IN SREDNJA AMERIKA", "ostale države èlanice EU"),
    ("Continental Europe", "Pacific Islands"),
    (
        "EU27 countries (from 2020) except reporting country",
        "Non-EU27 countries (from 2020) nor reporting country",
    ),
    ("КМШ өлкөлөрү боюнча", "КМШдан тышкаркы өлкөлөр боюнча"),
    ("EU27_2020_FOR", "NEU27_2020_FOR"),
    ("AFR", "EUR_OTH"),
]


@pytest.mark.parametrize("groups", GROUPS, ids=" | ".join)
def test_several_country_groups_are_asked_about_once(groups: tuple[str, str]) -> None:
    assert asked(*COUNTRIES, *groups) == [("rests C_CITIZEN", "; ".join(groups))]


@cases_from("conversion/cases/unknown_phrase_is_not_a_country_group.csv")
def test_unknown_phrase_is_not_read_as_a_country_group(label: str) -> None:
    assert not names_group(label, RECOGNISER)


@pytest.mark.parametrize("label", ["EU countries", "Drittstaaten", "Pays du Golfe", "Extra-EU"])
def test_group_without_code_is_asked_about_as_a_group(label: str) -> None:
    (question,) = (each for each in proposed(table(*COUNTRIES, label), "DF_POP", "NL").questions if each.label == label)
    assert question.chosen.reason == "the list has no code for this group of countries"


def test_omitted_groups_are_not_asked_about_again() -> None:
    labels = (*COUNTRIES, "CIS countries", "Third countries")
    decisions = {("2020", "rests C_CITIZEN", "CIS countries; Third countries"): "leave out"}
    proposal = proposed(table(*labels), "DF_POP", "NL", decisions)
    assert not [question for question in proposal.open if question.part.startswith(("codes", "rests"))]
    assert {skip.match for skip in proposal.mapping.blocks[0].skip_rows} == {"CIS countries", "Third countries"}


def test_group_may_have_a_code_of_its_own() -> None:
    decisions = {("2020", "codes C_CITIZEN", "Third countries"): "_O"}
    proposal = proposed(table(*COUNTRIES, "CIS countries", "Third countries"), "DF_POP", "NL", decisions)
    assert dict(proposal.mapping.blocks[0].components[0].codes)["Third countries"] == "_O"
    assert ("codes C_CITIZEN", "CIS countries") in [(question.part, question.label) for question in proposal.open]


def test_all_other_countries_are_a_citizenship_status() -> None:
    (question,) = asked("Österreich", *COUNTRIES, "Nicht-Österreich", "Drittstaaten", "EU-Staaten", area="AT")
    assert question == ("rests C_CITIZEN", "Drittstaaten; EU-Staaten")


@cases_from("conversion/cases/the_countries_of_a_continent_are_it_if_that_is_composed_so.csv")
def test_countries_of_a_continent_may_form_the_continent(label: str, code: str) -> None:
    (candidate,) = recognise_continent(label, RECOGNISER)
    assert (candidate.code, candidate.varies, candidate.is_applied) == (code, True, False)


@cases_from("conversion/cases/other_groups_are_no_continent.csv")
def test_other_groups_are_not_read_as_continents(label: str) -> None:
    assert recognise_continent(label, RECOGNISER) == ()


@cases_from("conversion/cases/south_africa_among_the_parts_of_africa_is_asked_about.csv", parts=listed, is_asked=truth)
def test_south_africa_among_the_parts_of_africa_is_asked_about(parts: tuple[str, ...], is_asked: bool) -> None:
    labels = [label for _, label in asked(*COUNTRIES, "South Africa", *parts)]
    assert ("South Africa" in labels) == is_asked


@cases_from(
    "conversion/cases/america_is_the_continent_where_the_state_has_another_name.csv", labels=listed, is_asked=truth
)
def test_america_is_the_continent_beside_the_united_states(labels: tuple[str, ...], is_asked: bool) -> None:
    assert (("codes C_CITIZEN", "Amerika") in asked(*labels, "Amerika")) == is_asked


@cases_from("conversion/cases/country_names_beside_groups_are_recognised.csv")
def test_country_names_beside_groups_are_recognised(label: str, code: str) -> None:
    proposal = proposed(table("Italy", "Poland", "Chad", "Kenya", "India", label), "DF_POP", "NL")
    codes = dict(proposal.mapping.blocks[0].components[0].codes)
    assert codes.get(label) == code


def test_misread_letters_yield_a_candidate() -> None:
    questions = proposed(table(*COUNTRIES, "Èeška"), "DF_POP", "NL").questions
    (question,) = (question for question in questions if question.label == "Èeška")
    assert question.is_open
    assert "CZ" in {candidate.code for candidate in question.others}


@pytest.mark.parametrize("behind", [(), ("Stateless",), ("Total",)])
def test_others_at_the_end_are_asked_about_separately(behind: tuple[str, ...]) -> None:
    labels = ("CIS countries", "Georgia", "Other countries", "Poland", "Chad", "All other countries", *behind)
    assert ("codes C_CITIZEN", "All other countries") in asked(*labels)


def test_others_at_the_end_of_countries_mean_all_others() -> None:
    assert asked(*COUNTRIES, "All other countries") == []


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ("leave out", ()),
        ("_O", ("_O", "_O")),
        ("leave out; _O", ("_O",)),
        ("150; _O", ("150", "_O")),
    ],
)
def test_country_groups_accept_one_code_or_one_each(answer: str, codes: tuple[str, ...]) -> None:
    groups = ("CIS countries", "non-CIS countries")
    shown = table(*COUNTRIES, *groups)
    (about,) = [
        (question.sheet, question.part, question.label)
        for question in proposed(shown, "DF_POP", "NL").questions
        if question.part.startswith("rests")
    ]
    check_decision(about[1], answer, CATALOGUE.flow("DF_POP"), Place("answers"), label=about[2])
    block = proposed(shown, "DF_POP", "NL", {about: answer}).mapping.blocks[0]
    (of_countries,) = [line.codes for line in block.components if line.component == "C_CITIZEN"]
    assert tuple(dict(of_countries)[group] for group in groups if group in dict(of_countries)) == codes


def test_answer_for_too_few_groups_is_refused() -> None:
    with pytest.raises(InputError, match="not one of the possible answers") as refused:
        check_decision("rests C_CITIZEN", "_O; 150", CATALOGUE.flow("DF_POP"), Place("answers"), label="A; B; C")
    assert "3 answers" in refused.value.hint
