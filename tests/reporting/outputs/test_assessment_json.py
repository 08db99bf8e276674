"""A saved assessment reads back equal; other files are refused with the faulty key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from assessed_in_full import in_full
from hypothesis import given
from hypothesis import strategies as st

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.typed_json import read, render
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.statistics.model.assessment import AccountTerm, Point, Series

KNOWN = in_full()
LONG = Decimal("20.00036164199241393160146793")
VALUE = replace(KNOWN.indicators[0].values[0], value=LONG)
ACCOUNT = replace(
    KNOWN.accounts[0], terms=(AccountTerm("POP_BEG", 1, value=Decimal("1E+3")),), published_end=Decimal("1.50")
)
ASSESSMENT = replace(
    KNOWN, accounts=(ACCOUNT,), indicators=(replace(KNOWN.indicators[0], values=(VALUE,)), *KNOWN.indicators[1:])
)


def test_assessment_survives_a_round_trip_with_equal_bytes() -> None:
    content = render(ASSESSMENT)
    assert read(content) == ASSESSMENT
    assert render(read(content)) == content == render(ASSESSMENT)


def test_numbers_are_stored_as_text_with_all_digits() -> None:
    document = json.loads(render(ASSESSMENT))
    assert document["assessment"]["indicators"][0]["values"][0]["value"] == str(LONG)
    account = read(render(ASSESSMENT)).accounts[0]
    assert (str(account.published_end), str(account.terms[0].value)) == ("1.50", "1E+3")


def test_file_names_its_schema_and_omits_declaration_places() -> None:
    document = json.loads(render(ASSESSMENT))
    assert list(document) == ["schema", "version", "sha256", "assessment"]
    assert list(document["assessment"])[:3] == ["area", "country", "office"]
    assert "place" not in document["assessment"]["indicators"][0]["indicator"]
    assert document["assessment"]["indicators"][0]["values"][0]["places"][0]["cell"] == VALUE.places[0].cell


languages = st.dictionaries(st.sampled_from(["en", "fr", "es", "ar", "ru", "zh", "ka"]), st.text(), max_size=3)
texts = languages.map(lambda texts: Text(tuple(texts.items())))
points = st.builds(Point, st.text(), st.none() | st.decimals(allow_nan=False, allow_infinity=False), status=st.text())


@given(
    texts,
    st.lists(points).map(tuple),
    st.dictionaries(st.text(), st.text()),
    st.lists(st.tuples(st.text(), st.integers())).map(tuple),
)
def test_any_text_and_number_survive_a_round_trip(
    text: Text, points: tuple[Point, ...], sources: dict[str, str], counts: tuple[tuple[str, int], ...]
) -> None:
    shown = (Series("POP", text, unit="PS", points=points),)
    changed = replace(ASSESSMENT, country=text, series=shown, sources=sources, findings=counts)
    assert read(render(changed)) == changed


def edited(edit: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(render(ASSESSMENT))
    edit(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("edit", "key", "message"),
    [
        (lambda d: d.update(schema="other"), "", "This is not an assessment."),
        (lambda d: d.update(version=2), "version", "This is an assessment of the form 2"),
        (lambda d: d.pop("assessment"), "assessment", "This should be an object, not None."),
        (lambda d: d["assessment"].pop("area"), "assessment", "“area” is missing."),
        (lambda d: d["assessment"].update(aera="SE"), "assessment.aera", "“aera” is not a valid key here."),
        (lambda d: d["assessment"].update(year=2024), "assessment.year", "This should be a text, not 2024."),
        (lambda d: d["assessment"].update(gaps="none"), "assessment.gaps", "This should be a list"),
        (lambda d: d["assessment"]["findings"][1].pop(), "assessment.findings.2", "a list of 2, not of 1"),
        (
            lambda d: d["assessment"]["series"][0]["points"][0].update(value="many"),
            "assessment.series.1.points.1.value",
            "“many” is not a number.",
        ),
        (
            lambda d: d["assessment"]["series"][0]["points"][0].update(value="NaN"),
            "assessment.series.1.points.1.value",
            "“NaN” is not a number.",
        ),
        (
            lambda d: d["assessment"]["scores"][0].update(is_gap=1),
            "assessment.scores.1.is_gap",
            "This should be true or false, not 1.",
        ),
    ],
)
def test_invalid_assessment_is_refused_with_its_key(
    edit: Callable[[dict[str, Any]], object], key: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(edited(edit), "a.json")
    assert caught.value.place == Place("a.json", key=key)
    assert message in caught.value.message
    assert "sdmxmig assess" in caught.value.hint


def test_member_names_are_stable_within_a_version() -> None:
    """Another name here is another version of the file."""
    document = json.loads(render(ASSESSMENT))
    assert document["version"] == 14
    assert " ".join(document["assessment"]) == (
        "area country office year signed_off scores indicators accounts series gaps findings "
        "sources provenance labels scales evidence identities net_tests modules areas alignment counts "
        "contradictions unknown_shares quality tested tested_years challenges about rules sentences "
        "flow_rules breakdowns holdings roadmap standard outdated contact citation progress peers integration "
        "is_fictional other_findings"
    )


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1]", b"[" * 100_000])
def test_malformed_json_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        read(content)
