"""The earlier assessment of a workspace is read in any version; missing or other files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from assessed import georgia
from case_tables import cases_from, text_from, truth
from folders import write_files

from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.reporting.outputs import typed_json
from sdmxmig.workspace.folder import Workspace, open_workspace
from sdmxmig.workspace.tasks.assessing import read_earlier_assessment
from sdmxmig.workspace.tasks.session import open_session

COUNTRY = text_from("statistics/cases/earlier_assessment_country.toml")


def workspace(folder: Path, publication: str) -> Workspace:
    """A workspace with an earlier assessment, whose country.toml says something about the report."""
    files = {"previous/2024.json": typed_json.render(georgia()), "country.toml": f"{COUNTRY}{publication}"}
    return open_workspace(write_files(folder, files))


def test_country_states_contact_citation_and_predecessor(tmp_path: Path) -> None:
    publication = '[report]\ncontact.en = "a@b.org"\ncitation.fr = "Geostat (2026)"\nprevious = "2024.json"\n'
    said = workspace(tmp_path, publication)
    assert (said.country.contact.in_language("en"), said.country.citation.in_language("fr")) == (
        "a@b.org",
        "Geostat (2026)",
    )
    assert said.previous == tmp_path / "previous" / "2024.json"


def test_missing_contact_and_citation_stay_empty(tmp_path: Path) -> None:
    silent = workspace(tmp_path, "")
    assert (bool(silent.country.contact), bool(silent.country.citation), silent.previous) == (False, False, None)


@pytest.mark.parametrize("name", ["2023.json", "../country.toml", "/etc/passwd"])
def test_missing_earlier_assessment_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SdmxmigError, match="There is no earlier assessment"):
        workspace(tmp_path, f'[report]\nprevious = "{name}"\n')


def test_earlier_assessment_keeps_date_answers_and_gaps() -> None:
    document = json.loads(typed_json.render(georgia()))
    document["version"] = 4
    document["assessment"]["provenance"] = [["prepared", "2025-03-01T10:00:00+00:00"]]
    del document["assessment"]["roadmap"]
    before = typed_json.read_earlier(json.dumps(document).encode(), "2024.json")
    # Of the eight questions of this small assessment two have no answer.
    assert (before.area, before.since, before.answers) == ("GE", "2025-03-01", 6)
    assert [gap.subjects for gap in before.gaps] == [gap.subjects for gap in georgia().gaps]


def test_assessment_with_ids_keeps_its_answers() -> None:
    document = json.loads(typed_json.render(georgia()))
    known = typed_json.read_earlier(json.dumps(document).encode(), "2024.json").known
    answered = {score.item.id for score in georgia().scores if score.answer}
    silent = {score.item.id for score in georgia().scores if not score.answer}
    assert known is not None
    assert answered <= known
    assert silent.isdisjoint(known)
    for score in document["assessment"]["scores"]:
        del score["item"]
    assert typed_json.read_earlier(json.dumps(document).encode(), "2024.json").known is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema": "other"}', b'{"schema": "sdmxmig-assessment"}', b"\xff"])
def test_invalid_assessment_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(InputError, match=r"2024\.json"):
        typed_json.read_earlier(content, "2024.json")


@cases_from("statistics/cases/an_earlier_assessment_is_not_of_a_later_day.csv", is_refused=truth)
def test_earlier_assessment_of_a_later_day_is_refused(tmp_path: Path, prepared: str, *, is_refused: bool) -> None:
    workspace(tmp_path, '[report]\nprevious = "2024.json"\n')
    path = tmp_path / "previous" / "2024.json"
    document = json.loads(path.read_bytes())
    document["assessment"]["provenance"] = [["prepared", prepared]]
    path.write_text(json.dumps(document), encoding="utf-8")
    session = open_session(tmp_path, None, "2026-11-22T12:00:00Z")
    if not is_refused:
        before = read_earlier_assessment(session)
        assert before.since == prepared[:10]
        return
    with pytest.raises(SdmxmigError, match=f"of {prepared[:10]}, after today’s of 2026-11-22") as refused:
        read_earlier_assessment(session)
    assert "2024.json" in str(refused.value.place)
    assert "previous" in refused.value.hint


def test_undated_earlier_assessment_of_a_later_year_is_refused(tmp_path: Path) -> None:
    # It says of no day when it was made; the year of the profile, 2024, stands in for it.
    workspace(tmp_path, '[report]\nprevious = "2024.json"\n')
    path = tmp_path / "previous" / "2024.json"
    document = json.loads(path.read_bytes())
    document["assessment"]["provenance"] = []
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(SdmxmigError, match="of 2024, after today’s of 2023-05-01"):
        read_earlier_assessment(open_session(tmp_path, None, "2023-05-01T12:00:00Z"))
