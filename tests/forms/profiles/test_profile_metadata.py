"""A profile as reference metadata."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shipped import CATALOGUE
from small_profile import SMALL

from sdmxmig.forms.profiles.dataset import build_metadata, build_profile_from_metadata
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.submission import Header, Party

ASKED = read_questions(CATALOGUE)
HEADER = Header("P1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))


@pytest.mark.parametrize("wire", sorted(name for name in FORMATS if FORMATS[name].write_metadata))
def test_profile_survives_as_reference_metadata(wire: str) -> None:
    write, read = FORMATS[wire].write_metadata, FORMATS[wire].read_metadata
    (received,) = read("p", write([build_metadata(SMALL, CATALOGUE, ASKED, "GE1")], HEADER))
    assert build_profile_from_metadata(received) == SMALL


def test_practice_keeps_its_languages_in_reference_metadata() -> None:
    (report,) = build_metadata(SMALL, CATALOGUE, ASKED, "GE1").reports
    answer = next(
        attribute for attribute in report.attributes if attribute.id == "ITEM" and attribute.values == ("A01",)
    )
    parts = {part.id: part for part in answer.attributes}
    assert parts["ANSWER_TEXT"].text == SMALL.answers["A01"].practice
    assert parts["EVIDENCE"].values == ("G1", "G 2")


def test_metadata_without_profile_are_refused() -> None:
    metadata = build_metadata(SMALL, CATALOGUE, ASKED)
    with pytest.raises(InputError, match="one report, not 2"):
        build_profile_from_metadata(replace(metadata, reports=metadata.reports * 2))
    bare = replace(metadata.reports[0], attributes=metadata.reports[0].attributes[1:])
    with pytest.raises(InputError, match="states no country and year"):
        build_profile_from_metadata(replace(metadata, reports=(bare,)))
