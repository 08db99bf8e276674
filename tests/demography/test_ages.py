"""Age codes as intervals: which groups divide a population, and why others do not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.demography.ages import disjoint, interval, partitions


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        ("Y0T14 Y15T64 Y_GE65", ["Y0T14 Y15T64 Y_GE65"]),
        ("Y_LT15 Y15T64 Y_GE65", ["Y_LT15 Y15T64 Y_GE65"]),
        ("Y0T4 Y5T14 Y0T14 Y_GE15", ["Y0T4 Y5T14 Y_GE15", "Y0T14 Y_GE15"]),
        ("Y0T14 Y_GE65", []),
        ("Y_LT15 Y_LT30", []),
        ("Y15T64 Y_GE65", []),
        ("Y0T14 Y15T64", []),
        ("_U", []),
    ],
)
def test_partitions(codes: str, found: list[str]) -> None:
    chains, reason = partitions(codes.split())
    assert [" ".join(chain) for chain in chains] == found
    assert bool(reason) != bool(found)


@given(st.sets(st.integers(1, 99), max_size=8))
def test_any_cut_of_the_life_span_is_a_partition_again(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts)]
    codes = [f"Y{a}T{b - 1}" for a, b in pairwise(edges)] + [f"Y_GE{edges[-1]}"]
    assert partitions(codes) == ((tuple(codes),), "")
    assert disjoint(codes) == tuple(codes)


@pytest.mark.parametrize(
    ("codes", "chosen"),
    [
        ("Y0T14 Y5T14 Y10T14", "Y10T14"),
        ("Y_LT30 Y_LT15 Y15T29", "Y_LT15 Y15T29"),
        ("Y0T4 Y4T9 Y5T9", "Y0T4 Y5T9"),
        ("Y_GE65 Y_GE80 _U", "Y_GE80"),
        ("Y1T4 Y0", "Y0 Y1T4"),
    ],
)
def test_of_overlapping_ages_those_that_end_first_are_chosen_and_of_these_the_narrowest(
    codes: str, chosen: str
) -> None:
    assert disjoint(codes.split()) == tuple(chosen.split())
    assert disjoint(reversed(codes.split())) == tuple(chosen.split())


def test_other_codes_are_no_ages() -> None:
    assert [interval(code) for code in ("_T", "0-14", "Y", "Y1000", "TOTAL")] == [None] * 5
