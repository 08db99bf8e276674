"""Layout of pages: no overlap, clipping or sideways scrolling, and no heading without content."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from assessed_examples import EXAMPLES, example
from assessed_in_full import in_full
from browsing import needs_browser
from case_tables import cases_from
from compared import study
from page_layout import find_faults, find_print_faults, needs_pdftotext

from sdmxmig.cli import run
from sdmxmig.reporting.sections import compose, region, write
from sdmxmig.statistics.model.assessment import Assessment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COUNTRIES = ("georgia", "moldova", "norway", "sweden", "chile", "colombia", "mexico", "peru")
IN_FULL = "in full"
"""A small country with every section, which is assessed at once."""
LARGEST = pytest.param("fictional", marks=pytest.mark.long)
"""Answers every question; its assessment takes a minute."""
STUDIES = {"region": COUNTRIES[:4], "latin-america": COUNTRIES[4:8]}
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
DOCUMENTS = ("brief", "report", "annexes")
MAX_PAGES = {"en": 20, "es": 22, "ru": 22}
"""Translations are longer than the English text."""
MAX_FICTIONAL_PAGES = 31


def assessed(country: str) -> Assessment:
    return in_full() if country == IN_FULL else example(country)


@needs_browser
@pytest.mark.sampled(32)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("country", [*COUNTRIES, IN_FULL, LARGEST])
def test_pages_are_laid_out_well_at_each_width(
    browser: Browser, tmp_path: Path, country: str, document: str, language: str
) -> None:
    file = tmp_path / "page.html"
    words = [EXAMPLES / country / "templates"]
    page = compose(assessed(country), document=document, language=language, templates=words)
    file.write_bytes(write(page, "html"))
    assert find_faults(browser, file, language) == []


@needs_browser
@pytest.mark.sampled(12)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STUDIES)
def test_regional_studies_are_laid_out_well_at_each_width(
    browser: Browser, tmp_path: Path, name: str, language: str
) -> None:
    file = tmp_path / "page.html"
    compared = study(*map(example, STUDIES[name]))
    file.write_bytes(write(region.compose(compared, language=language), "html"))
    assert find_faults(browser, file, language) == []


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with planted faults, converted."""
    folder = tmp_path_factory.mktemp("faulty") / "workspace"
    shutil.copytree(EXAMPLES / "georgia-faults", folder, ignore=shutil.ignore_patterns("out"))
    assert run(["convert", str(folder)]) == 1
    return folder


@needs_browser
@pytest.mark.sampled(12)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_findings_are_laid_out_well_at_each_width(browser: Browser, faulty: Path, language: str) -> None:
    settings = faulty / "country.toml"
    settings.write_text(
        re.sub("(?m)^language = .*", f'language = "{language}"', settings.read_text(encoding="utf-8")), "utf-8"
    )
    assert run(["validate", str(faulty)]) == 1
    assert find_faults(browser, faulty / "out" / "findings" / "findings.html", language) == []


@needs_browser
@cases_from("reporting/outputs/cases/planted_faults_are_found.csv")
def test_planted_layout_faults_are_found(browser: Browser, tmp_path: Path, fault: str, kind: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><main><section>{fault}<p>End</p></section></main>", encoding="utf-8")
    assert kind in {found.kind for found in find_faults(browser, file)}


@needs_pdftotext
@pytest.mark.sampled(24)
@pytest.mark.parametrize("country", [*COUNTRIES, LARGEST])
@pytest.mark.parametrize("language", ["en", "ru", "es"])
def test_printed_pages_are_full_and_without_faults(country: str, language: str) -> None:
    faults, pages = find_print_faults(
        compose(example(country), language=language, templates=[EXAMPLES / country / "templates"])
    )
    assert faults == []
    assert len(pages) <= (MAX_FICTIONAL_PAGES if country == "fictional" else MAX_PAGES[language])
