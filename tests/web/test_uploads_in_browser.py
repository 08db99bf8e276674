"""A browser shows how much of a table has been sent, and then the table, or the reason why it was refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsed import address, page_of, serve_page
from browsing import needs_browser
from small_validation import TABLE, workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_browser

WATCH = """() => {
  window.seen = [];
  new MutationObserver(() => window.seen.push(document.querySelector("[data-upload] progress").hidden))
    .observe(document.querySelector("[data-upload]"), { attributes: true, subtree: true });
  addEventListener("pagehide", () => sessionStorage.setItem("seen", JSON.stringify(window.seen)));
}"""


def test_progress_is_shown_and_the_added_table_opens(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("Year,Persons\n" + "2020,5\n" * 100_000)
    with serve_page(workspace(tmp_path / "ws", TABLE)) as bench:
        page = page_of(browser, bench)
        page.goto(f"{address(bench)}/data")
        page.evaluate(WATCH)
        page.set_input_files("[data-upload] input[type=file]", file)
        page.click("[data-upload] button")
        page.wait_for_url("**/data?file=long.csv*")
        assert page.locator("h2").first.inner_text() == "long.csv"
        assert "false" in page.evaluate("sessionStorage.getItem('seen')")
        assert (bench.folder / "tables" / "long.csv").read_bytes() == file.read_bytes()


def test_start_shows_progress_until_the_proposal_opens(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("Year,Immigrants\n" + "2020,5\n" * 100_000)
    with serve_page(workspace(tmp_path / "ws", TABLE)) as bench:
        page = page_of(browser, bench)
        page.goto(f"{address(bench)}/start")
        page.get_by_label("Reporting country").fill("Kenya")
        page.set_input_files("input[name=table]", file)
        page.evaluate(WATCH)
        page.get_by_role("button", name="Start with this table").click()
        page.wait_for_url("**/mapping?*done=*")
        assert "false" in page.evaluate("sessionStorage.getItem('seen')")


def test_refused_file_is_explained(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.xlsx"
    file.write_bytes(b"%PDF-1.7\n" + bytes(2_000))
    with serve_page(workspace(tmp_path / "ws", TABLE)) as bench:
        page = page_of(browser, bench)
        page.goto(f"{address(bench)}/data")
        page.set_input_files("[data-upload] input[type=file]", file)
        page.click("[data-upload] button")
        page.get_by_text("This could not be done").first.wait_for()
        assert not (bench.folder / "tables" / "report.xlsx").exists()


@pytest.mark.parametrize(("screen", "opened"), [("data", "**/data?file=long.csv*"), ("start", "**/mapping?*done=*")])
def test_failed_upload_is_explained_and_resent(browser: Browser, tmp_path: Path, screen: str, opened: str) -> None:
    file = tmp_path / "long.csv"
    file.write_text("Year,Immigrants\n2020,5\n2021,6\n")
    with serve_page(workspace(tmp_path / "ws", TABLE)) as bench:
        page = page_of(browser, bench)
        page.goto(f"{address(bench)}/{screen}")
        page.set_input_files("[data-upload] input[type=file]", file)
        if screen == "start":
            page.get_by_label("Reporting country").fill("Kenya")
        page.route("**/do/*", lambda route: route.abort("connectionreset"))
        page.click("[data-upload] button >> nth=0")
        page.get_by_text("The connection was lost").wait_for()
        page.unroute("**/do/*")
        page.get_by_role("button", name="Try again").click()
        page.wait_for_url(opened)
