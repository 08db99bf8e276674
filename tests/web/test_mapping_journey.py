"""From a table to a saved mapping in a browser, with scripts and without."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsed import address, page_of, reached
from browsing import needs_browser
from small_validation import workspace
from test_mapping import TABLE

from sdmxmig.web.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = workspace(tmp_path / "ws")
    (home / "tables" / "people.csv").write_text(TABLE)
    return home


@pytest.fixture
def bench(folder: Path) -> Iterator[Desk]:
    with reached(folder) as desk:
        yield desk


@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_table_to_a_mapping(folder: Path, bench: Desk, browser: Browser, scripts: bool) -> None:
    page = page_of(browser, bench, viewport={"width": 1250, "height": 900}, java_script_enabled=scripts, locale="en")
    page.goto(address(bench))
    page.get_by_role("link", name="Mapping").click()
    page.get_by_role("link", name="Map the sheet: people.csv").click()
    if page.get_by_role("heading", name="The sheet").count() == 0:
        page.get_by_label("Dataflow", exact=True).select_option("DF_POP")
        page.get_by_role("button", name="Propose").click()
    page.get_by_role("link", name="Total", exact=True).click()
    page.get_by_role("heading", name="Cell B2").wait_for()
    page.locator("#cell select").first.select_option("leave out")
    page.locator("#cell").get_by_role("button", name="Save the answers").click()
    page.get_by_text("The answers are kept.").wait_for()
    page.get_by_role("button", name=re.compile("Accept all proposals")).click()
    page.get_by_text("The mapping is saved.", exact=True).first.wait_for()
    mapping = tomllib.loads((folder / "mappings" / "people.toml").read_text(encoding="utf-8"))
    (block,) = mapping["block"]
    assert mapping["flow"] == "DF_POP"
    assert "Total" in str(block["skip_columns"])


def test_text_that_was_refused_and_corrected_does_not_come_back(bench: Desk, browser: Browser) -> None:
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
    page.get_by_text("The answers are kept.").wait_for()
    page.goto(table)
    assert field.input_value() == ""
