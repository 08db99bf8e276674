"""Abbreviations, initials and codes in labels: expanded if one country fits only, codes only in lists of codes."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list

COUNTRIES = ("Spain", "Poland", "France", "Italy", "Chile", "Egypt")


def beside_countries(recogniser: Recogniser, label: str) -> tuple[str, bool]:
    """The first candidate of a label in a list of countries, and whether it is applied."""
    by_label = recognise_list([*COUNTRIES, label], "PARTNER", recogniser)[label]
    return (by_label[0].code, by_label[0].is_applied) if by_label else ("", False)


@pytest.mark.parametrize(
    "label",
    [
        *("NA", "NO", "IS", "IN", "IT", "AM", "PM", "TO", "CA", "GA", "AL", "DE", "NR", "SE", "NE", "ID", "PA", "MA"),
        *("CAN", "MAR", "DOM", "BEL", "SEC", "MAN", "NS", "SW", "No", "Is", "De", "it"),
    ],
)
def test_code_among_names_is_asked_about(recogniser: Recogniser, label: str) -> None:
    for labels in ([label], [*COUNTRIES, label]):
        by_label = recognise_list(labels, "PARTNER", recogniser)[label]
        assert not any(candidate.is_applied for candidate in by_label)


@cases_from("conversion/recognition/cases/country_codes_are_applied_in_a_list_of_codes.csv", labels=listed)
def test_country_codes_are_applied_in_a_list_of_codes(recogniser: Recogniser, labels: tuple[str, ...]) -> None:
    assert all(many[0].is_applied for many in recognise_list(labels, "PARTNER", recogniser).values())


@cases_from("conversion/recognition/cases/codes_of_other_things_are_no_list_of_codes.csv", labels=listed)
def test_other_codes_are_not_read_as_country_codes(recogniser: Recogniser, labels: tuple[str, ...]) -> None:
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert not any(
        candidate.is_applied for label, many in by_label.items() for candidate in many if len(label) in (2, 3)
    )


def test_initials_beside_regions_mean_a_region(recogniser: Recogniser) -> None:
    labels = ["N. Africa", "S. Africa", "W. Africa", "E. Africa", "Europe", "Spain", "Poland", "China"]
    assert beside_countries(recogniser, "S. Africa") == ("ZA", True)
    assert not recognise_list(labels, "PARTNER", recogniser)["S. Africa"][0].is_applied
