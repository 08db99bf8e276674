"""Pages as readers see them: nothing overlaps, is cut, scrolls sideways or is headed without content."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pypdf
import pytest
from assessed_examples import example
from browsing import needs_browser
from folders import TESTS
from printing import needs_engine

from sdmxmig.reporting.sections import compose, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (390, 800, 1280, 1920)
COUNTRIES = ("georgia", "moldova", "norway", "sweden", "chile", "colombia", "mexico", "peru", "fictional")
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
DOCUMENTS = ("brief", "report", "annexes")
FIND_FAULTS = (TESTS / "support" / "page_layout.js").read_text(encoding="utf-8").partition("\n")[2]
FOOT = 60
"""The height of the foot of a printed page, in points."""


def faults_of_page(browser: Browser, file: Path) -> list[tuple[int, str]]:
    """The faults of a page, with everything unfolded, at each width."""
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        found += [(width, fault) for fault in page.evaluate(FIND_FAULTS)]
    page.close()
    return found


@needs_browser
@pytest.mark.sampled(32)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("country", COUNTRIES)
def test_pages_are_laid_out_well_at_each_width(
    browser: Browser, tmp_path: Path, country: str, document: str, language: str
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(write(compose(example(country), document=document, language=language), "html"))
    assert faults_of_page(browser, file) == []


@needs_browser
@pytest.mark.parametrize(
    "fault",
    [
        "<h2>Empty</h2><h2>Next</h2><p>Text</p>",
        "<p style='width: 1900px'>Wide</p>",
        "<p>One</p><p style='margin-top: -2.4em'>Another</p>",
        "<table><thead><tr><th>H02</th></tr></thead></table>",
        "<p style='width: 20px; overflow: hidden'>Incomprehensible</p>",
        "<figure><svg width='60' height='20'></svg></figure>",
    ],
    ids=["empty heading", "wide", "overlap", "code as head", "cut", "small drawing"],
)
def test_planted_faults_are_found(browser: Browser, tmp_path: Path, fault: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><main><section>{fault}<p>End</p></section></main>", encoding="utf-8")
    assert faults_of_page(browser, file)


def lowest_text(page: pypdf.PageObject) -> float:
    """How far down the text of a printed page reaches above its foot, as a share of the page."""
    heights: list[float] = []

    def note(text: str, _: object, matrix: list[float], *__: object) -> None:
        if text.strip() and matrix[5] > FOOT:
            heights.append(matrix[5])

    page.extract_text(visitor_text=note)
    return 1 - min(heights) / float(page.mediabox.height)


@needs_engine
@pytest.mark.sampled(24)
@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("language", ["en", "ru", "es"])
def test_no_printed_page_but_the_last_is_half_empty(country: str, language: str) -> None:
    pages = pypdf.PdfReader(io.BytesIO(write(compose(example(country), language=language), "pdf"))).pages
    assert [number for number, page in enumerate(pages[:-1], 1) if lowest_text(page) < 0.4] == []
    assert len(pages) <= (31 if country == "fictional" else 20)
