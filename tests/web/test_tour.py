"""The tour leads through the screens on a copy of a country that does not exist, and can be left at any time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import AXE, needs_axe, needs_browser
from served import served
from small_validation import TABLE, workspace
from starlette.testclient import TestClient
from workbenches import HOST, PORT, visitor

from sdmxmig.web.guard import BrowserAccess
from sdmxmig.web.guidance import list_tour_steps
from sdmxmig.web.workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.usefixtures("own_state")


@pytest.fixture
def bench(at_start: Workbench) -> Workbench:
    return at_start


def begun(bench: Workbench) -> TestClient:
    """A browser at the first step; the line does not run in these tests."""
    client = visitor(bench)
    assert client.post("/tour/do/begin").headers["location"] == "/"
    job = bench.jobs.last
    bench.jobs.stop(job.number)
    return client


def step_on(page: str) -> str:
    match = re.search(r'id="tour-step">([^<]*)<', page)
    return match[1] if match else ""


def test_tour_begins_on_its_own_copy_while_the_pipeline_runs(bench: Workbench) -> None:
    client = begun(bench)
    job = bench.jobs.last
    assert job.words == ("demo", str(bench.base / "alvoria"), "--example", "fictional", "--one-by-one")
    assert client.get("/home.json").json()["area"] == "XA"
    assert step_on(client.get("/").text) == "Tour, step 1 of 9: Home"


def test_tour_moves_between_screens_and_shows_its_step(bench: Workbench) -> None:
    client = begun(bench)
    answer = client.post("/tour/do/go", data={"step": "2"})
    assert answer.headers["location"] == "/data?file=emigration.xlsx"
    page = client.get(answer.headers["location"]).text
    assert step_on(page) == "Tour, step 2 of 9: Data"
    assert list_tour_steps()[1]["look"] in page
    assert client.get("/tour.json").json()["at"] == 2
    other = client.get("/submission").text
    assert step_on(other) == "Tour, step 2 of 9: Data"
    assert '<a href="/data?file=emigration.xlsx">' in other
    assert list_tour_steps()[8]["look"] not in other
    assert client.post("/tour/do/go", data={"step": "1"}).headers["location"] == "/"


def test_tour_can_be_left_and_resumed_at_its_step(bench: Workbench) -> None:
    client = begun(bench)
    assert client.post("/tour/do/go", data={"step": "0"}).headers["location"].startswith("/start?done=You+have+left")
    assert step_on(client.get("/").text) == ""
    (bench.base / "alvoria" / "tables" / "mine.csv").write_text(TABLE)
    bench.access = BrowserAccess(PORT, hosts=(HOST,))
    begun(bench)
    assert (bench.base / "alvoria" / "tables" / "mine.csv").is_file()
    assert [path.name for path in bench.base.iterdir()] == ["alvoria"]


def test_existing_folder_in_place_of_the_copy_is_kept(bench: Workbench) -> None:
    (bench.base / "alvoria").mkdir()
    (bench.base / "alvoria" / "README.md").write_text("mine")
    answer = visitor(bench).post("/tour/do/begin")
    assert (answer.status_code, bench.jobs.last) == (422, None)
    assert (bench.base / "alvoria" / "README.md").read_text() == "mine"


def test_unknown_tour_steps_are_refused(bench: Workbench) -> None:
    client = visitor(bench)
    assert client.post("/tour/do/go", data={"step": "2"}).status_code == 422, "the tour has not begun"
    client.post("/start/do/open", data={"folder": str(workspace(bench.base / "own", TABLE))})
    for step in ("", "10", "99", "-1", "x", "٣", "9" * 30):
        assert client.post("/tour/do/go", data={"step": step}).status_code == 422, step


@needs_browser
@needs_axe
@pytest.mark.parametrize(
    ("language", "width", "scripts"), [("ar", 390, True), pytest.param("en", 1250, False, marks=pytest.mark.long)]
)
def test_visitor_completes_the_tour(browser: Browser, tmp_path: Path, language: str, width: int, scripts: bool) -> None:
    base = tmp_path / "base"
    base.mkdir()
    with served(base, tmp_path / "state", enter=False) as bench:
        page = browser.new_context(
            viewport={"width": width, "height": 900},
            locale=language,
            bypass_csp=True,
            java_script_enabled=scripts,
            color_scheme="dark" if language == "ar" else "light",
        ).new_page()
        page.set_default_timeout(30_000)
        page.goto(f"http://{bench.host}/enter?key={bench.key}")
        page.locator("form.tour button").click()
        strip = page.locator("aside.tour")
        strip.locator("a[href^='/job']").click()
        page.locator("form[action='/job/do/stop'] button").click()
        page.wait_for_url("**done=*")
        strip.locator("button[value='2']").click()
        page.wait_for_url("**file=emigration.xlsx*")
        if scripts:
            page.add_script_tag(path=str(AXE))
            faults = page.evaluate("async () => (await axe.run('aside, header, .help')).violations.map(v => v.id)")
            assert faults == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        strip.locator("button[value='0']").click()
        page.wait_for_url(f"http://{bench.host}/start?done=*")
        assert not strip.is_visible()
