"""Choices left open by queries: versions by pattern, and representations by preference."""

from __future__ import annotations

import pytest
from case_tables import cases_from

from sdmxmig.transmission.pull.negotiation import OFFERS, negotiate
from sdmxmig.transmission.pull.queries import QueryError, find_bounds, parse_version_pattern

VERSIONS = ["0.9.0", "1", "1.0", "1.5", "1.0.0", "1.2.0", "1.2.3", "1.3.0-draft", "2.0.0", "2.1.0-draft", "2.4.1"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("1", "1"),
        ("1.2.3", "1.2.3"),
        ("1.3.0-draft", "1.3.0-draft"),
        ("9.9", ""),
        ("*", " ".join(VERSIONS)),
        ("+", "2.4.1"),
        ("~", "2.4.1"),
        ("+.0.0", "2.4.1"),
        ("1.+.0", "1.2.3"),
        ("1.0+.0", "1.2.3"),
        ("1.2.1+", "1.2.3"),
        ("3+.0.0", ""),
        ("~.0", "1.5"),
        ("1.~", "1.5"),
        ("1.~.0", "1.3.0-draft"),
        ("2~.0.0", "2.4.1"),
        ("*.0", "1.0 1.5"),
        ("1.*", "1.0 1.5"),
        ("1.*.0", "1.0.0 1.2.0 1.2.3 1.3.0-draft"),
        ("1.2*.1", "1.2.3 1.3.0-draft"),
        ("2*.0.0", "2.0.0 2.1.0-draft 2.4.1"),
    ],
)
def test_version_patterns_select_the_expected_versions(pattern: str, expected: str) -> None:
    """The table of the API (querying versions), with and without a least version."""
    assert parse_version_pattern(pattern).chosen(VERSIONS) == set(expected.split())


@pytest.mark.parametrize(
    "text", ["", "a", "+.2.3", "2.3+", "1+.2+.0", "1.2.3.4", "*.*", "1..0", "1.2.3+4", "²", "1.0.0-"]
)
def test_text_other_than_a_version_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        parse_version_pattern(text)


@cases_from("transmission/cases/representations.csv", api=int)
def test_representation_is_negotiated_by_accept_header(api: int, kind: str, accept: str, expected: str) -> None:
    try:
        chosen = negotiate(OFFERS[api, kind], accept).content_type
    except QueryError as refused:
        chosen = str(refused.status)
    assert chosen == expected


@cases_from("transmission/cases/beginnings_and_ends_of_periods.csv")
def test_periods_have_the_expected_bounds(period: str, year_start: str, expected: str) -> None:
    limits = find_bounds(period, year_start)
    assert (f"{limits[0]} {limits[1]}" if limits else "") == expected
