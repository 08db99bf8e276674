"""Accounts, submission and catalogue in a browser: by keyboard, and without scripts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from browsing import needs_browser
from small_validation import NOW, TABLE, workspace

from sdmxmig.cli import run
from sdmxmig.web.application import application
from sdmxmig.web.desk import Desk
from sdmxmig.web.guard import Door
from sdmxmig.web.server import LOOPBACK, listen

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = needs_browser
SOUND = TABLE.replace("398c", "410").replace("427", "410")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A workbench that is reached by browsers, on a workspace with a sealed submission."""
    folder = workspace(tmp_path_factory.mktemp("browser") / "ws", SOUND)
    for command in ("validate", "package", "accounts"):
        run([command, str(folder), "--now", NOW])
    listening = listen(0)
    port = listening.getsockname()[1]
    desk = Desk(folder, Door(port, hosts=(f"{LOOPBACK}:{port}",)), now=lambda: NOW)
    server = uvicorn.Server(uvicorn.Config(application(desk), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield desk
    server.should_exit = True
    thread.join(10)


def visit(browser: Any, bench: Desk, **options: Any) -> Any:
    """A page of a browser that has come in."""
    address = f"http://{bench.door.hosts[0]}"
    context = browser.new_context(base_url=address, **options)
    context.add_cookies([{"name": bench.door.cookie, "value": bench.door.session, "url": address}])
    return context.new_page()


@pytest.mark.sampled(3)
def test_the_way_from_a_residual_to_its_cell_needs_no_scripts(browser: Any, bench: Desk) -> None:
    page = visit(browser, bench, java_script_enabled=False, locale="en")
    page.goto("/accounts?identity=A23")
    page.locator("details.origins summary").first.click()
    page.locator("details.origins[open] a").first.click()
    sync_api.expect(page.get_by_role("heading", name="office.csv")).to_be_visible()
    page.goto("/accounts?identity=A23")
    page.locator("details.origins summary").first.click()
    page.get_by_role("link", name="trace: office.csv").first.click()
    sync_api.expect(page.get_by_role("heading", name="Result of a cell")).to_be_visible()


@pytest.mark.sampled(3)
def test_a_submission_is_saved_without_scripts(browser: Any, bench: Desk, tmp_path: Path) -> None:
    page = visit(browser, bench, java_script_enabled=False, locale="en")
    page.goto("/submission")
    with page.expect_download() as download:
        page.get_by_role("link", name="cover-letter.txt").click()
    download.value.save_as(tmp_path / "letter.txt")
    (letter,) = (bench.folder / "out" / "submission").glob("*/cover-letter.txt")
    assert (tmp_path / "letter.txt").read_bytes() == letter.read_bytes()


@pytest.mark.sampled(3)
def test_the_site_is_browsed_in_its_frame_and_found_by_keyboard(browser: Any, bench: Desk) -> None:
    page = visit(browser, bench, locale="en")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto("/catalogue")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Definitions").first.click()
    sync_api.expect(frame.get_by_role("heading", level=1, name="Definitions")).to_be_visible()
    page.get_by_role("searchbox").focus()
    page.keyboard.type("MIG-1-101")
    page.keyboard.press("Enter")
    sync_api.expect(page.get_by_role("heading", name="The total is the sum of the sexes")).to_be_visible()
    assert [text for text in refused if "Content Security Policy" in text] == []
