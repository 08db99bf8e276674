"""The page of findings in a browser passes axe in each direction and colour scheme, and works with the keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import LOOKS, needs_browser
from shipped import CATALOGUE
from small_validation import TABLE, validated, workspace

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = needs_browser


@pytest.fixture(scope="module", params=["en", "ar"])
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sdmxmig import catalogue

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "load", lambda _: CATALOGUE)
        table = TABLE.replace("398c", "398") + "2026,1030,620,410\n"  # none is confidential, two years lack
        folder = workspace(tmp_path_factory.mktemp("page"), table, language=request.param)
        validated(folder, "f.html")
    return folder / "f.html"


@pytest.mark.parametrize(("file", "width", "scheme"), LOOKS, indirect=["file"])
def test_axe_finds_no_violation(browser: Any, file: Path, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(file.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    violations = axe.Axe().run(page).response["violations"]
    assert not [(violation["id"], [node["html"][:120] for node in violation["nodes"][:3]]) for violation in violations]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1250, 360])
def test_page_fits_the_width_and_loads_without_console_errors(
    browser: Any, file: Path, width: int, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.goto(file.as_uri())
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not console
    page.close()


def test_keyboard_selects_a_severity_and_expands_a_rule(browser: Any, file: Path) -> None:
    page = browser.new_page(viewport={"width": 1250, "height": 900})
    page.goto(file.as_uri())
    total = page.locator("article.finding").filter(visible=True).count()
    page.locator("#show-all").focus()
    page.keyboard.press("ArrowRight" if page.evaluate("document.dir") == "ltr" else "ArrowLeft")
    assert page.locator("#show-error").is_checked()
    errors = page.locator("article.is-error").filter(visible=True).count()
    assert 0 < errors < total
    assert page.locator("article.finding").filter(visible=True).count() == errors
    group = page.locator("details.group.has-error").first
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    assert not group.locator("article").first.is_visible()
    page.close()


def test_cells_are_shown_with_their_neighbours(browser: Any, file: Path) -> None:
    page = browser.new_page(viewport={"width": 1250, "height": 900})
    page.goto(file.as_uri())
    excerpt = page.locator("#MIG-1-101 table.excerpt").first
    assert excerpt.locator("mark").all_text_contents() == ["1010", "600", "427"]
    assert excerpt.locator("thead th").all_text_contents() == ["A", "B", "C", "D"]
    assert excerpt.locator("tbody th").all_text_contents() == ["1", "2", "3", "4", "5"]
    page.close()
