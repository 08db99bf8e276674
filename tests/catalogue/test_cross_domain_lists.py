"""The lists that all domains share: those of other owners as their owners published them, ages and areas in order."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import pairwise

import pytest
from folders import SHARED
from shipped import CATALOGUE

from sdmxmig.catalogue import Catalogue
from sdmxmig.catalogue.ages import (
    OPEN_END,
    convert_to_usual_code,
    find_interval_in_months,
    find_same_ages,
    parse_age_code,
)
from sdmxmig.catalogue.item_schemes import index_aggregates, walk_with_depth
from sdmxmig.sdmx.model.artefacts import ItemScheme
from sdmxmig.sdmx.model.structures import HierarchicalCode, Hierarchy

PUBLISHED = SHARED / "classifications"
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
COPIED = [
    ref.short
    for ref in sorted(CATALOGUE.artefacts)
    if ref.kind == "Codelist" and (PUBLISHED / f"{ref.agency}_{ref.id}_{ref.version}.csv").is_file()
]
"""The lists of others of which the published copy is at hand."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return CATALOGUE


@pytest.fixture(scope="module")
def areas(catalogue: Catalogue) -> ItemScheme:
    return catalogue.item_scheme("SDMX:CL_AREA(2.0)")


def members_on(day: str, tree: Hierarchy, group: str) -> set[str]:
    (head,) = (node for _, node in walk_with_depth(tree.codes) if node.code.item == group)
    return {
        child.code.item
        for child in head.children
        if child.valid_from[:10] <= day and (not child.valid_to or day <= child.valid_to[:10])
    }


def hierarchy(catalogue: Catalogue, name: str) -> Hierarchy:
    found = next(artefact for ref, artefact in catalogue.artefacts.items() if ref.id == name)
    assert isinstance(found, Hierarchy)
    return found


def test_parents_precede_their_children(catalogue: Catalogue) -> None:
    # some readers take a parent that follows for its own list
    for name in ("SDMX:CL_AREA(2.0)", "SDMXMIG:CL_PARTNER", "SDMXMIG:CL_AGE"):
        ids = list(catalogue.item_scheme(name).ids)
        assert all(ids.index(item.parent) < ids.index(item.id) for item in catalogue.item_scheme(name) if item.parent)


needs_published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published lists are not at hand")


