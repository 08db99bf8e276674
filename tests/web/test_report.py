"""The documents of the report are looked at, saved byte for byte, and made anew in each language."""

from __future__ import annotations

import shutil
from html import unescape
from pathlib import Path

import pytest
from small_validation import NOW, TABLE, workspace
from workbenches import desk, visitor

from sdmxmig.cli import run
from sdmxmig.web.desk import Desk


@pytest.fixture
def bench(tmp_path: Path, loaded_once: None, readable_reports: None) -> Desk:
    del loaded_once, readable_reports
    folder = workspace(tmp_path / "ws", TABLE.replace("398c", "410").replace("427", "410"))
    run(["init", str(tmp_path / "other"), "--quiet"])
    shutil.copy(tmp_path / "other" / "profile.toml", folder / "profile.toml")
    for command in (["validate"], ["assess"], ["report", "--document", "brief"]):
        run([command[0], str(folder), *command[1:], "--now", NOW])
    return desk(folder)


def test_documents_are_listed_by_kind_language_and_format(bench: Desk) -> None:
    facts = visitor(bench).get("/report.json").json()
    (document,) = facts["documents"]
    assert (document["kind"], document["language"]) == ("brief", "en")
    assert {file["file"] for file in document["formats"]} == {
        path.name for path in (bench.folder / "out").glob("brief-draft.en.*")
    }


def test_a_page_is_shown_apart_from_the_workbench_and_saved_as_it_is(bench: Desk) -> None:
    client = visitor(bench)
    shown = client.get("/report/file/of/brief-draft.en.html")
    assert shown.content == (bench.folder / "out" / "brief-draft.en.html").read_bytes()
    assert shown.headers["content-security-policy"].startswith("sandbox allow-scripts")
    saved = client.get("/report/file/of/brief-draft.en.html?save=1")
    assert saved.content == shown.content
    assert saved.headers["content-disposition"].startswith("attachment")


def test_the_assessment_it_rests_on_is_named_with_its_contradictions(bench: Desk) -> None:
    assessment = visitor(bench).get("/report.json").json()["assessment"]
    assert (assessment["year"], assessment["prepared"], assessment["older"]) == ("2024", NOW, [])
    assert assessment["contradictions"] == []
    words = ["items.C01.answer=0", "items.C03.answer=2"]
    assert run(["profile", "answer", str(bench.folder), *words, "--now", NOW]) == 0
    client = visitor(desk(bench.folder))
    assert client.get("/report.json").json()["assessment"]["older"] == ["profile.toml was changed"]
    run(["assess", str(bench.folder), "--now", NOW])
    (line,) = client.get("/report.json").json()["assessment"]["contradictions"]
    assert line["query"] == {"module": "C"}
    page = client.get("/report").text
    assert f'href="/profile?module=C#q-{line["item"]}"' in page
    assert line["sentence"] in unescape(page)


@pytest.mark.parametrize("name", ["../country.toml", "..%2Fcountry.toml", "assessment.json", "made.json", "", "%00"])
def test_nothing_else_is_given(bench: Desk, name: str) -> None:
    assert visitor(bench).get(f"/report/file/of/{name}").status_code in (404, 422)


@pytest.mark.parametrize("form", [{}, {"language": "xx"}, {"language": "en", "document": "all; ls"}])
def test_what_is_no_document_or_language_is_refused(bench: Desk, form: dict[str, str]) -> None:
    assert visitor(bench).post("/report/do/make", data=form).status_code == 422
    assert bench.jobs.last is None
