"""Each sample has the result that MANIFEST.md expects: refused, or accepted with the fault listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from folders import SHARED

from sdmxmig.primitives.errors import InputError
from sdmxmig.quality.checking import CheckResult, identify_and_check

DATA = SHARED
MANIFEST = DATA / "MANIFEST.md"
needs_data = pytest.mark.skipif(not MANIFEST.exists(), reason="the samples are not here")
GROUPS = ("invalid/", "valid/", "structures/", "sdmx-")
PLACES = {
    "invalid/json/agency_id_missing.json": "/data/metadataSets/0",
    "invalid/json/invalid_value.json": "timeDimension/localRepresentation/format/dataType",
    "invalid/json/unexpected_property.json": "/data/metadataSets/0",
    "invalid/xml/availability_date_not_datetime.xml": ":176",
    "invalid/xml/availability_undeclared_prefix.xml": ":298",
    "invalid/xml/empty_structures.xml": ":13",
    "invalid/xml/header_id_pattern_v20.xml": ":3",
    "invalid/xml/unknown_element.xml": ":9",
    "structures/global_registry_dataflows_30.xml": ":15938",
}
"""Where the first fault stands, found by reading the files."""
NO_MESSAGES = {
    "invalid/csv/data_v1_exception.csv",
    "invalid/xml/cross_domain_codelists_undeclared_prefix.xml",
    "invalid/xml/unknown_root.xml",
}
READ_NONETHELESS = {
    "invalid/json/invalid_value.json": 1,
    "invalid/json/unexpected_property.json": 1,
    "invalid/xml/availability_date_not_datetime.xml": 1,
    "invalid/xml/availability_undeclared_prefix.xml": 2,
    "invalid/xml/header_id_pattern_v20.xml": 1,
    "structures/global_registry_dataflows_30.xml": 34,
}
"""How many artefacts or metadata sets come of a message that is not valid."""


def expectations() -> list[tuple[str, str]]:
    """The files of which the manifest expects something, and what."""
    if not MANIFEST.exists():
        return []
    entries = re.split(r"^- (?=`)", MANIFEST.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = [(entry.split("`")[1], re.search(r"- expected: (.*)", entry)) for entry in entries]
    return [(name, told[1]) for name, told in found if told and name.startswith(GROUPS)]


def checked(name: str) -> CheckResult:
    return identify_and_check(Path(name).name, (DATA / name).read_bytes(), {})


@needs_data
@pytest.mark.parametrize(("name", "expected"), expectations())
def test_each_file_has_the_expected_outcome(name: str, expected: str) -> None:
    if name in NO_MESSAGES:
        assert expected.startswith("INVALID")
        with pytest.raises(InputError):
            checked(name)
        return
    found = checked(name)
    if expected == "VALID":
        assert found.problems == []
    if expected.startswith("INVALID"):
        assert found.problems, "the fault is listed"
    if "readable" in expected:
        assert found.size or found.unchecked or found.notes, "it is read nonetheless"


@needs_data
@pytest.mark.parametrize("name", PLACES)
def test_first_fault_is_located(name: str) -> None:
    found = checked(name)
    assert PLACES[name] in str(found.problems[0].place)
    assert found.size == READ_NONETHELESS.get(name, 0)


@needs_data
def test_all_faults_of_a_file_are_listed() -> None:
    assert len(checked("structures/global_registry_dataflows_30.xml").problems) == 98
    lines = {problem.place.line for problem in checked("invalid/xml/availability_undeclared_prefix.xml").problems}
    assert lines == {298, 303, 313, 318, 325}


@needs_data
def test_schema_violation_that_can_be_parsed_is_a_warning() -> None:
    (problem,) = checked("invalid/xml/availability_date_not_datetime.xml").problems
    assert problem.severity == "warning"
    (other,) = checked("invalid/xml/unknown_element.xml").problems
    assert other.severity == "error"


@needs_data
def test_footer_of_the_sender_is_shown() -> None:
    found = checked("sdmx-ml-2.1/agencies/ESTAT__footer2.xml")
    assert "large query" in found.notes[0]
    assert len(found.problems) == 2, "the severity and the order of the header are not as the schema wants"
