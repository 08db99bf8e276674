"""Recognise countries in labels as tables write them; uncertain labels are never applied without a question."""

from __future__ import annotations

import random

import pytest
from case_tables import as_set, cases_from

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list


def applied(recogniser: Recogniser, label: str) -> str:
    """The code that is applied to a label without asking, or nothing."""
    candidates = recogniser.candidates(label, "PARTNER")
    return candidates[0].code if candidates and candidates[0].is_applied else ""


def test_inflected_name_is_resolved_by_its_neighbours(recogniser: Recogniser) -> None:
    assert not applied(recogniser, "Čadu")
    by_label = recognise_list(["Francie", "Itálie", "Španělsko", "Čadu"], "PARTNER", recogniser)
    assert by_label["Čadu"][0].code == "TD"
    assert by_label["Čadu"][0].is_applied


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        ("Польщі; Молдови; України; не мають громадянства", "PL MD UA STLS"),
        ("Ruotsin; Venäjän; Suomen; Viron", "SE RU FI EE"),
        ("Krievijas; Ukrainas; Latvijas; bez pilsonības", "RU UA LV STLS"),
        ("Αλβανίας; Βουλγαρίας; Ρουμανίας; Ελλάδας", "AL BG RO GR"),
        ("Китая; Узбекистана; Турции; лица без гражданства", "CN UZ TR STLS"),
    ],
)
def test_list_of_names_in_another_case_is_recognised(recogniser: Recogniser, labels: str, codes: str) -> None:
    by_label = recognise_list(labels.split("; "), "PARTNER", recogniser)
    assert [many[0].code for many in by_label.values() if many and many[0].is_applied] == codes.split()


@pytest.mark.parametrize(
    ("labels", "is_asked"),
    [("hrvaško; nemško; Slovensko; bosansko", True), ("Slovensko; Polsko; Rusko; Ukrajina", False)],
    ids=["Slovene", "Czech"],
)
def test_name_shared_by_another_people_is_asked_about(recogniser: Recogniser, labels: str, *, is_asked: bool) -> None:
    candidates = recognise_list(labels.split("; "), "PARTNER", recogniser)["Slovensko"]
    assert ({each.code for each in candidates}, candidates[0].is_applied) == (
        ({"SI", "SK"}, False) if is_asked else ({"SK"}, True)
    )


def test_label_without_neighbours_stays_ambiguous(recogniser: Recogniser) -> None:
    assert not any(
        candidate.is_applied for candidate in recognise_list(["Portugall"], "PARTNER", recogniser)["Portugall"]
    )


def test_uncertain_name_of_the_world_stays_uncertain(recogniser: Recogniser) -> None:
    assert not applied(recogniser, "Addis Ababa")


@pytest.mark.parametrize("label", ["Mari", "Коллективность Санкт-Бартельми"])
def test_rare_and_inflected_names_are_asked_about(recogniser: Recogniser, label: str) -> None:
    candidates = recogniser.candidates(label, "PARTNER")
    assert [candidate.code for candidate in candidates] in (["ML"], ["BL"])
    assert not candidates[0].is_applied


def test_neighbours_resolve_name_of_several_countries(recogniser: Recogniser) -> None:
    labels = ["Congo", "Democratic Republic of the Congo", "Gabon", "Guinea", "Guinea-Bissau", "Equatorial Guinea"]
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert (by_label["Congo"][0].code, by_label["Guinea"][0].code) == ("CG", "GN")
    assert all(by_label[label][0].is_applied for label in labels)


def test_nearest_candidate_of_misspelt_name_is_right(recogniser: Recogniser) -> None:
    for written, code in (("Gerogia", "GE"), ("Azerbaidjann", "AZ"), ("Kazakstan", "KZ"), ("Phillipines", "PH")):
        candidates = recogniser.candidates(written, "PARTNER") or recogniser.near(written, "PARTNER")
        assert candidates[0].code == code, written


def test_misspelling_is_not_applied_to_a_wrong_country(recogniser: Recogniser) -> None:
    dice = random.Random(5)
    areas = recogniser.countries.areas
    names = sorted(name for name, code in ((title, code) for code, title in areas.titles.items()) if code.isalpha())
    for name in dice.sample(names, 12):
        at = dice.randrange(1, len(name))
        slip = name[:at] + dice.choice("aeinrst") + name[at + 1 :]
        right = set(areas.candidates(name))
        candidates = recogniser.candidates(slip, "PARTNER") or recogniser.near(slip, "PARTNER")
        assert not candidates or not candidates[0].is_applied or candidates[0].code in right | {"_T", "_U"}, slip


def test_neighbours_resolve_formal_and_misspelt_names(recogniser: Recogniser) -> None:
    labels = ["Kyperská republika", "Portugall", "Spain", "Poland"]
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert [by_label[label][0].code for label in labels] == ["CY", "PT", "ES", "PL"]
    assert all(by_label[label][0].is_applied for label in labels)


@pytest.mark.parametrize("label", ["Republic of China", "Republica Chineză"])
def test_name_of_two_governments_is_asked_about(label: str, recogniser: Recogniser) -> None:
    by_label = recognise_list(["China", label, "Ukraine", "Türkiye"], "PARTNER", recogniser)
    assert {candidate.code for candidate in by_label[label]} == {"CN", "TW"}
    assert not any(candidate.is_applied for candidate in by_label[label])


def test_ambiguous_misspelling_is_not_resolved_by_a_list(recogniser: Recogniser) -> None:
    labels = ["Slovania", "Spain", "Poland", "France", "Italy"]
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert not any(candidate.is_applied for candidate in by_label["Slovania"])


@cases_from("conversion/cases/citizens_of_each_state_are_recognised.csv", codes=as_set)
def test_citizens_of_each_state_are_recognised(recogniser: Recogniser, labels: str, codes: set[str]) -> None:
    for label in labels.split():
        candidates = recogniser.candidates(label, "PARTNER")
        assert {candidate.code for candidate in candidates} == codes, label
        assert len(codes) == 1 or not any(candidate.is_applied for candidate in candidates), label


def test_list_resolves_citizens_named_like_neighbours(recogniser: Recogniser) -> None:
    by_label = recognise_list(["Guinéenne", "Bissau-Guinéenne", "Équato-Guinéenne", "Malienne"], "PARTNER", recogniser)
    assert by_label["Guinéenne"][0].code == "GN"
