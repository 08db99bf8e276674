"""Parse the text of a value cell."""

from __future__ import annotations

from decimal import Decimal

import pytest
from case_tables import cases_from, listed
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.conversion.mapping.sourced_values import normalise_number, split_marks


@pytest.mark.parametrize(
    ("text", "thousands", "decimal", "number"),
    [
        ("3 688,6", " ", ",", "3688.6"),
        ("3\u00a0688\u202f647", " ", ".", "3688647"),
        ("1,234,567.80", ",", ".", "1234567.80"),
        ("1.234", ".", ",", "1234"),
        ("1'234", "'", ".", "1234"),
        ("−39 207", " ", ".", "-39207"),
        ("+5", "", ".", "5"),
        ("007", "", ".", "007"),
    ],
)
def test_separators_are_removed_and_digits_are_kept(text: str, thousands: str, decimal: str, number: str) -> None:
    assert normalise_number(text, thousands, decimal) == number


@pytest.mark.parametrize("text", ["12 34", "1 2345", "45 946 p", "1,5", "5 %", "1.2.3", "-", "3٣", "1e5", "about 20"])
def test_text_not_numeric_with_these_separators_is_unchanged(text: str) -> None:
    assert normalise_number(text, " ", ".") == text


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=2), st.sampled_from([" ", ",", "'", "\u00a0"]))
def test_thousands_separators_do_not_change_a_number(value: Decimal, thousands: str) -> None:
    written = f"{value:,.2f}".replace(",", thousands)
    assert Decimal(normalise_number(written, " " if thousands == "\u00a0" else thousands, ".")) == value


@cases_from("conversion/mapping/cases/marks_are_taken_off_the_end_but_not_out_of_words.csv", marks=listed)
def test_marks_are_removed_only_at_the_end(text: str, bare: str, marks: tuple[str, ...]) -> None:
    assert split_marks(text, ["*", "1)", "e", "1"]) == (bare, marks)
