"""A profile becomes data of DF_ASSESS and comes back as it was, through files as well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from folders import ROOT
from hypothesis import given
from hypothesis import strategies as st
from shipped import CATALOGUE
from small_profile import SMALL

from sdmxmig.catalogue.benchmarking import Answer, Profile
from sdmxmig.forms.profiles.dataset import (
    ASSESSMENT_FLOW,
    build_dataset,
    build_profile,
    build_profile_from_rows,
    decode_text,
    encode_text,
)
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_profile
from sdmxmig.forms.profiles.texts import write_profile
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.formats import ALL_DIMENSIONS, FORMATS, Layout, data_bytes, read_all
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party
from sdmxmig.workspace.tasks.answering import read_profile as read_profile_of
from sdmxmig.workspace.tasks.assessing import write_answers
from sdmxmig.workspace.tasks.session import open_session

ASKED = read_questions(CATALOGUE)
EXAMPLES = sorted((ROOT / "examples").glob("*/profile.toml"))
HEADER = Header("P1", "2026-01-01T00:00:00Z", sender=Party("GE1"), receivers=(Party("UNSD"),))


def parsed(content: bytes, name: str = "profile.toml") -> Profile:
    return read_profile(name, content, ASKED)


def made(profile: Profile) -> Dataset:
    return build_dataset(profile, CATALOGUE.flow(ASSESSMENT_FLOW), ASKED, "GE1")


def test_answer_becomes_an_observation() -> None:
    rows = {(row["ITEM"], row["SUBJECT"]): row for row in made(SMALL).observations.iter_rows(named=True)}
    assert rows["A01", "_Z"] == {
        "REF_AREA": "GE",
        "ITEM": "A01",
        "SUBJECT": "_Z",
        "RESPONDENT": "GE1",
        "TIME_PERIOD": "2024",
        "ANSWER_CODE": "Y",
        "ANSWER_TEXT": "[en] A law.\n[fr] Une loi.\nDeux.",
        "SCORE": "1",
        "EVIDENCE": "G1; G 2",
        "EVIDENCE_CLASS": "PUBLIC",
        "QUOTATION": "G1, page 3: “of residents”",
        "OPEN_QUESTION": "[en] Since when?\n[fr] Depuis quand ?\nDeux.",
        "TEXT_STATUS": "CANDIDATE",  # the question: no text of the benchmarking items was read
    }
    assert rows["L01", "MIG_SHARE"]["SCORE"] == "3"
    assert rows["S06", "H01"]["SCORE"] == "4"
    assert rows["S01", "H01"]["ANSWER_TEXT"] == "NSO"
    assert rows["C01", "_Z"]["SCORE"] is None, "not applicable has no points"
    assert rows["T02", "G1"]["ANSWER_TEXT"] == SMALL.sources["G1"]
    assert rows["T01", "_Z"]["ANSWER_TEXT"] == SMALL.signed_off


def test_profile_survives_a_round_trip_as_data() -> None:
    assert build_profile(made(SMALL)) == SMALL
    assert parsed(write_profile(SMALL, ASKED)) == SMALL


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("wire", ["sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-json-2.0"])
def test_example_profiles_survive_a_round_trip_as_data(path: Path, wire: str) -> None:
    profile = parsed(path.read_bytes())
    layout = Layout(dimension_at_observation=ALL_DIMENSIONS)
    sent = data_bytes(FORMATS[wire], [made(profile)], HEADER, layout)
    (received,) = read_all(FORMATS[wire], "profile", sent, CATALOGUE.flows)
    assert build_profile(received) == profile
    assert parsed(write_profile(build_profile(received), ASKED)) == profile


def test_assess_writes_answers_that_restore_the_profile(tmp_path: Path) -> None:
    georgia = next(path.parent for path in EXAMPLES if path.parent.name == "georgia")
    session = open_session(georgia, tmp_path, "2026-01-01T00:00:00")
    profile = read_profile_of(session)
    (received,) = read_all(
        FORMATS["sdmx-csv-2.0"], "profile.csv", write_answers(session, profile), session.catalogue.flows
    )
    assert build_profile(received) == profile
    assert received.observations.get_column("RESPONDENT").unique().to_list() == ["GE1"]


LINES = st.lists(st.sampled_from(["[en] a", "\\[fr] b", "\\\\[x", "[", "c", "", "[ar] ", "[1] d"]), max_size=4)
WORDS = LINES.map("\n".join)


@given(st.dictionaries(st.sampled_from(["en", "fr", "ar", "zh-Hans"]), WORDS, max_size=3))
def test_multilingual_text_survives_tagging(texts: dict[str, str]) -> None:
    text = Text.of(texts)
    assert decode_text(encode_text(text)) == text or not text


def test_codes_of_the_dataset_are_in_their_codelist() -> None:
    items = CATALOGUE.item_scheme("CL_BENCH_ITEM")
    assert set(made(SMALL).observations.get_column("ITEM")) <= set(items.ids)


def test_profile_not_expressible_as_data_is_refused() -> None:
    with pytest.raises(InputError, match=r"no benchmarking item .Z99."):
        made(replace(SMALL, answers={"Z99": Answer("Z99", "Y")}))
    with pytest.raises(InputError, match="cannot be the key of a source"):
        made(replace(SMALL, sources={"G;1": "x"}))
    dataset = made(SMALL)
    several = replace(dataset, observations=dataset.observations.vstack(made(replace(SMALL, year="2025")).observations))
    with pytest.raises(InputError, match="GE 2024 GE1, GE 2025 GE1"):
        build_profile(several)


def test_blanks_in_a_dataset_do_not_count_as_sign_off() -> None:
    signed = {"ITEM": "T01", "SUBJECT": "_Z", "ANSWER_TEXT": "  \u00a0"}
    assert build_profile_from_rows("GE", "2024", [signed]).signed_off == ""
