"""Age codes as intervals: which groups divide a population, and why others do not."""

from __future__ import annotations

from itertools import pairwise

from case_tables import cases_from, listed
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.catalogue.ages import (
    choose_disjoint,
    convert_to_usual_code,
    find_interval_in_months,
    find_partitions,
    find_same_ages,
    parse_age_code,
)


@cases_from("statistics/demography/cases/partitions.csv", found=listed)
def test_partitions_of_all_ages_are_found(codes: str, found: tuple[str, ...]) -> None:
    chains, stops = find_partitions(codes.split())
    assert [" ".join(chain) for chain in chains] == [*found]
    assert bool(stops) != bool(found)


@given(st.sets(st.integers(1, 99), max_size=8))
def test_any_cut_of_the_life_span_is_a_partition(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts)]
    codes = [f"Y{a}T{b - 1}" for a, b in pairwise(edges)] + [f"Y_GE{edges[-1]}"]
    assert find_partitions(codes) == ((tuple(codes),), ())
    assert choose_disjoint(codes) == tuple(codes)


@cases_from("statistics/demography/cases/overlapping_ages_that_end_first_are_chosen.csv")
def test_overlapping_ages_that_end_first_are_chosen(codes: str, chosen: str) -> None:
    assert choose_disjoint(codes.split()) == tuple(chosen.split())
    assert choose_disjoint(reversed(codes.split())) == tuple(chosen.split())


def test_other_codes_are_not_read_as_ages() -> None:
    assert [parse_age_code(code) for code in ("_T", "0-14", "Y", "Y1000", "TOTAL")] == [None] * 5


@given(st.integers(0, 120), st.integers(1, 120))
def test_usual_age_code_covers_equal_ages(first: int, years: int) -> None:
    months = f"M{first * 12}T{(first + years) * 12 - 1}"
    whole = f"Y{first}" if years == 1 else f"Y{first}T{first + years - 1}"
    assert convert_to_usual_code(whole) == whole
    assert find_same_ages(
        f"Y_LT{years}", [f"Y_GE{years}", convert_to_usual_code(f"Y_LT{years}")]
    ) == convert_to_usual_code(f"Y_LT{years}")
    if len(str((first + years) * 12 - 1)) <= 3:
        assert (convert_to_usual_code(months), find_interval_in_months(months)) == (
            whole,
            (first * 12, (first + years) * 12),
        )
