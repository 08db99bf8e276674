"""Constraints: allowed periods, and how their codes are listed."""

from __future__ import annotations

import pytest
from case_tables import cases_from, truth

from sdmxmig.quality.rules.constraints import format_codes_phrase, format_range_phrase, is_in_range
from sdmxmig.sdmx.model.structures import Member, Selection, TimeRange


@pytest.mark.parametrize(
    ("period", "limits", "allowed"),
    [
        ("2008", TimeRange("2008", "2027"), True),
        ("2007", TimeRange("2008", "2027"), False),
        ("2007-Q4", TimeRange("2008", "2027"), False),
        ("2027-Q4", TimeRange("2008", "2027"), True),
        ("2007", TimeRange("2008", ""), False),
        ("2028", TimeRange("", "2027"), False),
        ("2008", TimeRange("2008", "2027", includes_start=False), False),
        ("2009", TimeRange("2008", "2027", includes_start=False), True),
        ("2027", TimeRange("2008", "2027", includes_end=False), False),
        ("about 2030", TimeRange("2008", "2027"), True),
        ("2030", None, True),
    ],
)
def test_period_is_allowed_if_it_begins_in_the_range(period: str, limits: TimeRange | None, allowed: bool) -> None:
    assert is_in_range(period, limits) is allowed


@cases_from("quality/rules/cases/allowed_or_forbidden_codes_are_listed_up_to_eight.csv", include=truth)
def test_allowed_or_forbidden_codes_are_listed_up_to_eight(codes: str, include: bool, phrase: str) -> None:
    assert format_codes_phrase(Selection("SEX", tuple(map(Member, codes.split())), include=include)) == phrase


@pytest.mark.parametrize(
    ("limits", "phrase"),
    [
        (TimeRange("2008", "2027"), "2008–2027"),
        (TimeRange("2008", ""), "2008–…"),
        (TimeRange("2008", "2027", includes_start=False), "> 2008–2027"),
        (TimeRange("", "2027", includes_start=False, includes_end=False), "…–< 2027"),
        (None, ""),
    ],
)
def test_range_of_periods_shows_open_and_exclusive_ends(limits: TimeRange | None, phrase: str) -> None:
    assert format_range_phrase(Selection("TIME_PERIOD", time_range=limits)) == phrase
