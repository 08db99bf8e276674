"""The catalogue in a browser: its site in a frame, and its search by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsed import address, page_of, serve_page
from browsing import needs_browser
from small_validation import workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sync_api = pytest.importorskip("playwright.sync_api")


@needs_browser
def test_catalogue_is_browsed_in_its_frame_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    refused: list[str] = []
    with serve_page(workspace(tmp_path / "ws")) as bench:
        page = page_of(browser, bench, locale="en")
        page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
        page.goto(f"{address(bench)}/catalogue")
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="Definitions").first.click()
        sync_api.expect(frame.get_by_role("heading", level=1, name="Definitions")).to_be_visible()
        page.get_by_role("searchbox").focus()
        page.keyboard.type("MIG-1-101")
        page.keyboard.press("Enter")
        sync_api.expect(page.get_by_role("heading", name="The total is the sum of the sexes")).to_be_visible()
    assert [text for text in refused if "Content Security Policy" in text] == []
