"""Names of regions with varying composition raise a question, except in lists of M49."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.areas import FORMER_MARK
from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.lists import recognise_list

M49 = ("AFRICA", "Eastern Africa", "Kenya", "Western Asia", "South-Eastern Asia", "EUROPE", "Northern Europe", "Asia")


def test_regions_are_certain_in_an_evident_m49_list(recogniser: Recogniser) -> None:
    by_label = recognise_list(M49, "PARTNER", recogniser)
    assert [by_label[label][0].code for label in M49] == ["002", "014", "KE", "145", "035", "150", "154", "142"]
    assert all(by_label[label][0].is_applied for label in M49)
    assert not any(candidate.varies for many in by_label.values() for candidate in many)


@pytest.mark.parametrize(
    "other", ["North America", "Middle East", "Latin America", "Southeast Asia", "Europe & Central Asia", "Balkans"]
)
def test_single_foreign_region_makes_the_list_uncertain(recogniser: Recogniser, other: str) -> None:
    by_label = recognise_list([*M49, other], "PARTNER", recogniser)
    assert not any(by_label[label][0].is_applied for label in (*M49, other) if label != "Kenya")
    assert by_label["Kenya"][0].is_applied


def test_m49_numbers_beside_names_make_regions_certain(recogniser: Recogniser) -> None:
    labels = ["150 Europe", "142 Asia", "009 Oceania", "151 Eastern Europe"]
    by_label = recognise_list(labels, "PARTNER", recogniser)
    assert [(by_label[label][0].code, by_label[label][0].is_applied) for label in labels] == [
        (label[:3], True) for label in labels
    ]


def test_regions_of_a_list_declared_as_m49_are_applied(recogniser: Recogniser) -> None:
    labels = ("Europe", "Asia", "Oceania")
    assert not any(many[0].is_applied for many in recognise_list(labels, "PARTNER", recogniser).values())
    assert all(many[0].is_applied for many in recognise_list(labels, "PARTNER", recogniser, m49=True).values())


def test_others_below_regions_may_be_those_of_a_region(recogniser: Recogniser) -> None:
    nested = recognise_list(["Europe", "Poland", "Spain", "Other", "Asia", "China"], "PARTNER", recogniser)
    behind = recognise_list(["Poland", "Spain", "China", "Europe", "Asia", "Other"], "PARTNER", recogniser)
    assert not nested["Other"][0].is_applied
    assert behind["Other"][0].is_applied


def test_every_region_of_the_list_of_areas_has_its_row(recogniser: Recogniser) -> None:
    scheme = CATALOGUE.item_scheme("SDMX:CL_AREA(2.0)")
    known = recogniser.regions.compositions
    own = recogniser.countries.areas.codes
    groups = [one for one in scheme if own[one.id] == one.id > "001" and one.parent in ("M49", "001")]
    rests = ("not elsewhere specified", "Bunkers", "Free zones", "Undisclosed", "not specified", "unknown", "Most")
    assert [
        candidate.id
        for candidate in groups
        if candidate.id not in known and not any(rest in str(candidate.name) for rest in rests)
    ] == []
    assert {candidate.near for candidate in known.values() if candidate.near} <= {item.id for item in scheme}
    assert not any(
        str(scheme[code].name).endswith(FORMER_MARK) and not candidate.varies for code, candidate in known.items()
    )
