"""From a table to a saved mapping in a browser, with scripts and without."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import needs_browser
from small_validation import workspace
from test_mapping import TABLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = workspace(tmp_path / "ws")
    (home / "tables" / "people.csv").write_text(TABLE)
    return home


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    words = [sys.executable, "-m", "sdmxmig", "serve", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout
        yield next(match[0] for line in server.stdout if (match := re.search(r"http://\S+", line)))
        server.terminate()


@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_table_to_a_mapping(folder: Path, address: str, browser: Browser, scripts: bool) -> None:
    page = browser.new_page(viewport={"width": 1250, "height": 900}, java_script_enabled=scripts)
    page.set_default_timeout(30_000)
    page.goto(address)
    page.get_by_role("link", name="Mapping").click()
    page.get_by_role("link", name="Map the sheet: people.csv").click()
    if page.get_by_role("heading", name="The sheet").count() == 0:
        page.get_by_label("Dataflow", exact=True).select_option("DF_POP")
        page.get_by_role("button", name="Propose").click()
    page.get_by_role("link", name="Women", exact=True).click()
    page.get_by_role("heading", name="Cell D2").wait_for()
    page.locator("#cell select").first.select_option("leave out")
    page.locator("#cell").get_by_role("button", name="Keep the answers").click()
    page.get_by_text("The answers are kept.").wait_for()
    page.get_by_role("button", name=re.compile("Accept all proposals")).click()
    page.get_by_text("The answers are kept.").wait_for()
    page.get_by_role("button", name="Save the mapping").click()
    page.get_by_text("The mapping is saved.").wait_for()
    mapping = tomllib.loads((folder / "mappings" / "people.toml").read_text(encoding="utf-8"))
    (block,) = mapping["block"]
    assert mapping["flow"] == "DF_POP"
    assert "Women" in str(block["skip_columns"])


def test_text_that_was_refused_and_corrected_does_not_come_back(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(30_000)
    page.goto(address)
    table = f"{address.partition('/enter')[0]}/mapping?file=people.csv&flow=DF_POP"
    page.goto(table)
    field = page.get_by_label("or another one: Which area do these figures cover?").first
    page.locator("details:has(input[name^='other:'])").first.evaluate("details => details.open = true")
    field.fill("nowhere")
    page.get_by_role("button", name="Keep the answers").first.click()
    page.get_by_text("is not a code of").first.wait_for()
    assert field.input_value() == "nowhere"
    field.fill("Moldova")
    page.goto(table)
    assert field.input_value() == "Moldova", "what was not sent is still there"
    page.locator("details:has(input[name^='other:'])").first.evaluate("details => details.open = true")
    page.get_by_role("button", name="Keep the answers").first.click()
    page.get_by_text("The answers are kept.").wait_for()
    page.goto(table)
    assert field.input_value() == ""
