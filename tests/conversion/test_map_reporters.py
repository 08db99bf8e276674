"""Tables of several reporting countries, tried for one of them: they are no countries of origin without a question."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from proposed import asked_labels, codes, proposed

from sdmxmig.conversion.suggestion import Proposal

COUNTRIES = ("Austria", "Belgium", "France", "Germany", "Spain")


def of(title: str, head: str, flow: str, area: str, countries: tuple[str, ...] = COUNTRIES) -> Proposal:
    rows = "".join(f"| {name} | {100 + at} | {200 + at} |\n" for at, name in enumerate(countries))
    return proposed(f"## Sheet S\n| {title} |\n| {head} | 2019 | 2020 |\n{rows}", flow, area)


@pytest.mark.parametrize("head", ["geo", "GEO", "Reporting country", "Reporter", "Pays déclarant", "REF_AREA"])
@pytest.mark.parametrize(("flow", "area"), [("DF_IMM", "AT"), ("DF_POP", "GE"), ("DF_PROTECTION", "FR")])
def test_header_that_names_reporting_countries_decides(head: str, flow: str, area: str) -> None:
    found = {
        component_map.component: str(component_map.source)
        for component_map in of("Figures", head, flow, area).mapping.blocks[0].components
    }
    assert found["REF_AREA"] == "column 1"


@cases_from("conversion/cases/own_country_among_others_is_asked_about.csv")
@pytest.mark.parametrize("area", ["AT", "DE"])
def test_own_country_among_others_is_asked_about(title: str, head: str, flow: str, area: str) -> None:
    asked = [question for question in of(title, head, flow, area).open if question.part == "line column 1"]
    assert "REF_AREA" in [each.code for candidate in asked for each in (candidate.chosen, *candidate.others)]


@cases_from("conversion/cases/countries_of_a_named_kind_raise_no_question.csv")
def test_countries_of_a_named_kind_raise_no_question(title: str, head: str, flow: str, area: str) -> None:
    asked = [question for question in of(title, head, flow, area).open if question.part == "line column 1"]
    assert "REF_AREA" not in [each.code for candidate in asked for each in (candidate.chosen, *candidate.others)]


@pytest.mark.parametrize(
    ("head", "places", "total", "whole"),
    [
        ("Place", ("Kalowe", "Mbiriza", "Upper Kesu"), "Total", "KE"),
        ("Ort", ("Hochau", "Unterweil", "Seebrunn"), "Insgesamt", "KE"),
        ("Место", ("Горка", "Лужки", "Бережное"), "Всего", "KE"),
        ("المكان", ("زهرة", "وادي الصفا", "تلال"), "المجموع", "KE"),
        ("Place", ("Kalowe", "Uganda", "Upper Kesu"), "Total", ""),
    ],
)
def test_total_is_the_country_only_among_its_parts(head: str, places: tuple[str, ...], total: str, whole: str) -> None:
    rows = "".join(f"| {name} | {100 + at} | {200 + at} |\n" for at, name in enumerate((*places, total)))
    text = f"## Sheet S\n| Immigrants | | |\n| {head} | 2019 | 2020 |\n{rows}"
    found = proposed(text, "DF_IMM", "KE", {("*", "line column 1", ""): "REF_AREA"})
    assert codes(found, "REF_AREA").get(total, "") == whole
    assert (total in asked_labels(found)) == (not whole)