def published(name: str) -> list[dict[str, str]]:
    with (PUBLISHED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def below(node: HierarchicalCode) -> list[str]:
    """The leaves of a tree, each as often as it occurs."""
    return [code for child in node.children for code in below(child)] if node.children else [node.code.item]


@pytest.mark.parametrize("name", COPIED)
def test_lists_of_other_agencies_equal_the_published_ones(catalogue: Catalogue, name: str) -> None:
    ours = catalogue.item_scheme(name)
    theirs = published(f"{ours.ref.agency}_{ours.ref.id}_{ours.ref.version}")
    here = {item.id: (str(item.name), item.parent) for item in ours}
    there = {row["id"]: (row["name_en"], row["parent"]) for row in theirs if row["id"] in here or not ours.partial}
    assert here == there  # in another order where the published one has a code before its parent
    described = {row["id"]: row["description_en"] for row in theirs if row["description_en"]}
    assert [item.id for item in ours if str(item.description) == described.get(item.id)] == []


class TestAges:
    def test_every_code_follows_the_pattern(self, catalogue: Catalogue) -> None:
        for code in catalogue.item_scheme("SDMXMIG:CL_AGE").ids:
            assert code in ("_T", "_U") or parse_age_code(code) or re.fullmatch(r"M\d+(T\d+)?", code), code

    def test_age_group_lies_within_its_parent(self, catalogue: Catalogue) -> None:
        for item in catalogue.item_scheme("SDMXMIG:CL_AGE"):
            inner, outer = parse_age_code(item.id), parse_age_code(item.parent)
            if inner and outer:
                assert outer[0] <= inner[0]
                assert inner[1] <= outer[1]

    @needs_published
    def test_every_age_group_of_the_sdg_list_has_a_code(self, catalogue: Catalogue) -> None:
        theirs = {row["id"] for row in published("IAEG-SDGs_CL_AGE_1.12")}
        ours = set(catalogue.item_scheme("SDMXMIG:CL_AGE").ids)
        in_years = {"M12T23": "Y1", "M24T35": "Y2", "M36T47": "Y3", "M48T59": "Y4", "M24T59": "Y2T4", "M36T59": "Y3T4"}
        # _X is “not available”, which is a status of observations
        assert theirs - ours == {"_X", *in_years}
        assert {code: find_same_ages(code, ours) for code in in_years} == in_years

    def test_age_codes_have_distinct_ages(self, catalogue: Catalogue) -> None:
        codes_by_ages: dict[tuple[int, int], list[str]] = {}
        for code in catalogue.item_scheme("SDMXMIG:CL_AGE").ids:
            if span := find_interval_in_months(code):
                codes_by_ages.setdefault(span, []).append(code)
        assert len(codes_by_ages) > 300
        assert [codes for codes in codes_by_ages.values() if len(codes) > 1] == []

    def test_every_age_has_its_usual_code(self, catalogue: Catalogue) -> None:
        codes = catalogue.item_scheme("SDMXMIG:CL_AGE").ids
        assert [code for code in codes if convert_to_usual_code(code) != code] == []

    @pytest.mark.parametrize("name", ["H_AGE", "H_AGE_SINGLE"])
    def test_groups_of_the_hierarchies_are_filled_without_overlap(self, catalogue: Catalogue, name: str) -> None:
        for group, parts in index_aggregates(hierarchy(catalogue, name)).items():
            spans = sorted(span for code in parts if (span := parse_age_code(code)))
            assert (spans[0][0], spans[-1][1]) == (parse_age_code(group) or (0, OPEN_END))
            assert all(one[1] == following[0] for one, following in pairwise(spans))


class TestAreas:
    def test_countries_have_their_numeric_and_letter_codes(self, areas: ItemScheme) -> None:
        assert [areas["GE"].note(kind) for kind in ("M49", "ISO3")] == ["268", "GEO"]
        assert [areas["268"].note(kind) for kind in ("ISO2", "ISO3")] == ["GE", "GEO"]
        assert areas["AF"].note("M49") == "004"
        letters = [item for item in areas if item.parent == "ISO3166_2"]
        assert all(re.fullmatch(r"\d{3}", item.note("M49")) for item in letters)
        assert all(re.fullmatch(r"[A-Z]{3}", item.note("ISO3")) for item in letters)

    @needs_published
    def test_numeric_codes_equal_iso_3166(self, areas: ItemScheme) -> None:
        for row in published("ISO_3166-1_2026"):
            letters, number = re.findall(r"alpha-2 (\w\w); numeric (\d{3})", row["description_en"])[0]
            assert [areas[letters].note(kind) for kind in ("M49", "ISO3")] == [number, row["id"]]

    def test_countries_and_regions_have_names_in_six_languages(self, catalogue: Catalogue, areas: ItemScheme) -> None:
        tree = hierarchy(catalogue, "H_AREA_M49")
        codes = {*index_aggregates(tree), *below(tree.codes[0])} | {
            item.id for item in areas if item.parent == "ISO3166_2"
        }
        assert [
            (code, language) for code in codes for language in LANGUAGES if not areas[code].name.has(language)
        ] == []

    @needs_published
    def test_names_equal_those_of_m49(self, areas: ItemScheme) -> None:
        for row in published("UNSD_M49_2024-09"):
            name = areas[row["id"]].name
            assert areas[row["id"]].note("UN_NAME") or name.in_language("en") == row["name_en"]
            ours = [name.in_language(language) for language in LANGUAGES[1:] if "_" not in row[f"name_{language}"]]
            assert ours == [row[f"name_{language}"] for language in LANGUAGES[1:] if "_" not in row[f"name_{language}"]]

    @needs_published
    def test_validity_equals_that_of_former_m49_codes(self, areas: ItemScheme) -> None:
        for row in published("AREA_FORMER_M49"):
            assert (areas[row["id"]].valid_from, areas[row["id"]].valid_to) == (row["valid_from"], row["valid_to"])

    def test_present_countries_have_no_end_of_validity(self, catalogue: Catalogue, areas: ItemScheme) -> None:
        assert [code for code in below(hierarchy(catalogue, "H_AREA_M49").codes[0]) if areas[code].valid_to] == []


class TestAreaHierarchies:
    def test_every_country_is_in_exactly_one_subregion(self, catalogue: Catalogue, areas: ItemScheme) -> None:
        world = hierarchy(catalogue, "H_AREA_M49").codes[0]
        assert world.code.item == "001"
        countries = Counter(below(world))
        assert set(countries.values()) == {1}
        current = {item.id for item in areas if item.parent == "ISO3166_2" and not item.valid_to}
        assert set(countries) - {"680"} == current  # Sark has a number and no letters
        assert [region.code.item for region in world.children if not region.children] == ["AQ"]

    def test_union_has_the_members_of_its_time(self, catalogue: Catalogue) -> None:
        tree, groups = hierarchy(catalogue, "H_AREA_EU"), index_aggregates(hierarchy(catalogue, "H_AREA_GROUP"))
        days = {"EU15": "2000-01-01", "EU25": "2005-01-01", "EU27_2007": "2010-01-01"}
        days |= {"EU28": "2019-01-01", "EU27_2020": "2024-01-01"}
        for group, day in days.items():
            assert members_on(day, tree, "097") == set(groups[group]), group
        assert len(members_on("1960-01-01", tree, "097")) == 6


class TestPartners:
    def test_every_country_of_the_areas_may_be_a_partner(self, catalogue: Catalogue, areas: ItemScheme) -> None:
        partners = catalogue.item_scheme("SDMXMIG:CL_PARTNER")
        letters = {item.id for item in areas if item.parent == "ISO3166_2"}
        assert letters <= set(partners.ids)
        assert set(partners.ids) - set(areas.ids) == {"_T", "_O", "_U", "STLS", "UNDET"}

    def test_partner_names_and_validity_follow_the_areas(self, catalogue: Catalogue, areas: ItemScheme) -> None:
        for item in catalogue.item_scheme("SDMXMIG:CL_PARTNER"):
            if item.id in areas:
                area = areas[item.id]
                current = areas[area.note("M49") or item.id].note("UN_NAME") or area.note("UN_NAME")
                assert str(item.name) == (current or str(area.name))
                assert (item.valid_from, item.valid_to) == (area.valid_from, area.valid_to)
