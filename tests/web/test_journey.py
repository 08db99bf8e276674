"""From a dropped workbook to a sealed submission in a browser: the same bytes as with the commands shown.

Once with scripts in English, once without in French; forms are found by what they do, so that both go the same way.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsed import address, page_of, serve_page
from browsing import needs_browser
from openpyxl import Workbook
from saved_workbooks import saved

from sdmxmig.cli import run
from sdmxmig.workspace.tasks.history import read_history, read_kept

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_browser

EPOCH = "1769860800"
"""The time at which the workbench stands still, as every command takes it for now."""
NAME = "Population 2024 (final).xlsx"
ROWS = [
    ["Resident population by sex on 1 January, made-up figures"],
    [],
    ["Year", "Both sexes", "Men", "Women"],
    ["2020", "41 000", 20000, 21000],
    [2021, "41 500", 20250, 21250],
    [2022, "42 050", 20500, 21500],
    [2023, "43 900", "21 400 1)", 22500],
    [2024, "..", "..", ".."],
    [],
    ["1) Provisional."],
    ["Source: Statistics Office"],
]
"""Figures with blanks, as text, with a note in the cell, or missing; in 2022 the total is wrong."""


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Table 1"
    for row in ROWS:
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    return saved(book)


class Journey:
    """Somebody who works in a browser, and writes down the commands that the screens show."""

    def __init__(self, page: Page, address: str, *, has_scripts: bool) -> None:
        self.page, self.address, self.has_scripts = page, address, has_scripts
        self.commands: list[str] = []

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def send(self, button: str) -> None:
        """Send a form that changes files; Home then shows the command that does the same."""
        with self.page.expect_navigation(url="**done=**"):  # the address before may hold done= already
            self.page.locator(button).first.click()
        here = self.page.url.rpartition("done=")[0].rstrip("?&")
        self.go("/")
        command = self.page.locator("[aria-labelledby=changes] tbody tr").first.locator("code")
        self.commands.append(command.text_content() or "")
        self.page.goto(here)

    def start(self, button: str, *, finds_errors: bool = False) -> None:
        """Start a command, and follow it to its end."""
        self.page.locator(button).click()
        self.page.wait_for_url("**job=**")
        self.commands.append(self.page.locator("#job details code").text_content() or "")
        stop = self.page.locator("#stop")
        if self.has_scripts:
            stop.wait_for(state="detached", timeout=300_000)
        while stop.count():
            self.page.wait_for_timeout(500)
            with self.page.expect_navigation():  # a page that has come in part has nothing to stop
                self.page.locator("#job a").click()
        assert bool(self.page.locator("#job .lead .error").count()) == finds_errors, self.page.locator(
            "pre"
        ).inner_text()

    def begin(self, folder: Path) -> None:
        """A workbook that somebody drops on Start."""
        self.page.locator("input[name=table]").set_input_files(folder / NAME)
        self.page.locator("input[name=country]").fill("Georgia")
        self.page.locator("form[action$='/do/table'] input[name=name]").fill("office")
        self.send("form[action$='/do/table'] button")

    def map(self) -> None:
        self.go("/mapping")
        self.page.locator("main td a").first.click()
        if self.page.locator("#lines").count() == 0:
            self.page.locator("main li a[href*='flow=DF_POP']").first.click()
        self.page.locator(".line select:has(option[value='P'])").first.select_option("P")
        with self.page.expect_navigation():
            self.page.locator("button[name=all]").click()
        self.send("button[name=finish]")

    def check(self, *, finds_errors: bool) -> None:
        """The tables are converted and validated."""
        self.go("/data")
        self.start("main button[value=convert]")
        self.go("/findings")
        self.start("main button[value=validate]", finds_errors=finds_errors)

    def correct(self) -> None:
        """The error is corrected in its cell, the warning justified."""
        self.go("/findings?severity=error")
        finding = self.page.locator("article", has_text="MIG-1-101")
        assert finding.locator("td.it").inner_text() == "42 050"
        finding.locator("input[name=to]").first.fill("42 000")
        self.send("article:has-text('MIG-1-101') form[action$='/do/correct'] button")
        self.go("/findings?severity=warning")
        self.page.locator("input[name=text]").first.fill("The register’s “quality” is described elsewhere.")
        self.page.locator("input[name=by]").first.fill("Migration unit")
        self.send("form[action$='/do/justify'] button")

    def answer(self) -> None:
        """The profile is answered, and its year said."""
        self.go("/profile?module=sign-off")
        self.page.locator("input[name='text:year']").fill("2024")
        self.page.locator("input[name='new-key:1']").fill("R1")
        self.page.locator("input[name='new-text:1']").fill("Law on statistics (made up), art. 5; 2023")
        self.send(".save button.main")
        self.go("/profile?module=C")
        self.page.locator("#q-C01 input[type=radio][value='4']").check()
        self.page.locator("#q-C01 textarea").first.fill("From the register,\nevery year.")
        self.send(".save button.main")

    def report(self, language: str) -> bytes:
        """The brief is made in a language, and saved."""
        self.go("/report")
        self.page.locator("select[name=document]").select_option("brief")
        self.page.locator("select[name=language]").select_option(language)
        self.start("form[action$='/do/make'] button")
        self.go("/report")
        with self.page.expect_download() as download:
            self.page.locator("a[href$='.html?save=1']").click()
        return Path(download.value.path()).read_bytes()

    def finish(self, language: str) -> bytes:
        self.check(finds_errors=False)
        self.answer()
        self.go("/")
        self.start("button[value=assess]")
        saved = self.report(language)
        self.go("/submission")
        self.start("form[action$='/do/seal'] button")
        return saved


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a workspace but its history, by their paths."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {
        name: path.read_bytes() for name, path in names.items() if not name.startswith((".history/", "history.jsonl"))
    }


def repeat(commands: list[str], folder: Path, answers: dict[str, bytes]) -> None:
    """Type the commands one after another; the answers about cells are those of whoever looked at them."""
    for command in commands:
        words = shlex.split(command)
        assert words.pop(0) == "sdmxmig"
        if "--read" in words:
            for name, content in answers.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)
        assert run(words) in (0, 1), command


@pytest.mark.parametrize(
    ("scripts", "language"),
    [
        pytest.param(True, "en", id="with scripts"),
        pytest.param(False, "fr", marks=pytest.mark.long, id="without scripts"),
    ],
)
def test_browser_and_shown_commands_write_equal_files(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripts: bool, language: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).write_bytes(workbook())
    base = tmp_path / "base"
    base.mkdir()
    with serve_page(base, at_start=True) as bench:
        page = page_of(browser, bench, java_script_enabled=scripts, locale=language)
        journey = Journey(page, address(bench), has_scripts=scripts)
        journey.go("/")
        journey.begin(tmp_path)
        journey.map()
        mapped = read_history(base / "office")[-1]
        drafts = {
            name: read_kept(base / "office", sha256)
            for name, sha256 in mapped.before.items()
            if name.startswith("drafts/")
        }
        journey.check(finds_errors=True)
        journey.correct()
        saved = journey.finish(language)
        page.context.close()
    made = files_of(base / "office")
    shutil.move(base, tmp_path / "by browser")
    base.mkdir()
    repeat(journey.commands, base / "office", drafts)
    typed = files_of(base / "office")
    assert sorted(typed) == sorted(made)
    assert {name for name in made if made[name] != typed[name]} == set()
    assert saved == made[f"out/brief-draft.{language}.html"]
    assert sum(name.startswith("out/submission/") for name in made) > 5
