"""The report in a browser: axe has no objection, and tables filter and sort by keyboard with announcements.

It needs Chromium and axe-playwright-python; where they are missing it is skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from assessed_in_full import in_full
from browsing import LOOKS, needs_browser

from sdmxmig.reporting.sections import compose, write

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [needs_browser, pytest.mark.every_day]
ROWS = "#table-answers tbody tr:not(.group)"


@pytest.fixture(scope="module", params=["en", "ar"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / f"{request.param}.html"
    path.write_bytes(write(compose(in_full(), language=request.param), "html"))
    return path


@pytest.fixture(scope="module", params=["brief", "annexes"])
def other(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("other") / f"{request.param}.html"
    path.write_bytes(write(compose(in_full(), document=request.param), "html"))
    return path


@pytest.mark.parametrize(("file", "width", "scheme"), LOOKS, indirect=["file"])
def test_axe_finds_no_violation(browser: Any, file: Path, width: int, scheme: str) -> None:
    check(browser, file, width, scheme)


@pytest.mark.parametrize(
    ("other", "width", "scheme"),
    [
        ("brief", 1250, "dark"),
        ("annexes", 360, "light"),
        pytest.param("brief", 360, "light", marks=pytest.mark.long),
        pytest.param("annexes", 1250, "dark", marks=pytest.mark.long),
    ],
    indirect=["other"],
)
def test_axe_finds_no_violation_in_brief_and_annexes(browser: Any, other: Path, width: int, scheme: str) -> None:
    check(browser, other, width, scheme)


def check(browser: Any, file: Path, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.goto(file.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    violations = axe.Axe().run(page, options={"rules": {"target-size": {"enabled": True}}}).response["violations"]
    assert not [(violation["id"], [node["html"][:120] for node in violation["nodes"][:3]]) for violation in violations]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing scrolls sideways"
    assert not console, "the security policy lets the script run"
    page.close()


def test_long_table_is_filtered_and_sorted_by_keyboard(browser: Any, file: Path) -> None:
    page = browser.new_page(locale="en")
    page.goto(f"{file.as_uri()}#table-answers")  # a link unfolds what it leads to
    assert page.locator("#answers details.annex-body").evaluate("part => part.open")
    bar = page.locator(".sift", has=page.locator("#table-answers-filter"))
    rows = page.locator(ROWS)
    total = rows.count()
    page.locator("#table-answers-filter").focus()
    page.keyboard.type("g45")
    assert 0 < rows.filter(visible=True).count() < total
    assert str(total) in bar.locator("[role=status]").text_content()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    assert rows.filter(visible=True).count() == total
    before = rows.all_text_contents()
    head = page.locator("#table-answers thead th").nth(1)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert rows.all_text_contents() != before
    assert bar.locator("[role=status]").text_content()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert (head.get_attribute("aria-sort"), rows.all_text_contents()) == (None, before)
    page.close()


def test_every_row_is_shown_without_script_and_in_print(browser: Any, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator(".sift").count() == 0
    page.locator("#answers summary").click()
    assert page.locator(ROWS).filter(visible=True).count() == page.locator(ROWS).count()
    context.close()
    page = browser.new_page()
    page.goto(f"{file.as_uri()}#table-answers")
    page.locator("#table-answers-filter").fill("no such thing")
    assert page.locator(ROWS).filter(visible=True).count() == 0
    page.emulate_media(media="print")
    assert page.locator(ROWS).filter(visible=True).count() == page.locator(ROWS).count()
    assert not page.locator(".sift").first.is_visible()
    page.close()


def test_phone_folds_annexes_and_print_hides_controls(browser: Any, file: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(file.as_uri())
    assert not page.locator(".contents ol").is_visible()
    page.locator(".contents summary").click()
    assert page.locator(".contents ol").is_visible()
    assert not page.locator("#table-answers").is_visible()
    page.emulate_media(media="print")
    for control in ("summary", "input", ".downloads"):
        assert not any(element.is_visible() for element in page.locator(control).all()), control
    page.close()
    wide = browser.new_page(viewport={"width": 1250, "height": 900})
    wide.goto(file.as_uri())
    assert wide.locator(".contents ol").is_visible()
    wide.close()
