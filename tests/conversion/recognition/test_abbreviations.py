"""Abbreviations, initials and codes in labels: expanded if one country fits only, codes only in lists of codes."""

from __future__ import annotations

import pytest

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list

COUNTRIES = ("Spain", "Poland", "France", "Italy", "Chile", "Egypt")


def beside_countries(recogniser: Recogniser, label: str) -> tuple[str, bool]:
    """The first candidate of a label in a list of countries, and whether it is applied."""
    by_label = recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label]
    return (by_label[0].code, by_label[0].is_applied) if by_label else ("", False)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("S. Sudan", "SS"),
        ("S Sudan", "SS"),
        ("N. Korea", "KP"),
        ("S. Korea", "KR"),
        ("D.P.R. Korea", "KP"),
        ("Korea, D.P.R.", "KP"),
        ("C. Verde", "CV"),
        ("St. Lucia", "LC"),
        ("St. Vincent & Gren.", "VC"),
        ("U.R. Tanzania", "TZ"),
        ("D.R. Congo", "CD"),
        ("D. R. of Congo", "CD"),
        ("Rep. Moldova", "MD"),
        ("R. Moldova", "MD"),
        ("P.R. China", "CN"),
        ("P. R. of China", "CN"),
        ("Lao P.D.R.", "LA"),
        ("Iran, I.R.", "IR"),
        ("U. Kingdom", "GB"),
        ("U. Arab Emirates", "AE"),
        ("S. Lanka", "LK"),
        ("S. Leone", "SL"),
        ("B. Faso", "BF"),
        ("A. Samoa", "AS"),
        ("P.N. Guinea", "PG"),
        ("E. Guinea", "GQ"),
        ("Guinea-B.", "GW"),
        ("Trin. & Tobago", "TT"),
        ("Bosnia & H.", "BA"),
        ("Fr. Guiana", "GF"),
        ("Czech R.", "CZ"),
        ("Dom. Rep.", "DO"),
        ("Dominican Rep.", "DO"),
        ("United States of Amer.", "US"),
        ("E. Germany", "DD"),
        ("Emiratos Arabes", "AE"),
        ("Tschech. Republik", "CZ"),
        ("Bosnien-Herzegow.", "BA"),
        ("S. Tomé e Príncipe", "ST"),
        ("Den dem. rep. Kongo", "CD"),
        ("Fed. Rep. of Germany", "DE"),
    ],
)
def test_a_shortened_name_is_the_one_country_that_fits(recogniser: Recogniser, label: str, code: str) -> None:
    assert beside_countries(recogniser, label) == (code, True)


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("Niger.", {"NE", "NG"}),
        ("Slov.", {"SI", "SK"}),
        ("Port.", {"PT", "PR"}),
        ("Guin.", {"GN", "GQ", "GW"}),
        ("St. Martin", {"MF", "SX"}),
        ("N. America", {"003", "021"}),
        ("W. Africa", {"011"}),
        ("N. Ireland", {"828", "GB"}),
        ("N. Cyprus", {"CY"}),
        ("S. Ossetia", {"GE"}),
        ("S. Australia", {"AU"}),
        ("N. Mexico", {"US"}),
        ("W. Bank", {"402", "PS"}),
        ("YU", {"890", "YU"}),
        ("CS", {"CS", "YU"}),
        ("FRG", {"DE", "280"}),
        ("Yemen, Dem.", {"YD", "YE"}),
        ("Vietnam (Dem. Rep.)", {"VD", "VN"}),
        ("Guiné", {"GN", "GW"}),
        ("SADC", {"018"}),
        ("MENA", {"015", "145"}),
    ],
)
def test_ambiguous_abbreviation_is_not_applied(recogniser: Recogniser, label: str, codes: set[str]) -> None:
    by_label = recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label]
    assert {candidate.code for candidate in by_label} == codes
    assert not any(candidate.is_applied for candidate in by_label)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("UAE", "AE"),
        ("DRC", "CD"),
        ("PRC", "CN"),
        ("DPRK", "KP"),
        ("BiH", "BA"),
        ("NZ", "NZ"),
        ("PNG", "PG"),
        ("США", "US"),
        ("ОАЭ", "AE"),
        ("ЮАР", "ZA"),
        ("ČR", "CZ"),
        ("USSR", "SU"),
        ("GDR", "DD"),
    ],
)
def test_abbreviations_that_all_use_for_one_country_are_its_names(
    recogniser: Recogniser, label: str, code: str
) -> None:
    assert beside_countries(recogniser, label) == (code, True)


