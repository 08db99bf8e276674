"""Two years of a profile compared, and a profile as reference metadata."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.forms.profiles.comparison import AnswerChange, compare
from sdmxmig.forms.profiles.dataset import metadata_of, profile_of_metadata
from sdmxmig.forms.profiles.plan import asked_by
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.submission import Header, Party

ASKED = asked_by(CATALOGUE)
HEADER = Header("P1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))
OLD = Profile(
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
NEW = replace(
    OLD,
    year="2026",
    answers={
        "A01": Answer("A01", "Y", practice=Text.of(en="The law of 2025."), sources=("G1",), evidence="PUBLIC"),
        "A03": Answer("A03", "Y"),
        "C01": Answer("C01", "1"),
        "K01": Answer("K01", "Y"),
    },
    about={**OLD.about, "IMM_RATE": {"L01": Answer("L01", "4", subject="IMM_RATE")}},
)


def test_changes_between_two_years_are_listed_by_item() -> None:
    assert compare(OLD, NEW, ASKED) == (
        AnswerChange("A", "_Z", item="A01", how="answer", before="N", after="Y", direction="up"),
        AnswerChange(
            "A",
            "_Z",
            item="A01",
            how="practice",
            before="[en] None.\n[fr] Aucune.\n\\[1] Deux.",
            after="The law of 2025.",
        ),
        AnswerChange("A", "_Z", item="A01", how="sources", before="G1; G2", after="G1"),
        AnswerChange("A", "_Z", item="A02", how="withdrawn", before="Y", after=""),
        AnswerChange("A", "_Z", item="A03", how="answer", before="DK", after="Y", direction=""),
        AnswerChange("C", "_Z", item="C01", how="answer", before="2", after="1", direction="down"),
        AnswerChange("K", "_Z", item="K01", how="new", before="", after="Y"),
        AnswerChange("L", "IMM_RATE", item="L01", how="answer", before="3", after="4", direction="up"),
        AnswerChange("L", "IMM_RATE", item="L06", how="withdrawn", before="F4", after=""),
    )


def test_nothing_changes_in_the_same_answers_and_two_countries_are_not_compared() -> None:
    assert compare(OLD, replace(OLD, year="2026"), ASKED) == ()
    with pytest.raises(SdmxmigError, match="two countries, GE and MD"):
        compare(OLD, replace(NEW, area="MD"), ASKED)


@pytest.mark.parametrize("wire", sorted(name for name in FORMATS if FORMATS[name].write_metadata))
def test_a_profile_travels_as_reference_metadata_and_comes_back(wire: str) -> None:
    write, read = FORMATS[wire].write_metadata, FORMATS[wire].read_metadata
    assert write
    assert read
    (received,) = read("p", write([metadata_of(OLD, CATALOGUE, ASKED, "GE1")], HEADER))
    assert profile_of_metadata(received) == OLD


def test_practice_has_its_languages_in_reference_metadata() -> None:
    (report,) = metadata_of(OLD, CATALOGUE, ASKED, "GE1").reports
    answer = next(
        attribute for attribute in report.attributes if attribute.id == "ITEM" and attribute.values == ("A01",)
    )
    parts = {part.id: part for part in answer.attributes}
    assert parts["ANSWER_TEXT"].text == Text.of(en="None.", fr="Aucune.\n[1] Deux.")
    assert parts["EVIDENCE"].values == ("G1", "G2")


def test_metadata_that_hold_no_profile_are_refused() -> None:
    metadata = metadata_of(OLD, CATALOGUE, ASKED)
    with pytest.raises(InputError, match="one report, not 2"):
        profile_of_metadata(replace(metadata, reports=metadata.reports * 2))
    bare = replace(metadata.reports[0], attributes=metadata.reports[0].attributes[1:])
    with pytest.raises(InputError, match="of which country and year"):
        profile_of_metadata(replace(metadata, reports=(bare,)))
