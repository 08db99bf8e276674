"""Start and Region in a browser: nothing stands in the way of anybody, at any width, from either side."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import AXE, CHROMIUM, needs_axe, needs_browser
from served import served
from small_validation import TABLE, workspace


@needs_browser
@needs_axe
@pytest.mark.parametrize(("language", "width"), [("en", 1250), ("ar", 390)])
def test_nothing_stands_in_the_way_of_anybody(tmp_path: Path, language: str, width: int) -> None:
    from playwright.sync_api import sync_playwright

    for name in ("a", "b"):
        workspace(tmp_path / "base" / name, TABLE)
    with served(tmp_path / "base", tmp_path / "state", enter=False) as bench, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=language,
            bypass_csp=True,
            color_scheme="dark" if language == "en" else "light",
        ).new_page()
        page.set_default_timeout(30_000)
        page.goto(f"http://{bench.host}/enter?key={bench.key}")
        for path in ("/start", "/region?mirror=yes"):
            page.goto(f"http://{bench.host}{path}")
            page.add_script_tag(path=str(AXE))
            faults = page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ' ' + v.nodes[0].html)")
            assert faults == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        page.goto(f"http://{bench.host}/region")
        page.locator("button[name=folder]").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/findings?**")
        browser.close()
