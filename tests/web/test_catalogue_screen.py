"""The framework is browsed in the workbench as `docs` writes it, searched in it, and shown by name as `show` has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import CATALOGUE
from small_validation import workspace
from workbenches import visitor, workbench

from sdmxmig.catalogue.documentation import LiveSite
from sdmxmig.web.workbench import Workbench


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace(tmp_path_factory.mktemp("catalogue"))


@pytest.fixture
def bench(once: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    monkeypatch.setattr("sdmxmig.web.workbench.catalogue.load", lambda _folder: CATALOGUE)
    return workbench(once)


def test_pages_equal_those_written_by_docs(bench: Workbench) -> None:
    client, site = visitor(bench), LiveSite(CATALOGUE)
    names = ("assets/style.css", "assets/site.js", "en/index.html", "en/definitions.html", "en/search-index.js")
    for name in names:
        answer = client.get(f"/catalogue/file/site/{name}")
        assert (answer.status_code, answer.content == site.content(name)) == (200, True), name


def test_page_may_load_only_its_own_style_and_script(bench: Workbench) -> None:
    answer = visitor(bench).get("/catalogue/file/site/en/index.html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert "style=" not in answer.text


@pytest.mark.parametrize(
    "name", ["en/none.html", "xx/index.html", "../country.toml", "en/../../country.toml", "", "en"]
)
def test_other_files_are_refused(bench: Workbench, name: str) -> None:
    assert visitor(bench).get(f"/catalogue/file/site/{name}").status_code in (404, 422)


def test_search_ignores_case_and_accents(bench: Workbench) -> None:
    client = visitor(bench)
    facts = client.get("/catalogue.json?q=IMMIGRÁTION").json()
    assert facts["count"] > 3
    assert all("immigra" in str(result).lower() for result in facts["results"][:3])
    assert client.get(f"/catalogue?page={facts['results'][0]['page'].replace('#', '%23')}").status_code == 200


@pytest.mark.parametrize("q", ["<script>alert(1)</script>", "\u202e", "'; --", "a" * 5000])
def test_undeclared_artefact_is_not_found(bench: Workbench, q: str) -> None:
    answer = visitor(bench).get("/catalogue", params={"q": q})
    assert "No results." in answer.text
    assert "<script>alert" not in answer.text


def test_unknown_page_is_refused(bench: Workbench) -> None:
    assert visitor(bench).get("/catalogue?page=//evil.example").status_code == 422
