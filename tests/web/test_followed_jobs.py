"""A command is followed on the page where it was started, and text typed there is kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsed import address, page_of, serve_page
from browsing import needs_browser
from small_validation import NOW, TABLE, workspace

from sdmxmig.cli import run
from sdmxmig.web.jobs import Job

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = needs_browser

GAPS = TABLE.replace("2022,1020,610,398c\n", "")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("followed") / "ws", GAPS)
    run(["validate", str(folder), "--now", NOW])
    return folder


@pytest.fixture
def folder(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "ws"))


def test_run_is_followed_and_stopped_on_its_page(browser: Browser, folder: Path) -> None:
    with serve_page(folder) as bench:
        page = page_of(browser, bench, locale="en")
        page.goto(f"{address(bench)}/findings?severity=warning")
        page.get_by_role("button", name="Validate").click()
        page.wait_for_url("**severity=warning&job=1")
        page.get_by_role("status").get_by_text("Done. There are errors in the data.").wait_for()
        assert "/findings?severity=warning&job=1" in page.url, "its results stand on the same page"
        page.goto(address(bench))
        with page.expect_response("**/job?number=2"):
            page.get_by_role("button", name="Run all stages").click()
            page.get_by_role("status").get_by_text("Stage 1 of 6: Convert").wait_for()
        page.get_by_role("status").get_by_text("of 6: ").wait_for()
        assert page.title() == "Home – sdmxmig"
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("status").get_by_text("No incomplete file remains.").first.wait_for()
        assert "/job?" not in page.url


def test_ended_command_does_not_interrupt_navigation(browser: Browser, folder: Path) -> None:
    held: list[Route] = []  # the answer is slow
    with serve_page(folder) as bench:
        page = page_of(browser, bench, locale="en")
        page.goto(f"{address(bench)}/findings?severity=warning")
        page.get_by_role("button", name="Validate").click()
        page.route("**/profile", lambda route: held.append(route))  # noqa: PLW0108 - no builtin is taken
        page.get_by_role("navigation").get_by_role("link", name="Profile").dispatch_event("click")
        while (job := bench.jobs.last) is None or job.is_running:
            page.wait_for_timeout(50)
        page.wait_for_timeout(3_000)  # the page asks every second
        held[0].continue_()
        page.wait_for_url("**/profile", timeout=20_000)


def test_page_with_lists_shows_what_a_command_has_made(browser: Browser, folder: Path) -> None:
    assert run(["assess", str(folder)]) == 0
    with serve_page(folder) as bench:
        page = page_of(browser, bench, locale="en")
        page.goto(f"{address(bench)}/report")
        page.get_by_role("combobox", name="Document").select_option(label="Brief")
        page.get_by_role("button", name="Create").click()
        page.locator("#job").get_by_text("Done.").wait_for()
        page.get_by_role("table", name="Available documents").wait_for(timeout=5_000)


def test_done_is_shown_only_if_every_result_exists(browser: Browser, folder: Path) -> None:
    with serve_page(folder) as bench:
        page = page_of(browser, bench, locale="en")
        job = bench.jobs.start(["--version"], bench.folder)
        while job.code is None:
            page.wait_for_timeout(50)
        job.words, job.code = ("run", "--until", "submission"), 0
        page.goto(f"{address(bench)}/?job=1")
        status = page.locator("#job").get_by_role("status")
        assert "these results are missing or out of date" in status.inner_text()
        assert "Submission" in status.inner_text()
        page.locator("#job").get_by_role("link", name="Findings").first.click()
        page.wait_for_url("**/findings?severity=error")


def test_typed_text_survives_reload_navigation_and_restart(browser: Browser, folder: Path) -> None:
    words = "The survey of 2022 was not held."
    with serve_page(folder) as bench:
        page = page_of(browser, bench, locale="en")
        page.goto(f"{address(bench)}/findings?severity=warning")
        field = page.locator("form:not(.together) input[name=text]").first
        field.fill(words)
        for there in (f"{address(bench)}/findings?severity=warning", f"{address(bench)}/catalogue"):
            page.goto(there)
            page.goto(f"{address(bench)}/findings?severity=warning")
            assert page.locator("form:not(.together) input[name=text]").first.input_value() == words
            assert page.get_by_text("Unsaved text has been restored").is_visible()
        page.get_by_role("button", name="Justify the warning").first.click()
        page.wait_for_url("**done=**")
        assert page.get_by_text("Unsaved text has been restored").is_hidden()
        assert words in (folder / "justifications.toml").read_text(encoding="utf-8")


def test_choice_survives_other_pages_until_discarded(browser: Browser, folder: Path) -> None:
    with serve_page(folder) as bench:
        page = page_of(browser, bench, locale="en")
        language = page.get_by_label("Language of reports")
        page.goto(f"{address(bench)}/settings")
        was = language.input_value()
        language.select_option("ru")
        page.goto(f"{address(bench)}/catalogue")
        page.goto(f"{address(bench)}/settings")
        assert language.input_value() == "ru"
        for name in ("Français", "English"):
            page.get_by_role("button", name=name).click()
            page.wait_for_load_state("networkidle")
            assert page.locator("select[name$='country.language']").input_value() == "ru"
        page.get_by_role("button", name="Discard it").click()
        assert language.input_value() == was
        page.goto(f"{address(bench)}/settings")
        assert language.input_value() == was


def test_draft_does_not_hide_values_saved_meanwhile(browser: Browser, folder: Path) -> None:
    with serve_page(folder) as bench:
        page = page_of(browser, bench, locale="en")
        page.goto(f"{address(bench)}/findings?severity=error")
        cell = page.locator("input[name=to]").first
        was = cell.input_value()
        cell.fill("1")
        table = folder / "tables" / "office.csv"
        table.write_text(table.read_text().replace(was, "1011"), encoding="utf-8")
        page.goto(f"{address(bench)}/findings?severity=error")
        assert page.locator("input[name=to]").first.input_value() == "1011"


@pytest.mark.parametrize(
    ("words", "lines", "stage"),
    [
        (("run",), [], {"name": "convert", "number": 1, "count": 6}),
        (
            ("run",),
            ["· convert    12 observations", "· build      4 artefacts"],
            {"name": "validate", "number": 3, "count": 6},
        ),
        (("run", "--until", "findings"), ["✓ convert    12"], {"name": "build", "number": 2, "count": 3}),
        (
            ("run",),
            ["· validate   no errors", "! No submission is sealed yet."],
            {"name": "package", "number": 4, "count": 6},
        ),
        (("validate",), [], None),
    ],
)
def test_current_step_follows_the_last_finished_step(
    words: tuple[str, ...], lines: list[str], stage: dict[str, object] | None
) -> None:
    assert Job(1, words, lines=lines).stage == stage
