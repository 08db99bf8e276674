"""A profile as reference metadata."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.forms.profiles.dataset import build_metadata, build_profile_from_metadata
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.submission import Header, Party

ASKED = read_questions(CATALOGUE)
HEADER = Header("P1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))
PROFILE = Profile(
    "GE",
    "2024",
    answers={
        "A01": Answer(
            "A01", "N", practice=Text.of(en="None.", fr="Aucune.\n[1] Deux."), sources=("G1", "G2"), evidence="PUBLIC"
        ),
        "A02": Answer("A02", "Y"),
        "A03": Answer("A03", "DK"),
        "C01": Answer("C01", "2"),
    },
    about={
        "IMM_RATE": {"L01": Answer("L01", "3", subject="IMM_RATE"), "L06": Answer("L06", "F4", subject="IMM_RATE")},
        "LINK": {"P04": Answer("P04", "", practice=Text.of(en="DET"), subject="LINK")},
    },
    sources={"G1": "A law", "G2": "A page"},
    signed_off="Head of department, 1 May 2024",
)


@pytest.mark.parametrize("wire", sorted(name for name in FORMATS if FORMATS[name].write_metadata))
def test_profile_survives_as_reference_metadata(wire: str) -> None:
    write, read = FORMATS[wire].write_metadata, FORMATS[wire].read_metadata
    (received,) = read("p", write([build_metadata(PROFILE, CATALOGUE, ASKED, "GE1")], HEADER))
    assert build_profile_from_metadata(received) == PROFILE


def test_practice_keeps_its_languages_in_reference_metadata() -> None:
    (report,) = build_metadata(PROFILE, CATALOGUE, ASKED, "GE1").reports
    answer = next(
        attribute for attribute in report.attributes if attribute.id == "ITEM" and attribute.values == ("A01",)
    )
    parts = {part.id: part for part in answer.attributes}
    assert parts["ANSWER_TEXT"].text == Text.of(en="None.", fr="Aucune.\n[1] Deux.")
    assert parts["EVIDENCE"].values == ("G1", "G2")


def test_metadata_without_profile_are_refused() -> None:
    metadata = build_metadata(PROFILE, CATALOGUE, ASKED)
    with pytest.raises(InputError, match="one report, not 2"):
        build_profile_from_metadata(replace(metadata, reports=metadata.reports * 2))
    bare = replace(metadata.reports[0], attributes=metadata.reports[0].attributes[1:])
    with pytest.raises(InputError, match="states no country and year"):
        build_profile_from_metadata(replace(metadata, reports=(bare,)))
