"""From a table to a saved mapping in a browser, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsed import address, page_of, serve_page
from browsing import needs_browser
from small_validation import workspace
from test_mapping import TABLE

from sdmxmig.web.workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = workspace(tmp_path / "ws")
    (home / "tables" / "people.csv").write_text(TABLE)
    return home


@pytest.fixture
def bench(folder: Path) -> Iterator[Workbench]:
    with serve_page(folder) as workbench:
        yield workbench


def test_refused_text_does_not_reappear_after_correction(bench: Workbench, browser: Browser) -> None:
    page = page_of(browser, bench, locale="en")
    table = f"{address(bench)}/mapping?file=people.csv&flow=DF_POP"
    page.goto(table)
    field = page.get_by_label("or another one: Which area do these figures cover?").first
    page.locator("details:has(input[name^='other:'])").first.evaluate("details => details.open = true")
    field.fill("nowhere")
    page.get_by_role("button", name="Save the answers").first.click()
    page.get_by_text("is not a code of").first.wait_for()
    assert field.input_value() == "nowhere"
    field.fill("Moldova")
    page.goto(table)
    assert field.input_value() == "Moldova", "what was not sent is still there"
    page.locator("details:has(input[name^='other:'])").first.evaluate("details => details.open = true")
    page.get_by_role("button", name="Save the answers").first.click()
    page.get_by_text("The answers are saved.").wait_for()
    page.goto(table)
    assert field.input_value() == ""


@pytest.mark.parametrize(
    "name", ["population_nee_a_l_etranger_2013_2023.csv", "родившиесязарубежомпострананам2021.csv"]
)
def test_long_file_name_fits_on_a_phone(folder: Path, bench: Workbench, browser: Browser, name: str) -> None:
    (folder / "tables" / name).write_text(TABLE)
    page = page_of(browser, bench, locale="en", viewport={"width": 390, "height": 844})
    page.goto(f"{address(bench)}/mapping?file={name}&flow=DF_POP")
    page.get_by_role("heading", name=name).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("language", ["es", "fr", "ru"])
def test_heading_is_not_cut_on_a_phone(bench: Workbench, browser: Browser, language: str) -> None:
    page = page_of(browser, bench, locale=language, viewport={"width": 390, "height": 844})
    page.goto(f"{address(bench)}/mapping")
    lines = page.locator("h1").evaluate(
        "heading => { const all = document.createRange(); all.selectNodeContents(heading);"
        " return all.getClientRects().length; }"
    )
    assert lines == 1
