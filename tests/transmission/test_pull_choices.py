"""Choices left open by queries: versions by pattern, and representations by preference."""

from __future__ import annotations

import pytest
from case_tables import cases_from

from sdmxmig.transmission.pull.negotiation import OFFERS, negotiated
from sdmxmig.transmission.pull.questions import NotAnswered, bounds, version_pattern
from sdmxmig.transmission.pull.service import languages_of

VERSIONS = ["0.9.0", "1", "1.0", "1.5", "1.0.0", "1.2.0", "1.2.3", "1.3.0-draft", "2.0.0", "2.1.0-draft", "2.4.1"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("1", "1"),
        ("1.0", "1.0"),
        ("1.2.3", "1.2.3"),
        ("1.3.0-draft", "1.3.0-draft"),
        ("9.9", ""),
        ("*", " ".join(VERSIONS)),
        ("+", "2.4.1"),
        ("~", "2.4.1"),
        ("+.0.0", "2.4.1"),
        ("1.+.0", "1.2.3"),
        ("1.2.+", "1.2.3"),
        ("1.0+.0", "1.2.3"),
        ("1.2.1+", "1.2.3"),
        ("2.2+.0", "2.4.1"),
        ("3+.0.0", ""),
        ("~.0", "1.5"),
        ("1.~", "1.5"),
        ("1.~.0", "1.3.0-draft"),
        ("1.2.~", "1.2.3"),
        ("2~.0.0", "2.4.1"),
        ("*.0", "1.0 1.5"),
        ("1.*", "1.0 1.5"),
        ("1.*.0", "1.0.0 1.2.0 1.2.3 1.3.0-draft"),
        ("1.2.*", "1.2.0 1.2.3"),
        ("1.2*.1", "1.2.3 1.3.0-draft"),
        ("2*.0.0", "2.0.0 2.1.0-draft 2.4.1"),
    ],
)
def test_patterns_of_versions(pattern: str, expected: str) -> None:
    """The table of the API (querying versions), with and without a least version."""
    assert version_pattern(pattern).chosen(VERSIONS) == set(expected.split())


@pytest.mark.parametrize(
    "text", ["", "a", "+.2.3", "2.3+", "1+.2+.0", "1.2.3.4", "*.*", "1..0", "1.2.3+4", "²", "1.0.0-"]
)
def test_text_that_is_not_a_version_is_refused(text: str) -> None:
    with pytest.raises(NotAnswered):
        version_pattern(text)


XML, JSON, DATA = (
    "application/vnd.sdmx.structure+xml",
    "application/vnd.sdmx.structure+json",
    "application/vnd.sdmx.data",
)


@pytest.mark.parametrize(
    ("api", "kind", "accept", "expected"),
    [
        (1, "structure", "", f"{XML};version=2.1"),
        (1, "structure", "*/*", f"{XML};version=2.1"),
        (1, "structure", "application/xml", f"{XML};version=2.1"),
        (1, "structure", f"{XML};version=2.1", f"{XML};version=2.1"),
        (1, "structure", f"{XML};version=2.1;q=0.3, {JSON};version=2.0.0;q=0.8", f"{JSON};version=2.0.0"),
        (1, "structure", f"{XML};version=2.1;q=0.9, {JSON};version=2.0.0;q=0.8", f"{XML};version=2.1"),
        (1, "structure", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", f"{XML};version=2.1"),
        (1, "structure", "application/nonsense", "406"),
        (1, "structure", f"{XML};version=9.9", "406"),
        (1, "structure", f"{XML};version=2.1;q=0", "406"),
        (1, "structure", f"application/nonsense, {JSON}", f"{JSON};version=1.0.0"),
        (2, "structure", "", f"{JSON};version=2.1.0"),
        (2, "structure", f"{XML};version=3.0.0+", f"{XML};version=3.0.0"),
        (2, "structure", f"{XML};version=3.0+.0", f"{XML};version=3.1.0"),
        (2, "structure", f"{XML};version=3.0 .0", f"{XML};version=3.1.0"),
        (2, "structure", f"{XML};version=4+.0.0", "406"),
        (2, "structure", f"{JSON};version=2.0", f"{JSON};version=2.0"),
        (2, "structure", f"{XML}, {JSON};q=0.5", f"{XML};version=3.1.0"),
        (1, "data", "", "application/vnd.sdmx.genericdata+xml;version=2.1"),
        (2, "data", "", f"{DATA}+json;version=2.1.0"),
        (1, "data", f"{DATA}+json", f"{DATA}+json;version=1.0.0"),
        (1, "data", "application/json", f"{DATA}+json;version=1.0.0"),
        (1, "data", f"{DATA}+json;version=1.0.0", f"{DATA}+json;version=1.0.0"),
        (2, "data", f"{DATA}+json;version=1.0.0", f"{DATA}+json;version=1.0.0"),
        (2, "data", f"{DATA}+json", f"{DATA}+json;version=2.1.0"),
        (2, "data", "text/csv", f"{DATA}+csv;version=2.1.0"),
        (2, "data", f"{DATA}+csv;version=2.0.0;labels=both", f"{DATA}+csv;version=2.0.0;labels=both"),
        (2, "data", f"{DATA}+csv;labels=nonsense", "406"),
        (2, "data", f"{DATA}+csv;timeFormat=normalized", f"{DATA}+csv;version=2.1.0;timeFormat=normalized"),
        (2, "data", f"{DATA}+csv;timeFormat=later", "406"),
        (2, "data", f"{DATA}+csv;keys=both;labels=both", f"{DATA}+csv;version=2.1.0;labels=both;keys=both"),
        (2, "data", f"{DATA}+csv;key=series", f"{DATA}+csv;version=2.1.0;keys=series"),
        (2, "data", f"{DATA}+csv;keys=all", "406"),
        (1, "data", f"{DATA}+csv;keys=obs", f"{DATA}+csv;version=2.1.0;keys=obs"),
        (1, "data", f"{DATA}+csv;version=1.0.0;keys=obs", "406"),
        (1, "data", f"{DATA}+csv;timeFormat=normalized", f"{DATA}+csv;version=1.0.0;timeFormat=normalized"),
        (2, "data", f"{DATA}+csv;timeFormat=original;keys=none", f"{DATA}+csv;version=2.1.0"),
        (2, "metadata", "", "application/vnd.sdmx.metadata+json;version=2.1.0"),
        (1, "metadata", "", "application/vnd.sdmx.genericmetadata+xml;version=2.1"),
        (1, "schema", "", "application/vnd.sdmx.schema+xml;version=2.1"),
        (2, "schema", JSON, f"{JSON};version=2.1.0"),
    ],
)
def test_representations(api: int, kind: str, accept: str, expected: str) -> None:
    try:
        chosen = negotiated(OFFERS[api, kind], accept).content_type
    except NotAnswered as refused:
        chosen = str(refused.status)
    assert chosen == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", ()), ("*", ()), ("ru, en-gb;q=0.8, en;q=0.7", ("ru", "en-gb", "en")), ("en;q=0, fr", ("fr",)), ("%,;q=", ())],
)
def test_languages(header: str, expected: tuple[str, ...]) -> None:
    assert languages_of(header) == expected


@cases_from("transmission/cases/beginnings_and_ends_of_periods.csv")
def test_beginnings_and_ends_of_periods(period: str, year_start: str, expected: str) -> None:
    limits = bounds(period, year_start)
    assert (f"{limits[0]} {limits[1]}" if limits else "") == expected