@pytest.mark.parametrize(
    "label",
    [
        *("NA", "NO", "IS", "IN", "IT", "AM", "PM", "TO", "CA", "GA", "AL", "DE", "NR", "SE", "NE", "ID", "PA", "MA"),
        *("CAN", "MAR", "DOM", "BEL", "SEC", "MAN", "NS", "SW", "No", "Is", "De", "it"),
    ],
)
def test_a_code_among_names_is_asked_about(recogniser: Recogniser, label: str) -> None:
    for labels in ([label], [*COUNTRIES, label]):
        by_label = recognise_list(labels, "PARTNER", recogniser)[label]
        assert not any(candidate.is_applied for candidate in by_label)


@pytest.mark.parametrize("label", ["No.", "Nº", "N°", "Nr.", "№", "#", "n", "No", "%", "km²"])
def test_words_for_numbers_are_no_country(recogniser: Recogniser, label: str) -> None:
    assert recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label] == ()


@pytest.mark.parametrize(
    "labels",
    [
        ("AT", "BE", "DE", "NL", "TOTAL"),
        ("NO", "SE", "DK", "FI", "IS"),
        ("EL", "UK", "XK", "NA", "IN", "TO", "FR", "ES"),
        ("DEU", "FRA", "ITA", "CAN"),
        ("004", "008", "012", "040", "276", "Total"),
    ],
)
def test_country_codes_are_applied_in_a_list_of_codes(recogniser: Recogniser, labels: tuple[str, ...]) -> None:
    assert all(many[0].is_applied for many in recognise_list(labels, "PARTNER", recogniser).values())


@pytest.mark.parametrize(
    "labels",
    [
        ("AL", "AR", "CA", "GA", "DE"),
        ("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "ID", "IL", "IN"),
        ("BE", "FR", "GE", "NE", "LU"),
        ("AC", "AL", "AM", "BA", "CE", "PA", "PE", "SE", "TO"),
        ("NO", "YES", "NA", "IN", "IT"),
        ("SE", "NE", "NW", "SW"),
        ("CA", "Poland", "Spain", "DE", "France"),
        ("004", "008", "012"),
        ("100", "101", "102", "103", "104", "105"),
    ],
)
def test_codes_of_other_things_are_no_list_of_codes(recogniser: Recogniser, labels: tuple[str, ...]) -> None:
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert not any(
        candidate.is_applied for label, many in by_label.items() for candidate in many if len(label) in (2, 3)
    )


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Trinidad y Tobago", "TT"),
        ("Trinidad Y Tobago", "TT"),
        ("Bosna a Hercegovina", "BA"),
        ("Bosnia E Herzegovina", "BA"),
        ("São Tomé e Príncipe", "ST"),
        ("COTE D'IVOIRE", "CI"),
        ("Polinezia C'hall", "PF"),
        ("Guinea-Bissau", "GW"),
        ("Mali.", "ML"),
        ("Oman.", "OM"),
        ("Lao", "LA"),
        ("PL - Poland", "PL"),
        ("a Alemania", "DE"),
    ],
)
def test_short_words_of_names_are_no_initials(recogniser: Recogniser, label: str, code: str) -> None:
    assert beside_countries(recogniser, label) == (code, True)


def test_initials_of_a_country_are_those_of_a_region_beside_regions(recogniser: Recogniser) -> None:
    labels = ["N. Africa", "S. Africa", "W. Africa", "E. Africa", "Europe", "Spain", "Poland", "China"]
    assert beside_countries(recogniser, "S. Africa") == ("ZA", True)
    assert not recognise_list(labels, "PARTNER", recogniser)["S. Africa"][0].is_applied
