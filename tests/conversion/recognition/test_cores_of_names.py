"""The cores of formal names and their cases: how much of a name may be lost, and what a list may settle."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed

from sdmxmig.conversion.recognition import Recogniser
from sdmxmig.conversion.recognition.formal_names import extract_core, find_inflected_cores
from sdmxmig.conversion.recognition.lists import recognise_list

KNOWN = ("Norway", "Sweden", "Finland", "Chile")


@cases_from("conversion/recognition/cases/longest_ending_is_cut_but_two_characters_remain.csv")
def test_longest_ending_is_cut_but_two_characters_remain(recogniser: Recogniser, name: str, core: str) -> None:
    assert extract_core(name, recogniser.vocabulary) == (core,)


LISTED = {"slo": [("slovensko",), ("slovinsko",), ("slovensko", "nova")], "nov": [("slovensko", "nova")]}


@pytest.mark.parametrize(
    ("core", "found"),
    [
        (("slovenska",), {("slovensko",)}),
        (("slovinska",), {("slovinsko",)}),
        (("slovensko", "nova"), {("slovensko", "nova")}),
        (("slo",), set()),
        (("slovak",), set()),
        (("brasilska",), set()),
        (("slovenska", "brasilska"), set()),
        ((), set()),
    ],
)
def test_inflected_name_matches_a_name_of_as_many_words(core: tuple[str, ...], found: set[tuple[str, ...]]) -> None:
    assert find_inflected_cores(core, LISTED) == found


def test_ambiguous_inflected_name_keeps_both_candidates() -> None:
    assert find_inflected_cores(("morava",), {"mor": [("moravo",), ("moravi",)]}) == {("moravo",), ("moravi",)}


@cases_from("conversion/cases/list_resolves_a_name_to_the_unused_country.csv")
def test_list_resolves_a_name_to_the_unused_country(recogniser: Recogniser, label: str, beside: str, code: str) -> None:
    by_label = recognise_list([*KNOWN, label, beside], "PARTNER", recogniser)
    assert by_label[label][0].code == code
    assert by_label[label][0].is_applied
    assert "no other label in the list matches it" in by_label[label][0].reason
    alone = recognise_list([*KNOWN, label], "PARTNER", recogniser)
    assert not any(candidate.is_applied for candidate in alone[label])


@cases_from(
    "conversion/recognition/cases/a_list_settles_neither_three_meanings_nor_the_rest_nor_a_region.csv", labels=listed
)
def test_lists_do_not_resolve_regions_or_remainders(recogniser: Recogniser, labels: tuple[str, ...]) -> None:
    by_label = recognise_list([*KNOWN, *labels], "PARTNER", recogniser)[labels[0]]
    assert by_label
    assert not any("no other label in the list" in one.reason for one in by_label)


@pytest.mark.parametrize(("beside", "settled"), [([], True), (["Palau"], True), (["Polynesia", "Melanesia"], False)])
def test_name_is_the_state_in_a_list_without_regions(recogniser: Recogniser, beside: list[str], settled: bool) -> None:
    by_label = recognise_list([*KNOWN, *beside, "Micronesia"], "PARTNER", recogniser)["Micronesia"]
    assert {one.code for one in by_label} == {"FM", "057"}
    assert (by_label[0].code == "FM" and by_label[0].is_applied) == settled


def test_two_states_of_equal_name_stay_candidates(recogniser: Recogniser) -> None:
    by_label = recognise_list([*KNOWN, "Yugoslavia"], "PARTNER", recogniser)["Yugoslavia"]
    assert {candidate.code: candidate.is_applied for candidate in by_label} == {"YU": False, "890": False}
