"""The profile answered in a browser, with and without scripts."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import needs_browser
from small_validation import workspace

from sdmxmig.workspace.tasks.history import read_history

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WRITTEN = 'area = "GE"   # ours\nyear = "2024"\nsigned_off = ""\n\n[sources]\nG1 = "Law of 2023"\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "ws")
    (folder / "profile.toml").write_text(WRITTEN, encoding="utf-8")
    return folder


@pytest.fixture
def address(place: Path) -> Iterator[str]:
    """The address of a workbench that runs, which works once."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sdmxmig", "serve", str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield next(match[0] for line in process.stdout if (match := re.search(r"http://\S+", line)))
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def at(address: str, path: str) -> str:
    return address.partition("/enter")[0] + path


def answer(page: Page, item: str, code: str, evidence: str = "") -> None:
    question = page.locator(f"#q-{item}")
    question.locator(f'input[type=radio][value="{code}"]').check()
    question.get_by_label("Evidence").select_option(evidence)


@needs_browser
@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.long)])
def test_answers_of_two_windows_are_merged(browser: Browser, address: str, place: Path, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    first, second = context.new_page(), context.new_page()
    first.goto(address)
    for page in (first, second):
        page.goto(at(address, "/profile?module=C"))
    answer(first, "C01", "0", "CONFIRMED")
    answer(first, "C03", "2", "CONFIRMED")
    if not scripts:
        first.get_by_role("button", name="Check before saving").click()
    first.get_by_text("Contradictions: 1").wait_for()
    assert (place / "profile.toml").read_text(encoding="utf-8") == WRITTEN
    first.get_by_role("button", name="Save", exact=True).click()
    first.get_by_text("The answers are saved.").wait_for()
    first.get_by_text("Contradictions: 1").wait_for()
    answer(second, "C01", "4")
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_role("heading", name="Another person has answered this in the meantime").wait_for()
    second.get_by_role("radio", name="Your text").check()
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_text("The answers are saved.").wait_for()
    content = (place / "profile.toml").read_text(encoding="utf-8")
    assert content == f'{WRITTEN}\n[items.C01]\nanswer = "4"\n\n[items.C03]\nanswer = "2"\nevidence = "CONFIRMED"\n'
    assert [step.what for step in read_history(place)][-2:] == ["answer", "answer"]
