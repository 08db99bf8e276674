"""The wheel and the sdist are complete: installed in an empty environment, they run every example and the tour.

The libraries are those that are here (`tests/support/installed.py`); `make lowest` tries the oldest and the newest.
"""

from __future__ import annotations

import contextlib
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import needs_browser
from folders import ROOT
from installed import build, install, wheel
from served import ADDRESS

from benchmarks import declared_versions
from sdmxmig.web.guidance import list_tour_steps
from sdmxmig.workspace.tasks.new_workspace import EXAMPLES, FILES, STUDIES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DATA = ("codelists", "structures", "templates", "examples")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> declared_versions.Environment:
    """An environment as `pip install sdmxmig` makes it, without extras."""
    return install(tmp_path_factory.mktemp("bare") / "package")


def test_editable_install_reads_the_folders_of_the_checkout() -> None:
    from sdmxmig.catalogue.folders import find_shipped_folder

    assert find_shipped_folder("codelists") == ROOT / "codelists"


def data_files(folder: Path) -> dict[str, bytes]:
    """The files that belong into the package, by path."""
    listed = subprocess.run(["git", "ls-files", "-z", *DATA], cwd=folder, capture_output=True, check=True).stdout
    paths = [Path(name) for name in listed.decode().split("\0") if name]
    return {
        path.as_posix(): (folder / path).read_bytes()
        for path in paths
        if "figures" not in path.parts and not (path.parts[0] == "examples" and len(path.parts) == 2)
    }


def content(wheel: Path) -> dict[str, bytes]:
    """The files of a wheel by path."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_contains_all_data_files_but_no_results() -> None:
    files = content(wheel())
    expected = data_files(ROOT)
    assert {f"sdmxmig/{name}" for name in expected} - files.keys() == set()
    assert [name for name in files if {"out", "figures", "__pycache__"}.intersection(Path(name).parts)] == []


@pytest.mark.sampled(4)
def test_sdist_builds_an_equal_wheel(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.glob("sdmxmig-*")
    assert content(build("wheel", source, tmp_path / "again")) == content(wheel())


def test_every_example_can_be_copied() -> None:
    folders = {path.name for path in (ROOT / "examples").iterdir() if (path / "README.md").is_file()}
    assert folders == {*EXAMPLES, *STUDIES, *FILES}


@pytest.mark.sampled(32)
@pytest.mark.parametrize("example", ["norway", "georgia-faults", "integrated", *STUDIES, *FILES])
def test_installed_demo_runs_every_example(example: str, bare: declared_versions.Environment, tmp_path: Path) -> None:
    """The demo of a study runs the other examples, which are its countries."""
    result = bare.sdmxmig("demo", "--example", example, cwd=tmp_path)
    assert result.returncode == (example == "georgia-faults"), result.stderr
    assert "Traceback" not in result.stderr
    made = tmp_path / example
    assert (made / "README.md").is_file()
    page = "region" if example in STUDIES else "report"
    language = "es" if example == "latin-america" else "en"
    is_run = example not in FILES and example != "georgia-faults"
    assert bool(list(made.glob(f"out/{page}*.{language}.html"))) == is_run
    countries = {path.parent.name for path in made.glob("*/country.toml")}
    assert countries == {path.parents[1].name for path in made.glob("*/out/report*.html")}


@pytest.fixture
def tour_address(tmp_path: Path) -> Iterator[str]:
    """The address of a workbench that was started in an empty folder, by the package with its extra `web`."""
    environment = install(tmp_path / "package", "web")
    (tmp_path / "empty").mkdir()
    printed = tmp_path / "printed"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [environment.python.parent / "sdmxmig", "serve"],
            cwd=tmp_path / "empty",
            stdout=file,
            stderr=file,
            env=declared_versions.own_environment() | {"XDG_STATE_HOME": str(tmp_path / "state")},
        )
    try:
        while process.poll() is None and not (address := ADDRESS.search(printed.read_bytes())):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        assert address, printed.read_text()
        yield address[0].decode()
        assert "Traceback" not in printed.read_text()
    finally:
        process.kill()
        process.wait()


@needs_browser
@pytest.mark.sampled(4)
def test_every_step_of_the_tour_works_in_an_empty_folder(tour_address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(240_000)
    statuses = list[int]()
    page.on("response", lambda response: statuses.append(response.status))
    page.goto(tour_address)
    page.locator("form.tour button").click()
    page.locator("aside.tour a[href^='/job']").click()
    page.locator("form[action='/job/do/stop'] button").click()  # the demos of the examples run the whole line
    page.wait_for_url("**done=*")
    page.locator("aside.tour").get_by_role("link", name="Home").click()
    for number, step in enumerate(list_tour_steps(), start=1):
        if number > 1:
            page.locator(f"aside.tour button[value='{number}']").click()
        page.locator("#tour-step", has_text=f"Tour, step {number} of 9").wait_for(timeout=20_000)
        assert step["look"] in page.locator("aside.tour").inner_text()
    assert [status for status in statuses if status >= 400] == []
