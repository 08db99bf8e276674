"""Stop the workbench in the browser; every open page shows it and keeps its typed text."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import AXE, needs_axe, needs_browser
from served import Served, served
from small_validation import TABLE, workspace
from workbenches import visitor, workbench

from sdmxmig.web.workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return workbench(workspace(tmp_path / "ws", TABLE))


def test_local_user_can_stop_the_workbench(bench: Workbench) -> None:
    ended: list[bool] = []
    bench.end = lambda: ended.append(True)
    client = visitor(bench)
    assert 'href="/end"' in client.get("/").text
    assert client.get("/end.json").json()["is_ended"] is False
    assert ended == [], "looking at the page ends nothing"
    farewell = client.post("/end/do/now").text
    assert ended == [True]
    assert "The workbench is closed" in farewell
    assert str(bench.folder) in farewell
    assert "<a " not in farewell, "no way leads on from there"
    assert "<form" not in farewell


def test_shared_workbench_is_not_stopped_by_a_single_user(bench: Workbench) -> None:
    client = visitor(bench)
    assert 'href="/end"' not in client.get("/").text
    job = bench.jobs.start(["validate", str(bench.folder)], bench.folder)
    assert client.get("/end.json").json()["at_work"] == "", "whose command it is, is not for everybody"
    bench.jobs.stop(job.number)
    assert "Ask the person who started it" in client.get("/end").text
    assert client.post("/end/do/now").status_code == 422


def ends(bench: Served) -> bool:
    return bench.process.wait(20) == 0


@needs_browser
@needs_axe
def test_open_page_reports_the_stop_and_keeps_typed_text(browser: Browser, tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", TABLE)
    with served(folder, tmp_path / "state", enter=False) as bench:
        context = browser.new_context(locale="ar", viewport={"width": 390, "height": 800}, bypass_csp=True)
        page = context.new_page()
        page.goto(f"http://{bench.host}/enter?key={bench.key}")
        page.goto(f"http://{bench.host}/start")
        page.locator("input[name=name]").last.fill("typed")
        other = context.new_page()
        other.goto(f"http://{bench.host}/end")
        other.locator("form[action='/end/do/now'] button").click()
        other.locator(".farewell").wait_for()
        assert ends(bench)
        other.close()
        page.bring_to_front()
        dialog = page.get_by_role("dialog")
        dialog.wait_for(timeout=20_000)
        page.add_script_tag(path=str(AXE))
        assert page.evaluate("async () => (await axe.run()).violations.map(v => v.id)") == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.keyboard.press("Enter")
        assert not dialog.is_visible(), "the page can be looked at again, by keyboard"
        page.locator("form[action='/start/do/new'] button").click()
        dialog.wait_for()  # the form is not sent into nowhere
        assert page.locator("input[name=name]").last.input_value() == "typed"
        context.close()


@needs_browser
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["closed", "busy"])
def test_form_is_kept_if_the_workbench_does_not_answer(browser: Browser, tmp_path: Path, end: signal.Signals) -> None:
    with served(workspace(tmp_path / "ws", TABLE), tmp_path / "state", enter=False) as bench:
        page = browser.new_page()
        page.clock.install()
        page.goto(f"http://{bench.host}/enter?key={bench.key}")
        page.goto(f"http://{bench.host}/profile?module=C")
        answer = page.get_by_role("radio").nth(3)
        answer.check()
        bench.process.send_signal(end)
        page.locator(".save button.main").click()
        page.clock.fast_forward(10_000)
        page.get_by_role("dialog").wait_for()
        assert answer.is_checked()
        bench.process.kill()


def test_workbench_restarts_at_the_port_that_keeps_drafts(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "ws", TABLE)
    with served(folder, tmp_path / "state") as first, served(folder, tmp_path / "state") as beside:
        assert first.port != beside.port
    with served(folder, tmp_path / "state") as again:
        assert again.port == first.port
